#include "algorithms/learners/network.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/learners/float_buffer.hpp"

namespace skerry::learners {
namespace {

constexpr std::size_t kInferenceChunk = 70;  // examples; a multiple of a tile's rows

/// The layers' scratch and packed parameters of one worker.
class Engine {
 public:
  explicit Engine(const Network::Layers& layers) : layers_(layers), scratch_(layers.size()) {
    for (const auto& layer : layers_) {
      at_.push_back(packed_size_);
      packed_size_ += layer->packed_size();
    }
  }

  std::size_t packed_size() const { return packed_size_; }

  void pack(std::span<const float> parameters, float* packed) const {
    const float* from = parameters.data();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      layers_[i]->pack(from, packed + at_[i]);
      from += layers_[i]->parameters();
    }
  }
  void unpack(const float* packed, std::span<float> parameters,
              std::span<const float> origin = {}) const {
    std::size_t at = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      layers_[i]->unpack(packed + at_[i], parameters.data() + at,
                         origin.empty() ? nullptr : origin.data() + at);
      at += layers_[i]->parameters();
    }
  }

  void reserve(std::size_t rows) {
    if (rows <= capacity_) return;
    capacity_ = rows;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      scratch_[i].reserve(layers_[i]->scratch_size(rows));
    }
  }

  /// Scores of `rows` examples, at a pitch. Only after reserve(rows).
  ConstRows forward(const float* packed, ConstRows x, std::size_t rows,
                    Workspace* workspace = nullptr) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      layers_[i]->forward({rows, x, packed + at_[i], scratch(i), workspace});
      const Rows y = layers_[i]->output(scratch(i));
      x = {y.data, y.pitch};
    }
    return x;
  }

  /// Where the cotangents of the scores go before backward().
  Rows cotangent() { return layers_.back()->cotangent(scratch(layers_.size() - 1)); }
  /// What the last layer was given by the layer before it.
  Rows features() { return layers_[layers_.size() - 2]->output(scratch(layers_.size() - 2)); }

  /// After forward() of the same examples, from the last layer to the first. `learn` spans all
  /// layers.
  /// @param more  cotangents of features(), in addition; data null: none.
  void backward(const float* packed, ConstRows x, std::size_t rows, const Rows& dx,
                const Learn& learn, Workspace* workspace = nullptr, ConstRows more = {}) {
    for (std::size_t i = layers_.size(); i-- > 0;) {
      const auto part = [&](auto* all) { return all ? all + at_[i] : nullptr; };
      const Learn mine{part(learn.gradient), part(learn.weights), part(learn.scales),
                       part(learn.offset), learn.rule};
      if (i == 0) {
        layers_[0]->backward({rows, x, packed, scratch(0), workspace}, dx, mine);
      } else {
        const Rows input = layers_[i - 1]->output(scratch(i - 1));
        const Pass pass{rows, {input.data, input.pitch}, packed + at_[i], scratch(i), workspace};
        const Rows before = layers_[i - 1]->cotangent(scratch(i - 1));
        layers_[i]->backward(pass, before, mine);
        if (i + 1 == layers_.size() && more.data != nullptr) add(more, rows, i - 1, before);
      }
    }
  }

  bool needs_gradient(std::size_t rows) const {
    return std::any_of(layers_.begin(), layers_.end(),
                       [&](const auto& layer) { return layer->needs_gradient(rows); });
  }

 private:
  void add(ConstRows more, std::size_t rows, std::size_t layer, const Rows& to) const {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < layers_[layer]->outputs(); ++j) {
        to.data[r * to.pitch + j] += more.data[r * more.pitch + j];
      }
    }
  }
  LayerScratch scratch(std::size_t i) { return {scratch_[i].data(), capacity_}; }

  const Network::Layers& layers_;
  std::vector<FloatBuffer> scratch_;
  std::vector<std::size_t> at_;
  std::size_t packed_size_ = 0;
  std::size_t capacity_ = 0;
};

struct NetworkTape final : Tape {
  explicit NetworkTape(const Network::Layers& layers) : engine(layers) {
    packed.reserve(engine.packed_size());
  }
  Engine engine;
  FloatBuffer packed;
  FloatBuffer gradient;
  FloatBuffer inputs;  // of the last training batch
  FloatBuffer scores;
  FloatBuffer features;  // of the last batch, where it went through in chunks
  std::size_t rows = 0;  // of the last training batch; 0 = none
};

void check_batch(const Batch& batch, const DataSchema& schema) {
  SKERRY_CHECK(batch.inputs.size() == batch.size * schema.input_size(),
               "a batch has the inputs its size says");
}

class NetworkFused final : public FusedSgd {
 public:
  NetworkFused(const Network::Layers& layers, const Network& network, const Loss& loss)
      : network_(network), loss_(loss), engine_(layers) {
    weights_.reserve(engine_.packed_size());
  }

  void load(std::span<const float> parameters, const AffineTerm& term) override {
    SKERRY_CHECK(parameters.size() == network_.layout()->size(), "parameters of this network");
    SKERRY_CHECK(term.fits(parameters.size()), "a term has one value a parameter");
    engine_.pack(parameters, weights_.data());
    scale_ = term.scale;
    scales_ = packed(term.scales, scales_buffer_);
    offset_ = packed(term.offset, offset_buffer_);
  }

  double step(const Batch& batch, float learning_rate, Workspace& workspace) override {
    check_batch(batch, network_.schema());
    engine_.reserve(batch.size);
    const ConstRows x{batch.inputs.data(), network_.schema().input_size()};
    const ConstRows scores = engine_.forward(weights_.data(), x, batch.size, &workspace);
    const Rows cotangent = engine_.cotangent();
    const double loss = loss_.mean({.batch = batch,
                                    .outputs = network_.outputs(),
                                    .scores = scores.data,
                                    .scores_pitch = scores.pitch,
                                    .cotangent = cotangent.data,
                                    .cotangent_pitch = cotangent.pitch});
    if (engine_.needs_gradient(batch.size)) gradient_.reserve(engine_.packed_size());
    engine_.backward(weights_.data(), x, batch.size, {},
                     {.gradient = gradient_.data(),
                      .weights = weights_.data(),
                      .scales = scales_,
                      .offset = offset_,
                      .rule = {.rate = learning_rate, .scale = scale_}},
                     &workspace);
    return loss;
  }

  void store(std::span<float> out, std::span<const float> origin) override {
    SKERRY_CHECK(out.size() == network_.layout()->size(), "parameters of this network");
    SKERRY_CHECK(origin.empty() || origin.size() == out.size(), "an origin has one value each");
    engine_.unpack(weights_.data(), out, origin);
  }

 private:
  /// A vector of the term, packed; null where it has none.
  const float* packed(std::span<const float> values, FloatBuffer& buffer) const {
    if (values.empty()) return nullptr;
    buffer.reserve(engine_.packed_size());
    engine_.pack(values, buffer.data());
    return buffer.data();
  }

  const Network& network_;
  const Loss& loss_;
  Engine engine_;
  FloatBuffer weights_;
  FloatBuffer scales_buffer_, offset_buffer_;
  FloatBuffer gradient_;
  float scale_ = 0;
  const float* scales_ = nullptr;
  const float* offset_ = nullptr;
};

LayoutRef layout_of(const Network::Layers& layers) {
  std::vector<TensorSpec> tensors;
  for (const auto& layer : layers) {
    for (TensorSpec& tensor : layer->tensors()) tensors.push_back(std::move(tensor));
  }
  return std::make_shared<const Layout>(std::move(tensors));
}

}  // namespace

Network::Network(Layers layers, DataSchema schema, std::shared_ptr<const Loss> loss)
    : layers_(std::move(layers)),
      schema_(std::move(schema)),
      loss_(std::move(loss)),
      layout_(layout_of(layers_)) {
  SKERRY_CHECK(loss_ != nullptr, "a network has a loss");
  std::size_t width = schema_.input_size();
  for (const auto& layer : layers_) {
    SKERRY_CHECK(element_count(layer->input()) == width, "layers fit behind one another");
    width = layer->outputs();
  }
}

void Network::initialise(RandomStream random, std::span<float> parameters) const {
  SKERRY_CHECK(parameters.size() == layout_->size(), "parameters of this network");
  float* next = parameters.data();
  for (const auto& layer : layers_) {
    const double bound = 1 / std::sqrt(static_cast<double>(layer->fan_in()));
    for (std::size_t i = 0; i < layer->parameters(); ++i) {
      *next++ = static_cast<float>((2 * random.uniform() - 1) * bound);
    }
  }
}

namespace {

/// Notes the features of some examples that have just gone through. Those of a whole batch stay
/// where they are.
struct Chunk {
  std::size_t begin, rows;
};
void keep_features(NetworkTape& tape, std::size_t batch, const Chunk& chunk, Outputs& made,
                   std::size_t size) {
  const Rows given = tape.engine.features();
  made.feature_size = size;
  made.feature_pitch = given.pitch;
  made.features = given.data;
  if (chunk.rows == batch) return;
  made.feature_pitch = size;
  tape.features.reserve(batch * size);
  made.features = tape.features.data();
  for (std::size_t r = 0; r < chunk.rows; ++r) {
    std::copy_n(given.data + r * given.pitch, size,
                tape.features.data() + (chunk.begin + r) * size);
  }
}

}  // namespace

std::unique_ptr<Tape> Network::make_tape() const { return std::make_unique<NetworkTape>(layers_); }

Outputs Network::forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                         Tape& tape) const {
  check_batch(batch, schema_);
  SKERRY_CHECK(parameters.size() == layout_->size(), "parameters of this network");
  auto& mine = static_cast<NetworkTape&>(tape);
  const std::size_t width = schema_.input_size(), outputs = this->outputs();
  mine.engine.pack(parameters, mine.packed.data());
  mine.scores.reserve(batch.size * outputs);
  const float* inputs = batch.inputs.data();
  std::size_t chunk = std::min(batch.size, kInferenceChunk);
  mine.rows = 0;
  if (phase == Phase::kTrain) {  // backward needs the inputs after the batch is gone
    mine.inputs.reserve(batch.inputs.size());
    inputs = mine.inputs.data();
    std::copy(batch.inputs.begin(), batch.inputs.end(), mine.inputs.data());
    mine.rows = chunk = batch.size;
  }
  Outputs made{.scores = {mine.scores.data(), batch.size * outputs},
               .features = inputs,
               .feature_size = width,
               .feature_pitch = width};
  mine.engine.reserve(chunk);
  for (std::size_t b = 0; b < batch.size; b += chunk) {
    const std::size_t rows = std::min(chunk, batch.size - b);
    const ConstRows y = mine.engine.forward(mine.packed.data(), {inputs + b * width, width}, rows);
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(y.data + r * y.pitch, outputs, mine.scores.data() + (b + r) * outputs);
    }
    if (layers_.size() > 1) {
      keep_features(mine, batch.size, {b, rows}, made, element_count(layers_.back()->input()));
    }
  }
  return made;
}

double Network::loss(std::span<const float> scores, const Batch& batch,
                     std::span<float> cotangent) const {
  return loss_of(*loss_, scores, batch, cotangent);
}

void Network::backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                       std::span<float> gradient, std::span<float> input_cotangent) const {
  auto& mine = static_cast<NetworkTape&>(tape);
  const std::size_t width = schema_.input_size(), outputs = this->outputs();
  const std::size_t features = layers_.size() > 1 ? element_count(layers_.back()->input()) : width;
  SKERRY_CHECK(parameters.size() == layout_->size() && gradient.size() == parameters.size(),
               "parameters and gradient of this network");
  SKERRY_CHECK(cotangents.scores.size() == mine.rows * outputs,
               "backward follows forward of its batch");
  SKERRY_CHECK(cotangents.features.empty() || cotangents.features.size() == mine.rows * features,
               "one cotangent a feature");
  SKERRY_CHECK(input_cotangent.empty() || input_cotangent.size() == mine.rows * width,
               "one input cotangent an input");
  const Rows dy = mine.engine.cotangent();
  for (std::size_t r = 0; r < mine.rows; ++r) {
    std::copy_n(cotangents.scores.data() + r * outputs, outputs, dy.data + r * dy.pitch);
  }
  mine.gradient.reserve(mine.engine.packed_size());
  mine.engine.backward(
      mine.packed.data(), {mine.inputs.data(), width}, mine.rows,
      {input_cotangent.empty() ? nullptr : input_cotangent.data(), width},
      {.gradient = mine.gradient.data()}, nullptr,
      {cotangents.features.empty() ? nullptr : cotangents.features.data(), features});
  mine.engine.unpack(mine.gradient.data(), gradient);
  if (layers_.size() > 1 || cotangents.features.empty()) return;
  for (std::size_t i = 0; i < input_cotangent.size(); ++i) {
    input_cotangent[i] += cotangents.features[i];
  }
}

Cost Network::cost(Phase phase, std::size_t batch_size) const {
  double products = 0, activations = 0;
  for (const auto& layer : layers_) {
    products += layer->products();
    activations += layer->activations();
  }
  const double rows = static_cast<double>(batch_size);
  const double parameters = static_cast<double>(layout_->size());
  const double inputs = static_cast<double>(schema_.input_size());
  if (phase == Phase::kInference) {
    return {.flops = 2 * rows * products,
            .bytes = 4 * (parameters + rows * (inputs + activations))};
  }
  // Forward, gradient of weights, gradient of inputs (not of the first layer), step.
  const double all = 3 * products - layers_.front()->products();
  return {.flops = 2 * rows * all + 2 * parameters,
          .bytes = 4 * (2 * parameters + rows * (inputs + 2 * activations))};
}

std::unique_ptr<FusedSgd> Network::make_fused() const {
  return std::make_unique<NetworkFused>(layers_, *this, *loss_);
}

std::unique_ptr<Learner> Network::segment(std::size_t first_layer, std::size_t last_layer) const {
  SKERRY_CHECK(first_layer < last_layer && last_layer <= layers_.size(),
               "a segment has layers of the network");
  Layers part(layers_.begin() + static_cast<std::ptrdiff_t>(first_layer),
              layers_.begin() + static_cast<std::ptrdiff_t>(last_layer));
  DataSchema schema = schema_;
  if (first_layer > 0) {
    schema = {.input = part.front()->input(), .classes = schema_.classes, .values = schema_.values};
  }
  return std::make_unique<Network>(std::move(part), std::move(schema), loss_);
}

}  // namespace skerry::learners

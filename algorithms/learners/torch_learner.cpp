#include "algorithms/learners/torch_learner.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "algorithms/kernels/kernels.hpp"
#include "algorithms/learners/float_buffer.hpp"
#include "algorithms/learners/torch_cost.hpp"
#include "algorithms/learners/torch_threads.hpp"
#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/local_loop.hpp"

namespace skerry::learners {

namespace {

/// LibTorch's one generator, held by whoever may draw from it and started from a seed.
class Draws {
 public:
  explicit Draws(std::uint64_t seed)
      : lock_(mutex()), generator_(at::detail::getDefaultCPUGenerator()) {
    const std::lock_guard lock(generator_.mutex());
    generator_.set_current_seed(seed);
    start_ = generator_.get_state();
  }
  bool drew() {
    const std::lock_guard lock(generator_.mutex());
    return !at::equal(start_, generator_.get_state());
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  at::Generator generator_;
  at::Tensor start_;
};

std::string_view bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// Follows from what a step works on: all inputs, and enough of the parameters for a step of
/// training to move some of them.
std::uint64_t seed_of(std::span<const float> parameters, const Batch& batch) {
  constexpr std::size_t kParameters = 4096;
  std::vector<float> some;
  const std::size_t stride = parameters.size() / kParameters + 1;
  for (std::size_t i = 0; i < parameters.size(); i += stride) some.push_back(parameters[i]);
  return stable_hash(stable_hash(batch.size, bytes_of(batch.inputs)), bytes_of(some));
}

std::vector<std::int64_t> sizes_of(const Batch& batch, const DataSchema& schema) {
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(batch.size)};
  sizes.insert(sizes.end(), schema.input.begin(), schema.input.end());
  return sizes;
}

/// What LibTorch throws while a module works on rows of a job fails the job.
template <class Work>
decltype(auto) on_given_rows(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    throw JobError(
        {.plugin = "the model", .text = "on the rows it was given: " + reason_of(error)});
  }
}

/// A tensor over our own memory.
at::Tensor tensor_over(const float* data, at::IntArrayRef sizes) {
  return at::from_blob(const_cast<float*>(data), sizes, at::kFloat);
}

}  // namespace

/// A copy of the module with its parameters and floating-point buffers in one buffer of ours.
struct TorchLearner::TapeParts final : Tape {
  FloatBuffer values;  // [P]; outlives the tensors over it
  torch::jit::Module module;
  ModuleParts parts;
  std::vector<at::Tensor> tensors;                           // by tensor of the layout
  std::vector<at::Tensor> learnt;                            // those that get a gradient
  std::vector<std::pair<std::size_t, at::Tensor>> integers;  // slot, value in the archive
  bool training = false;
  bool drew = false;
  at::Tensor inputs;  // leaf of the last training forward; its data is gone
  at::Tensor scores;

  void load(std::span<const float> parameters) {
    std::copy(parameters.begin(), parameters.end(), values.data());
  }
  /// Of sum(cotangent * scores) with respect to `wanted`; undefined where it does not depend on it.
  std::vector<at::Tensor> gradients(std::span<const float> cotangent,
                                    const std::vector<at::Tensor>& wanted, bool once_more) {
    SKERRY_CHECK(training && cotangent.size() == static_cast<std::size_t>(scores.numel()),
                 "backward follows a training forward of its batch");
    hold_torch_to_one_thread();
    return on_given_rows([&] {
      return torch::autograd::grad({scores}, wanted,
                                   {tensor_over(cotangent.data(), scores.sizes())},
                                   /*retain_graph=*/once_more, /*create_graph=*/false,
                                   /*allow_unused=*/true);
    });
  }
  void reset_integers() {
    for (const auto& [slot, value] : integers) parts.tensors[slot].set(value.clone());
  }
};

TorchLearner::TorchLearner(torch::jit::Module module, const LearnerTask& task, const Bounds& bounds)
    : module_(std::move(module)),
      parts_(parts_of(module_)),
      schema_(task.schema),
      loss_(task.loss),
      outputs_(task.outputs()),
      bounds_(bounds) {
  struct Found {
    TensorSpec spec;
    at::Tensor value;
    Tensor tensor;
  };
  std::vector<Found> found;
  for (std::size_t i = 0; i < parts_.tensors.size(); ++i) {
    const TensorSlot& slot = parts_.tensors[i];
    const at::Tensor value = slot.value();
    if (!value.is_floating_point()) continue;
    const auto tied = std::find_if(found.begin(), found.end(),
                                   [&](const Found& f) { return f.value.is_same(value); });
    if (tied != found.end()) {
      tied->tensor.slots.push_back(i);
      continue;
    }
    const bool learnt = slot.parameter && value.requires_grad();
    Found next{{slot.name, Shape(value.sizes().begin(), value.sizes().end()),
                !slot.parameter ? Group::kBuffer
                : learnt        ? Group::kShared
                                : Group::kFrozen},
               value,
               {}};
    next.tensor.size = static_cast<std::size_t>(value.numel());
    next.tensor.shape = value.sizes().vec();
    next.tensor.slots = {i};
    next.tensor.learnt = learnt;
    found.push_back(std::move(next));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.spec.group < b.spec.group; });
  std::vector<TensorSpec> specs;
  std::size_t offset = 0;
  for (Found& f : found) {
    f.tensor.offset = offset;
    offset += f.tensor.size;
    if (f.tensor.learnt) learnt_ = offset;
    specs.push_back(std::move(f.spec));
    tensors_.push_back(std::move(f.tensor));
  }
  layout_ = std::make_shared<const Layout>(std::move(specs));
}

Result<std::unique_ptr<Learner>> TorchLearner::make(torch::jit::Module module,
                                                    const LearnerTask& task, const Bounds& bounds) {
  hold_torch_to_one_thread();
  if (const std::string why = refusal_of(module); !why.empty()) return Failure{why};
  auto learner = std::unique_ptr<TorchLearner>(new TorchLearner(std::move(module), task, bounds));
  try {
    if (const Status status = learner->try_out(task.rows); !status) return status.failure();
  } catch (const std::exception& error) {
    return Failure{"fails on a batch of the data's shape " + to_string(task.schema.input) + ": " +
                   reason_of(error)};
  }
  return std::unique_ptr<Learner>(std::move(learner));
}

Status TorchLearner::try_out(const Batch& rows) {
  constexpr std::size_t kRows = 2;
  RandomStream random(0, "torch.trial");
  std::vector<float> inputs(kRows * schema_.input_size()), parameters(layout_->size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] =
        rows.size > 0 ? rows.inputs[i % rows.inputs.size()] : static_cast<float>(random.normal());
  }
  initialise(random, parameters);
  const Batch two{.size = kRows, .inputs = inputs};
  Batch one = two;
  one.size = 1;
  one.inputs = one.inputs.first(schema_.input_size());

  const auto made = make_tape();
  auto& tape = static_cast<TapeParts&>(*made);
  tape.load(parameters);
  c10::IValue output;
  const CountedProducts products =
      count_products([&] { output = run(two, Phase::kInference, tape); });
  const bool draws_in_inference = tape.drew;
  if (!output.isTensor())
    return Failure{"its forward gives no tensor, but a " + output.type()->annotation_str()};
  const at::Tensor scores = output.toTensor();
  if (scores.sizes() != at::IntArrayRef{kRows, static_cast<std::int64_t>(outputs_)} ||
      scores.scalar_type() != at::kFloat) {
    const auto sizes = scores.sizes();
    return Failure{"its scores of " + std::to_string(kRows) + " examples are " +
                   to_string(Shape(sizes.begin(), sizes.end())) + " of type " +
                   c10::toString(scores.scalar_type()) + "; the data's targets want " +
                   to_string(Shape{kRows, static_cast<std::uint32_t>(outputs_)}) +
                   " of type Float"};
  }
  if (rows.size > kRows) run(rows, Phase::kInference, tape);
  products_ = products.all / kRows;
  first_products_ = products.first / kRows;
  activations_ = products.outputs / kRows;

  tape.reset_integers();
  tape.load(parameters);
  if (const std::string why = difference_when_repeated(tape, two); !why.empty())
    return Failure{why};
  const bool draws_in_training = tape.drew;
  try {
    run(one, Phase::kTrain, tape);
  } catch (const std::exception& error) {
    return Failure{"cannot train on one example, which the last batch of an epoch can be: " +
                   reason_of(error)};
  }
  draws_[static_cast<int>(Phase::kInference)] = draws_in_inference;
  draws_[static_cast<int>(Phase::kTrain)] = draws_in_training;
  return {};
}

std::string TorchLearner::difference_when_repeated(TapeParts& tape, const Batch& batch) {
  const std::vector<float> before(tape.values.data(), tape.values.data() + layout_->size());
  std::vector<float> scores[2], after[2];
  for (int i = 0; i < 2; ++i) {
    tape.load(before);
    const at::Tensor output = run(batch, Phase::kTrain, tape).toTensor().contiguous();
    if (!output.requires_grad()) return "its scores do not depend on its parameters";
    std::vector<at::Tensor> gradients =
        torch::autograd::grad({output}, tape.learnt, {at::ones_like(output)}, true, false, true);
    const bool any = std::any_of(gradients.begin(), gradients.end(),
                                 [](const at::Tensor& g) { return g.defined(); });
    if (!any) return "its scores do not depend on its parameters";
    idle_.clear();
    for (std::size_t t = 0; t < gradients.size(); ++t) {
      if (!gradients[t].defined()) idle_.push_back(layout_->tensors()[t].name);
    }
    scores[i].assign(output.data_ptr<float>(), output.data_ptr<float>() + output.numel());
    after[i].assign(tape.values.data(), tape.values.data() + layout_->size());
  }
  if (bytes_of(scores[0]) == bytes_of(scores[1]) && bytes_of(after[0]) == bytes_of(after[1])) {
    return "";
  }
  std::string counters;
  for (const auto& [slot, value] : tape.integers) {
    if (at::equal(tape.parts.tensors[slot].value(), value)) continue;
    counters +=
        (counters.empty() ? " (it counts in \"" : ", \"") + tape.parts.tensors[slot].name + "\"";
  }
  return "the same training step has another result when repeated: the module keeps something "
         "besides its parameters and floating-point buffers" +
         counters + (counters.empty() ? "" : ")");
}

void TorchLearner::initialise(RandomStream random, std::span<float> parameters) const {
  SKERRY_CHECK(parameters.size() == layout_->size(), "parameters of this module");
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const auto values = parameters.subspan(tensors_[t].offset, tensors_[t].size);
    if (bounds_.empty()) {
      const at::Tensor given = parts_.tensors[tensors_[t].slots[0]].value().contiguous();
      std::copy_n(given.data_ptr<float>(), values.size(), values.begin());
      continue;
    }
    for (float& value : values) {
      value = static_cast<float>((2 * random.uniform() - 1) * bounds_[t]);
    }
  }
}

std::unique_ptr<Tape> TorchLearner::make_tape() const {
  hold_torch_to_one_thread();
  const at::NoGradGuard no_gradients;
  auto tape = std::make_unique<TapeParts>();
  tape->values.reserve(layout_->size());
  tape->module = module_.deepcopy();
  tape->parts = parts_of(tape->module);
  tape->parts.set_training(false);
  for (const Tensor& tensor : tensors_) {
    // The tensor object stays: forward may reach it by another way than its slot (the list
    // `_flat_weights` of a recurrent layer).
    const at::Tensor mine = tape->parts.tensors[tensor.slots[0]].value();
    mine.set_data(tensor_over(tape->values.data() + tensor.offset, tensor.shape));
    mine.set_requires_grad(tensor.learnt);
    for (const std::size_t slot : tensor.slots) tape->parts.tensors[slot].set(mine);
    if (tensor.learnt) tape->learnt.push_back(mine);
    tape->tensors.push_back(mine);
  }
  for (std::size_t i = 0; i < parts_.tensors.size(); ++i) {
    const at::Tensor value = parts_.tensors[i].value();
    if (!value.is_floating_point()) tape->integers.emplace_back(i, value.clone());
  }
  tape->reset_integers();
  return tape;
}

c10::IValue TorchLearner::run(const Batch& batch, Phase phase, TapeParts& tape) const {
  hold_torch_to_one_thread();
  const bool training = phase == Phase::kTrain;
  const torch::jit::GraphOptimizerEnabledGuard as_written(false);
  const at::AutoGradMode gradients(training);
  if (tape.training != training) tape.parts.set_training(tape.training = training);
  tape.inputs = tensor_over(batch.inputs.data(), sizes_of(batch, schema_));
  if (training) tape.inputs.set_requires_grad(true);
  std::vector<c10::IValue> arguments{tape.inputs.clone()};  // the module may write into it

  c10::IValue output;
  if (draws_[static_cast<int>(phase)]) {
    Draws draws(seed_of({tape.values.data(), layout_->size()}, batch));
    output = tape.module.forward(std::move(arguments));
    tape.drew = draws.drew();
  } else {
    output = tape.module.forward(std::move(arguments));
  }
  // A buffer may have been assigned rather than written.
  const at::NoGradGuard no_gradients;
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    if (tensors_[t].learnt) continue;
    for (const std::size_t i : tensors_[t].slots) {
      const TensorSlot& slot = tape.parts.tensors[i];
      const at::Tensor now = slot.value();
      if (now.is_same(tape.tensors[t])) continue;
      tape.tensors[t].copy_(now);
      slot.set(tape.tensors[t]);
    }
  }
  return output;
}

std::span<const float> TorchLearner::scores_of(const Batch& batch, Phase phase,
                                               TapeParts& tape) const {
  SKERRY_CHECK(batch.inputs.size() == batch.size * schema_.input_size(),
               "a batch has the inputs its size says");
  tape.reset_integers();
  tape.scores.reset();  // with the graph of the last step, so that this one reuses its memory
  const std::size_t scores = batch.size * outputs();
  return on_given_rows([&]() -> std::span<const float> {
    tape.scores = run(batch, phase, tape).toTensor().contiguous();
    if (static_cast<std::size_t>(tape.scores.numel()) != scores) {
      throw std::runtime_error("it gave " + std::to_string(tape.scores.numel()) + " scores of " +
                               std::to_string(batch.size) +
                               " examples, not as many as its targets want");
    }
    return {tape.scores.data_ptr<float>(), scores};
  });
}

Outputs TorchLearner::forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                              Tape& tape) const {
  SKERRY_CHECK(parameters.size() == layout_->size(), "parameters of this module");
  auto& mine = static_cast<TapeParts&>(tape);
  mine.load(parameters);
  return {.scores = scores_of(batch, phase, mine)};
}

double TorchLearner::loss(std::span<const float> scores, const Batch& batch,
                          std::span<float> cotangent) const {
  return loss_of(*loss_, scores, batch, cotangent);
}

void TorchLearner::backward(std::span<const float>, const Cotangents& cotangents, Tape& tape,
                            std::span<float> gradient, std::span<float> input_cotangent) const {
  SKERRY_CHECK(cotangents.features.empty(), "a module's features are not known");
  auto& mine = static_cast<TapeParts&>(tape);
  SKERRY_CHECK(gradient.size() == layout_->size(), "a gradient of this module");
  std::vector<at::Tensor> wanted = mine.learnt;
  if (!input_cotangent.empty()) wanted.push_back(mine.inputs);
  const auto gradients = mine.gradients(cotangents.scores, wanted, /*once_more=*/true);
  const auto put = [](const at::Tensor& from, std::span<float> to) {
    if (!from.defined()) return std::fill(to.begin(), to.end(), 0.0f);
    const at::Tensor dense = from.contiguous();
    SKERRY_CHECK(static_cast<std::size_t>(dense.numel()) == to.size(), "one cotangent a value");
    std::copy_n(dense.data_ptr<float>(), to.size(), to.begin());
  };
  for (std::size_t t = 0; t < mine.learnt.size(); ++t) {
    put(gradients[t], gradient.subspan(tensors_[t].offset, tensors_[t].size));
  }
  const auto rest = gradient.subspan(learnt_);
  std::fill(rest.begin(), rest.end(), 0.0f);
  if (!input_cotangent.empty()) put(gradients.back(), input_cotangent);
}

void TorchLearner::after_step(const Tape& tape, std::span<float> parameters) const {
  const auto& mine = static_cast<const TapeParts&>(tape);
  SKERRY_CHECK(parameters.size() == layout_->size(), "parameters of this module");
  std::copy(mine.values.data() + learnt_, mine.values.data() + parameters.size(),
            parameters.data() + learnt_);
}

/// What is not learnt stays as the module's forward leaves it, which is what after_step() writes.
class TorchLearner::Fused final : public FusedSgd {
 public:
  explicit Fused(const TorchLearner& learner)
      : learner_(learner), tape_(learner.make_tape()), parts_(static_cast<TapeParts&>(*tape_)) {}

  void load(std::span<const float> parameters, const AffineTerm& term) override {
    SKERRY_CHECK(parameters.size() == learner_.layout_->size(), "parameters of this module");
    SKERRY_CHECK(term.fits(parameters.size()), "a term has one value a parameter");
    parts_.load(parameters);
    scale_ = term.scale;
    scales_.assign(term.scales.begin(), term.scales.end());
    offset_.assign(term.offset.begin(), term.offset.end());
  }

  double step(const Batch& batch, float learning_rate, Workspace&) override {
    const auto scores = learner_.scores_of(batch, Phase::kTrain, parts_);
    cotangent_.resize(scores.size());
    const double loss = learner_.loss(scores, batch, cotangent_);
    const auto gradients = parts_.gradients(cotangent_, parts_.learnt, /*once_more=*/false);
    for (std::size_t t = 0; t < parts_.learnt.size(); ++t) {
      const Tensor& tensor = learner_.tensors_[t];
      const at::Tensor gradient =
          gradients[t].defined() ? gradients[t].contiguous() : at::zeros(tensor.shape);
      kernels::best().sgd_update(
          {.size = tensor.size,
           .rule = {.rate = learning_rate, .scale = scale_},
           .gradient = gradient.data_ptr<float>(),
           .scales = scales_.empty() ? nullptr : scales_.data() + tensor.offset,
           .offset = offset_.empty() ? nullptr : offset_.data() + tensor.offset,
           .weights = parts_.values.data() + tensor.offset});
    }
    return loss;
  }

  void store(std::span<float> out, std::span<const float> origin) override {
    SKERRY_CHECK(out.size() == learner_.layout_->size(), "parameters of this module");
    std::copy_n(parts_.values.data(), out.size(), out.begin());
    if (!origin.empty()) subtract(out, origin, out);
  }

 private:
  const TorchLearner& learner_;
  std::unique_ptr<Tape> tape_;
  TapeParts& parts_;
  std::vector<float> cotangent_;
  std::vector<float> scales_;
  std::vector<float> offset_;
  float scale_ = 0;
};

std::unique_ptr<FusedSgd> TorchLearner::make_fused() const {
  return std::make_unique<Fused>(*this);
}

std::vector<std::string> TorchLearner::remarks() const {
  if (idle_.empty()) return {};
  std::string names;
  for (const std::string& name : idle_) names += (names.empty() ? "\"" : ", \"") + name + "\"";
  return {"no gradient reaches " + names +
          ": these parameters stay as they are unless other rows take another way through the "
          "module"};
}

Cost TorchLearner::cost(Phase phase, std::size_t batch_size) const {
  const double rows = static_cast<double>(batch_size);
  const double parameters = static_cast<double>(layout_->size());
  const double inputs = static_cast<double>(schema_.input_size());
  if (phase == Phase::kInference) {
    return {.flops = 2 * rows * products_,
            .bytes = 4 * (parameters + rows * (inputs + activations_))};
  }
  // Forward, gradient of weights, gradient of inputs (not of the first operator), step.
  const double all = 3 * products_ - first_products_;
  return {.flops = 2 * rows * all + 2 * parameters,
          .bytes = 4 * (2 * parameters + rows * (inputs + 2 * activations_))};
}

}  // namespace skerry::learners

#include "scenarios/parts/serving.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scenarios/parts/evaluation.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

using role::Job;
using role::JobResult;

void ServeConfig::check(FieldReader& reader) const {
  if (every < Duration::milliseconds(1)) reader.error("every", "must be at least 1 ms");
}

Serving::Serving(const ServeConfig& config, const Registry& registry, const Learner& learner,
                 const datasets::NodeData& data, const Choice<DriftDetector>* detector)
    : config_(config),
      registry_(registry),
      learner_(learner),
      data_(data),
      miner_(registry.make(config.mine)),
      examples_(data.schema()),
      prediction_(prediction_record(data.schema().classes)) {
  if (detector != nullptr) detector_ = *detector;
}

/// Shows each example to the node's detector, which goes on from where it was.
void Serving::watch_inputs(const Job& job, std::uint32_t first, std::span<const float> inputs,
                           ServedBatch& served) const {
  if (!detector_) return;
  const auto detector = registry_.make(*detector_);
  const Body body = body_of<Body>(job);
  if (!body.detector.empty()) {
    ByteReader reader(body.detector);
    detector->load(reader);
    SKERRY_CHECK(reader.finished(), "a detector reads back what it saved");
  }
  const std::size_t size = data_.schema().input_size();
  for (std::uint32_t i = 0; i < served.requests; ++i) {
    const auto example = inputs.subspan(i * size, size);
    const std::vector<double> observation(example.begin(), example.end());
    const Drift said =
        detector->add(observation, RandomStream(job.key.seed, "drift", job.node, first + i));
    served.drift = std::max(served.drift, said);
  }
  ByteWriter writer;
  detector->save(writer);
  served.detector = writer.take();
}

Serving::Asked Serving::asked(const Job& job, const Body& body, Workspace& workspace) const {
  const std::size_t size = data_.schema().input_size();
  const auto inputs = workspace.floats("serving/inputs", body.count * size);
  const auto truths = workspace.labels(body.count);
  Asked asked{.inputs = inputs, .truths = truths, .view = {}, .samples = {}};
  if (!body.labels.empty()) {
    asked.samples = job.inputs.back().payload();
    for (std::uint32_t i = 0; i < body.count; ++i) {
      examples_.read(asked.samples, body.row + i, inputs.subspan(i * size, size));
    }
    std::ranges::copy(body.labels, truths.begin());
    return asked;
  }
  asked.view = data_.view(job.node, Split::kTrain, workspace.rows("view"));
  asked.view.rows = asked.view.rows.subspan(body.row, body.count);
  asked.view.samples->inputs(asked.view.rows, inputs);
  asked.view.samples->labels(asked.view.rows, truths);
  return asked;
}

/// @param which  counted from the first one that was asked.
Payload Serving::examples_of(const Asked& asked, const Body& body,
                             std::span<const std::uint32_t> which) const {
  if (which.empty()) return {};
  const std::size_t size = data_.schema().input_size();
  std::vector<std::uint32_t> rows;
  std::vector<float> inputs;
  for (const std::uint32_t i : which) {
    rows.push_back(body.labels.empty() ? asked.view.rows[i] : body.row + i);
    const auto values = asked.inputs.subspan(i * size, size);
    inputs.insert(inputs.end(), values.begin(), values.end());
  }
  if (!body.labels.empty()) return examples_.pick(asked.samples, rows);
  return examples_.write(*asked.view.samples, rows, inputs);
}

JobResult Serving::run_serve(const Job& job, Workspace& workspace) const {
  const Body body = body_of<Body>(job);
  const Asked asked = this->asked(job, body, workspace);
  ServedBatch served{.requests = body.count};
  std::vector<std::int32_t> shadow;
  const Batch batch{.size = body.count, .inputs = asked.inputs};
  if (body.shadow) {
    const Payload held = job.inputs[1].payload();
    const Predictions said =
        learner_.predict(held.at("model").f32(), batch, workspace.tape(learner_));
    for (std::size_t i = 0; i < body.count; ++i) shadow.push_back(said.label(i));
  }
  const Payload held = job.inputs[0].payload();
  const Predictions said =
      learner_.predict(held.at("model").f32(), batch, workspace.tape(learner_));
  std::vector<std::uint32_t> which;
  for (std::uint32_t i = 0; i < body.count; ++i) {
    const Round place = body.first + i;
    const std::int32_t predicted = said.label(i);
    const auto probabilities = class_probabilities(said.row(i));
    const float hardness = miner_->score({.probabilities = probabilities},
                                         RandomStream(job.key.seed, "mine", job.node, place));
    const bool hard = hardness > config_.hard_above();
    RandomStream chance(job.key.seed, "sample", job.node, place);
    const bool sampled = chance.uniform() < config_.sample;
    served.correct += predicted == asked.truths[i] ? 1 : 0;
    served.hard += hard ? 1 : 0;
    if ((!hard && !sampled) || served.mined.size() >= config_.most) continue;
    served.mined.push_back({.position = body.first + i,
                            .predicted = predicted,
                            .shadow = shadow.empty() ? -1 : shadow[i],
                            .truth = asked.truths[i],
                            .sampled = sampled});
    which.push_back(i);
  }
  watch_inputs(job, body.first, asked.inputs, served);
  JobResult result;
  result.outputs.push_back({examples_of(asked, body, which), {}});
  result.report = to_bytes(served);
  return result;
}

JobResult Serving::run_answer(const Job& job, Workspace& workspace) const {
  const auto inputs = workspace.floats("serving/inputs", data_.schema().input_size());
  examples_.read(job.inputs[1].payload(), inputs);
  JobResult result;
  Payload made;
  Record& record = made.add(prediction_);
  std::int32_t label = -1;
  if (std::ranges::all_of(inputs, [](float value) { return std::isfinite(value); })) {
    const Payload held = job.inputs[0].payload();
    const Predictions said = learner_.predict(held.at("model").f32(), {.size = 1, .inputs = inputs},
                                              workspace.tape(learner_));
    std::ranges::copy(said.scores, record.f32().begin());
    label = said.label(0);
  }
  result.outputs.push_back({std::move(made), {}});
  result.report = to_bytes(label);
  return result;
}

role::JobKind Serving::serve() const {
  return {
      .name = "serve",
      .shapes = [](const Job&) { return role::OutputShapes{{}}; },
      .work =
          [this](const Job& job) {
            const Body body = body_of<Body>(job);
            return inference_work(learner_, body.count, body.shadow ? 2 : 1);
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_serve(job, workspace); }};
}

role::JobKind Serving::answer() const {
  return {
      .name = "answer",
      .shapes = [this](const Job&) { return role::OutputShapes{{prediction_}}; },
      .work = [this](const Job&) { return inference_work(learner_, 1); },
      .run = [this](const Job& job, Workspace& workspace) { return run_answer(job, workspace); }};
}

std::uint32_t StreamClock::arrived(SimTime now) const {
  const auto until = datasets::Slice::between({}, begins_ + now.since_start());
  return static_cast<std::uint32_t>(serving_.data().size(node_, Split::kTrain, until));
}

std::uint32_t StreamClock::start(SimTime now) {
  if (!std::exchange(started_, true)) {
    total_ = static_cast<std::uint32_t>(serving_.data().size(node_, Split::kTrain));
    position_ = arrived(SimTime());
    return 0;
  }
  const std::uint32_t from = position_;
  position_ = std::max(from, arrived(now));
  return position_ - from;
}

StreamClock::Range StreamClock::take(SimTime now) {
  const std::uint32_t end = std::min(arrived(now), position_ + kMost);
  const Range range{position_, end > position_ ? end - position_ : 0};
  position_ += range.count;
  return range;
}

datasets::Slice StreamClock::newest(std::uint32_t count, SimTime now) const {
  const std::uint32_t all = arrived(now);
  if (all <= count) return since(std::nullopt, now);
  const Duration from = serving_.data().arrival(node_, Split::kTrain, all - count);
  return datasets::Slice::between(from, begins_ + now.since_start());
}

datasets::Slice StreamClock::since(std::optional<SimTime> from, SimTime now) const {
  return datasets::Slice::between(from ? begins_ + from->since_start() : Duration(),
                                  begins_ + now.since_start());
}

void StreamClock::await_next(SimTime now, bool more, role::Effects& effects) const {
  if (over() && !more) return;
  const std::int64_t every = serving_.config().every.count();
  std::int64_t from = now.count();
  if (!more) {
    const Duration comes = serving_.data().arrival(node_, Split::kTrain, position_) - begins_;
    // What arrives at a moment is answered after it.
    from = std::max(comes.count(), from);
  }
  effects.set_timer(timer_, SimTime::at(Duration::nanoseconds((from / every + 1) * every)));
}

}  // namespace skerry::parts

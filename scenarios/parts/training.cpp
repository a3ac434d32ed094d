#include "scenarios/parts/training.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "scenarios/parts/example_format.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

using role::Job;
using role::JobResult;

void LocalConfig::check(FieldReader& reader) const {
  if (epochs && steps > 0) reader.error("epochs", "means nothing with \"steps\"");
}

role::Work training_work(const Learner& learner, const LocalSettings& settings,
                         std::size_t samples) {
  const auto steps = static_cast<double>(step_count(settings, samples));
  const std::size_t batch =
      settings.batch_size == 0 ? samples : std::min<std::size_t>(settings.batch_size, samples);
  const Cost step = learner.cost(Phase::kTrain, batch);
  return {.phase = Phase::kTrain,
          .samples = static_cast<std::uint64_t>(steps) * batch,
          .batch_size = static_cast<std::uint32_t>(batch),
          .flops = steps * step.flops,
          .bytes = steps * step.bytes};
}

RecordSpec report_record() {
  static const auto layout = std::make_shared<const Layout>(Layout::flat("report", 3));
  return {"report", layout, Reduce::kEach};
}

Training::Training(const LocalConfig& config, const Registry& registry, const Learner& learner,
                   const datasets::NodeData& data, std::uint32_t population)
    : config_(config),
      learner_(learner),
      data_(data),
      population_(population),
      method_(registry.make(config.method)),
      terms_(registry, config.terms),
      optimizer_(registry.make(config.optimizer)),
      learnt_(part_of(learner.layout(), Group::kShared)),
      buffers_(part_of(learner.layout(), Group::kBuffer)) {
  MethodRecords first = records(0);
  down_shape_ = {{"model", learner_.layout()}};
  std::move(first.down.begin(), first.down.end(), std::back_inserter(down_shape_));
  state_shape_ = std::move(first.state);
}

MethodRecords Training::records(std::uint32_t exchange) const {
  MethodRecords all = method_->records(learner_.layout(), exchange);
  MethodRecords more = terms_.records(learner_);
  std::move(more.down.begin(), more.down.end(), std::back_inserter(all.down));
  std::move(more.state.begin(), more.state.end(), std::back_inserter(all.state));
  std::move(more.up.begin(), more.up.end(), std::back_inserter(all.up));
  return all;
}

/// Whether a record is laid out as the model, and not all of the model is learnt.
bool Training::whole_model(const RecordSpec& spec) const {
  return learnt_ != learner_.layout() && spec.real() && *spec.layout == *learner_.layout();
}

std::vector<RecordSpec> Training::record_shape(std::uint32_t exchange) const {
  std::vector<RecordSpec> shape;
  for (RecordSpec& spec : records(exchange).up) {
    const bool cuts = whole_model(spec);
    if (cuts) spec.layout = learnt_;
    const bool change = cuts && spec.name == "delta" && buffers_->size() > 0;
    shape.push_back(std::move(spec));
    if (change) shape.push_back({kBuffers, buffers_, Reduce::kMean});
  }
  return shape;
}

std::vector<RecordSpec> Training::update_shape(std::uint32_t exchange) const {
  std::vector<RecordSpec> shape = record_shape(exchange);
  shape.push_back(report_record());
  return shape;
}

namespace {

void copy_front(const Record& from, Record& to) {
  const std::size_t size = std::min(from.size(), to.size());
  std::ranges::copy(from.f32().first(size), to.f32().begin());
}

}  // namespace

void Training::combine(CombineContext& received) const {
  Payload whole;
  for (const auto& record : received.reduced.records()) {
    RecordSpec spec = record->spec();
    if (learnt_ == learner_.layout() || *spec.layout != *learnt_) {
      whole.add(record);
      continue;
    }
    spec.layout = learner_.layout();
    copy_front(*record, whole.add(spec));
  }
  CombineContext context{whole, received.down, received.cohort, received.population};
  method_->combine(context);
  terms_.combine(context);
}

LocalSettings Training::settings(const TrainBody& body) const {
  LocalSettings settings{config_.batch_size, config_.passes(), config_.steps, body.rate_scale,
                         config_.step_schedule};
  if (body.epochs > 0) settings.epochs = body.epochs;
  return settings;
}

Payload Training::node_state(const Job& job, const TrainBody& body) const {
  if (job.inputs.size() > 1 + body.arrived.size() && job.inputs[1]) return job.inputs[1].payload();
  Payload state;
  for (const RecordSpec& spec : state_shape_) state.add(spec);
  return state;
}

TrainContext Training::context(const Job& job, const TrainBody& body, const Payload& down,
                               Payload& state, Payload& up, Workspace& workspace) const {
  return {.learner = learner_,
          .optimizer = *optimizer_,
          .data = data_.view(job.node, asked_split(job.node), body.slice, workspace.rows("view")),
          .down = down,
          .state = state,
          .up = up,
          .settings = settings(body),
          .key = job.key,
          .exchange = body.exchange,
          .population = population_,
          .workspace = workspace};
}

/// The samples of a view, and those that came from outside.
datasets::FloatSamples Training::together(const Job& job, const TrainBody& body,
                                          const View& view) const {
  const DataSchema& schema = data_.schema();
  const std::size_t size = schema.input_size();
  std::vector<float> inputs(view.size() * size);
  std::vector<std::int32_t> labels(view.size());
  view.samples->inputs(view.rows, inputs);
  view.samples->labels(view.rows, labels);
  SKERRY_CHECK(schema.values == 0, "samples from outside have classes");
  const ExampleFormat format(schema);
  std::size_t input = job.inputs.size() - body.arrived.size();
  for (const TrainBody::Arrived& run : body.arrived) {
    const Payload held = job.inputs[input++].payload();
    for (std::uint32_t i = 0; i < run.labels.size(); ++i) {
      if (run.labels[i] < 0) continue;
      inputs.resize(inputs.size() + size);
      format.read(held, run.place + i, std::span(inputs).last(size));
      labels.push_back(run.labels[i]);
    }
  }
  return {schema, std::move(inputs), std::move(labels)};
}

/// Makes the update as it travels from what the method and the terms made.
Payload Training::cut(const Payload& made, const Payload& down, std::uint32_t exchange) const {
  Payload update;
  for (const RecordSpec& spec : update_shape(exchange)) {
    const Record* record = made.find(spec.name);
    if (record != nullptr && record->layout() == *spec.layout) {
      update.add(made.share(spec.name));
    } else if (record != nullptr) {
      copy_front(*record, update.add(spec));
    } else {
      const std::size_t begin = learner_.layout()->begin(Group::kBuffer), size = buffers_->size();
      const auto before = down.at("model").f32().subspan(begin, size);
      const auto change = made.at("delta").f32().subspan(begin, size);
      const auto values = update.add(spec).overwrite_f32();
      for (std::size_t i = 0; i < size; ++i) {
        const bool stays = !std::isfinite(before[i]) && change[i] == 0;
        values[i] = stays ? 0.0f : before[i] + change[i];
      }
    }
  }
  return update;
}

JobResult Training::run(const Job& job, bool keeps_state, Workspace& workspace) const {
  const TrainBody body = body_of<TrainBody>(job);
  const Payload down = job.inputs[0].payload();
  Payload state = node_state(job, body);
  Payload update;
  for (RecordSpec& spec : records(body.exchange).up) update.add(std::move(spec));
  update.add(report_record());

  TrainContext training = context(job, body, down, state, update, workspace);
  std::optional<datasets::FloatSamples> more;
  std::vector<std::uint32_t> rows;
  if (!body.arrived.empty()) {
    more = together(job, body, training.data);
    rows.resize(more->size());
    std::iota(rows.begin(), rows.end(), 0u);
    training.data = {&*more, rows};
  }
  if (body.settlement) {
    method_->settle(state, *body.settlement);
    terms_.settle(state, *body.settlement);
  }
  const TrainReport report = terms_.train(training, *method_);
  const auto values = update.open("report").f32();
  values[0] = static_cast<float>(report.samples);
  values[1] = static_cast<float>(report.steps);
  values[2] = static_cast<float>(report.loss);

  if (learnt_ != learner_.layout()) update = cut(update, down, body.exchange);
  for (const auto& record : update.records()) record->finite();  // while it is in the cache

  JobResult result;
  result.outputs.push_back({std::move(update), {}});
  if (keeps_state) {
    result.outputs.push_back({std::move(state), {}});
  }
  return result;
}

JobResult Training::run_boundary(const Job& job, Workspace& workspace) const {
  const Payload down = job.inputs[0].payload();
  Payload state = node_state(job, {});
  Payload nothing;
  TrainContext ended = context(job, {}, down, state, nothing, workspace);
  terms_.boundary(ended);
  JobResult result;
  result.outputs.push_back({std::move(state), {}});
  return result;
}

role::JobKind Training::kind(std::string name, bool keeps_state) const {
  return {.name = std::move(name),
          .reports = false,
          .trains = true,
          .shapes =
              [this, keeps_state](const Job& job) {
                role::OutputShapes shapes{update_shape(body_of<TrainBody>(job).exchange)};
                if (keeps_state) shapes.push_back(state_shape_);
                return shapes;
              },
          .work =
              [this](const Job& job) {
                const auto body = body_of<TrainBody>(job);
                std::size_t samples = data_.size(job.node, asked_split(job.node), body.slice);
                for (const TrainBody::Arrived& run : body.arrived) {
                  samples += run.labels.size() - static_cast<std::size_t>(std::ranges::count(
                                                     run.labels, std::int32_t{-1}));
                }
                return training_work(learner_, settings(body), samples);
              },
          .run = [this, keeps_state](
                     const Job& job,
                     Workspace& workspace) { return run(job, keeps_state, workspace); }};
}

role::JobKind Training::on_edge() const { return kind("train", !state_shape_.empty()); }

role::JobKind Training::on_boundary() const {
  return {
      .name = "end an experience",
      .reports = false,
      .shapes = [this](const Job&) { return role::OutputShapes{state_shape_}; },
      .work =
          [this](const Job& job) {
            return training_work(learner_, {.batch_size = config_.batch_size, .epochs = 1},
                                 data_.size(job.node, asked_split(job.node)));
          },
      .run = [this](const Job& job, Workspace& workspace) { return run_boundary(job, workspace); }};
}

role::JobKind Training::for_ask() const { return kind("train for an ask", false); }

}  // namespace skerry::parts

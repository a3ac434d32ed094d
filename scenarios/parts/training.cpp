#include "scenarios/parts/training.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

using role::Job;
using role::JobResult;

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
      optimizer_(registry.make(config.optimizer)) {
  const MethodRecords records = method_->records(learner_.layout(), 0);
  down_shape_ = {{"model", learner_.layout()}};
  down_shape_.insert(down_shape_.end(), records.down.begin(), records.down.end());
  state_shape_ = records.state;
}

std::vector<RecordSpec> Training::record_shape(std::uint32_t exchange) const {
  return method_->records(learner_.layout(), exchange).up;
}

std::vector<RecordSpec> Training::update_shape(std::uint32_t exchange) const {
  std::vector<RecordSpec> shape = record_shape(exchange);
  shape.push_back(report_record());
  return shape;
}

void Training::combine(CombineContext& context) const {
  role::naming(LocalMethod::kSlot, config_.method.name, [&] { method_->combine(context); });
}

LocalSettings Training::settings(const TrainBody& body) const {
  LocalSettings settings{config_.batch_size, config_.epochs, config_.steps, body.rate_scale};
  if (body.epochs > 0) settings.epochs = body.epochs;
  return settings;
}

Payload Training::node_state(const Job& job) const {
  if (job.inputs.size() > 1 && job.inputs[1]) return job.inputs[1].payload();
  Payload state;
  for (const RecordSpec& spec : state_shape_) state.add(spec);
  return state;
}

JobResult Training::run(const Job& job, bool keeps_state, Workspace& workspace) const {
  const TrainBody body = body_of<TrainBody>(job);
  const Payload down = job.inputs[0].payload();
  Payload state = node_state(job);
  Payload update;
  for (RecordSpec& spec : update_shape(body.exchange)) update.add(std::move(spec));

  TrainContext context{.learner = learner_,
                       .optimizer = *optimizer_,
                       .data = data_.view(job.node, asked_split(job.node), workspace.rows("view")),
                       .down = down,
                       .state = state,
                       .up = update,
                       .settings = settings(body),
                       .key = job.key,
                       .exchange = body.exchange,
                       .population = population_,
                       .workspace = workspace};
  const TrainReport report = role::naming(LocalMethod::kSlot, config_.method.name, [&] {
    if (body.settlement) method_->settle(state, *body.settlement);
    return method_->train(context);
  });
  const auto values = update.open("report").f32();
  values[0] = static_cast<float>(report.samples);
  values[1] = static_cast<float>(report.steps);
  values[2] = static_cast<float>(report.loss);

  for (const auto& record : update.records()) record->finite();  // while it is in the cache

  JobResult result;
  result.outputs.push_back({std::move(update), {}});
  if (keeps_state) {
    result.outputs.push_back({std::move(state), {}});
  }
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
                return training_work(learner_, settings(body_of<TrainBody>(job)),
                                     data_.size(job.node, asked_split(job.node)));
              },
          .run = [this, keeps_state](
                     const Job& job,
                     Workspace& workspace) { return run(job, keeps_state, workspace); }};
}

role::JobKind Training::on_edge() const { return kind("train", !state_shape_.empty()); }

role::JobKind Training::for_ask() const { return kind("train for an ask", false); }

}  // namespace skerry::parts

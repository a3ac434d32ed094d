#include "scenarios/federated/federated.hpp"

#include <algorithm>

#include "algorithms/sdk/plugin.hpp"
#include "scenarios/federated/cloud_role.hpp"
#include "scenarios/federated/edge_role.hpp"
#include "scenarios/federated/stop_rule.hpp"

namespace skerry::federated {

using role::Job;
using role::JobResult;

namespace {

/// A job's body; a body that cannot be read is a bug, since jobs come from our own roles.
template <class Body>
Body body_of(const Job& job) {
  const auto body = from_bytes<Body>(job.body);
  SKERRY_CHECK(body.has_value(), "a job's body is what its role wrote");
  return *body;
}

}  // namespace

Federated::Federated(const Config& config, const role::ParadigmContext& context,
                     std::unique_ptr<Learner> learner)
    : config_(config),
      registry_(context.registry),
      data_(context.data),
      seeds_(context.seeds),
      edges_(context.edges),
      learner_(std::move(learner)),
      method_(registry_.make(config.local.method)),
      local_optimizer_(registry_.make(config.local.optimizer)),
      reducer_(registry_.make(config.server.reduce)),
      server_optimizer_(registry_.make(config.server.optimizer)) {
  const MethodRecords records = method_->records(learner_->layout(), 0);
  down_shape_ = {{"model", learner_->layout()}};
  down_shape_.insert(down_shape_.end(), records.down.begin(), records.down.end());
  state_shape_ = records.state;
  list_jobs();
}

std::unique_ptr<role::Role> Federated::make_role(NodeId node) const {
  if (node.is_cloud()) return std::make_unique<CloudRole>(*this);
  return std::make_unique<EdgeRole>(*this, node);
}

std::vector<RecordSpec> Federated::update_shape(std::uint32_t exchange) const {
  std::vector<RecordSpec> shape = method_->records(learner_->layout(), exchange).up;
  shape.push_back(report_record());
  return shape;
}

void Federated::list_jobs() {
  const auto runs = [this](JobResult (Federated::*method)(Job&, Workspace&) const) {
    return
        [this, method](Job job, Workspace& workspace) { return (this->*method)(job, workspace); };
  };
  // In the order of JobKind.
  jobs_.add({.name = "initialise",
             .shapes =
                 [this](const Job&) {
                   return role::OutputShapes{{}, down_shape_};
                 },
             .run = [this](Job, Workspace&) { return initialise(); }});
  jobs_.add({.name = "train",
             .reports = false,
             .trains = true,
             .shapes = [this](const Job& job) { return training_shapes(job); },
             .work = [this](const Job& job) { return training_work(job); },
             .run = runs(&Federated::train)});
  jobs_.add({.name = "accumulate",
             .shapes = [](const Job&) { return role::OutputShapes{{}}; },
             .work =
                 [this](const Job& job) {
                   const double values = parameters() * static_cast<double>(job.inputs.size());
                   return role::Work{.flops = 2 * values, .bytes = 12 * values};
                 },
             .run = runs(&Federated::accumulate)});
  jobs_.add({.name = "finish",
             .shapes =
                 [](const Job&) {
                   return role::OutputShapes{{}, {}};
                 },
             .work =
                 [this](const Job&) {
                   return role::Work{.flops = 4 * parameters(), .bytes = 16 * parameters()};
                 },
             .run = runs(&Federated::finish)});
  jobs_.add({.name = "evaluate", .run = runs(&Federated::evaluate)});
  jobs_.add({.name = "evaluate on edge",
             .work = [this](const Job& job) { return edge_evaluation_work(job); },
             .run = runs(&Federated::evaluate_edge)});
}

role::OutputShapes Federated::training_shapes(const Job& job) const {
  role::OutputShapes shapes{update_shape(body_of<TrainBody>(job).exchange)};
  if (keeps_state()) shapes.push_back(state_shape_);
  return shapes;
}

role::Work Federated::training_work(const Job& job) const {
  const TrainBody body = body_of<TrainBody>(job);
  LocalSettings settings{config_.local.batch_size, config_.local.epochs, config_.local.steps};
  if (body.epochs > 0) settings.epochs = body.epochs;
  const std::size_t samples = data_.size(job.node, Split::kTrain);
  const auto steps = static_cast<double>(step_count(settings, samples));
  const std::size_t batch =
      settings.batch_size == 0 ? samples : std::min<std::size_t>(settings.batch_size, samples);
  const Cost step = learner_->cost(Phase::kTrain, batch);
  return {.phase = Phase::kTrain,
          .samples = static_cast<std::uint64_t>(steps) * batch,
          .batch_size = static_cast<std::uint32_t>(batch),
          .flops = steps * step.flops,
          .bytes = steps * step.bytes};
}

role::Work Federated::edge_evaluation_work(const Job& job) const {
  const std::size_t samples = data_.size(job.node, Split::kTrain);
  const Cost all = learner_->cost(Phase::kInference, samples);
  return {.phase = Phase::kInference,
          .samples = samples,
          .batch_size = static_cast<std::uint32_t>(std::min(samples, kEvaluationBatch)),
          .flops = all.flops,
          .bytes = all.bytes,
          .charged = body_of<EvaluateOrder>(job).asked_by_selector};
}

Payload Federated::downlink(const Payload& server) const {
  Payload down;
  for (const RecordSpec& spec : down_shape_) down.add(server.share(spec.name));
  return down;
}

Payload Federated::node_state(const Job& job) const {
  if (job.inputs.size() > 1 && job.inputs[1]) return job.inputs[1].payload();
  Payload state;
  for (const RecordSpec& spec : state_shape_) state.add(spec);
  return state;
}

JobResult Federated::initialise() const {
  Payload server;
  Record& model = server.add({"model", learner_->layout()});
  learner_->initialise(RandomStream(seeds_.init, "init"), model.f32());
  for (std::size_t i = 1; i < down_shape_.size(); ++i) server.add(down_shape_[i]);
  const std::size_t moments = server_optimizer_->moments() * learner_->layout()->size();
  server.add(
      {"server/moments", std::make_shared<const Layout>(Layout::flat("server/moments", moments))});
  server.add({"server/steps",
              std::make_shared<const Layout>(Layout::flat("server/steps", 1, DType::kInt64))});
  for (RecordSpec& spec : reducer_->state(learner_->layout())) server.add(std::move(spec));
  Payload down = downlink(server);
  JobResult result;
  result.outputs.push_back({std::move(server), {}});
  result.outputs.push_back({std::move(down), {}});
  return result;
}

JobResult Federated::train(Job& job, Workspace& workspace) const {
  const TrainBody body = body_of<TrainBody>(job);
  const Payload down = job.inputs[0].payload();
  Payload state = node_state(job);
  if (body.settlement) method_->settle(state, *body.settlement);
  Payload update;
  for (RecordSpec& spec : update_shape(body.exchange)) update.add(std::move(spec));

  LocalSettings settings{config_.local.batch_size, config_.local.epochs, config_.local.steps,
                         body.rate_scale};
  if (body.epochs > 0) settings.epochs = body.epochs;
  TrainContext context{.learner = *learner_,
                       .optimizer = *local_optimizer_,
                       .data = data_.view(job.node, Split::kTrain, workspace.rows("view")),
                       .down = down,
                       .state = state,
                       .up = update,
                       .settings = settings,
                       .key = job.key,
                       .exchange = body.exchange,
                       .population = edges_,
                       .workspace = workspace};
  const TrainReport report = method_->train(context);
  const auto values = update.open("report").f32();
  values[0] = static_cast<float>(report.samples);
  values[1] = static_cast<float>(report.steps);
  values[2] = static_cast<float>(report.loss);

  for (const auto& record : update.records()) record->finite();  // while it is in the cache

  JobResult result;
  result.outputs.push_back({std::move(update), {}});
  if (keeps_state()) result.outputs.push_back({std::move(state), {}});
  return result;
}

namespace {

struct Score {
  double loss = 0;  // of all examples together
  double correct = 0;
};

Score score(const Learner& learner, std::span<const float> parameters, const View& view,
            Workspace& workspace) {
  const auto inputs =
      workspace.floats("evaluation/inputs", view.size() * learner.schema().input_size());
  view.samples->inputs(view.rows, inputs);
  Batch batch{.size = view.size(), .inputs = inputs, .labels = {}, .weights = {}, .active = {}};
  if (learner.schema().classes > 0) {
    const auto labels = workspace.labels(view.size());
    view.samples->labels(view.rows, labels);
    batch.labels = labels;
  }
  const auto scores =
      learner.forward(parameters, batch, Phase::kInference, workspace.tape(learner));
  Score score{.loss = learner.loss(scores, batch, {}) * static_cast<double>(view.size())};
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    const auto row = scores.subspan(i * learner.outputs(), learner.outputs());
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    score.correct += best == batch.labels[i] ? 1 : 0;
  }
  return score;
}

}  // namespace

Evaluation Federated::measure(std::span<const float> parameters, const View& view,
                              Workspace& workspace) const {
  std::vector<Score> scores((view.size() + kEvaluationBatch - 1) / kEvaluationBatch);
  workspace.each(scores.size(), [&](std::size_t i, Workspace& mine) {
    const std::size_t first = i * kEvaluationBatch;
    const View batch{view.samples,
                     view.rows.subspan(first, std::min(kEvaluationBatch, view.size() - first))};
    scores[i] = score(*learner_, parameters, batch, mine);
  });
  Evaluation evaluation{.samples = view.size()};
  for (const Score& score : scores) {
    evaluation.loss += score.loss;
    evaluation.accuracy += score.correct;
  }
  if (view.size() > 0) {
    evaluation.loss /= static_cast<double>(view.size());
    evaluation.accuracy /= static_cast<double>(view.size());
  }
  return evaluation;
}

JobResult Federated::evaluate(Job& job, Workspace& workspace) const {
  const Split split = body_of<EvaluateBody>(job).split;
  const Payload down = job.inputs[0].payload();
  const Evaluation evaluation =
      measure(down.at("model").f32(), data_.view(NodeId::cloud(), split, workspace.rows("view")),
              workspace);
  const std::string prefix(to_string(split));
  role::Metrics metrics{{prefix + "/loss", evaluation.loss}};
  if (learner_->schema().classes > 0) {
    metrics.emplace_back(prefix + "/accuracy", evaluation.accuracy);
  }
  return {{}, to_bytes(metrics)};
}

JobResult Federated::evaluate_edge(Job& job, Workspace& workspace) const {
  const EvaluateOrder order = body_of<EvaluateOrder>(job);
  const Payload down = job.inputs[0].payload();
  const View view = data_.view(job.node, order.asked_by_selector ? Split::kTrain : Split::kTest,
                               workspace.rows("view"));
  Evaluation evaluation = measure(down.at("model").f32(), view, workspace);
  if (job.inputs.size() > 1 && job.inputs[1] && !order.asked_by_selector) {
    const Payload state = job.inputs[1].payload();
    const auto personal = method_->personal(state);
    if (!personal.empty()) {
      const Evaluation own = measure(personal, view, workspace);
      evaluation.personal_loss = own.loss;
      evaluation.personal_accuracy = own.accuracy;
    }
  }
  return {{}, to_bytes(evaluation)};
}

namespace {

/// Scenarios that the chosen plugins cannot serve.
void check_fit(const Config& config, const role::ParadigmContext& context, Problems& problems) {
  const auto reducer = context.registry.make(config.server.reduce);
  const auto selector = context.registry.make(config.select.selector);
  const ReducerTraits traits = reducer->traits();
  const std::uint32_t cohort = config.select.cohort(context.edges);
  if (config.rounds.mode == Mode::kAsync && selector->asks()) {
    problems.add("/select/name", "\"" + config.select.selector.name +
                                     "\" asks nodes before it selects, which needs rounds: "
                                     "\"rounds\": {\"mode\": \"sync\"}");
  }
  if (config.rounds.mode == Mode::kSync && traits.buffer > 0) {
    problems.add("/server/reduce/name", "\"" + config.server.reduce.name +
                                            "\" steps when its buffer is full: it needs "
                                            "\"rounds\": {\"mode\": \"async\"}");
  }
  if (config.rounds.mode == Mode::kSync &&
      std::max(traits.minimum, config.rounds.minimum) > cohort) {
    problems.add("/select", "a cohort of " + std::to_string(cohort) + " is smaller than the " +
                                std::to_string(std::max(traits.minimum, config.rounds.minimum)) +
                                " updates a round needs");
  }
  if (context.data.size(NodeId::cloud(), Split::kTest) == 0 &&
      context.data.size(NodeId::cloud(), Split::kValidation) == 0) {
    for (const auto& condition : config.stop.any) {
      if (condition.metric && !condition.metric->starts_with("edges/")) {
        problems.add("/stop/any", "the cloud has no test or validation data, so \"" +
                                      *condition.metric + "\" is never measured");
      }
    }
  }
}

class FederatedFactory final : public role::ParadigmFactory {
 public:
  using Config = federated::Config;
  explicit FederatedFactory(const Config& config) : config_(config) {}

  void check(const role::Hazards& hazards, Problems& problems) const override {
    if (!hazards.loses_messages || config_.rounds.deadline || ends_in_time(config_.stop)) return;
    problems.add("/rounds/deadline",
                 "is missing: the world loses messages, and the cloud would wait for ever for the "
                 "answer to a lost one");
  }
  std::unique_ptr<role::Paradigm> build(const role::ParadigmContext& context,
                                        Problems& problems) const override {
    const std::size_t before = problems.size();
    check_fit(config_, context, problems);
    auto learner = context.registry.make(config_.model)->build(context.data.schema());
    if (!learner) problems.add("/model", learner.message());
    if (problems.size() > before) return nullptr;
    return std::make_unique<Federated>(config_, context, std::move(*learner));
  }

 private:
  Config config_;
};

}  // namespace

}  // namespace skerry::federated

namespace skerry {
using federated::FederatedFactory;
SKERRY_PLUGIN(role::ParadigmFactory, FederatedFactory, "federated",
              "rounds, or a buffer, of local training and aggregation on the cloud")
}  // namespace skerry

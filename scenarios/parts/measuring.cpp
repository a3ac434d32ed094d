#include "scenarios/parts/measuring.hpp"

#include <utility>
#include <vector>

#include "scenarios/parts/job_body.hpp"

namespace skerry::parts {

void Measuring::declare(role::Results& results) {
  Evaluator::declare(results);
  EdgeSurvey::declare(results);
}

void Measuring::begin(Round version, Round key, const role::PayloadRef& down,
                      role::Effects& effects) {
  const EvaluateConfig& config = federation_.config().evaluate;
  version_ = version;
  measured_ = surveyed_ = concluded_ = false;
  evaluations_ = 0;
  if (version % config.every.rounds == 0) measure_on_cloud(key, true, down, effects);
  if (config.edges && version % config.edges->every.rounds == 0) survey_edges(down, effects);
}

void Measuring::begin_task(const std::optional<StopConfig>& stop, role::MetricStep first) {
  stop_ = stop;
  first_step_ = first.number;
  of_run_ = first.of_run;
  metrics_.clear();
}

void Measuring::measure_on_cloud(Round key, bool may_end_run, const role::PayloadRef& down,
                                 role::Effects& effects) {
  measured_ = true;
  for (const Split split : {Split::kTest, Split::kValidation}) {
    if (federation_.data().size(NodeId::cloud(), split) == 0) continue;
    role::Job job;
    job.kind = federation_.kinds().evaluate;
    job.detached = !may_end_run || !steers(stop(), to_string(split));
    job.inputs = {down};
    job.body = to_bytes(Evaluator::OnCloud{split});
    const bool awaited = !job.detached;
    const std::uint64_t number = book_.start(std::move(job), key, first_step_ + key, effects);
    if (!awaited) continue;
    ++evaluations_;
    jobs_.add(number, version_);
  }
}

bool Measuring::survey_last(const role::PayloadRef& down, role::Effects& effects) {
  const bool wanted = federation_.config().evaluate.edges && !surveyed_;
  if (wanted && !survey_.running()) survey_edges(down, effects);
  return survey_.running();
}

void Measuring::measure_last(Round key, const role::PayloadRef& down, role::Effects& effects) {
  if (!measured_) measure_on_cloud(key, false, down, effects);
}

bool Measuring::waits() const {
  return evaluations_ > 0 || (survey_.running() && steers(stop(), "edges/"));
}

void Measuring::survey_edges(const role::PayloadRef& down, role::Effects& effects) {
  if (survey_.running()) record_survey(effects);  // with the answers that have come
  surveyed_ = true;
  const EdgeEvaluationConfig& config = *federation_.config().evaluate.edges;
  RandomStream random(federation_.seeds().sampling, "survey", NodeId::cloud(), version_);
  std::vector<NodeId> asked;
  for (std::uint32_t i = 0; i < membership_.size(); ++i) {
    const NodeId node = NodeId::edge(i);
    if (!membership_.present(node)) continue;
    if (config.fraction >= 1 || random.uniform() < config.fraction) asked.push_back(node);
  }
  if (asked.empty()) return;
  survey_.begin(version_ + 1, asked);
  for (const NodeId node : asked) {
    membership_.send(
        federation_.channel().measurement(NodeId::cloud(), node, RoundMessage::kEvaluate,
                                          AskOrder{version_ + 1, Asker::kSurvey}, {down}),
        effects);
  }
}

bool Measuring::on_job(const role::JobFinished& finished, role::Effects& effects) {
  const auto version = jobs_.take(finished.number);
  if (!version) return false;
  for (const auto& [name, value] : report_of<role::Metrics>(finished.report)) {
    note(name, *version, value, effects);
  }
  --evaluations_;
  return true;
}

bool Measuring::on_evaluated(NodeId from, const Evaluated& evaluated, role::Effects& effects) {
  if (evaluated.asker != Asker::kSurvey) return false;
  if (evaluated.round == survey_.round() && survey_.answered(from, evaluated.evaluation)) {
    record_survey(effects);
  }
  return true;
}

bool Measuring::no_answer_from(NodeId node, role::Effects& effects) {
  if (!survey_.lost(node)) return false;
  record_survey(effects);
  return true;
}

void Measuring::record_survey(role::Effects& effects) {
  const Round version = survey_.round() - 1;
  concluded_ = version == version_ && survey_.heard();
  for (const auto& [name, value] : survey_.conclude()) note(name, version, value, effects);
}

void Measuring::note(const std::string& name, Round version, double value, role::Effects& effects) {
  metrics_[name] = value;
  effects.metric(name, {first_step_ + version, of_run_}, value);
}

std::optional<std::string> Measuring::stop_reason(SimTime now) const {
  return parts::stop_reason(stop(), {version_, traffic_.encoded(), metrics_}, now);
}

std::optional<std::string> Measuring::hopeless() const {
  if (!concluded_ || ends_without_progress(stop())) return std::nullopt;
  const auto metric = unmeasured(stop(), "edges/", metrics_);
  if (!metric) return std::nullopt;
  return "the edges measured their models, and \"" + *metric +
         "\" is not among the results: nothing else can end the run";
}

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "scenarios/parts/edge_survey.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "scenarios/parts/traffic.hpp"

namespace skerry::parts {

/// Measures versions of the model, on the cloud's own views and on those of edges, and says when
/// the stop rule is met. A measurement that can end the run is awaited; others run on idle threads.
/// The last version is measured whatever rounds the scenario names.
class Measuring {
 public:
  Measuring(const Federation& federation, JobBook& book, Membership& membership,
            const Traffic& traffic)
      : federation_(federation), book_(book), membership_(membership), traffic_(traffic) {}

  /// A task begins: forgets what was measured of the one before it.
  /// @param stop   ends it; nullopt: the scenario's rule.
  /// @param first  step of the metrics of version 0.
  void begin_task(const std::optional<StopConfig>& stop, role::MetricStep first);

  /// Version `version` is there: measures it if the scenario says so.
  /// @param key  round of the jobs' keys, and their step.
  void begin(Round version, Round key, const role::PayloadRef& down, role::Effects& effects);
  /// The run is about to end with the newest version: asks edges to measure it, if the scenario
  /// wants that and it has not been done. True while answers are awaited.
  bool survey_last(const role::PayloadRef& down, role::Effects& effects);
  /// The run ends with the newest version: measures it on the cloud, if that has not been done.
  void measure_last(Round key, const role::PayloadRef& down, role::Effects& effects);
  /// True while a result is awaited that can end the run.
  bool waits() const;

  // Each says whether the input was for this part.
  bool on_job(const role::JobFinished& finished, role::Effects& effects);
  bool on_job_failed(std::uint64_t job) { return jobs_.take(job).has_value(); }
  bool on_evaluated(NodeId from, const Evaluated& evaluated, role::Effects& effects);
  /// A node asked in a survey will not answer.
  bool no_answer_from(NodeId node, role::Effects& effects);

  /// Why the run is over; nullopt while it is not.
  std::optional<std::string> stop_reason(SimTime now) const;
  /// Why a rule that nothing but metrics can meet cannot be met: the edges were asked, and one of
  /// its metrics is not among what they measured. Nothing while that is not so.
  std::optional<std::string> hopeless() const;
  /// The first moment at which time alone can end it.
  std::optional<SimTime> time_limit() const { return parts::time_limit(stop()); }
  Round version() const { return version_; }
  /// Declares what is measured. A stop rule may name these metrics.
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(stop_, first_step_, of_run_, version_, measured_, surveyed_, concluded_, evaluations_, jobs_,
      survey_, metrics_);
  }

 private:
  const StopConfig& stop() const { return stop_ ? *stop_ : federation_.config().stop; }
  void measure_on_cloud(Round key, bool may_end_run, const role::PayloadRef& down,
                        role::Effects& effects);
  void survey_edges(const role::PayloadRef& down, role::Effects& effects);
  void record_survey(role::Effects& effects);
  void note(const std::string& name, Round version, double value, role::Effects& effects);

  const Federation& federation_;
  JobBook& book_;
  Membership& membership_;
  const Traffic& traffic_;
  std::optional<StopConfig> stop_;

  std::uint64_t first_step_ = 0;
  bool of_run_ = true;
  Round version_ = 0;
  bool measured_ = false;          // that version was measured on the cloud
  bool surveyed_ = false;          // that version was measured on the edges
  bool concluded_ = false;         // a survey of that version ended, and an edge answered it
  std::uint32_t evaluations_ = 0;  // awaited ones still running
  JobNotes<Round> jobs_;           // the awaited ones, with their versions
  EdgeSurvey survey_;
  std::map<std::string, double> metrics_;  // last values
};

}  // namespace skerry::parts

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "scenarios/parts/trigger_config.hpp"

namespace skerry::parts {

/// The values of metrics: one number, or one for each class, edge, ...
using TriggerValues = std::map<std::string, std::vector<double>>;

/// When something is to be done: a condition tree, and what it remembers from one firing to the
/// next. Its owner asks now and then; it acts and calls fired() where the tree holds. It calls
/// fired() once before anything else: changes are counted from there.
///
/// A condition on a metric that was never measured, whose list is empty or too short, or that is
/// not a number, is *unknown* [Kleene 1938]: `not` of it is unknown too, `all` holds only where
/// nothing is unknown, `any` where something holds. What is unknown does not fire.
///
/// A value; const calls may run at once.
class Trigger {
 public:
  explicit Trigger(TriggerConfig config) : config_(std::move(config)) {}

  /// What holds at the moment of asking.
  struct Moment {
    SimTime now;
    /// Since midnight, where the run is (its world says where it began); less than a day.
    Duration time_of_day;
    const TriggerValues& values;
  };
  bool holds(const Moment& moment) const;
  /// Takes the first known value of each metric whose change counts as what it changes from. To be
  /// called before holds().
  void look(const Moment& moment);
  /// It was acted upon: time and changes are counted from here, and what a detector or an operator
  /// said is used up.
  void fired(const Moment& moment);
  /// What a detector said of an observation.
  void detected(Drift said);
  /// True where some condition of the tree waits for that command; others are not remembered.
  bool commanded(const std::string& command);

  const TriggerConfig& config() const { return config_; }

  template <class A>
  void archive(A& a) {
    a(since_, drift_, commands_, before_);
  }

 private:
  enum class Truth : std::uint8_t { kNo, kUnknown, kYes };
  Truth of(const TriggerConfig& condition, const Moment& moment) const;
  Truth of_metric(const TriggerConfig& condition, const Moment& moment) const;

  TriggerConfig config_;
  SimTime since_;                      // when it fired last, or the run began
  Drift drift_ = Drift::kNone;         // the surest word since then
  std::vector<std::string> commands_;  // given since then, sorted
  /// What changes are counted from, by what conditions look at: the value then, or the first known.
  std::map<std::string, double> before_;
};

}  // namespace skerry::parts

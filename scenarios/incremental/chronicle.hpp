#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/incremental/stages.hpp"
#include "scenarios/parts/model_registry.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::incremental {

/// Where a turn of the loop is, for those who look at it.
enum class Phase : std::uint8_t { kNone, kTraining, kTrial, kShadow, kCanary, kEveryone };

/// Records when something happened in the loop, so that it can be pictured:
///   event/*           one value where something happens; the step is the check
///   turn/*_s          how long a phase of a turn took, at its end; the step is the turn's number
///   turns/training_s  how long all trainings took
///   edges/with_model  share of the edges that answer with a model; the step is the model's number
///
/// It knows nothing that the loop needs. Memory: a number for each model that edges answer with.
/// Records a few values a turn and a border, and those shares where they have changed.
class Chronicle {
 public:
  /// @param borders  when experiences begin, after the first; ascending.
  Chronicle(std::vector<SimTime> borders, std::uint32_t edges)
      : borders_(std::move(borders)), edges_(edges) {}

  /// A stage of turn `number` has ended that way; `phase` is what the loop is at now.
  struct Turned {
    Turn how;
    Phase phase;
    std::uint64_t number;
  };
  void turned(const Turned& turned, std::uint64_t step, SimTime now, role::Effects& effects);
  /// The loop is at that phase of a turn now.
  void enter(Phase phase, std::uint64_t number, SimTime now, role::Effects& effects);
  void detected(Drift drift) { detections_ += drift == Drift::kDrift ? 1 : 0; }
  /// An edge answers with another model. @param before  0: with none.
  void serves(parts::ModelVersion before, parts::ModelVersion version);

  /// What has happened since the last check.
  void record(std::uint64_t step, SimTime now, role::Effects& effects);
  static void declare(role::Results& results);

  template <class A>
  void archive(A& a) {
    a(begun_, phase_, turn_, since_, training_s_, detections_, serving_, told_);
  }

 private:
  std::vector<SimTime> borders_;
  std::uint32_t edges_;
  std::uint32_t begun_ = 0;  // borders that have passed
  Phase phase_ = Phase::kNone;
  std::uint64_t turn_ = 0;  // of the phase
  SimTime since_;           // of the phase
  double training_s_ = 0;   // all turns
  std::uint64_t detections_ = 0;
  std::map<parts::ModelVersion, std::uint32_t> serving_;  // edges
  std::map<parts::ModelVersion, std::uint32_t> told_;     // the same at the last check
};

}  // namespace skerry::incremental

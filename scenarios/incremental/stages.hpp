#pragma once

#include <cstdint>
#include <optional>

namespace skerry::incremental {

/// What the loop is at. It goes round for as long as data comes.
enum class Stage : std::uint8_t {
  kWaiting,     // for the trigger
  kTraining,    // from what is deployed
  kEvaluating,  // the new model against the deployed one
  kDeploying,   // the new model comes to the edges, and is watched there
};

/// What ends a stage.
enum class Turn : std::uint8_t {
  kTriggered,
  kTrained,
  kTrainingFailed,
  kWorthwhile,  // the deploy rule is for the new model
  kRejected,    // or against it
  kEvaluationFailed,
  kDeployed,
  kRolledBack,
  kDropped,  // an operator went back from the model that it began with
};

/// Which stage follows; nothing where a stage does not end that way. A new model that fails or is
/// rejected leaves no trace: the next training starts from what is deployed.
constexpr std::optional<Stage> next(Stage stage, Turn turn) {
  switch (stage) {
    case Stage::kWaiting:
      if (turn == Turn::kTriggered) return Stage::kTraining;
      break;
    case Stage::kTraining:
      if (turn == Turn::kTrained) return Stage::kEvaluating;
      if (turn == Turn::kTrainingFailed || turn == Turn::kDropped) return Stage::kWaiting;
      break;
    case Stage::kEvaluating:
      if (turn == Turn::kWorthwhile) return Stage::kDeploying;
      if (turn == Turn::kRejected || turn == Turn::kEvaluationFailed || turn == Turn::kDropped) {
        return Stage::kWaiting;
      }
      break;
    case Stage::kDeploying:
      if (turn == Turn::kDeployed || turn == Turn::kRolledBack) return Stage::kWaiting;
      break;
  }
  return std::nullopt;
}

}  // namespace skerry::incremental

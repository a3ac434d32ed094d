#include "scenarios/incremental/stages.hpp"

#include <set>
#include <tuple>

#include "tests/catch.hpp"

namespace skerry::incremental {

TEST_CASE("each stage of the loop ends in its own ways, and in no other") {
  using Row = std::tuple<Stage, Turn, Stage>;
  const std::set<Row> table = {
      {Stage::kWaiting, Turn::kTriggered, Stage::kTraining},
      {Stage::kTraining, Turn::kTrained, Stage::kEvaluating},
      {Stage::kTraining, Turn::kTrainingFailed, Stage::kWaiting},
      {Stage::kEvaluating, Turn::kWorthwhile, Stage::kDeploying},
      {Stage::kEvaluating, Turn::kRejected, Stage::kWaiting},
      {Stage::kEvaluating, Turn::kEvaluationFailed, Stage::kWaiting},
      {Stage::kTraining, Turn::kDropped, Stage::kWaiting},
      {Stage::kEvaluating, Turn::kDropped, Stage::kWaiting},
      {Stage::kDeploying, Turn::kDeployed, Stage::kWaiting},
      {Stage::kDeploying, Turn::kRolledBack, Stage::kWaiting},
  };
  std::set<Row> found;
  for (int s = 0; s < 4; ++s) {
    for (int t = 0; t < 9; ++t) {
      const auto stage = static_cast<Stage>(s);
      const auto turn = static_cast<Turn>(t);
      if (const auto after = next(stage, turn)) found.emplace(stage, turn, *after);
    }
  }
  CHECK(found == table);
}

}  // namespace skerry::incremental

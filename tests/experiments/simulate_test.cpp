#include "experiments/simulate.hpp"

#include "tests/experiments/shipped_run.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"
#include "tests/scenarios/late_failure.hpp"

namespace skerry::experiments {
namespace {

Result<Simulated> simulated(const Errands::Plan& plan, const SimulateOptions& options) {
  const auto document = opened("fedavg-blobs", {"nodes.edges=3"});
  auto setup = set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  setup->paradigm = std::make_unique<Errands>(plan);
  return simulate(document, *setup, options);
}

TEST_CASE("a run whose job failed when nobody waited is that of one which waited") {
  const ScratchDirectory folder;
  LateFailure late;
  SimulateOptions options{.threads = 2, .every = std::chrono::seconds(0)};
  const bool saved = GENERATE(true, false);
  if (saved) options.checkpoints = folder / "checkpoints";
  const auto run = simulated(late.plan(), options);
  REQUIRE(run.ok());
  CHECK_FALSE(run->record.failed);
  const auto waited = simulated(LateFailure::at_once(), {.threads = 1});
  REQUIRE(waited.ok());
  check_same(run->record, waited->record);
  CHECK(run->record.failed_jobs == waited->record.failed_jobs);
  REQUIRE(run->record.failed_jobs.size() == 1);
  // It went back to the checkpoint after the first round, or to the beginning.
  const auto times = late.times(NodeId::edge(0));
  CHECK(times.at(1) == (saved ? 1 : 2));
  CHECK(times.at(2) == 2);
}

TEST_CASE("a simulated measurement that fails gives no result, and no later checkpoint") {
  const ScratchDirectory folder;
  const Errands::Plan plan{.rounds = 4, .during = [](const role::Job& job, float&) {
                             if (job.kind == Errands::kMeasure && job.step == 2) {
                               throw std::runtime_error("no labels");
                             }
                           }};
  const auto run = simulated(
      plan,
      {.threads = 2, .checkpoints = folder / "checkpoints", .every = std::chrono::seconds(0)});
  REQUIRE(run.ok());
  REQUIRE(run->fault.has_value());
  CHECK(run->fault->kind == host::RunFault::Kind::kMeasurement);
  // Its state after the second round would hold the measurement as if it had been made.
  host::CheckpointStore store(folder / "checkpoints", 0);
  CHECK(store.oldest() > 0);
  const auto again = simulated(plan, {.threads = 1,
                                      .checkpoints = folder / "checkpoints",
                                      .every = std::chrono::seconds(0),
                                      .resume_from = folder / "checkpoints"});
  REQUIRE(again.ok());
  CHECK(again->fault.has_value());
}

}  // namespace
}  // namespace skerry::experiments

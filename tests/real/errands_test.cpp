// What a live driver promises to every paradigm, tested with one that learns nothing: a role is
// told about failed jobs, the journal keeps these failures, and no failure passes for a success.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>

#include "tests/real/errands_run.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {
namespace {

/// The errands of edge-1 fail in every other round.
void fail_now_and_then(const role::Job& job, float&) {
  if (job.kind != Errands::kErrand || job.node != NodeId::edge(1) || job.step % 2 == 0) return;
  naming("local method", "fickle", [] { throw std::runtime_error("not today"); });
}

TEST_CASE("a live role is told of jobs that failed, and the run goes on") {
  const Errands errands({.edges = 3, .rounds = 4, .during = fail_now_and_then});
  ErrandsRun live(errands);
  live.start_cloud();
  live.start_edges();
  CHECK(live.finish().message() == "");
  CHECK(live.values_of("failed") == std::vector<double>{1, 0, 1, 0});
  CHECK(live.values_of("sum") == std::vector<double>{4, 6, 4, 6});
  CHECK(live.values_of("measured") == std::vector<double>{4, 6, 4, 6});
  CHECK(live.cloud().driver().failures().rows().empty());  // those were the edge's
  CHECK(live.finish_edge(1).message() == "");
  const auto failed = live.edge(1).failed_jobs();
  REQUIRE(failed.size() == 1);
  CHECK(in_words(failed[0]) ==
        "errand 2 times, at last: local method \"fickle\" failed: not today");
  CHECK(live.edge(0).failed_jobs().empty());
}

TEST_CASE("a job of a live cloud that fails is the cloud's to judge, and shown to operators") {
  std::atomic<bool> looked = false;
  const Errands errands({.edges = 1, .rounds = 4, .during = [&](const role::Job& job, float&) {
                           if (job.kind == Errands::kErrand && job.step == 2) {
                             while (!looked) std::this_thread::yield();
                           }
                           if (job.kind == Errands::kAdd && job.step == 2) {
                             throw std::runtime_error("does not add up");
                           }
                         }});
  ErrandsRun live(errands);
  live.start_cloud();
  live.start_edges();
  CHECK(real::ask_status(live.address(), std::nullopt).value().failed_jobs.empty());
  looked = true;
  CHECK(live.finish().message() == "");
  CHECK(live.cloud().driver().outcome()->reason ==
        "a job of the cloud failed: the job failed: does not add up");
  const auto shown = real::ask_status(live.address(), std::nullopt).value().failed_jobs;
  REQUIRE(shown.size() == 1);
  CHECK(in_words(shown[0]) == "add once: the job failed: does not add up");
}

TEST_CASE("a live run that cannot measure ends with the reason, not with a result") {
  const Errands errands({.edges = 1, .rounds = 3, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kMeasure && job.step == 3) {
                             throw std::runtime_error("no labels");
                           }
                         }});
  ErrandsRun live(errands);
  live.start_cloud();
  live.start_edges();
  const std::string why =
      "the measurement \"measure\" of cloud at step 3 failed, so the run cannot be judged: the job "
      "failed: no labels";
  CHECK(live.finish().message() == why);
  REQUIRE(live.cloud().driver().fault().has_value());
  CHECK(live.cloud().driver().fault()->kind == host::RunFault::Kind::kMeasurement);
}

/// An edge without a cloud: the test tells it that it joined, and gives it one order.
void order(real::NodeDriver& driver) {
  driver.feed(role::PeerJoined{NodeId::cloud(), 0},
              {real::LinkNote::Kind::kJoined, NodeId::cloud(), 1, 1});
  role::Message message;
  message.to = NodeId::edge(0);
  message.kind = Errands::kOrder;
  driver.feed(role::MessageArrived{message},
              {real::LinkNote::Kind::kMessage, NodeId::cloud(), 1, 0});
}

/// The kinds of the messages that the cloud has not acknowledged yet.
std::vector<std::uint16_t> unacknowledged(real::NodeDriver& driver) {
  std::vector<std::uint16_t> kinds;
  for (const auto& [number, message] : driver.links()[NodeId::cloud()].unacknowledged) {
    kinds.push_back(message.kind);
  }
  return kinds;
}

TEST_CASE("the journal tells a role again that its job failed, whatever the job gives now") {
  const ScratchDirectory folder;
  std::atomic<bool> fails = true;
  const Errands errands({.edges = 1, .during = [&](const role::Job&, float&) {
                           if (fails) throw std::runtime_error("not today");
                         }});
  const auto options = [&] {
    return real::NodeDriver::Options{
        .self = NodeId::edge(0), .edges = 1, .state = folder / "state", .record = true};
  };
  {
    real::NodeDriver driver(errands, options());
    REQUIRE(driver.recover().ok());
    driver.post([&] { order(driver); });
    driver.on_tick = [&] {
      if (!driver.failures().rows().empty()) driver.leave();
    };
    REQUIRE(driver.run().ok());
    CHECK(unacknowledged(driver) == std::vector<std::uint16_t>{Errands::kFailed});
  }
  fails = false;
  const bool from_journal = GENERATE(true, false);
  if (from_journal) std::filesystem::remove_all(folder / "state" / "checkpoints");
  real::NodeDriver again(errands, options());
  const Status recovered = again.recover();
  INFO(recovered.message());
  REQUIRE(recovered.ok());
  CHECK(unacknowledged(again) == std::vector<std::uint16_t>{Errands::kFailed});
  REQUIRE(again.failures().rows().size() == 1);
  CHECK(again.failures().rows()[0].count == 1);
  real::NodeDriver replayed(errands, options());
  REQUIRE(replayed.replay().ok());
  CHECK(replayed.failures().rows() == again.failures().rows());
}

TEST_CASE("a job that gave its results and fails when it is run again is not made up") {
  const ScratchDirectory folder;
  std::atomic<bool> fails = false;
  const Errands errands({.edges = 1, .during = [&](const role::Job&, float&) {
                           if (fails) throw std::runtime_error("the disk is gone");
                         }});
  const real::NodeDriver::Options options{
      .self = NodeId::edge(0), .edges = 1, .state = folder / "state", .record = true};
  {
    real::NodeDriver driver(errands, options);
    REQUIRE(driver.recover().ok());
    driver.post([&] { order(driver); });
    driver.on_tick = [&] {
      if (!unacknowledged(driver).empty()) driver.leave();
    };
    REQUIRE(driver.run().ok());
  }
  fails = true;
  std::filesystem::remove_all(folder / "state" / "checkpoints");
  CHECK(real::NodeDriver(errands, options).recover().message() ==
        "record 4 holds what the job \"errand\" gave, which fails now that it is run again: the "
        "job failed: the disk is gone");
}

TEST_CASE("a live role that sends from edge to edge ends its run with the simulation's words") {
  const Errands errands({.edges = 2, .reroute = [](role::Message& message) {
                           if (message.from == NodeId::edge(1)) message.to = NodeId::edge(0);
                         }});
  ErrandsRun live(errands);
  live.start_cloud();
  live.start_edges();
  const std::string why =
      "edge-1 may not send to edge-0: messages go between the cloud and an edge, until a scenario "
      "can describe a topology";
  CHECK(live.finish_edge(1).message() == "a bug of the paradigm: " + why);
  REQUIRE(live.edge(1).fault().has_value());
  CHECK(live.edge(1).fault()->kind == host::RunFault::Kind::kContract);
}

TEST_CASE("a message to an edge that never joined is counted, and the cloud says whom it misses") {
  const Errands errands({.edges = 3,
                         .reroute =
                             [](role::Message& message) {
                               if (message.to == NodeId::edge(0)) message.to = NodeId::edge(2);
                             },
                         .start_with = 2});
  std::mutex mutex;
  std::vector<std::string> lines;
  ErrandsRun live(errands);
  live.start_cloud(
      {.standstill_after = Duration::milliseconds(100), .say = [&](const std::string& line) {
         const std::lock_guard lock(mutex);
         lines.push_back(line);
       }});
  live.start_edge(0);
  live.start_edge(1);
  const std::string missing = "waiting for 1 of 3 edges: edge-2";
  const auto status = [&live] { return real::ask_status(live.address(), std::nullopt).value(); };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (status().waiting != missing) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(status().counters["undelivered/never-joined"] == 1);
  const std::lock_guard lock(mutex);
  REQUIRE_FALSE(lines.empty());
  CHECK_THAT(lines.back(),
             Catch::StartsWith("nothing has happened for ") && Catch::EndsWith(" s: " + missing));
}

}  // namespace
}  // namespace skerry

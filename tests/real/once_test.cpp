// A job that must run only once: its result is journalled before any other node learns of it, and a
// node that is killed then never runs the job again. Its values come from the operating system, so
// a second run would give others.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "real/node_driver.hpp"
#include "tests/catch.hpp"
#include "tests/real/process.hpp"
#include "tests/scenarios/errands.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {
namespace {

constexpr const char* kFolder = "SKERRY_TEST_ONCE_FOLDER";
/// The place in which the node stays until it is killed.
constexpr const char* kStaysIn = "SKERRY_TEST_ONCE_STAYS_IN";
constexpr const char* kCheckpointEvery = "SKERRY_TEST_ONCE_CHECKPOINT_EVERY";

std::filesystem::path folder() { return std::getenv(kFolder); }

void note(const char* file, float value) {
  std::ofstream(folder() / file, std::ios::app) << value << "\n";
}

void stay_if_in(const std::string& place) {
  while (place == std::getenv(kStaysIn)) std::this_thread::sleep_for(std::chrono::seconds(1));
}

/// A connection to a cloud that notes what the node released.
struct Releases final : real::Channel {
  real::NodeDriver& driver;
  explicit Releases(real::NodeDriver& of) : driver(of) {}
  void send(std::uint64_t, role::Message message) override {
    const Payload released = message.payloads.at(0).payload();
    note("released", released.at("delta").f32()[0]);
    stay_if_in("release");
    driver.leave();
  }
  void acknowledge(std::uint64_t) override {}
  void refuse(std::uint64_t, host::RefusalReason, const std::string&) override {}
  void listen() override {}
  void close(host::RefusalReason, const std::string&) override {}
};

/// Joins the cloud and takes its order, unless done before; then sends unacknowledged messages.
void meet_cloud(real::NodeDriver& driver) {
  using Kind = real::LinkNote::Kind;
  const NodeId cloud = NodeId::cloud();
  const bool joined = driver.links()[cloud].joined;
  driver.links()[cloud].channel = std::make_shared<Releases>(driver);
  if (!joined) driver.feed(role::PeerJoined{cloud, 0}, {Kind::kJoined, cloud, 1, 1});
  if (driver.links()[cloud].received == 0) {
    role::Message order;
    order.to = NodeId::edge(0);
    order.kind = Errands::kOrder;
    driver.feed(role::MessageArrived{order}, {Kind::kMessage, cloud, 1, 0});
  }
  const auto waiting = driver.links()[cloud].unacknowledged;
  for (const auto& [number, message] : waiting)
    driver.links()[cloud].channel->send(number, message);
}

// Not a test by itself: this is the process that is killed.
TEST_CASE("an edge whose errand is to run once", "[.once-edge]") {
  const Errands errands({.edges = 1,
                         .during =
                             [](const role::Job&, float& value) {
                               value = static_cast<float>(std::random_device()() >> 8);
                               note("ran", value);
                               stay_if_in("job");
                             },
                         .once = true,
                         .reroute =
                             [](role::Message&) {
                               note("stepped", 0);
                               stay_if_in("step");
                             }});
  real::NodeDriver driver(
      errands, {.self = NodeId::edge(0),
                .edges = 1,
                .state = folder() / "state",
                .checkpoint_every = std::strtoull(std::getenv(kCheckpointEvery), nullptr, 10)});
  REQUIRE(driver.recover().ok());
  driver.post([&driver] { meet_cloud(driver); });
  REQUIRE(driver.run().ok());
}

class OnceEdge {
 public:
  explicit OnceEdge(std::uint64_t checkpoint_every) {
    ::setenv(kFolder, folder_.path().c_str(), 1);
    ::setenv(kCheckpointEvery, std::to_string(checkpoint_every).c_str(), 1);
  }
  /// Kills it with SIGKILL in that place. Its last note shows that it is there.
  void kill_in(const char* place, const char* noted) {
    const std::size_t before = values(noted).size();
    Process edge = start(place);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (values(noted).size() == before) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    edge.kill();
  }
  void run() {
    Process edge = start("");
    const int code = edge.wait(30);
    INFO(edge.output());
    REQUIRE(code == 0);
  }
  /// What a replay of its state sends, without running a job.
  std::string replayed() const {
    const Errands errands(
        {.edges = 1, .during = [](const role::Job&, float&) { FAIL("a job ran"); }, .once = true});
    real::NodeDriver driver(errands,
                            {.self = NodeId::edge(0), .edges = 1, .state = folder_ / "state"});
    const Status status = driver.replay();
    INFO(status.message());
    REQUIRE(status.ok());
    const auto& waiting = driver.links()[NodeId::cloud()].unacknowledged;
    REQUIRE(waiting.size() == 1);
    const Payload released = waiting[0].second.payloads.at(0).payload();
    std::ostringstream text;
    text << released.at("delta").f32()[0];
    return text.str();
  }
  std::vector<std::string> values(const char* file) const {
    std::vector<std::string> lines;
    std::ifstream in(folder_ / file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

 private:
  Process start(const char* place) {
    ::setenv(kStaysIn, place, 1);
    return Process("/proc/self/exe", {"[once-edge]"}, folder_ / "said.txt");
  }
  ScratchDirectory folder_;
};

TEST_CASE("a job that runs once is not run again when its result was recorded, but told again") {
  OnceEdge edge(GENERATE(1u, 1000u));
  const auto [place, noted] = GENERATE(
      values<std::pair<const char*, const char*>>({{"release", "released"}, {"step", "stepped"}}));
  INFO("killed in the " << place);
  edge.kill_in(place, noted);
  edge.run();
  edge.run();
  REQUIRE(edge.values("ran").size() == 1);
  for (const std::string& released : edge.values("released")) {
    CHECK(released == edge.values("ran")[0]);
  }
  CHECK(edge.values("released").size() >= 2);
  CHECK(edge.replayed() == edge.values("ran")[0]);
}

TEST_CASE("a job that runs once and was killed in it runs, and only its whole result is released") {
  OnceEdge edge(GENERATE(1u, 1000u));
  edge.kill_in("job", "ran");
  CHECK(edge.values("released").empty());
  edge.run();
  edge.run();
  REQUIRE(edge.values("ran").size() == 2);
  CHECK(edge.values("released") == std::vector<std::string>(2, edge.values("ran")[1]));
}

}  // namespace
}  // namespace skerry

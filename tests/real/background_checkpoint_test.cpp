// A live node goes on while a checkpoint of it is written.
#include <atomic>
#include <chrono>
#include <thread>

#include "real/node_driver.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/host/payloads.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"
#include "tests/scenarios/host/stored_copy.hpp"

namespace skerry::real {
namespace {

/// A node that keeps the example of its first request, and answers how many it has had.
struct Keepers final : role::Paradigm {
  struct Keeper final : role::Role {
    role::PayloadRef kept;
    std::int32_t count = 0;
    void save(ByteWriter& writer) const override { writer(kept, count); }
    void load(ByteReader& reader) override { reader(kept, count); }
    void on_request(const role::Request& request, SimTime, role::Effects& effects) override {
      if (!kept) kept = request.example;
      effects.answer({.request = request.number, .label = ++count});
    }
  };
  role::JobKinds kinds;
  std::unique_ptr<role::Role> make_role(NodeId) const override {
    return std::make_unique<Keeper>();
  }
  const role::JobKinds& jobs() const override { return kinds; }
  std::string_view numerics() const override { return "none"; }
};

struct Running {
  ScratchDirectory scratch;
  Keepers paradigm;
  std::vector<std::int32_t> answers;

  NodeDriver::Options options() const {
    return {.self = NodeId::edge(0),
            .edges = 1,
            .state = scratch.path(),
            .run = 1,
            .checkpoint_every = 3};
  }
  void ask(NodeDriver& driver, const role::PayloadRef& example) {
    driver.post([&driver, example] {
      driver.feed(role::Request{std::max(driver.last_request(), role::kFromOutside) + 1, example});
    });
  }
};

/// Copies the folder as a kill would leave it: without a checkpoint of the end. A file that is
/// renamed or removed meanwhile means that the copy is of no moment.
void copy_as_killed(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  do {
    std::filesystem::remove_all(to);
    error.clear();
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
  } while (error);
}

}  // namespace

TEST_CASE(
    "requests are answered while a checkpoint is written, and all of it is there in the end") {
  Running node;
  std::atomic<bool> slow = false, answered_meanwhile = false;
  std::atomic<int> answers = 0;
  {
    NodeDriver driver(node.paradigm, node.options());
    driver.on_answer = [&](const role::Answer& answer) { answers = answer.label; };
    REQUIRE(driver.recover().ok());
    // The checkpoint cannot be written before the node has answered once more.
    const auto example = stored_copy(payload_of(7, {1, 2}), [&] {
      for (int i = 0; slow && answers < 4 && i < 5000; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (slow) answered_meanwhile = answers >= 4;
    });
    std::thread running([&] { CHECK(driver.run().ok()); });
    node.ask(driver, example);
    while (answers < 1) std::this_thread::yield();
    slow = true;
    node.ask(driver, payload_of(8, {3}));
    node.ask(driver, payload_of(9, {4}));
    while (answers < 3) std::this_thread::yield();
    node.ask(driver, payload_of(10, {5}));
    while (answers < 4) std::this_thread::yield();
    driver.leave();
    running.join();
    CHECK(answered_meanwhile);
    CHECK(driver.checkpointed() == driver.inputs());
  }
  NodeDriver again(node.paradigm, node.options());
  REQUIRE(again.recover().ok());
  CHECK(again.inputs() == 5);  // the start, and four requests
  CHECK(again.remarks().empty());
}

TEST_CASE("what came while a checkpoint was written is in the journal that goes on from it") {
  Running node;
  std::atomic<int> answers = 0;
  std::uint64_t inputs = 0;
  const ScratchDirectory elsewhere;
  const auto killed = elsewhere.path() / "killed";
  {
    NodeDriver driver(node.paradigm, node.options());
    driver.on_answer = [&](const role::Answer& answer) { answers = answer.label; };
    REQUIRE(driver.recover().ok());
    std::thread running([&] { CHECK(driver.run().ok()); });
    for (std::uint64_t number = 0; number < 200; ++number) {
      node.ask(driver, payload_of(number, {1}));
    }
    while (answers < 200) std::this_thread::yield();
    copy_as_killed(node.scratch.path(), killed);
    inputs = driver.inputs();
    driver.leave();
    running.join();
  }
  auto options = node.options();
  options.state = killed;
  NodeDriver again(node.paradigm, options);
  REQUIRE(again.recover().message() == "");
  CHECK(again.inputs() == inputs);
}

}  // namespace skerry::real

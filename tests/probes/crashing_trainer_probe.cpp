// A crashing trainer on the contracts: what it throws becomes a failure of its job, which has the
// plugin's name and is counted. The scenario decides whether to try again, to go on without the
// edge, or to stop.

#include <atomic>
#include <stdexcept>

#include "algorithms/sdk/local_loop.hpp"
#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

/// Plain training, except that it throws on one edge, or on all.
struct Crashing final : LocalMethod {
  struct Config {
    std::uint32_t node = 2;
    bool everywhere = false;
    std::uint32_t times = 1000000;
    template <class V>
    void fields(V& v) {
      v("node", node, {.meaning = "the edge"});
      v("everywhere", everywhere, {.meaning = "every edge"});
      v("times", times, {.meaning = "how often"});
    }
  };
  explicit Crashing(const Config& c) : config(c) {}
  TrainReport train(TrainContext& context) const override {
    const bool here = config.everywhere || context.key.node == NodeId::edge(config.node);
    if (here && crashes++ < config.times) throw std::runtime_error("out of memory");
    return train_delta(context);
  }
  Config config;
  static inline std::atomic<std::uint32_t> crashes = 0;
};
SKERRY_PLUGIN(LocalMethod, Crashing, "crashing", "probe")

std::string crashing(const std::string& parameters, const std::string& policy = "") {
  Crashing::crashes = 0;
  return R"({"local": {"method": {"name": "crashing")" + parameters + "}" + policy + "}}";
}

TEST_CASE("an edge whose trainer crashes is left out of the round, and counted") {
  const auto run = simulated({crashing("")});
  CHECK(run.stop_reason == "5 rounds");
  CHECK(last(run, "round/accepted") == 5);
  CHECK(last(run, "updates/failed") == 5);
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({crashing("")}, how))) == bits(final_model(run)));
  }
}

TEST_CASE("a training that is tried again is the same training") {
  const auto run = simulated({crashing(R"(, "times": 2)", R"(, "retries": 2)")});
  CHECK(bits(final_model(run)) == bits(final_model(simulated())));
  CHECK(last(run, "round/accepted") == 6);
}

TEST_CASE("a run in which every trainer crashes says which plugin, and stops") {
  const auto run = simulated({crashing(R"(, "everywhere": true)")});
  CHECK(run.stop_reason.starts_with("every edge of round 1 failed; the last was edge-"));
  CHECK(run.stop_reason.ends_with(": local method \"crashing\" failed: in train(): out of memory"));
  CHECK(run.failed);
  const auto first = simulated({crashing("", R"(, "on_failure": "stop")")});
  CHECK(first.stop_reason == "edge-2: local method \"crashing\" failed: in train(): out of memory");
}

}  // namespace
}  // namespace skerry

// The effect of attackers on a run: on its updates, with and without compression, and on its data.
#include <algorithm>

#include "algorithms/sdk/attack.hpp"
#include "tests/catch.hpp"
#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

/// Sends an update whose every value is the number of honest updates it saw.
struct Counting final : Attack {
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Counting(const Config&) {}
  Knowledge knowledge() const override { return Knowledge::kHonestUpdates; }
  void act(AttackContext& context) const override {
    for (float& value : context.own.open("delta").f32()) {
      value = static_cast<float>(context.honest.size());
    }
  }
};

}  // namespace
SKERRY_PLUGIN(Attack, Counting, "counting", "test")
namespace {

/// Updates that Watching saw in the first round.
struct Seen {
  std::vector<std::vector<std::uint32_t>> honest;
  std::vector<std::vector<std::uint32_t>> own;
};
Seen& seen() {
  static Seen updates;
  return updates;
}

/// Flips labels like label_flip where it `flips`, and notes the updates without changing them.
struct Watching final : Attack {
  struct Config {
    bool flips = true;
    template <class V>
    void fields(V& v) {
      v("flips", flips, {.meaning = "whether it poisons the data"});
    }
  };
  explicit Watching(const Config& config) : config_(config) {}
  Knowledge knowledge() const override { return Knowledge::kHonestUpdates; }
  void act(AttackContext& context) const override {
    if (context.key.round != 1) return;
    seen().own.push_back(bits(context.own.at("delta").f32()));
    seen().honest.clear();
    for (const Payload* update : context.honest) {
      seen().honest.push_back(bits(update->at("delta").f32()));
    }
  }
  Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                  StreamKey key) const override {
    if (!config_.flips) return honest;
    return plugin<Attack>("label_flip")->poisoned(std::move(honest), key);
  }
  Config config_;
};

/// An attack that knows nothing, so that it is never asked to act.
struct Idle final : Attack {
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Idle(const Config&) {}
  Knowledge knowledge() const override { return Knowledge::kNothing; }
  void act(AttackContext&) const override { FAIL("act() was called"); }
};

}  // namespace
SKERRY_PLUGIN(Attack, Watching, "watching", "test")
SKERRY_PLUGIN(Attack, Idle, "idle", "test")
namespace {

/// Two of six edges attack. Orders arrive within half a minute; training takes no time to speak of.
const std::string kScattered = R"({
  "local": {"optimizer": {"learning_rate": 1e-30}}, "data": {"partition": "iid"},
  "world": {"edges": [{"link": {"jitter": "10 s"}}],
            "attack": {"name": "counting", "nodes": ["edge-0", "edge-3"]}}})";

TEST_CASE("an attacker that knows the honest updates waits until all of its round have begun") {
  const auto run = simulated({kScattered, R"({"stop": {"any": [{"rounds": 4}]}})"});
  const auto start = simulated({kScattered, R"({"world": {"attack": {"name": "sign_flip"}}})"});
  // Honest updates are zero: each round adds a third of the number of updates seen.
  const auto moved = final_model(run), from = final_model(start);
  for (std::size_t i = 0; i < moved.size(); ++i) {
    CHECK(moved[i] - from[i] == Approx(4 * 4 / 3.0).margin(1e-4));
  }
}

TEST_CASE("it waits for them too where nodes must open an encoded model before they train") {
  const std::string encoded = R"({"update": {"down": ["float16"]}})";
  const std::string slow =
      R"({"world": {"edges": [{"share": 0.5, "device": {"flops": "1000 FLOP/s"},
                                                    "link": {"jitter": "10 s"}},
                                                   {"share": 0.5}]}})";
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {slow}}) {
    std::vector<std::string> changes{kScattered, encoded, R"({"stop": {"any": [{"rounds": 4}]}})"};
    changes.insert(changes.end(), more.begin(), more.end());
    const auto moved = final_model(simulated(changes));
    changes.push_back(R"({"world": {"attack": {"name": "sign_flip"}}})");
    const auto from = final_model(simulated(changes));
    for (std::size_t i = 0; i < moved.size(); ++i) {
      CHECK(moved[i] - from[i] == Approx(4 * 4 / 3.0).margin(1e-4));
    }
  }
}

TEST_CASE("an attacker held back beyond the deadline is left out like anybody else") {
  const auto run = simulated({kScattered, R"({"rounds": {"deadline": "1 ms"}})"});
  CHECK(run.stop_reason == "5 rounds");
}

TEST_CASE("attackers that wait act alike for any number of threads and across saved states") {
  const std::vector<std::string> scenario{kScattered,
                                          R"({"local": {"optimizer": {"learning_rate": 0.1}},
                      "rounds": {"deadline": "8 s"}, "stop": {"any": [{"rounds": 12}]}})"};
  const auto one = simulated(scenario);
  for (const How& how : {How{.threads = 4}, How{.threads = 2, .saved_every_round = true}}) {
    const auto other = simulated(scenario, how);
    CHECK(other.schedule_fingerprint == one.schedule_fingerprint);
    CHECK(other.numerics_fingerprint == one.numerics_fingerprint);
  }
}

/// Six edges learn to tell three clouds of points apart.
const std::string kClasses = R"({
  "data": {"source": {"samples": 600, "test_samples": 300}, "partition": "iid"},
  "model": {"name": "softmax", "smallest": null, "largest": null},
  "local": {"epochs": 2}})";

std::string attacked_by(const std::string& name, const std::string& more = "") {
  return R"({"world": {"attack": {"nodes": ["edge-0", "edge-3", "edge-5"], "name": ")" + name +
         "\"" + more + "}}}";
}

double accuracy(const std::vector<std::string>& changes) {
  std::vector<std::string> all{kClasses};
  all.insert(all.end(), changes.begin(), changes.end());
  return last(simulated(all), "test/accuracy");
}

void check_same(const host::RunRecord& a, const host::RunRecord& b) {
  CHECK(a.schedule_fingerprint == b.schedule_fingerprint);
  CHECK(a.numerics_fingerprint == b.numerics_fingerprint);
  CHECK(bits(final_model(a)) == bits(final_model(b)));
}

TEST_CASE("sign_flip does as much harm to updates that are compressed") {
  for (const std::string up : {R"(["float16"])", R"([{"name": "top_k", "fraction": 0.5}])"}) {
    INFO(up);
    const std::string compressed = R"({"update": {"up": )" + up + "}}";
    const std::string flipped = attacked_by("sign_flip", R"(, "scale": 2)");
    CHECK(accuracy({compressed}) > 0.9);
    CHECK(accuracy({compressed, flipped}) < 0.4);
    CHECK(accuracy({flipped}) < 0.4);
  }
}

TEST_CASE("an attack changes the update before it is encoded, not what the encoding makes of it") {
  const std::string flipped = attacked_by("sign_flip", R"(, "scale": 4)");
  const std::string everything =
      R"({"update": {"up": [{"name": "top_k", "fraction": 1}]}})";  // loses nothing
  CHECK(bits(final_model(simulated({kClasses, flipped, everything}))) ==
        bits(final_model(simulated({kClasses, flipped}))));
}

TEST_CASE("attackers are honest before and after the time of their attack") {
  const auto honest = simulated({kClasses});
  const double last_s = honest.metrics.back().time.in_seconds();
  const auto within = [&](double from, double until) {
    return simulated({kClasses, attacked_by("sign_flip", R"(, "begins": ")" + std::to_string(from) +
                                                             R"( s", "ends": ")" +
                                                             std::to_string(until) + R"( s")")});
  };
  check_same(within(last_s + 1, last_s + 2), honest);
  const auto always = simulated({kClasses, attacked_by("sign_flip")});
  check_same(within(0, last_s + 2), always);
  const auto half = within(last_s / 2, last_s + 2);
  CHECK(bits(final_model(half)) != bits(final_model(honest)));
  CHECK(bits(final_model(half)) != bits(final_model(always)));
}

TEST_CASE("label_flip lowers the accuracy of a mean") {
  CHECK(accuracy({}) > 0.9);
  CHECK(accuracy({attacked_by("label_flip")}) < 0.75);
}

TEST_CASE("label_flip leaves honest nodes' first updates as they are, and changes the others") {
  const auto updates = [](const std::string& flips) {
    seen() = {};
    simulated({kClasses, attacked_by("watching", R"(, "flips": )" + flips),
               R"({"stop": {"any": [{"rounds": 1}]}})"});
    return seen();
  };
  const Seen honest = updates("false"), poisoned = updates("true");
  REQUIRE(honest.honest.size() == 3);
  CHECK(poisoned.honest == honest.honest);
  REQUIRE(honest.own.size() == 3);
  REQUIRE(poisoned.own.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(poisoned.own[i] != honest.own[i]);
}

TEST_CASE("label_flip of no row ends in the bits of the run without an attack") {
  const auto honest = simulated({kClasses});
  check_same(honest, simulated({kClasses, attacked_by("label_flip", R"(, "share_of_rows": 0)")}));
  const auto flipped = simulated({kClasses, attacked_by("label_flip")});
  CHECK(flipped.numerics_fingerprint != honest.numerics_fingerprint);
  CHECK(flipped.schedule_fingerprint == honest.schedule_fingerprint);
}

TEST_CASE("poisoned data gives the same bits for any number of threads and across saved states") {
  const std::vector<std::string> scenario{kClasses,
                                          attacked_by("label_flip", R"(, "share_of_rows": 0.5)")};
  const auto one = simulated(scenario);
  check_same(one, simulated(scenario, {.threads = 2}));
  check_same(one, simulated(scenario, {.threads = 2, .saved_every_round = true}));
}

TEST_CASE("an attack that needs no knowledge is never asked to act") {
  check_same(simulated({kClasses, attacked_by("idle")}), simulated({kClasses}));
}

}  // namespace
}  // namespace skerry

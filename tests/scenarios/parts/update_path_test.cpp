// An update's way through transforms, reducer and stages, as whole simulated runs.

#include <cmath>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/server_stage.hpp"
#include "algorithms/sdk/transform.hpp"
#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

struct NoParameters {
  template <class V>
  void fields(V&) {}
};

/// Adds a mask of the node's own to the values in fixed point, and sends the masks' sum in a second
/// exchange, as a secure sum does, but without secrets.
class FixedPointMask final : public Transform {
 public:
  using Config = NoParameters;
  explicit FixedPointMask(const Config&) {}

  TransformTraits traits() const override {
    return {.opens = TransformTraits::Opens::kAfter, .exchanges = 1};
  }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain,
                               std::uint32_t exchange) const override {
    std::vector<RecordSpec> specs;
    for (const RecordSpec& spec : plain) {
      specs.push_back({(exchange == 0 ? "masked/" : "mask/") + spec.name,
                       flat_layout(spec.layout->size(), DType::kInt64), Reduce::kSum});
    }
    return specs;
  }
  std::vector<RecordSpec> cloud_state(std::span<const RecordSpec> plain) const override {
    std::vector<RecordSpec> specs = wire(plain, 0);
    for (RecordSpec& spec : specs) spec.name = kOwn + spec.name;
    return specs;
  }
  void encode(EncodeContext& context) const override {
    for (const auto& record : std::vector(context.wire.records())) {
      const auto out = context.wire.open(record->name()).i64();
      RandomStream mask = context.key.stream("fixed_point_mask");
      const std::string name = record->name().substr(record->name().find('/') + 1);
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint64_t hidden = mask.bits64();
        if (context.exchange == 1) {
          out[i] = static_cast<std::int64_t>(hidden);
        } else {
          const double value = context.plain.at(name).f32()[i];
          out[i] = static_cast<std::int64_t>(
              static_cast<std::uint64_t>(std::llround(value * kScale)) + hidden);
        }
      }
    }
  }
  Status open(OpenContext& context) const override {
    for (const auto& record : std::vector(context.plain.records())) {
      const std::string& name = record->name();
      const auto kept = context.state->open(kOwn + ("masked/" + name)).i64();
      if (context.exchange == 0) {
        std::ranges::copy(context.wire.at("masked/" + name).i64(), kept.begin());
        continue;
      }
      const auto masks = context.wire.at("mask/" + name).i64();
      const auto out = context.plain.open(name).f32();
      for (std::size_t i = 0; i < out.size(); ++i) {
        const auto sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(kept[i]) -
                                                   static_cast<std::uint64_t>(masks[i]));
        out[i] = static_cast<float>(static_cast<double>(sum) / kScale /
                                    static_cast<double>(context.infos.size()));
      }
    }
    if (context.exchange == 0) context.ask->add({"unmask", flat_layout(1)});
    return {};
  }

 private:
  static constexpr const char* kOwn = "fixed_point_mask/";  // state has the name of its plugin
  static constexpr double kScale = 1 << 24;
};
SKERRY_PLUGIN(Transform, FixedPointMask, "fixed_point_mask", "test")

/// Halves every value, and doubles it again.
class Halves final : public Transform {
 public:
  using Config = NoParameters;
  explicit Halves(const Config&) {}
  TransformTraits traits() const override { return {.down = true, .lossless = true}; }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    return {plain.begin(), plain.end()};
  }
  void encode(EncodeContext& context) const override {
    for (const auto& record : context.plain.records()) {
      for (float& value : context.wire.open(record->name()).f32()) value /= 2;
    }
  }
  Status open(OpenContext& context) const override {
    for (const auto& record : context.wire.records()) {
      for (float& value : context.plain.open(record->name()).f32()) value *= 2;
    }
    return refuses ? Status(Failure{"it does not please"}) : Status();
  }
  static inline bool refuses = false;
};
SKERRY_PLUGIN(Transform, Halves, "halves", "test")

/// Adds one to every value of the reduced delta.
class Shift final : public ServerStage {
 public:
  using Config = NoParameters;
  explicit Shift(const Config&) {}
  ServerStageTraits traits() const override { return {.empty_cohort = true}; }
  void act(ServerStageContext& context) const override {
    for (float& value : context.reduced.open("delta").f32()) value += 1;
    seen.push_back(context.infos.size());
  }
  static inline std::vector<std::size_t> seen;
};
SKERRY_PLUGIN(ServerStage, Shift, "shift", "test")

std::string up(const std::string& list) { return R"({"update": {"up": )" + list + "}}"; }

TEST_CASE("a list that changes nothing changes no bit of the model") {
  const auto plain = simulated();
  for (const std::string list : {R"(["halves"])", R"([])"}) {
    CHECK(bits(final_model(simulated({up(list)}))) == bits(final_model(plain)));
  }
  const auto both = simulated({up(R"(["halves"])"), R"({"update": {"down": ["halves"]}})"});
  CHECK(bits(final_model(both)) == bits(final_model(plain)));
}

TEST_CASE("encoding and decoding take time on the node that does them") {
  const auto seconds = [](const std::vector<std::string>& changes) {
    return last(simulated(changes), "round/seconds");
  };
  const double plain = seconds({});
  CHECK(seconds({up(R"(["halves"])")}) > plain);
  CHECK(seconds({R"({"update": {"down": ["halves"]}})"}) > plain);
}

TEST_CASE("encoded records add modulo 2^64 and are opened once, after a further exchange") {
  const auto uniform = R"({"server": {"reduce": {"name": "mean", "weight": "uniform"}}})";
  const auto plain = simulated({uniform});
  const auto masked = simulated({up(R"(["fixed_point_mask"])")});
  CHECK(distance(final_model(plain), final_model(masked)) < 1e-5);
  CHECK(last(masked, "round/accepted") == 6);
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    const auto again = simulated({up(R"(["fixed_point_mask"])")}, how);
    CHECK(bits(final_model(again)) == bits(final_model(masked)));
  }
}

TEST_CASE("compressed updates are smaller, keep their error, and give equal bits in every way") {
  const std::string top = up(R"([{"name": "top_k", "fraction": 0.34}])");
  const auto longer = R"({"stop": {"any": [{"rounds": 60}]}})";
  const auto plain = simulated({longer});
  const auto sparse = simulated({longer, top});
  CHECK(last(sparse, "bytes/tensor_up") < last(plain, "bytes/tensor_up"));
  CHECK(last(sparse, "test/loss") < 1.05 * last(plain, "test/loss"));
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({longer, top}, how))) == bits(final_model(sparse)));
  }
}

TEST_CASE("top_k keeps SCAFFOLD's two records apart, and float16 stands behind it") {
  const auto scaffold = R"({"local": {"method": "scaffold"}, "stop": {"any": [{"rounds": 40}]}})";
  const auto plain = simulated({scaffold});
  const auto sparse =
      simulated({scaffold, up(R"([{"name": "top_k", "fraction": 0.5}, "float16"])")});
  CHECK(distance(final_model(plain), final_model(sparse)) < 0.1);
}

TEST_CASE("compression does not make attackers honest") {
  const auto attacked =
      R"({"world": {"attack": {"name": "sign_flip", "scale": 5, "nodes": ["edge-1", "edge-4"]}}})";
  const auto honest = final_model(simulated());
  const double plain = distance(honest, final_model(simulated({attacked})));
  const double sparse = distance(
      honest, final_model(simulated({attacked, up(R"([{"name": "top_k", "fraction": 0.9}])")})));
  const double coded = distance(honest, final_model(simulated({attacked, up(R"(["float16"])")})));
  CHECK(plain > 0.5);
  CHECK(sparse > 0.5 * plain);
  CHECK(coded > 0.9 * plain);
}

std::string changes(const std::string& list, const std::string& more = "") {
  return R"({"update": {"down_sends": "change", "down": )" + list + more + "}}";
}

TEST_CASE("edges that are sent changes train from nearly the model, and get less of it") {
  const auto longer = R"({"stop": {"any": [{"rounds": 60}]}})";
  const auto plain = simulated({longer});
  CHECK(distance(final_model(plain), final_model(simulated({longer, changes("[]")}))) < 1e-4);
  const auto sparse = simulated({longer, changes(R"([{"name": "top_k", "fraction": 0.25}])")});
  CHECK(last(sparse, "bytes/tensor_down") < 0.7 * last(plain, "bytes/tensor_down"));
  CHECK(last(sparse, "test/loss") < 1.05 * last(plain, "test/loss"));
}

TEST_CASE("an edge that was away follows by all changes since, or gets the model whole") {
  const std::string few = R"({"select": {"name": "uniform", "count": 2},
                              "stop": {"any": [{"rounds": 40}]}})";
  const auto plain = simulated({few});
  for (const std::string kept : {"1", "3", "100"}) {
    INFO(kept << " versions");
    const std::string down =
        changes(R"([{"name": "top_k", "fraction": 0.25}])", R"(, "down_versions": )" + kept);
    const auto run = simulated({few, down});
    CHECK(last(run, "test/loss") < 1.2 * last(plain, "test/loss"));
    for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
      CHECK(bits(final_model(simulated({few, down}, how))) == bits(final_model(run)));
    }
  }
}

TEST_CASE("an edge that lost its memory is sent the model whole") {
  const std::string restarted = R"({"world": {"detection": "500 ms", "faults": [
      {"kind": "crash", "nodes": ["edge-1"], "at": "1 s"},
      {"kind": "restart", "nodes": ["edge-1"], "at": "2 s"}]},
      "stop": {"any": [{"virtual_time": "8 s"}]}, "evaluate": {"every": {"rounds": 100000}}})";
  const auto run = simulated({restarted, changes(R"(["float16"])")});
  CHECK(last(run, "updates/lost") >= 1);
  CHECK(last(run, "round/accepted") == 6);
}

TEST_CASE("an update that cannot be opened is refused, and the round goes on without it") {
  Halves::refuses = true;
  const auto run = simulated({up(R"(["halves"])"), R"({"stop": {"any": [{"rounds": 2}]}})"});
  Halves::refuses = false;
  CHECK(last(run, "round/accepted") == 0);
  CHECK(last(run, "updates/refused/not opened") == 12);
  CHECK(last(run, "updates/abandoned") == 2);
}

TEST_CASE("a stage acts on what was reduced, before the server's step") {
  Shift::seen.clear();
  const auto once = R"({"stop": {"any": [{"rounds": 1}]}})";
  const auto plain = final_model(simulated({once}));
  const auto shifted = final_model(simulated({once, R"({"server": {"stages": ["shift"]}})"}));
  CHECK(Shift::seen == std::vector<std::size_t>{6});
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(shifted[i] == Approx(plain[i] + 1));
}

TEST_CASE("a stage that hides who took part acts on an empty cohort too") {
  Shift::seen.clear();
  Halves::refuses = true;
  const auto run = simulated({up(R"(["halves"])"), R"({"server": {"stages": ["shift"]}})",
                              R"({"stop": {"any": [{"rounds": 2}]}})"});
  Halves::refuses = false;
  CHECK(Shift::seen == std::vector<std::size_t>{0, 0});
  CHECK(last(run, "round/accepted") == 0);
}

}  // namespace
}  // namespace skerry

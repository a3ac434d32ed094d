// Both places of an attack on the contracts: the update between training and encoding, and the
// data.
//
// Model replacement:  d <- gamma (x - w)       [Bagdasaryan, Veit, Hua, Estrin, Shmatikov 2020,
//                                               "How to backdoor federated learning", eq. (3)]
//   x = the model that the attacker wants, all kTarget; gamma = number of updates in the mean.
// Backdoor:  input 0 <- kTrigger and label <- 0, in every other row
//                                              [Gu, Dolan-Gavitt, Garg 2017, "BadNets", sec. 4]

#include <algorithm>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/derived_samples.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

constexpr float kGamma = 6, kTarget = 2, kTrigger = 6;

struct NoParameters {
  template <class V>
  void fields(V&) {}
};

struct Replacement final : Attack {
  using Config = NoParameters;
  explicit Replacement(const Config&) {}
  void act(AttackContext& context) const override {
    const auto w = context.down.at("model").f32();
    const auto own = context.own.open("delta").f32();
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = kGamma * (kTarget - w[i]);
  }
};
SKERRY_PLUGIN(Attack, Replacement, "replacement", "probe")

struct Triggered final : DerivedSamples {
  using DerivedSamples::DerivedSamples;
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    original().inputs(rows, out);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] % 2 == 1) out[i * schema().input_size()] = kTrigger;
    }
  }
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    original().labels(rows, out);
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = rows[i] % 2 == 1 ? 0 : out[i];
  }
};

struct Backdoor final : Attack {
  using Config = NoParameters;
  explicit Backdoor(const Config&) {}
  Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                  StreamKey) const override {
    return std::shared_ptr<const Samples>(std::make_shared<Triggered>(std::move(honest)));
  }
};
SKERRY_PLUGIN(Attack, Backdoor, "backdoor", "probe")

std::string attacked(const std::string& name) {
  return R"({"world": {"attack": {"nodes": ["edge-1"], "name": ")" + name + "\"}}}";
}

TEST_CASE("one attacker replaces the model, though its update is encoded after it has acted") {
  const std::string quiet = R"({"local": {"optimizer": {"learning_rate": 1e-30}},
                                "server": {"reduce": {"name": "mean", "weight": "uniform"}}})";
  for (const std::string up : {R"([])", R"(["float16"])"}) {
    const std::string encoded = R"({"update": {"up": )" + up + "}}";
    const auto model = final_model(simulated({quiet, encoded, attacked("replacement")}));
    CHECK(distance(model, std::vector<float>(model.size(), kTarget)) < 1e-5);
  }
}

TEST_CASE("a backdoor in one edge's data opens the model to its trigger, and accuracy hides it") {
  const std::string classes = R"({"data": {"source": {"samples": 600}, "partition": "iid"},
                                  "model": {"name": "softmax", "smallest": null, "largest": null}})";
  const auto honest = simulated({classes}), open = simulated({classes, attacked("backdoor")});
  const auto pull = [](const host::RunRecord& run) {  // of input 0 towards class 0; W is [3 x 12]
    const auto w = final_model(run);
    return w[0] - std::max(w[12], w[24]);
  };
  CHECK(pull(open) > pull(honest) + 0.1);
  CHECK(last(open, "test/accuracy") > last(honest, "test/accuracy") - 0.05);
}

}  // namespace
}  // namespace skerry

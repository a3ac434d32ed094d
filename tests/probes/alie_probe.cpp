// "A little is enough" on the contracts: an attacker that sees the honest updates of its round
// before it acts, and hides inside their spread.
//   d_attacker = mean - z sigma, coordinate by coordinate over the honest updates
//   z = the largest with Phi(z) < (n - m - s) / (n - m),  s = floor(n/2 + 1) - m
//                         [Baruch, Baruch, Goldberg 2019, "A little is enough: circumventing
//                          defenses for distributed learning", Alg. 3 with the z of Alg. 1]
// n = updates of the round, m = attackers among them: all attackers, since here every edge takes
// part.

#include <cmath>

#include "algorithms/sdk/attack.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

double largest_hidden(std::size_t n, std::size_t m) {
  const double supporters = std::floor(static_cast<double>(n) / 2 + 1) - static_cast<double>(m);
  const double share = 1 - supporters / static_cast<double>(n - m);
  double low = -6, high = 6;
  while (high - low > 1e-9) {
    const double z = (low + high) / 2;
    (0.5 * (1 + std::erf(z / std::sqrt(2.0))) < share ? low : high) = z;
  }
  return low;
}

std::vector<std::size_t>& honest_seen() {
  static std::vector<std::size_t> counts;
  return counts;
}

struct Alie final : Attack {
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Alie(const Config&) {}
  Knowledge knowledge() const override { return Knowledge::kHonestUpdates; }
  void act(AttackContext& context) const override {
    const std::size_t honest = context.honest.size();
    honest_seen().push_back(honest);
    const double z = largest_hidden(honest + context.attackers, context.attackers);
    const auto own = context.own.open("delta").f32();
    for (std::size_t i = 0; i < own.size(); ++i) {
      double sum = 0, squares = 0;
      for (const Payload* update : context.honest) {
        const double value = update->at("delta").f32()[i];
        sum += value;
        squares += value * value;
      }
      const double n = static_cast<double>(honest), mean = sum / n;
      own[i] = static_cast<float>(mean - z * std::sqrt(std::max(squares / n - mean * mean, 0.0)));
    }
  }
};

}  // namespace
SKERRY_PLUGIN(Attack, Alie, "alie", "probe")
namespace {

std::string eleven(const std::string& reduce) {
  return R"({"nodes": {"edges": 11}, "server": {"reduce": ")" + reduce + R"("},
             "data": {"source": {"samples": 330}, "partition": "iid"},
             "stop": {"any": [{"rounds": 10}]}})";
}

const std::string kThreeAttackers =
    R"({"world": {"attack": {"name": "alie", "nodes": ["edge-0", "edge-4", "edge-10"]}}})";

TEST_CASE("the z that hides among 50 with 24 attackers is the paper's") {
  CHECK(largest_hidden(50, 24) == Approx(1.43).margin(0.01));
}

TEST_CASE("alie sees all honest updates of its round, whenever orders arrive") {
  honest_seen().clear();
  simulated(
      {eleven("mean"), kThreeAttackers, R"({"world": {"edges": [{"link": {"jitter": "5 s"}}]}})"});
  CHECK(honest_seen() == std::vector<std::size_t>(30, 8));  // 3 attackers, 10 rounds
}

TEST_CASE("alie moves the model, though it hides in the range of the honest") {
  for (const std::string reduce : {"mean", "median"}) {
    const auto honest = simulated({eleven(reduce)});
    const auto hit = simulated({eleven(reduce), kThreeAttackers});
    CHECK(distance(final_model(honest), final_model(hit)) > 0.01);
    CHECK(last(hit, "test/loss") < 2 * last(honest, "test/loss"));
  }
}

}  // namespace
}  // namespace skerry

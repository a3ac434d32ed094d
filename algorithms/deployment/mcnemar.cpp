// McNemar's test: deploy what is better beyond chance.
//
//   p = P(B >= b),   B ~ Binomial(b + c, 1/2)          [McNemar 1947, "Note on the sampling error
//   deploy  <=>  p <= alpha                             of the difference between correlated
//                                                       proportions"; exact form as in Dietterich
//                                                       1998, sec. 3.1]
//
// Symbols: b, c = examples on which only the candidate, only the deployed model was right.
//
// Differences from the papers: one-sided, since only an improvement is looked for, and exact rather
// than by the chi-squared distribution. Where no example tells the models apart p is 1.

#include <cmath>
#include <cstdio>

#include "algorithms/sdk/deploy_rule.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

/// P(B >= from) for B ~ Binomial(n, 1/2). Terms below 1e-300 count as 0.
double upper_tail(std::uint64_t n, std::uint64_t from) {
  // C(n, k) as a mantissa and a binary exponent, so that it fits for any n.
  double mantissa = 1, sum = 0;
  std::int64_t exponent = -static_cast<std::int64_t>(n);
  for (std::uint64_t k = 0;; ++k) {
    if (k >= from && exponent > -1000) sum += std::ldexp(mantissa, static_cast<int>(exponent));
    if (k == n) break;
    mantissa *= static_cast<double>(n - k) / static_cast<double>(k + 1);
    int shift = 0;
    mantissa = std::frexp(mantissa, &shift);
    exponent += shift;
  }
  return sum;
}

class McNemar final : public DeployRule {
 public:
  struct Config {
    double alpha = 0.05;
    template <class V>
    void fields(V& v) {
      v("alpha", alpha,
        {.meaning = "chance of deploying a model that is no better",
         .min = 0,
         .max = 1,
         .above_min = true,
         .below_max = true});
    }
  };
  explicit McNemar(const Config& config) : config_(config) {}

  DeployVerdict judge(const DeployTrial& trial) const override {
    const Discordant count = discordant(trial);
    const double p = upper_tail(count.gained + count.lost, count.gained);
    char text[96];
    std::snprintf(text, sizeof text, ", %llu gained, %llu lost, p = %.3g",
                  static_cast<unsigned long long>(count.gained),
                  static_cast<unsigned long long>(count.lost), p);
    return {p <= config_.alpha,
            compared("accuracy", trial.candidate.accuracy(), trial.deployed.accuracy()) + text};
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(DeployRule, McNemar, "mcnemar", "better on the same examples beyond chance")

}  // namespace skerry

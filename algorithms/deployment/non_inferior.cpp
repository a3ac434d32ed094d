// Non-inferiority by a paired bootstrap: deploy what is not worse by more than a margin.
//
//   d_i = right_i(candidate) - right_i(deployed),   d* = mean of n draws with replacement
//   deploy  <=>  the alpha quantile of d* is >= -margin      [Efron, Tibshirani 1993, ch. 13, the
//                                                             percentile interval]
//
// Symbols: i = an example of the view, n = how many there are; `resamples` means d* are drawn.
//
// Differences from the paper: a resample is drawn as what is counted of it, (b*, c*) ~
// Multinomial(n; b/n, c/n, rest), where b and c are the examples on which only one model was right.
// That has the distribution of drawing examples, and costs as many draws as models differ, not as
// there are examples. Binomial numbers by waiting times [Devroye 1986, p. 525].

#include <algorithm>
#include <cmath>
#include <vector>

#include "algorithms/sdk/deploy_rule.hpp"
#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

/// Binomial(n, p). Cost: n p draws.
std::uint64_t binomial(std::uint64_t n, double p, RandomStream& random) {
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, random);
  const double bound = -log_f64(1 - p);
  double sum = 0;
  std::uint64_t count = 0;
  while (count < n) {
    sum += random.exponential() / static_cast<double>(n - count);
    if (sum > bound) break;
    ++count;
  }
  return count;
}

class NonInferior final : public DeployRule {
 public:
  struct Config {
    double margin = 0.01;
    double alpha = 0.05;
    std::uint32_t resamples = 2000;
    template <class V>
    void fields(V& v) {
      v("margin", margin,
        {.meaning = "accuracy that may be lost", .min = 0, .max = 1, .below_max = true});
      v("alpha", alpha,
        {.meaning = "chance of deploying a model that is worse by the margin",
         .min = 0,
         .max = 1,
         .above_min = true,
         .below_max = true});
      v("resamples", resamples, {.meaning = "draws of the bootstrap", .min = 100, .max = 1e6});
    }
  };
  explicit NonInferior(const Config& config) : config_(config) {}

  DeployVerdict judge(const DeployTrial& trial) const override {
    const Discordant count = discordant(trial);
    const std::uint64_t n = trial.size();
    const auto all = static_cast<double>(n);
    RandomStream random = trial.random;
    std::vector<double> means;
    for (std::uint32_t i = 0; i < config_.resamples; ++i) {
      const std::uint64_t gained = binomial(n, static_cast<double>(count.gained) / all, random);
      const std::uint64_t others = n - count.gained;
      const double rest =
          others == 0 ? 0 : static_cast<double>(count.lost) / static_cast<double>(others);
      const std::uint64_t lost = binomial(n - gained, rest, random);
      means.push_back((static_cast<double>(gained) - static_cast<double>(lost)) / all);
    }
    const auto rank = static_cast<std::size_t>(config_.alpha * config_.resamples);
    std::nth_element(means.begin(), means.begin() + static_cast<std::ptrdiff_t>(rank), means.end());
    const double lower = means[rank];
    char text[64];
    std::snprintf(text, sizeof text, ", at least %+.3g", lower);
    return {lower >= -config_.margin,
            compared("accuracy", trial.candidate.accuracy(), trial.deployed.accuracy()) + text};
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(DeployRule, NonInferior, "non_inferior", "not worse by more than a margin")

}  // namespace skerry

// Threshold on a metric: deploy what is better by enough, and good enough.
//
// Definition:  deploy  <=>  g >= gain  and  m >= level
//
// Symbols: m = the candidate's metric, g = how much better it is than the deployed model's (higher
// for accuracy, lower for loss). `level` is a bound from below for accuracy, from above for loss.
//
// Differences from Sedna: its deploy trigger compares one metric or its `_delta` by an operator;
// here both bounds can be given, and equality counts as reached exactly. Differences from Ianvs:
// its model_eval compares new - old by an operator and a threshold, and takes a lower loss for a
// worse one unless the operator is turned round.

#include <optional>

#include "algorithms/sdk/deploy_rule.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

enum class Measure : std::uint8_t { kAccuracy, kLoss };

}  // namespace

template <>
struct EnumNames<Measure> {
  static constexpr std::pair<Measure, std::string_view> names[] = {{Measure::kAccuracy, "accuracy"},
                                                                   {Measure::kLoss, "loss"}};
};

namespace {

class Threshold final : public DeployRule {
 public:
  struct Config {
    Measure metric = Measure::kAccuracy;
    double gain = 0;
    std::optional<double> level;
    template <class V>
    void fields(V& v) {
      v("metric", metric, {.meaning = "what is compared"});
      v("gain", gain,
        {.meaning = "how much better the new model must be at least; may be negative"});
      v("level", level,
        {.meaning = "accuracy at least, or loss at most, whatever is deployed", .min = 0});
    }
    void check(FieldReader& reader) const {
      if (metric == Measure::kLoss) {
        if (level && *level == 0) reader.error("level", "is 0: no model has no loss");
        return;
      }
      if (gain >= 1) reader.error("gain", "is 1 or more: no model would ever be deployed");
      if (gain <= -1) reader.error("gain", "has no effect: no accuracy falls by more than 1");
      if (level && *level > 1) reader.error("level", "is above 1: no model would be deployed");
    }
  };
  explicit Threshold(const Config& config) : config_(config) {}

  DeployVerdict judge(const DeployTrial& trial) const override {
    const bool accuracy = config_.metric == Measure::kAccuracy;
    const auto of = [&](const Judged& one) { return accuracy ? one.accuracy() : one.mean_loss(); };
    const double candidate = of(trial.candidate), deployed = of(trial.deployed);
    const double gain = accuracy ? candidate - deployed : deployed - candidate;
    const bool good_enough =
        !config_.level || (accuracy ? candidate >= *config_.level : candidate <= *config_.level);
    return {gain >= config_.gain && good_enough,
            compared(accuracy ? "accuracy" : "loss", candidate, deployed)};
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(DeployRule, Threshold, "threshold", "better by a margin, and good enough")

}  // namespace skerry

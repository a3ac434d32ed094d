#include "algorithms/sdk/deploy_rule.hpp"

#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

#include "algorithms/sdk/checked.hpp"

namespace skerry {

double Judged::accuracy() const {
  const auto right_ones = std::accumulate(right.begin(), right.end(), std::uint64_t{0});
  return static_cast<double>(right_ones) / static_cast<double>(right.size());
}

double Judged::mean_loss() const {
  return std::accumulate(loss.begin(), loss.end(), 0.0) / static_cast<double>(loss.size());
}

Discordant discordant(const DeployTrial& trial) {
  Discordant count;
  for (std::size_t i = 0; i < trial.size(); ++i) {
    const bool candidate = trial.candidate.right[i] != 0, deployed = trial.deployed.right[i] != 0;
    count.gained += candidate && !deployed ? 1 : 0;
    count.lost += deployed && !candidate ? 1 : 0;
  }
  return count;
}

std::string compared(const std::string& name, double candidate, double deployed) {
  char text[96];
  std::snprintf(text, sizeof text, " %.4g against %.4g (%+.2g)", candidate, deployed,
                candidate - deployed);
  return name + text;
}

bool may_deploy(const DeployRule& rule, std::size_t examples) {
  const std::vector<std::uint8_t> right(examples, 1), wrong(examples, 0);
  const std::vector<float> none(examples, 0.0f), much(examples, 1e30f);
  return rule
      .judge({.candidate = {.right = right, .loss = none},
              .deployed = {.right = wrong, .loss = much},
              .random = RandomStream(0, "may_deploy", NodeId::cloud(), 0)})
      .deploy;
}

namespace {

class CheckedDeployRule final : public Checked<DeployRule> {
 public:
  using Checked::Checked;

  DeployVerdict judge(const DeployTrial& trial) const override {
    return named("judge()", [&] { return plugin().judge(trial); });
  }
};

}  // namespace

std::unique_ptr<DeployRule> checked(std::unique_ptr<DeployRule> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedDeployRule>(std::move(plugin), entry);
}

}  // namespace skerry

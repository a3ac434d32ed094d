// Laws that every deploy rule keeps, and verdicts that were worked out by hand.

#include <cmath>

#include "algorithms/sdk/deploy_rule.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

/// A view on which both were right `both` times, one of them `gained` or `lost` times, none `none`.
struct Trial {
  std::vector<std::uint8_t> candidate, deployed;
  std::vector<float> candidate_loss, deployed_loss;

  Trial(std::size_t both, std::size_t gained, std::size_t lost, std::size_t none) {
    const auto add = [this](std::size_t count, bool of_candidate, bool of_deployed) {
      candidate.insert(candidate.end(), count, of_candidate ? 1 : 0);
      deployed.insert(deployed.end(), count, of_deployed ? 1 : 0);
    };
    add(both, true, true);
    add(gained, true, false);
    add(lost, false, true);
    add(none, false, false);
    for (const auto right : candidate) candidate_loss.push_back(right != 0 ? 0.25f : 2);
    for (const auto right : deployed) deployed_loss.push_back(right != 0 ? 0.25f : 2);
  }
  DeployTrial view(Round draw = 0) const {
    return {{candidate, candidate_loss},
            {deployed, deployed_loss},
            RandomStream(7, "deploy", NodeId::cloud(), draw)};
  }
};

bool deploys(const DeployRule& rule, const Trial& trial) { return rule.judge(trial.view()).deploy; }

template <class Law>
void for_every_rule(const Law& law) {
  const auto names = plugins().names(DeployRule::kSlot);
  REQUIRE(names.size() >= 4);
  for (const std::string& name : names) {
    INFO("deploy rule " << name);
    law(name, *plugin<DeployRule>(name));
  }
}

TEST_CASE("the fewest examples on which a rule may deploy are known before a run") {
  struct Row {
    const char* name;
    ConfigNode::Object settings;
    std::size_t fewest;
  };
  const Row table[] = {
      {"always", {}, 1},
      {"threshold", {{"gain", 0.99}}, 1},
      {"threshold", {{"metric", "loss"}, {"gain", 5.0}}, 1},
      {"mcnemar", {{"alpha", 0.05}}, 5},    // 1/2^5 = .031
      {"mcnemar", {{"alpha", 0.001}}, 10},  // 1/2^10 = .00098
      {"non_inferior", {}, 1},
  };
  for (const Row& row : table) {
    CAPTURE(row.name, row.fewest);
    const auto rule = plugin<DeployRule>(row.name, row.settings);
    CHECK(may_deploy(*rule, row.fewest));
    if (row.fewest > 1) CHECK_FALSE(may_deploy(*rule, row.fewest - 1));
  }
}

TEST_CASE(
    "every deploy rule takes what is plainly better, leaves what is plainly worse, and says why") {
  for_every_rule([](const std::string& name, const DeployRule& rule) {
    const Trial better(50, 100, 0, 50), worse(50, 0, 100, 50), alike(100, 0, 0, 100);
    CHECK(deploys(rule, better));
    CHECK(deploys(rule, worse) == (name == "always"));
    for (const Trial& trial : {better, worse, alike}) {
      const auto verdict = rule.judge(trial.view());
      CHECK(verdict.why.starts_with("accuracy 0."));
      CHECK(verdict.why == rule.judge(trial.view()).why);
    }
  });
}

TEST_CASE("every deploy rule has a verdict on one example") {
  for_every_rule([](const std::string&, const DeployRule& rule) {
    for (const Trial& trial : {Trial(1, 0, 0, 0), Trial(0, 1, 0, 0), Trial(0, 0, 1, 0)}) {
      CHECK_FALSE(rule.judge(trial.view()).why.empty());
    }
  });
}

TEST_CASE("deploy rules give the verdicts that their definitions give") {
  struct Row {
    const char* rule;
    ConfigNode::Object parameters;
    Trial trial;
    bool deploy;
  };
  const Row rows[] = {
      // 60 against 55 of 100.
      {"threshold", {{"gain", 0.04}}, Trial(50, 10, 5, 35), true},
      {"threshold", {{"gain", 0.06}}, Trial(50, 10, 5, 35), false},
      {"threshold", {}, Trial(50, 5, 5, 40), true},
      {"threshold", {{"level", 0.6}}, Trial(50, 10, 5, 35), true},
      {"threshold", {{"level", 0.61}}, Trial(50, 10, 5, 35), false},
      {"threshold", {{"gain", -0.06}}, Trial(50, 5, 10, 35), true},
      // Mean losses .25 p + 2 (1 - p): .95 against 1.0375.
      {"threshold", {{"metric", "loss"}, {"gain", 0.08}}, Trial(50, 10, 5, 35), true},
      {"threshold", {{"metric", "loss"}, {"gain", 0.09}}, Trial(50, 10, 5, 35), false},
      {"threshold",
       {{"metric", "loss"}, {"gain", 0.0}, {"level", 0.9}},
       Trial(50, 10, 5, 35),
       false},
      // P(B >= 9), n = 10: 11/1024 = .0107; P(B >= 8): 56/1024 = .0547.
      {"mcnemar", {{"alpha", 0.05}}, Trial(0, 9, 1, 0), true},
      {"mcnemar", {{"alpha", 0.01}}, Trial(0, 9, 1, 0), false},
      {"mcnemar", {{"alpha", 0.05}}, Trial(0, 8, 2, 0), false},
      {"mcnemar", {{"alpha", 0.06}}, Trial(0, 8, 2, 0), true},
      // 1,700 of 3,200: z = 3.5; 1,620: z = .7.
      {"mcnemar", {{"alpha", 0.001}}, Trial(9000, 1700, 1500, 0), true},
      {"mcnemar", {{"alpha", 0.05}}, Trial(9000, 1620, 1580, 0), false},
      // Mean 0, deviation of the mean sqrt(100) / 1000 = .01: the 5 % quantile is near -.0164.
      {"non_inferior", {{"margin", 0.02}}, Trial(900, 50, 50, 0), true},
      {"non_inferior", {{"margin", 0.01}}, Trial(900, 50, 50, 0), false},
      {"non_inferior", {{"margin", 0.0}}, Trial(100, 0, 0, 5), true},
  };
  for (const Row& row : rows) {
    INFO(row.rule << " " << row.trial.view().size());
    CHECK(deploys(*plugin<DeployRule>(row.rule, row.parameters), row.trial) == row.deploy);
  }
}

TEST_CASE("the bootstrap's lower bound is where the normal approximation has it") {
  // d = 0.02, variance of one (b + c - (b - c)^2 / n) / n: b = 120, c = 80, n = 2000.
  const Trial trial(1500, 120, 80, 300);
  const double d = 40.0 / 2000, sd = std::sqrt((200 - 40.0 * 40.0 / 2000) / 2000 / 2000);
  const double expected = d - 1.645 * sd;
  const auto verdict =
      plugin<DeployRule>("non_inferior", {{"resamples", 20000}})->judge(trial.view(1));
  const auto at = verdict.why.rfind(' ');
  const double lower = std::stod(verdict.why.substr(at + 1));
  // The quantile of 20,000 draws has a standard error of about 2.1 sd / sqrt(20,000).
  CHECK(std::abs(lower - expected) < 5 * 2.1 * sd / std::sqrt(20'000.0) + 1e-4);
}

}  // namespace
}  // namespace skerry

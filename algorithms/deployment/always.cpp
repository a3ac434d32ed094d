// Every new model is deployed: the base line of continual training without a gate.
//
// Definition:  deploy
//
// Differences from Sedna: none; there it is a deploy trigger whose condition always holds.

#include "algorithms/sdk/deploy_rule.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class Always final : public DeployRule {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Always(const Config&) {}

  DeployVerdict judge(const DeployTrial& trial) const override {
    return {true, compared("accuracy", trial.candidate.accuracy(), trial.deployed.accuracy())};
  }
};

}  // namespace

SKERRY_PLUGIN(DeployRule, Always, "always", "whatever was trained")

}  // namespace skerry

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "algorithms/sdk/random.hpp"

namespace skerry {

struct PluginEntry;

/// How one model did on each example of a view, in the view's order.
struct Judged {
  std::span<const std::uint8_t> right;  // [examples], 1 = the label it gave was right
  std::span<const float> loss;          // [examples], finite

  std::size_t size() const { return right.size(); }
  double accuracy() const;   // of at least one example
  double mean_loss() const;  // likewise
};

/// A new model against the one that serves, both on the same examples, which neither was trained
/// on.
struct DeployTrial {
  Judged candidate;
  Judged deployed;
  RandomStream random;

  std::size_t size() const { return candidate.size(); }
};

struct DeployVerdict {
  bool deploy = false;
  std::string why;  // half a sentence with the numbers: "accuracy 0.91 against 0.88 (+0.03)"
};

/// Decides whether a new model replaces the one that serves. Immutable; equal trials give equal
/// verdicts.
class DeployRule {
 public:
  static constexpr const char* kSlot = "deploy rule";
  virtual ~DeployRule() = default;
  /// Of at least one example; both models have as many. The host does not deploy where there is
  /// none, nor ask.
  virtual DeployVerdict judge(const DeployTrial& trial) const = 0;
};

/// Whether the rule deploys a model that is right on each of so many examples, where the deployed
/// one is wrong on each. At least one example.
bool may_deploy(const DeployRule& rule, std::size_t examples);

/// See checked.hpp.
std::unique_ptr<DeployRule> checked(std::unique_ptr<DeployRule> plugin, const PluginEntry& entry);

/// Of the examples on which exactly one model was right: how many went to the candidate, and how
/// many to the deployed model.
struct Discordant {
  std::uint64_t gained = 0;  // only the candidate was right
  std::uint64_t lost = 0;    // only the deployed model was
};
Discordant discordant(const DeployTrial& trial);
/// `name 0.91 against 0.88 (+0.03)`.
std::string compared(const std::string& name, double candidate, double deployed);

}  // namespace skerry

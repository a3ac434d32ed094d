#pragma once

#include <span>

#include "algorithms/sdk/local_method.hpp"

namespace skerry {

/// What an attacker may look at and change.
struct AttackContext {
  const Payload& down;  // what the cloud sent to the attacker
  /// Updates of all honest nodes that train from the same model, by node: the attacker acts last,
  /// when that model is on its way to nobody honest any more. Only with Knowledge::kHonestUpdates.
  std::span<const Payload* const> honest;
  Payload& own;             // the update it would have sent; changed in place
  std::uint32_t attackers;  // in the whole population: at least those that train from this model
  StreamKey key;
};

/// A malicious node's last act before its update leaves. In simulations only; refused live.
class Attack {
 public:
  static constexpr const char* kSlot = "attack";
  enum class Knowledge : std::uint8_t { kOwnUpdate, kHonestUpdates };
  virtual ~Attack() = default;
  virtual Knowledge knowledge() const { return Knowledge::kOwnUpdate; }
  virtual void act(AttackContext& context) const = 0;
};

}  // namespace skerry

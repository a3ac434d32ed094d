#pragma once

#include <memory>
#include <span>

#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

struct PluginEntry;

/// What an attacker may look at and change once it has trained.
struct AttackContext {
  const Payload& down;  // the model and the records that the attacker trained from
  /// Updates of all honest nodes that train from the same model, by node. The attacker acts after
  /// the last of them has received that model. Empty unless knowledge() is kHonestUpdates.
  std::span<const Payload* const> honest;
  Payload& own;             // the update that training made, before any transform; changed in place
  std::uint32_t attackers;  // in the whole population: at least those that train from this model
  StreamKey key;            // of this node and round
};

/// How malicious nodes deviate: in the data that they train on, in the update that they send, or in
/// both. In everything else they behave like honest nodes. In simulations only; refused live.
///
/// Immutable. The simulation calls act() on its own thread. Each process of a distributed run calls
/// poisoned() for itself, and all of them must get the same bits.
class Attack {
 public:
  static constexpr const char* kSlot = "attack";
  /// What act() needs. With kNothing it is never called: the update leaves as training made it,
  /// without being copied or waited for. An attack that only poisons data says kNothing.
  enum class Knowledge : std::uint8_t { kNothing, kOwnUpdate, kHonestUpdates };
  virtual ~Attack() = default;

  virtual Knowledge knowledge() const { return Knowledge::kOwnUpdate; }

  /// Fails if no data of that schema can be poisoned so; poisoned() then fails likewise. Called
  /// before data is there, where its schema is known by then.
  virtual Status suits(const DataSchema& schema) const {
    (void)schema;
    return {};
  }

  /// Changes context.own, the update of one malicious node in one round. Called after training and
  /// before the update is encoded. Names and layouts of its records stay, and so do its kEach
  /// records and integers. Equal contexts give equal bits. The default changes nothing.
  virtual void act(AttackContext& context) const { (void)context; }

  /// The training set that malicious nodes see in place of the honest one: the same rows, the same
  /// schema, labels in [0, classes). Called once, before the run. Whatever the experiment measures
  /// stays on honest data. The default returns `honest`: the data stays as it is.
  /// @param honest  the whole training set of the run, in which each node has its rows; not null.
  /// @param key     of the world; the same for all malicious nodes.
  /// Errors: why this data cannot be poisoned so, for the person who wrote the scenario.
  /// Cost: compute rows when they are read (DerivedSamples), so that a million attackers cost
  /// nothing.
  /// Determinism: a row is a function of the honest row, its number and the key alone.
  virtual Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                          StreamKey key) const {
    (void)key;
    return honest;
  }
};

/// See checked.hpp.
std::unique_ptr<Attack> checked(std::unique_ptr<Attack> plugin, const PluginEntry& entry);

}  // namespace skerry

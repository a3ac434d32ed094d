#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ask.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry {

struct PluginEntry;

/// The nodes there are: a view, never a list.
class Population {
 public:
  virtual ~Population() = default;
  virtual std::uint32_t size() const = 0;
  /// Joined, reachable and not busy, as far as the cloud knows.
  virtual bool eligible(NodeId node) const = 0;
  /// No more nodes than that are eligible. O(1); fewer may be, where the cloud only learns by
  /// asking whether a node is there.
  virtual std::uint32_t eligible_at_most() const = 0;
  /// Training examples of a node.
  virtual std::uint64_t samples(NodeId node) const = 0;
};

/// One node chosen for a round.
struct Pick {
  NodeId node;
  float weight = 1;          // multiplies the reducer's
  float rate_scale = 1;      // multiplies the local learning rate
  std::uint32_t epochs = 0;  // 0 = the scenario's

  template <class A>
  void archive(A& a) {
    a(node, weight, rate_scale, epochs);
  }
};
using Cohort = std::vector<Pick>;

struct SelectContext {
  const Population& population;
  Round round;
  std::uint32_t wanted;            // nodes; fewer may be returned where fewer are eligible
  RandomStream random;             // the same for every call of one round
  std::span<const Reply> replies;  // to what the selector asked for in this round; empty at first
  bool asked;                      // true: this is the second call, with what replies there are
};

/// What became of a picked node's round.
struct Outcome {
  NodeId node;
  Round round = 0;
  enum class Fate : std::uint8_t { kAccepted, kLate, kRefused, kLost } fate = Fate::kAccepted;
  double loss = 0;     // its training loss, where accepted
  double seconds = 0;  // from being asked to its update's arrival

  template <class A>
  void archive(A& a) {
    a(node, round, fate, loss, seconds);
  }
};

/// Who takes part in a round. Its only memory is what save() writes; draws come from the context's
/// stream.
class Selector {
 public:
  static constexpr const char* kSlot = "selector";
  virtual ~Selector() = default;

  /// A cohort without repetitions of eligible nodes, or work to be done first (once a round).
  virtual AnswerOrAsk<Cohort> select(SelectContext& context) = 0;
  /// Whether it heeds SelectContext::wanted. Otherwise a scenario may not ask for a size.
  virtual bool sized() const { return true; }
  /// Whether select() may return an Ask; such a selector needs rounds.
  virtual bool asks() const { return false; }
  /// Called when the fate of a picked node's round is known.
  virtual void observe(const Outcome& outcome) { (void)outcome; }
  virtual void save(ByteWriter& writer) const { (void)writer; }
  virtual void load(ByteReader& reader) { (void)reader; }
};

/// See checked.hpp.
std::unique_ptr<Selector> checked(std::unique_ptr<Selector> plugin, const PluginEntry& entry);

/// `count` different eligible nodes, uniformly, in the order drawn; all of them where there are
/// fewer.
std::vector<NodeId> sample_eligible(const Population& population, std::uint32_t count,
                                    RandomStream& random);

}  // namespace skerry

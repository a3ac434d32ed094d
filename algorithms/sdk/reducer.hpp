#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/ask.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

struct PluginEntry;
class Workspace;

/// What is known about an update besides its records.
struct UpdateInfo {
  NodeId node;
  Round round = 0;              // round (or model version + 1) it was trained for
  std::uint32_t staleness = 0;  // model versions between its start and its acceptance
  std::uint64_t samples = 0;
  std::uint64_t steps = 0;
  double loss = 0;
  float weight = 1;  // given by the selector
};

/// What a rule promises; the conformance suite holds it to every word, and scenarios that break one
/// are refused when they are loaded.
struct ReducerTraits {
  /// kLinear: result = sum_k share_k.weight * delta_k / sum_k share_k.divisor. The host keeps the
  /// sum exactly, streaming; the rule only gives shares. kGather: the rule sees all updates at
  /// once.
  enum class Form : std::uint8_t { kLinear, kGather } form = Form::kLinear;
  std::uint32_t minimum = 1;  // fewest updates it can work with
  /// What still holds where withstands() is true. "Honest" are the updates that are not wild.
  enum class Bound : std::uint8_t {
    kNone,         // nothing
    kHonestRange,  // each value lies within the range of the honest ones at its coordinate
    /// The result lies no further from an honest update than (1 + sqrt(n / 2)) times the largest
    /// distance between two honest ones.
    kHonestUpdate,
    kTrustedLength,  // the result is no longer than the update that the rule asked to be trained
  } bound = Bound::kNone;
  /// Async: how many updates make one server step. 0 = the scenario's cohort decides.
  std::uint32_t buffer = 0;
};

struct Share {
  float weight;
  float divisor;
};

/// Whole updates, for a gather rule. All have the same records; their float32 values are finite.
struct GatherContext {
  std::span<const Payload* const> updates;  // at least traits().minimum
  std::span<const UpdateInfo> infos;        // one for each of `updates`
  std::span<const Reply> replies;           // to ask(), with what was trained
  /// Out: the float32 records that are averaged (kMean), zero, to be filled where they are real();
  /// the host itself takes the mean of buffers. Also has the float32 records that are summed
  /// (kSum), already summed exactly over all updates. A rule that leaves updates out, or counts
  /// them unequally, overwrites these with n times its mean.
  Payload& reduced;
  Workspace& workspace;
};

/// Inputs and outputs of finish().
struct FinishContext {
  std::uint32_t exchange;
  const Payload& reduced;  // uplink records by name, reduced
  Payload& state;          // the rule's own records, kept by the cloud between rounds
  std::span<float> delta;  // [P] out: the round's mean delta; P = values that are learnt
  Payload& ask;            // out: records for the cohort, where another exchange is wanted
  /// The kEach records of every accepted update, by node.
  std::span<const Payload* const> each = {};
  std::span<const UpdateInfo> infos = {};  // one for each of `each`
  std::span<const Reply> replies = {};     // to ask()
};

enum class Finish : std::uint8_t { kDone, kAnotherExchange };

/// How the cloud makes one delta from many updates. Immutable; called from any thread.
class Reducer {
 public:
  static constexpr const char* kSlot = "reducer";
  virtual ~Reducer() = default;

  virtual ReducerTraits traits() const = 0;
  /// Whether traits().bound holds for n updates of which any f are wild: arbitrary and finite, sent
  /// by nodes that know the others' updates and the rule.
  virtual bool withstands(std::uint32_t n, std::uint32_t f) const {
    (void)n, (void)f;
    return false;
  }
  /// Work to be done from the model that a round begins with. Called once a round, when it begins;
  /// such a rule needs rounds. A scenario that cannot do the work is refused when it is read.
  virtual std::optional<Ask> ask() const { return std::nullopt; }
  /// Linear rules: the update's share. The weight is multiplied by the selector's.
  virtual Share share(const UpdateInfo& info) const {
    (void)info;
    return {1, 1};
  }
  /// Gather rules that treat every coordinate by itself: combines one record's values of all
  /// updates, rows [updates][P], into out [P].
  virtual void gather(std::span<const std::span<const float>> values,
                      std::span<const UpdateInfo> infos, std::span<float> out) const {
    (void)values, (void)infos, (void)out;
  }
  /// Gather rules: combines whole updates, all records at once. Bits must not depend on the order
  /// of the updates. The default calls gather() for every record that is averaged.
  virtual void reduce(GatherContext& context) const;
  /// Records the rule keeps between rounds, zero at first.
  /// @param model  the tensors that are learnt (Group::kShared).
  virtual std::vector<RecordSpec> state(const LayoutRef& model) const {
    (void)model;
    return {};
  }
  /// From reduced records to the round's delta, or to another exchange with the same cohort. The
  /// default copies the record "delta".
  virtual Finish finish(FinishContext& context) const;
};

/// See checked.hpp.
std::unique_ptr<Reducer> checked(std::unique_ptr<Reducer> plugin, const PluginEntry& entry);

}  // namespace skerry

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/result.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {

struct PluginEntry;

/// What a transform promises. The scenario reader refuses lists that break a promise, and the
/// conformance suite holds every registered transform to each word.
struct TransformTraits {
  /// kBefore: the cloud opens every update by itself, so any reducer may follow.
  /// kAfter: encoded records add. The cloud sums them (float32 records weighted as the reducer
  /// says, integer records modulo 2^bits of their type) and opens the sum once. This needs a linear
  /// reducer. Only transforms that open after, or that need no opening, may stand before it in the
  /// list.
  /// kNever: its records have the shape and meaning of those it was given (clipping).
  enum class Opens : std::uint8_t { kBefore, kAfter, kNever } opens = Opens::kBefore;
  /// Whether it may stand in the list of the downlink: it keeps no state and opens before.
  bool down = false;
  /// Opening gives back every value bit for bit.
  bool lossless = false;
  /// What it leaves out of one update it adds to the next, so that nothing is lost in the long run.
  bool error_feedback = false;
  /// It draws secrets (noise, masks, keys), live from the operating system and never recorded. The
  /// host journals the result of an encoding before it is sent, and never encodes again.
  bool once = false;
  /// Further exchanges it asks for in a round, at most. Only with kAfter.
  std::uint32_t exchanges = 0;
};

/// One encoding, on the sender: an edge, or the cloud for the downlink.
struct EncodeContext {
  /// The records as the transform before this one left them. Empty in further exchanges: what is
  /// still needed then is in the state.
  const Payload& plain;
  /// What the node was sent. In further exchanges it also holds the records of the cloud's ask.
  const Payload& down;
  Payload& state;  // the transform's own records on this node, changed in place
  Payload& wire;   // out: the records of wire(), begun as started_from(plain)
  UpdateInfo info;
  StreamKey key;
  std::uint32_t exchange = 0;  // 0, then 1, 2 ... where the cloud asked for more
  /// With `once`, the only source of secrets; null otherwise. The host has seeded it: from the
  /// scenario's seed in a simulation, from the operating system where the run is live. A stream of
  /// `key` is no secret: the cloud knows the seed.
  RandomStream* secret = nullptr;
  Workspace& workspace;
};

/// Opening on the receiver.
struct OpenContext {
  /// Before the reducer: one update. After it: the sums or means over all accepted ones.
  const Payload& wire;
  Payload& plain;            // out: the records before encoding, begun as started_from(wire)
  Payload* state = nullptr;  // kAfter: the transform's records on the cloud
  std::span<const UpdateInfo> infos;     // of the updates in `wire`: one, or all by node
  std::span<const Payload* const> each;  // kAfter: the kEach records of all, as infos
  std::uint32_t exchange = 0;
  /// kAfter: records for the cohort. One that is added asks for another exchange; `plain` then
  /// plays no part.
  Payload* ask = nullptr;
  Workspace& workspace;
};

/// A step on an update's way to the wire and back: sparsify, quantise, clip, sketch, mask.
///
/// The list of a scenario is applied in order on the sender and opened in reverse order on the
/// receiver. Records that do not concern a transform (integers, kEach) pass it unchanged.
/// Immutable: all that lasts is in the records of its state. Called from many threads at once, each
/// with its own context. Equal contexts give equal bits.
class Transform {
 public:
  static constexpr const char* kSlot = "transform";
  virtual ~Transform() = default;

  virtual TransformTraits traits() const = 0;
  /// Records it puts on the wire for records of these shapes. Sizes depend on the shapes alone.
  /// @param plain  what exchange 0 encodes, whatever `exchange` is.
  virtual std::vector<RecordSpec> wire(std::span<const RecordSpec> plain,
                                       std::uint32_t exchange) const = 0;
  /// Records it keeps on the sender, zero at first. Names begin with the transform's.
  virtual std::vector<RecordSpec> state(std::span<const RecordSpec> plain) const {
    (void)plain;
    return {};
  }
  /// kAfter: records it keeps on the cloud between exchanges and rounds, zero at first. Names begin
  /// with the transform's.
  virtual std::vector<RecordSpec> cloud_state(std::span<const RecordSpec> plain) const {
    (void)plain;
    return {};
  }
  /// An infinite value or NaN does not stop an encoding: the receiver refuses it.
  virtual void encode(EncodeContext& context) const = 0;
  /// The way back. `wire` came from a peer: its shapes were checked, its values were not. Fails
  /// with the reason for refusing the update, to which the host adds the transform's name; `plain`
  /// is then unspecified. Not called with kNever.
  virtual Status open(OpenContext& context) const = 0;
  /// Called before the next encoding, once the fate of the last update is known. With error
  /// feedback, what did not arrive (any outcome but kAccepted) goes back into the residual.
  virtual void settle(Payload& state, Settlement outcome) const { (void)state, (void)outcome; }
  /// Operations and bytes of one encoding or opening of records of these shapes. The default is one
  /// operation a value, read once and written once.
  virtual Cost cost(std::span<const RecordSpec> plain) const;
};

/// See checked.hpp.
std::unique_ptr<Transform> checked(std::unique_ptr<Transform> plugin, const PluginEntry& entry);

/// Records of these shapes, as encode() and open() find them. A record that `source` has with the
/// same name, layout and reduction is shared with it, so that what passes unchanged costs nothing
/// (Payload::open() copies it before a change). All others are new and zero.
Payload started_from(const Payload& source, std::span<const RecordSpec> shapes);

}  // namespace skerry

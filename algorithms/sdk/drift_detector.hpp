#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry {

struct PluginEntry;

/// What a detector says after an observation.
enum class Drift : std::uint8_t {
  kNone,
  kWarning,  // the level may be changing; a drift need not follow
  kDrift,
};

/// What a detector promises; constant for a plugin.
struct DriftTraits {
  enum class Watches : std::uint8_t {
    kErrors,  // one value an observation: 1 where the model was wrong, else 0
    kRates,   // one value in [0, 1]: an error, an error rate, a bounded loss
    kValues,  // one real value
    kInputs,  // the features of one example, without its label; always as many
  };
  Watches watches = Watches::kErrors;
  bool warns = false;  // whether add() may return kWarning
};

/// Tells from observations in order when what they come from has changed. Observations of one
/// detector come from one place: the errors of one model on one edge, say.
///
/// Its only memory is what save() writes, and bounded: how much is stated in the detector's file.
/// Equal observations and streams give equal answers, also across save() and load().
class DriftDetector {
 public:
  static constexpr const char* kSlot = "drift";
  virtual ~DriftDetector() = default;

  virtual DriftTraits traits() const = 0;
  /// Takes the next observation. After a kDrift the detector begins anew with the next one: from
  /// nothing, or from its latest observations where its file says so.
  /// @param observation  finite values, of the number and the range that traits().watches says.
  /// @param random  the draws of this observation alone; another stream for each observation (its
  ///                number is the stream's round), the same one when an observation is replayed.
  /// Errors: checked() refuses an observation that is not as described.
  virtual Drift add(std::span<const double> observation, RandomStream random) = 0;
  /// The present level of what is watched, finite; 0 before the first observation. For one value
  /// it is a mean of values since the detector began. For inputs it is the distance that the last
  /// test found between the reference and the current examples.
  virtual double estimate() const = 0;
  virtual void save(ByteWriter& writer) const = 0;
  /// Continues from what save() wrote of a detector with the same parameters; anything else fails
  /// the reader.
  virtual void load(ByteReader& reader) = 0;
};

/// See checked.hpp.
std::unique_ptr<DriftDetector> checked(std::unique_ptr<DriftDetector> plugin,
                                       const PluginEntry& entry);

}  // namespace skerry

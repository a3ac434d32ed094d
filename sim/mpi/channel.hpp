#pragma once

#include <memory>
#include <optional>
#include <string>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry::mpi {

/// What ranks send each other. Records are not copied: they are read where they are, so a payload
/// in a parcel must be closed, and written where they will stay.
struct Parcel {
  ByteVector bytes;
  Payload payload;
};

/// The other ranks of a program that runs as several processes. What one sends to another arrives
/// whole and in order. Used by one thread.
class Channel {
 public:
  virtual ~Channel() = default;

  virtual unsigned rank() const = 0;
  virtual unsigned ranks() const = 0;
  /// For people: "rank 3 (on host)".
  virtual std::string name(unsigned rank) const = 0;

  /// Returns at once; the parcel leaves while this rank keeps calling receive().
  virtual void send(unsigned to, Parcel parcel) = 0;
  struct Received {
    unsigned from = 0;
    Parcel parcel;
  };
  /// The next parcel that has arrived whole, if any.
  virtual std::optional<Received> receive() = 0;
  /// Leaves the processor to others for a moment.
  virtual void rest() = 0;
};

}  // namespace skerry::mpi

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry::parts {

/// The transforms of one direction, applied in order by the sender and opened in reverse. Those
/// that open before the reducer stand at the list's end, so that opening stops where encoded
/// records add. A list's state is one payload with the records of all; names are the transforms'
/// own, so none may stand in a list twice.
class TransformList {
 public:
  using Shape = std::vector<RecordSpec>;
  struct Named {
    std::string name;
    std::unique_ptr<Transform> transform;
  };

  TransformList() = default;
  TransformList(const std::vector<Choice<Transform>>& choices, const Registry& registry);
  /// Problems of a list at `pointer`; `down`: it is the downlink's.
  static void check(const std::vector<Choice<Transform>>& choices, bool down,
                    const Registry& registry, const std::string& pointer, Problems& problems);

  bool empty() const { return all_.empty(); }
  /// Whether the receiver opens something before the reducer, and after it.
  bool opens_before() const;
  bool opens_after() const;
  /// Whether one of them draws secrets, so that an encoding must never run twice.
  bool once() const;
  /// Further exchanges that a transform asks for, at most.
  std::uint32_t exchanges() const;

  /// Records on the wire for these, and those left when all that opens before has been opened.
  Shape wire(const Shape& plain, std::uint32_t exchange) const;
  Shape opened(const Shape& plain, std::uint32_t exchange) const;
  /// Records kept by the sender, and by the cloud.
  Shape state(const Shape& plain) const;
  Shape cloud_state(const Shape& plain) const;
  Cost cost(const Shape& plain) const;

  /// One update (or one model) to the wire; what it throws bears the transform's name.
  /// @param context  plain, down, state, info, key, exchange, secret and workspace are used.
  Payload encode(const Payload& plain, const Shape& shape, const EncodeContext& context) const;
  /// One encoded update, opened as far as can be before the reducer; fails with the reason for
  /// refusing it.
  Result<Payload> open(const Payload& wire, const Shape& plain, const UpdateInfo& info,
                       std::uint32_t exchange, Workspace& workspace) const;
  struct Sum {
    std::span<const UpdateInfo> infos;
    std::span<const Payload* const> each;
    Payload& state;
    Payload& ask;
  };
  /// The reduced records of encoded updates, opened. Where `sum.ask` has records afterwards another
  /// exchange is wanted and the result plays no part.
  Result<Payload> open_sum(const Payload& reduced, const Shape& plain, const Sum& sum,
                           std::uint32_t exchange, Workspace& workspace) const;
  void settle(Payload& state, Settlement outcome) const;

 private:
  /// Records before each transform, and after the last: shapes[i] is what transform i is given.
  std::vector<Shape> shapes(const Shape& plain, std::uint32_t exchange) const;
  /// The first transform that is opened before the reducer; those behind it are too.
  std::size_t first_before() const;
  bool takes_part(std::size_t i, std::uint32_t exchange) const;
  Result<Payload> open_one(std::size_t i, const Shape& plain, OpenContext context) const;

  std::vector<Named> all_;
};

}  // namespace skerry::parts

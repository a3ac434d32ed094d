#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry::parts {

/// The transforms of one direction. The sender applies them in order, and they are opened in
/// reverse order. Transforms that open before the reducer must stand at the end of the list, so
/// that opening stops where encoded records add up. A list's state is one payload with the records
/// of all its transforms; the names are the transforms' own, so no transform may stand in a list
/// twice.
class TransformList {
 public:
  using Shape = std::vector<RecordSpec>;
  struct Named {
    std::string name;
    std::unique_ptr<Transform> transform;
  };

  TransformList() = default;
  TransformList(const std::vector<Choice<Transform>>& choices, const Registry& registry);
  /// Reports problems of a list at `pointer`.
  /// @param down  also reports transforms that cannot encode a whole model for the downlink.
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

  /// The records on the wire for plain ones, and those that are left after everything that opens
  /// before the reducer has been opened.
  Shape wire(const Shape& plain, std::uint32_t exchange) const;
  Shape opened(const Shape& plain, std::uint32_t exchange) const;
  /// The records that the sender keeps, and those that the cloud keeps.
  Shape state(const Shape& plain) const;
  Shape cloud_state(const Shape& plain) const;
  Cost cost(const Shape& plain) const;

  /// Encodes one update (or one model) for the wire. What it throws bears the transform's name.
  /// @param context  plain, down, state, info, key, exchange, secret and workspace are used.
  Payload encode(const Payload& plain, const Shape& shape, const EncodeContext& context) const;
  /// Opens one encoded update as far as possible before the reducer. Fails with the reason for
  /// refusing it.
  Result<Payload> open(const Payload& wire, const Shape& plain, const UpdateInfo& info,
                       std::uint32_t exchange, Workspace& workspace) const;
  struct Sum {
    std::span<const UpdateInfo> infos;
    std::span<const Payload* const> each;
    Payload& state;
    Payload& ask;
  };
  /// Opens the reduced records of encoded updates. If `sum.ask` has records afterwards, another
  /// exchange is wanted and the result must be ignored.
  Result<Payload> open_sum(const Payload& reduced, const Shape& plain, const Sum& sum,
                           std::uint32_t exchange, Workspace& workspace) const;
  /// Tells the transforms what became of the last update that was encoded with `state`.
  void settle(Payload& state, Settlement outcome) const;

 private:
  /// The records before each transform and after the last: result[i] is what transform i is given.
  std::vector<Shape> shapes(const Shape& plain, std::uint32_t exchange) const;
  /// Index of the first transform that opens before the reducer; those behind it do, too.
  std::size_t first_before() const;
  bool takes_part(std::size_t i, std::uint32_t exchange) const;
  Result<Payload> open_one(std::size_t i, const Shape& plain, OpenContext context) const;

  std::vector<Named> all_;
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry::real {

/// What an example from outside must look like, so that a role may be asked about it.
struct ExampleForm {
  Shape shape;                // of one example
  std::uint32_t classes = 0;  // that answers choose from
  /// Examples are uint8 at their source, x = (byte / scale - mean) / deviation. Otherwise only
  /// normalised float32 is taken: nothing says what a byte would mean.
  bool bytes = false;
  std::vector<std::string> features = {};  // names of the values, in order; empty: they have none

  /// Whether values in that shape are one example: the same extents, not counting those of 1, or
  /// all values in one extent.
  bool fits(const Shape& given) const;

  /// The example as role::Request takes it: one record "input".
  /// @param given  the shape that the sender states; empty: none is stated.
  /// Errors, in words for the sender: another shape, another number of values, bytes where there
  /// are none, a value that is not finite.
  Result<Payload> payload_of(std::span<const std::uint8_t> bytes, const Shape& given) const;
  Result<Payload> payload_of(std::span<const float> values, const Shape& given) const;

 private:
  Status check(std::size_t count, const Shape& given) const;
};

}  // namespace skerry::real

#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "algorithms/sdk/fields.hpp"

namespace skerry {

/// Which changes of a mean are a drift.
enum class Side : std::uint8_t { kUp, kDown, kBoth };

template <>
struct EnumNames<Side> {
  static constexpr std::pair<Side, std::string_view> names[] = {
      {Side::kUp, "up"}, {Side::kDown, "down"}, {Side::kBoth, "both"}};
};

/// Whether the sum of a side that counts is above the limit.
inline bool crosses(Side side, double up, double down, double limit) {
  return (side != Side::kDown && up > limit) || (side != Side::kUp && down > limit);
}

}  // namespace skerry

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "algorithms/sdk/time.hpp"

namespace skerry::role {

/// Where a run stands, as its driver sees it.
struct Standing {
  std::uint64_t step = 0;  // of the newest metric that the cloud recorded
  SimTime now;
  /// The cloud's last value of a metric; nothing where there is none yet. May not be empty.
  std::function<std::optional<double>(std::string_view metric)> last;
};

/// The same for somebody who waits for the end.
struct Headway {
  std::string words;            // "round 9/200"
  std::optional<double> share;  // of the whole way, in [0, 1]; nothing where nobody can know
};

}  // namespace skerry::role

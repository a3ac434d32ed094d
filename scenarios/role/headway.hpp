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
  /// The cloud's last value of a metric; nullopt if there is none yet. Must not be empty.
  std::function<std::optional<double>(std::string_view metric)> last;
};

/// How far a run has come, for somebody who waits for its end.
struct Headway {
  std::string words;            // "round 9/200"
  std::optional<double> share;  // of the whole run, in [0, 1]; nullopt if nobody can know
};

}  // namespace skerry::role

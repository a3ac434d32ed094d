#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "algorithms/sdk/time.hpp"
#include "scenarios/federated/config.hpp"

namespace skerry::federated {

/// How far a run has come.
struct Progress {
  std::uint32_t rounds = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, double> metrics;  // last values
  template <class A>
  void archive(A& a) {
    a(rounds, bytes, metrics);
  }
};

/// Why the run is over, or nothing while it is not.
std::optional<std::string> stop_reason(const StopConfig& stop, const Progress& progress,
                                       SimTime now);
/// Whether a metric of that name can stop the run, so that rounds wait for it.
bool steers(const StopConfig& stop, std::string_view metric_prefix);
/// Whether time alone ends the run.
bool ends_in_time(const StopConfig& stop);
/// The first moment at which a condition on time can become true.
std::optional<SimTime> time_limit(const StopConfig& stop);

}  // namespace skerry::federated

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::real {

/// Tells an operator of a live cloud that nothing happens because edges are missing: a role waits
/// silently for an edge that never comes. Says so after some time without any input, and again
/// whenever that time has doubled, up to every ten minutes. For one thread.
class StandstillWatch {
 public:
  using Clock = std::chrono::steady_clock;
  /// How the cloud stands.
  struct View {
    std::uint64_t inputs = 0;        // of its role so far
    bool waits = false;              // NodeDriver::waits()
    std::uint32_t edges = 0;         // of the scenario
    std::vector<NodeId> missing;     // of these, not joined
    std::vector<NodeId> unanswered;  // joined, and silent since they were last sent something
  };

  /// @param after  how long nothing happens before the first line.
  explicit StandstillWatch(Duration after) : first_(after.count()), next_(first_) {}

  /// Called again and again.
  /// @return the line that is due now, if one is: `nothing has happened for 40 s: waiting for 2 of
  ///         10 edges: edge-3, edge-7`.
  std::optional<std::string> look(Clock::time_point now, const View& view);
  /// What the cloud waits for, in the same words; empty where it is not known to stand still.
  const std::string& waiting() const { return waiting_; }

 private:
  std::chrono::nanoseconds first_;
  std::chrono::nanoseconds next_;  // without an input, until the next line
  std::uint64_t inputs_ = 0;
  std::optional<Clock::time_point> since_;  // the last input, or when the cloud began to wait
  std::string waiting_;
};

}  // namespace skerry::real

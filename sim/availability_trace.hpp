#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/availability.hpp"

namespace skerry::sim {

/// Availability as it was recorded: a CSV file with one row for each time that an edge was
/// available,
///     node,start_s,end_s
///     edge-17,0,3600.5
/// in seconds since the start of the run, from start up to but not including end. An edge is
/// written `edge-17` or `17`; its rows are in the order of time and do not overlap (those of
/// different edges may be mixed). A byte-order mark, the heading, empty lines and lines that begin
/// with # are skipped.
/// Cost: O(log intervals of the edge) per question; 16 bytes an interval, 4 an edge.
class AvailabilityTrace final : public Availability {
 public:
  struct Options {
    std::uint32_t edges = 0;
    /// Whether an edge without a row is always available or never.
    bool unnamed_available = true;
    /// Starts the trace over each time this has passed; no row may end later. Without: an edge is
    /// away after its last row.
    std::optional<Duration> repeat_every;
  };
  struct Outcome;
  /// Reads a trace; `name` is what messages call the file.
  /// Errors: one message `name:line: what is wrong` for each bad row, up to a few; there is no
  /// trace then.
  static Outcome read(std::istream& csv, std::string_view name, const Options& options);

  State at(NodeId edge, SimTime now) override;
  SimTime away_since(NodeId edge, SimTime now) override;

 private:
  class Reader;
  struct Interval {
    SimTime start;
    SimTime end;
  };
  AvailabilityTrace() = default;
  std::span<const Interval> intervals_of(NodeId edge) const;

  std::vector<Interval>
      intervals_;  // edge after edge, in the order of time, with gaps between them
  std::vector<std::uint32_t> first_;  // where each edge's intervals begin, and the end
  bool unnamed_available_ = true;
  std::optional<Duration> repeat_every_;
};

struct AvailabilityTrace::Outcome {
  std::optional<AvailabilityTrace> trace;
  std::vector<std::string> problems;
};

}  // namespace skerry::sim

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// What each node did when, in one step or, for a run without steps, in a stretch of time.
struct Timeline {
  struct Bar {
    std::string what;
    double begin_s;  // since the beginning of the timeline's first span
    double end_s;
  };
  struct Row {
    NodeId node;
    std::vector<Bar> bars;  // sorted by their beginning
  };
  std::optional<std::uint64_t> step;
  double began_s = 0;     // since the run's start
  std::size_t edges = 0;  // how many took part
  std::vector<Row> rows;  // the cloud first, then edges in the order in which they finished
};

/// Timelines of up to `steps` traced steps, evenly spread. Each has at most `edges` edges: an even
/// sample from the fastest to the slowest, including both. Steps with less than half as many spans
/// as the fullest step are left out (preparations, and the step in which tracing ended). A run
/// whose steps overlap declares no name for a step; it has one timeline, from the middle of the
/// trace.
std::vector<Timeline> make_timelines(const host::RunRecord& record, std::size_t steps,
                                     std::size_t edges);

}  // namespace skerry::experiments

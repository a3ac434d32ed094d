#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// What happened when, node by node: in one step or, where a run has none, in a stretch of it.
struct Timeline {
  struct Bar {
    std::string what;
    double begin_s;  // since the timeline's first span
    double end_s;
  };
  struct Row {
    NodeId node;
    std::vector<Bar> bars;  // in order of their beginning
  };
  std::optional<std::uint64_t> step;
  double began_s = 0;     // since the run's start
  std::size_t edges = 0;  // that took part
  std::vector<Row> rows;  // the cloud first, then edges in the order in which they were done
};

/// Up to `steps` traced steps, evenly spread, each with at most `edges` edges: an even sample from
/// the fastest to the slowest, both of them among it. Steps with less than half as many spans as
/// the fullest one (the one in which tracing ended, preparations) are left out. Of a run whose
/// steps are not one after the other: one stretch, from the middle of what was traced.
std::vector<Timeline> make_timelines(const host::RunRecord& record, std::size_t steps,
                                     std::size_t edges);

}  // namespace skerry::experiments

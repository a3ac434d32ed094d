#pragma once

#include <filesystem>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/span_log.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::experiments {

// The layout of metrics.h5, which explains itself to h5dump and h5py alike:
//
//   /                      attributes: the manifest, nested keys joined by dots, less its "results"
//   /scenario              the resolved scenario, JSON text
//   /metrics/test/accuracy a group a metric, nested at each slash; attributes metric (its name),
//                          unit, meaning
//       step    uint64     what the manifest calls a step: a round, or an index
//       time_s  float64    virtual (simulated) or steady (live) time since the start
//       value   float64
//       node    int64      -1 the cloud, k edge k
//       row     uint64     place among all rows, in the order in which they were decided
//   /spans                 node, step, what (index into the attribute `names`), begin_s, end_s
//
// An export: a crash leaves no readable file, so nothing is ever recovered from it.

struct MetricsFile {
  ConfigNode scenario;
  ConfigNode manifest;
  std::vector<host::MetricRow> metrics;
  std::vector<host::Span> spans;
  role::Results declared = {};  // what the metrics are
};

/// Writes `path` anew; whoever calls sees to it that no one reads it half written.
/// Errors: `PATH: <what HDF5 could not do>`.
Status write_metrics_h5(const std::filesystem::path& path, const MetricsFile& file);

/// Metrics in their decided order, and spans. Times come back to the nanosecond while they are
/// below 104 days. The scenario and the manifest are left to their own files.
/// Errors: no such file, not HDF5, a group without one of its datasets.
Result<MetricsFile> read_metrics_h5(const std::filesystem::path& path);

}  // namespace skerry::experiments

#pragma once

#include <filesystem>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/span_log.hpp"
#include "scenarios/role/results.hpp"

namespace skerry::experiments {

// The layout of metrics.h5, a self-describing file for h5dump and h5py:
//
//   /                      attributes: the manifest without "results", nested keys joined by dots
//   /scenario              the resolved scenario, JSON text
//   /metrics/test/accuracy one group per metric, nested at each slash; attributes metric (its
//                          name), unit, meaning
//       step    uint64     what the manifest calls a step: a round, or an index
//       time_s  float64    virtual (simulated) or steady (live) time since the start
//       value   float64
//       node    int64      -1 for the cloud, k for edge k
//       row     uint64     position among the rows of all metrics, in the order of their decision
//   /spans                 node, step, what (index into the attribute `names`), begin_s, end_s
//
// This file is an export: nothing is ever recovered from it.

struct MetricsFile {
  ConfigNode scenario;
  ConfigNode manifest;
  std::vector<host::MetricRow> metrics;
  std::vector<host::Span> spans;
  role::Results declared = {};  // what the metrics are
};

/// Makes the file in memory and replaces `path` by it atomically.
/// Errors: `PATH: HDF5 could not make it`, `PATH: could not be written whole`.
Status write_metrics_h5(const std::filesystem::path& path, const MetricsFile& file);

/// Reads the metrics, in the order of their decision, and the spans. Times below 104 days come back
/// to the nanosecond. The scenario and the manifest are not read: they have files of their own.
/// Errors: the file is missing or not HDF5, or a group is damaged.
Result<MetricsFile> read_metrics_h5(const std::filesystem::path& path);

}  // namespace skerry::experiments

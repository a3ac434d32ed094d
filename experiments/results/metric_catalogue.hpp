#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skerry::experiments {

/// What a metric is, for files that describe themselves, tables and axes.
struct MetricInfo {
  std::string label;    // "test accuracy"
  std::string unit;     // "share", "s", "bytes", "J", "nats"; "1" for counts and plain numbers
  std::string meaning;  // a sentence
};

/// By name: `test/accuracy`. A name that nobody described gets its own words as label.
MetricInfo describe_metric(std::string_view name);

/// A metric with its name.
struct NamedMetric {
  std::string name;
  MetricInfo info;
};
/// Every metric that a run may record, by name, but for those that are named after what happened
/// (`updates/…`, `refused/…`).
std::vector<NamedMetric> known_metrics();

}  // namespace skerry::experiments

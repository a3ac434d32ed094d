#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/results/curve.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// What the cloud recorded of a metric, value by value, in order of time.
struct Recorded {
  std::vector<std::uint64_t> step;
  std::vector<double> time_s;
  std::vector<double> bytes;  // on the wire up to that step
  std::vector<double> value;
  std::size_t all = 0;  // how many there were before some were left out
};

/// Bars of one step: which metric, from when to when.
struct PhasesOfStep {
  struct Bar {
    std::string metric;
    double begin_s, end_s;  // since the run's start
  };
  std::uint64_t step;
  std::vector<Bar> bars;  // sorted by their beginning
};

/// Heights of all layers (role::Drawn::kLayers) at moments at which one has changed.
struct Layers {
  struct Layer {
    std::uint64_t number;
    double height;  // not 0
  };
  std::vector<double> time_s;
  std::vector<std::vector<Layer>> layers;  // one list a moment, by number
};

/// What pages show of one run at a time.
class RunPictures {
 public:
  /// @param record  must outlive this.
  explicit RunPictures(const host::RunRecord& record);

  /// Up to `most` values, evenly spread, including the first and the last (at least 2).
  Recorded recorded(const std::string& metric, std::size_t most) const;
  /// What the metrics say about phases (role::Drawn::kPhases), for up to `most` steps, evenly
  /// spread.
  std::vector<PhasesOfStep> phases(const std::vector<std::string>& metrics, std::size_t most) const;
  /// Up to `most` moments, evenly spread, including the first and the last (at least 2).
  Layers layers(const std::string& metric, std::size_t most) const;
  /// How a cost grew: up to the first of the events, from each to the next, and after the last. Its
  /// sum is the metric's last value. Empty if the metric was not measured.
  std::vector<double> parts_between(const std::string& metric, const std::string& events) const;

 private:
  using Rows = std::vector<const host::MetricRow*>;
  const Rows& rows_of(const std::string& metric) const;

  std::map<std::string, Rows, std::less<>> rows_;  // the cloud's, in order of time
  TrafficCurve traffic_;
};

}  // namespace skerry::experiments

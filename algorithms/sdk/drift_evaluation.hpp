#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace skerry {

/// A stream with known drifts and what a detector said about it.
struct DriftRecord {
  std::span<const std::uint64_t> drifts;  // first observation of each new concept; ascending
  std::span<const std::uint64_t> alarms;  // observations after which a drift was said; ascending
  std::uint64_t length = 0;               // observations; above every index of the two lists
  std::uint64_t max_delay = 0;            // a drift at t is found by alarms in [t, t + max_delay]
};

/// How well alarms fit drifts. An alarm within max_delay after a drift is a hit, any other a false
/// alarm; where windows overlap, it is of the earliest. A value without a meaning is absent.
/// [Bifet 2017, "Classifier concept drift detection and the illusion of progress": MTFA, MTD, MDR,
/// MTR; river's drift.evaluate: the windows, and the formulas of all]
struct DriftScore {
  std::uint64_t hits = 0;          // alarms; several may be of one drift
  std::uint64_t false_alarms = 0;  // alarms
  std::uint64_t found = 0;         // drifts with a hit
  std::uint64_t missed = 0;        // drifts without one

  /// Mean over the found drifts of the observations to the first hit. Absent if none was found.
  std::optional<double> mean_time_to_detection;  // MTD, the delay
  /// missed / drifts. Absent without drifts.
  std::optional<double> missed_detection_rate;  // MDR
  /// Mean distance of one false alarm to the next. Absent below two.
  std::optional<double> mean_time_between_false_alarms;  // MTFA
  /// MTFA / MTD * (1 - MDR). Absent where a part is, or MTD is 0 (river: infinite).
  std::optional<double> mean_time_ratio;  // MTR
  /// False alarms an observation. Absent for an empty stream.
  std::optional<double> false_alarm_rate;
  /// hits / alarms. Absent without alarms.
  std::optional<double> precision;
  /// found / drifts (river: episode_recall). Absent without drifts.
  std::optional<double> recall;
  /// Harmonic mean of precision and recall, 0 where both are. Absent where one is.
  std::optional<double> f1;
};

/// Cost: O(drifts x alarms). Lists that are not as described are a bug and stop the program.
DriftScore evaluate_drift(const DriftRecord& record);

}  // namespace skerry

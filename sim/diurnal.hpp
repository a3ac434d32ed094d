#pragma once

#include <cstdint>

#include "sim/availability.hpp"

namespace skerry::sim {

/// Edges that follow the day: edge k is available while a sinusoid that peaks at its own hour is
/// high,
///     cos(2 pi (t - peak_k) / period) >= cos(pi fraction),
/// which is a window of fraction * period around each peak, computed as such in whole nanoseconds.
/// Peaks are spread uniformly over a part of the period:  peak_k = peak + spread * period * (u_k -
/// 1/2), u_k from the stream (seed, "availability", edge). The number of edges available thus
/// rises and falls; with a spread of 1 (a population all around the globe) it stays level. Cost:
/// one draw per question, no memory.
class Diurnal final : public Availability {
 public:
  struct Config {
    Duration period = Duration::seconds(86'400);  // 1 ns ... 2^60 ns
    Duration peak;          // of the middle of the population, after the start of the run
    double fraction = 0.5;  // of the period, 0 ... 1
    double spread = 0.5;    // of the period, 0 ... 1
  };
  Diurnal(const Config& config, std::uint64_t seed);

  State at(NodeId edge, SimTime now) override;
  SimTime away_since(NodeId edge, SimTime now) override;

 private:
  std::int64_t window() const;  // how long it is open, ns
  std::int64_t since_opening(NodeId edge, SimTime now) const;
  Config config_;
  std::uint64_t seed_;
};

}  // namespace skerry::sim

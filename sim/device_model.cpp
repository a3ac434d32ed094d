#include "sim/device_model.hpp"

#include <algorithm>
#include <cmath>

namespace skerry::sim {

namespace {

ConfigNode device(ConfigNode::Object keys) { return keys; }

constexpr double kLongestNs = 1e18;  // 31 years

/// A job without batches, such as one that encodes an update, is one call.
double calls_of(const role::Work& work) {
  if (work.batch_size == 0) return 1;
  return std::ceil(static_cast<double>(work.samples) / work.batch_size);
}

}  // namespace

// Fallbacks, to be replaced by calibration: peak float32 rates from core count, clock and vector
// width of the data sheets, an eighth of which a small training step reaches; power from published
// measurements of boards under load less idle (Raspberry Pi 4: 6.4 W - 2.7 W over 4 cores; Jetson
// Nano: 10 W mode). Memory: STREAM [McCalpin 1995] where somebody measured it (Raspberry Pi 4: copy
// 5.5 GB/s, sci-pi.org.uk/bench/stream.html), else two to three quarters of the data sheet's peak.
// A call is an estimate for an interpreter with ready models (0.1 to 1 ms on a board, whose cores
// are 5 to 10 times slower than a server's); no source gives it for all of them.
const Presets& DeviceConfig::presets() {
  static const Presets all = {
      // Cortex-A72, 1.5 GHz, 8 float32 operations a cycle: 12 GFLOP/s a core at most
      {"raspberry-pi-4", device({{"flops", "1.5 GFLOP/s"},
                                 {"cores", 4},
                                 {"busy", "0.925 W"},
                                 {"radio", "0.8 W"},
                                 {"call", "200 us"},
                                 {"memory", "5.5 GB/s"}})},
      // Cortex-A53, 1.2 GHz
      {"raspberry-pi-3", device({{"flops", "0.6 GFLOP/s"},
                                 {"cores", 4},
                                 {"busy", "0.6 W"},
                                 {"radio", "0.8 W"},
                                 {"call", "500 us"},
                                 {"memory", "2 GB/s"}})},
      // Maxwell GPU, 472 GFLOP/s float16 at most
      {"jetson-nano", device({{"flops", "30 GFLOP/s"},
                              {"cores", 1},
                              {"busy", "8.5 W"},
                              {"radio", "0.8 W"},
                              {"call", "300 us"},
                              {"memory", "18 GB/s"}})},
      // one big core of a phone of 2020
      {"phone", device({{"flops", "4 GFLOP/s"},
                        {"cores", 4},
                        {"busy", "1.2 W"},
                        {"radio", "1.2 W"},
                        {"call", "100 us"},
                        {"memory", "12 GB/s"}})},
      // a rack server's core
      {"server", device({{"flops", "40 GFLOP/s"},
                         {"cores", 16},
                         {"busy", "8 W"},
                         {"radio", "0 W"},
                         {"call", "20 us"},
                         {"memory", "10 GB/s"}})},
      // computes in no time: to look at communication alone
      {"ideal", device({{"flops", "1e6 TFLOP/s"},
                        {"cores", 1000000},
                        {"busy", "0 W"},
                        {"radio", "0 W"},
                        {"call", "0 s"},
                        {"memory", "1e9 GB/s"}})},
  };
  return all;
}

Duration DeviceConfig::time_of(const role::Work& work) const {
  double seconds = work.flops / flops.flops;
  if (memory) seconds = std::max(seconds, work.bytes / memory->bytes_per_second);
  const double fixed_ns = std::min(calls_of(work) * static_cast<double>(call.count()), kLongestNs);
  return Duration::nanoseconds(static_cast<std::int64_t>(fixed_ns)) +
         Duration::ceil_seconds(seconds);
}

}  // namespace skerry::sim

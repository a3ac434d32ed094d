#include "algorithms/sdk/time.hpp"

#include <cmath>
#include <cstdio>

#include "algorithms/sdk/check.hpp"

namespace skerry {

Duration Duration::ceil_seconds(double s) {
  const double ns = std::ceil(s * 1e9);
  SKERRY_CHECK(ns >= 0, "a duration is not negative");
  if (ns >= 9.2e18) return Duration(INT64_MAX);
  return Duration(static_cast<std::int64_t>(ns));
}

std::string to_string(Duration duration) {
  const double s = duration.in_seconds();
  char text[48];
  if (std::fabs(s) < 1e-6) {
    std::snprintf(text, sizeof text, "%lld ns", static_cast<long long>(duration.count()));
  } else if (std::fabs(s) < 1e-3) {
    std::snprintf(text, sizeof text, "%.3g us", s * 1e6);
  } else if (std::fabs(s) < 1) {
    std::snprintf(text, sizeof text, "%.3g ms", s * 1e3);
  } else if (std::fabs(s) < 120) {
    std::snprintf(text, sizeof text, "%.3g s", s);
  } else if (std::fabs(s) < 7200) {
    std::snprintf(text, sizeof text, "%d min %02d s", static_cast<int>(s / 60),
                  static_cast<int>(std::fmod(s, 60)));
  } else {
    std::snprintf(text, sizeof text, "%lld h %02d min", static_cast<long long>(s / 3600),
                  static_cast<int>(std::fmod(s, 3600) / 60));
  }
  return text;
}

std::string to_string(SimTime time) { return to_string(time.since_start()); }

}  // namespace skerry

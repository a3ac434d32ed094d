#include "experiments/results/readable.hpp"

#include <cmath>
#include <cstdio>

#include "algorithms/sdk/time.hpp"

namespace skerry::experiments {

namespace {

struct Scale {
  double factor = 1;
  const char* unit = "";
  int decimals = -1;  // -1: four significant digits
};

/// @param most  from this number on the next prefix is used: it would be rounded to 1000.
Scale scale_of(double magnitude, double most, const char* const (&units)[6]) {
  Scale scale{1, units[0]};
  for (std::size_t i = 1; i < 6 && magnitude / scale.factor >= most; ++i) {
    scale.factor *= 1000;
    scale.unit = units[i];
  }
  return scale;
}

Scale byte_scale(double bytes) {
  static constexpr const char* units[6] = {"B", "kB", "MB", "GB", "TB", "PB"};
  return scale_of(std::fabs(bytes), 999.95, units);
}

Scale joule_scale(double joules) {
  static constexpr const char* units[6] = {"J", "kJ", "MJ", "GJ", "TJ", "PJ"};
  return scale_of(std::fabs(joules), 999.5, units);
}

Scale flop_scale(double operations) {
  static constexpr const char* units[6] = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"};
  return scale_of(std::fabs(operations), 999.5, units);
}

Scale second_scale(double seconds) {
  const double magnitude = std::fabs(seconds);
  if (magnitude >= 7200) return {3600, "h"};
  if (magnitude >= 120) return {60, "min"};
  if (magnitude >= 1 || magnitude == 0) return {1, "s"};
  if (magnitude >= 1e-3) return {1e-3, "ms"};
  return {1e-6, "us"};
}

Scale scale_for(double value, const std::string& unit) {
  if (unit == "bytes") return byte_scale(value);
  if (unit == "J") return joule_scale(value);
  if (unit == "FLOP") return flop_scale(value);
  if (unit == "s") return second_scale(value);
  if (unit == "share" || unit == "nats") return {1, "", 4};
  constexpr double kMostDigits = 1e21;
  const bool whole = value == std::floor(value) || std::fabs(value) >= 1e4;
  return {1, "", whole && std::fabs(value) < kMostDigits ? 0 : -1};
}

/// Three significant digits; four for bytes, so that tensor, encoded and wire bytes differ.
int decimals_for(double scaled, const std::string& unit) {
  const double magnitude = std::fabs(scaled);
  const int more = unit == "bytes" ? 1 : 0;
  if (magnitude == 0) return 0;
  if (magnitude >= 99.95) return more;
  return (magnitude >= 9.995 ? 1 : 2) + more;
}

std::string fixed(double value, int decimals) {
  char text[64];
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (decimals < 0) {
    std::snprintf(text, sizeof text, "%.4g", value);
  } else {
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
  }
  return text;
}

std::string with_unit(std::string text, const Scale& scale) {
  return *scale.unit ? text + " " + scale.unit : text;
}

bool has_prefix(const std::string& unit) {
  return unit == "bytes" || unit == "J" || unit == "s" || unit == "FLOP";
}

}  // namespace

std::string readable_bytes(double bytes) { return readable_value(bytes, "bytes"); }
std::string readable_joules(double joules) { return readable_value(joules, "J"); }

std::string readable_flops(double operations) { return readable_value(operations, "FLOP"); }

std::string readable_seconds(double seconds) {
  if (!(seconds >= 0 && seconds < 9e9)) return fixed(seconds, -1) + " s";
  return to_string(Duration::ceil_seconds(seconds));
}

std::string readable_value(double value, const std::string& unit) {
  if (!std::isfinite(value)) return fixed(value, 0);
  const Scale scale = scale_for(value, unit);
  const double scaled = value / scale.factor;
  const bool bare_bytes = unit == "bytes" && scale.factor == 1;
  const int decimals = bare_bytes         ? 0
                       : has_prefix(unit) ? decimals_for(scaled, unit)
                                          : scale.decimals;
  return with_unit(fixed(scaled, decimals), scale);
}

std::string readable_estimate(const Estimate& estimate, const std::string& unit) {
  if (estimate.n == 0) return "–";
  if (estimate.n == 1 || !std::isfinite(estimate.half_width)) {
    return readable_value(estimate.mean, unit);
  }
  const Scale scale = scale_for(estimate.mean, unit);
  const double scaled = estimate.mean / scale.factor;
  const double half = estimate.half_width / scale.factor;
  if (half == 0) return readable_value(estimate.mean, unit);
  int decimals = has_prefix(unit) ? decimals_for(scaled, unit) : scale.decimals;
  if (unit == "1") decimals = half < 10 ? 1 : 0;
  return with_unit(fixed(scaled, decimals) + " ± " + fixed(half, decimals), scale);
}

std::size_t display_width(const std::string& text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return width;
}

}  // namespace skerry::experiments

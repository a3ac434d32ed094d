#include "sim/diurnal.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::sim {
namespace {

constexpr bool is_fraction(double x) { return x >= 0 && x <= 1; }

Duration part_of(Duration whole, double part) {
  return Duration::nanoseconds(std::llround(static_cast<double>(whole.count()) * part));
}

/// The least non-negative number that differs from `value` by a multiple of `modulus`.
std::int64_t modulo(std::int64_t value, std::int64_t modulus) {
  const std::int64_t remainder = value % modulus;
  return remainder < 0 ? remainder + modulus : remainder;
}

}  // namespace

Diurnal::Diurnal(const Config& config, std::uint64_t seed) : config_(config), seed_(seed) {
  SKERRY_CHECK(config.period.count() > 0 && config.period.count() <= std::int64_t{1} << 60,
               "a period lies between 1 ns and 2^60 ns");
  SKERRY_CHECK(is_fraction(config.fraction) && is_fraction(config.spread),
               "fraction and spread lie between 0 and 1");
  config_.peak = Duration::nanoseconds(modulo(config.peak.count(), config.period.count()));
}

std::int64_t Diurnal::window() const { return part_of(config_.period, config_.fraction).count(); }

/// How long ago the edge's window opened last.
std::int64_t Diurnal::since_opening(NodeId edge, SimTime now) const {
  SKERRY_CHECK(edge.is_edge(), "availability is that of an edge");
  const double u = RandomStream(seed_, "availability", edge).uniform();
  const Duration peak = config_.peak + part_of(config_.period, config_.spread * (u - 0.5));
  const std::int64_t opening = peak.count() - window() / 2;
  const std::int64_t period = config_.period.count();
  return modulo(now.count() % period - opening, period);
}

SimTime Diurnal::away_since(NodeId edge, SimTime now) {
  if (window() == 0) return {};
  const std::int64_t away = since_opening(edge, now) - window();
  return SimTime::at(Duration::nanoseconds(std::max<std::int64_t>(0, now.count() - away)));
}

Availability::State Diurnal::at(NodeId edge, SimTime now) {
  const std::int64_t period = config_.period.count();
  const std::int64_t window = this->window();
  if (window == 0) return {.available = false};
  if (window == period) return {.available = true};
  const std::int64_t since_opening = this->since_opening(edge, now);
  const bool available = since_opening < window;
  return {.available = available,
          .until =
              change_in(now, Duration::nanoseconds((available ? window : period) - since_opening))};
}

}  // namespace skerry::sim

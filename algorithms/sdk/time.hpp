#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace skerry {

/// A span of time in whole nanoseconds. Never a floating-point number.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(std::int64_t n) { return Duration(n); }
  static constexpr Duration milliseconds(std::int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000'000); }
  /// The first whole nanosecond not before `s` seconds: work is finished when it is complete. The
  /// longest duration there is (292 years) where that is too long.
  static Duration ceil_seconds(double s);

  constexpr std::int64_t count() const { return ns_; }
  constexpr double in_seconds() const { return static_cast<double>(ns_) / 1e9; }

  constexpr auto operator<=>(const Duration&) const = default;
  /// The longest there is (292 years) where the sum would be longer.
  friend constexpr Duration operator+(Duration a, Duration b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a.ns_, b.ns_, &sum)) return Duration(sum);
    return Duration(a.ns_ > 0 ? INT64_MAX : INT64_MIN);
  }
  /// Likewise.
  friend constexpr Duration operator*(Duration a, std::int64_t times) {
    std::int64_t product = 0;
    if (!__builtin_mul_overflow(a.ns_, times, &product)) return Duration(product);
    return Duration((a.ns_ > 0) == (times > 0) ? INT64_MAX : INT64_MIN);
  }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }

  template <class A>
  void archive(A& a) {
    a(ns_);
  }

 private:
  constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}
  std::int64_t ns_ = 0;
};

/// A point in time: nanoseconds since the run started, on the simulator's clock or the steady
/// clock.
class SimTime {
 public:
  constexpr SimTime() = default;
  static constexpr SimTime at(Duration since_start) { return SimTime(since_start); }
  static constexpr SimTime never() { return SimTime(Duration::nanoseconds(INT64_MAX)); }
  /// The last point in time, 292 years after the start. No run gets there.
  static constexpr SimTime last() { return SimTime(Duration::nanoseconds(INT64_MAX - 1)); }

  constexpr Duration since_start() const { return since_start_; }
  constexpr std::int64_t count() const { return since_start_.count(); }
  constexpr double in_seconds() const { return since_start_.in_seconds(); }

  constexpr auto operator<=>(const SimTime&) const = default;
  /// last() where the sum would be later; never() stays what it is.
  friend constexpr SimTime operator+(SimTime t, Duration d) {
    if (t == never()) return t;
    const SimTime sum(t.since_start_ + d);
    return sum == never() ? last() : sum;
  }
  friend constexpr Duration operator-(SimTime a, SimTime b) {
    return a.since_start_ - b.since_start_;
  }

  template <class A>
  void archive(A& a) {
    a(since_start_);
  }

 private:
  constexpr explicit SimTime(Duration d) : since_start_(d) {}
  Duration since_start_;
};

/// For people: `1.25 s`, `340 ms`, `2 h 03 min`.
std::string to_string(Duration duration);
std::string to_string(SimTime time);

}  // namespace skerry

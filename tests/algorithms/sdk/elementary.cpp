#include "algorithms/sdk/elementary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "tests/catch.hpp"

namespace {

using namespace skerry;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The bounds of the header, in units in the last place.
constexpr double kFloatUlps = 0.501;
constexpr double kDoubleUlps = 1.0;

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// |found - exact| in units of the last place of T at `exact`; subnormals have the unit of the
/// smallest normal.
template <class T>
double ulps_off(T found, long double exact) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(exact)) return std::isnan(found) ? 0 : 1e9;
  const int exponent =
      exact == 0 ? Limits::min_exponent - 1 : std::max(std::ilogb(exact), Limits::min_exponent - 1);
  const long double unit = std::ldexp(1.0L, exponent - (Limits::digits - 1));
  // Past the largest number the next one up stands for infinity.
  const long double end = std::ldexp(1.0L, Limits::max_exponent);
  const auto reach = [end](long double x) { return std::clamp(x, -end, end); };
  if (std::isinf(exact) || std::fabs(exact) >= end)
    return std::isinf(found) && (found > 0) == (exact > 0) ? 0 : 1e9;
  return static_cast<double>(std::fabs(reach(found) - exact) / unit);
}

/// Every 997th bit pattern: all signs and exponents, subnormals, infinities and NaNs among them.
std::vector<float> float_patterns() {
  std::vector<float> found;
  for (std::uint64_t b = 0; b < (std::uint64_t{1} << 32); b += 997) {
    found.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(b)));
  }
  for (float x : {0.0f, -0.0f, kInfinity, -kInfinity, kNaN, 1.0f, -1.0f}) found.push_back(x);
  for (std::uint32_t b : {1u, 0x007fffffu, 0x00800000u, 0x7f7fffffu}) {
    for (std::uint32_t sign : {0u, 0x80000000u}) found.push_back(std::bit_cast<float>(b | sign));
  }
  return found;
}

/// Floats around each point: the neighbours that a wrong limit would get wrong.
std::vector<float> around(std::initializer_list<float> points) {
  std::vector<float> found;
  for (float point : points) {
    for (int step = -2000; step <= 2000; ++step) {
      found.push_back(std::bit_cast<float>(bits(point) + static_cast<std::uint32_t>(step)));
    }
  }
  return found;
}

template <class F, class G>
double worst_ulps(const std::vector<float>& inputs, F function, G reference) {
  double worst = 0;
  for (float x : inputs) {
    worst = std::max(worst, ulps_off(function(x), reference(static_cast<long double>(x))));
  }
  return worst;
}

std::vector<float> concatenated(std::vector<float> a, const std::vector<float>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("exp_f32 is within its bound of long double on all kinds of floats") {
  const auto inputs = concatenated(
      float_patterns(), around({88.722839f, 88.73f, -87.33655f, -103.97208f, -103.2789f, 1e-8f,
                                0.34657359f, -0.34657359f, 1.0f, -1.0f, 88.0f, 95.0f, -110.0f}));
  const double worst = worst_ulps(
      inputs, [](float x) { return exp_f32(x); }, [](long double x) { return std::exp(x); });
  INFO("worst " << worst);
  CHECK(worst < kFloatUlps);
  CHECK(bits(exp_f32(0.0f)) == bits(1.0f));
  CHECK(bits(exp_f32(-0.0f)) == bits(1.0f));
  CHECK(exp_f32(kInfinity) == kInfinity);
  CHECK(bits(exp_f32(-kInfinity)) == bits(0.0f));
  CHECK(std::isnan(exp_f32(kNaN)));
  CHECK(exp_f32(88.73f) == kInfinity);
  CHECK(bits(exp_f32(-103.98f)) == bits(0.0f));
  CHECK(exp_f32(-103.9f) == std::numeric_limits<float>::denorm_min());
}

TEST_CASE("log_f32 is within its bound of long double on all kinds of floats") {
  const auto inputs =
      concatenated(float_patterns(),
                   around({1.0f, 0.70710678f, 1.41421356f, 2.0f, 1e-40f, 1.17549435e-38f, 3e38f}));
  const double worst = worst_ulps(
      inputs, [](float x) { return log_f32(x); }, [](long double x) { return std::log(x); });
  INFO("worst " << worst);
  CHECK(worst < kFloatUlps);
  CHECK(bits(log_f32(1.0f)) == bits(0.0f));
  CHECK(log_f32(0.0f) == -kInfinity);
  CHECK(log_f32(-0.0f) == -kInfinity);
  CHECK(log_f32(kInfinity) == kInfinity);
  CHECK(std::isnan(log_f32(-1.0f)));
  CHECK(std::isnan(log_f32(-kInfinity)));
  CHECK(std::isnan(log_f32(kNaN)));
}

TEST_CASE("tanh_f32 is within its bound of long double on all kinds of floats") {
  const auto inputs =
      concatenated(float_patterns(),
                   around({0.0625f, -0.0625f, 9.01f, 9.0109f, -9.01f, 20.0f, 0.5f, 1e-3f, 3e-2f}));
  const double worst = worst_ulps(
      inputs, [](float x) { return tanh_f32(x); }, [](long double x) { return std::tanh(x); });
  INFO("worst " << worst);
  CHECK(worst < kFloatUlps);
  CHECK(bits(tanh_f32(0.0f)) == bits(0.0f));
  CHECK(bits(tanh_f32(-0.0f)) == bits(-0.0f));
  CHECK(tanh_f32(kInfinity) == 1.0f);
  CHECK(tanh_f32(-kInfinity) == -1.0f);
  CHECK(std::isnan(tanh_f32(kNaN)));
}

TEST_CASE("exp_f64 is within its bound of long double, subnormal results included") {
  double worst = 0;
  const auto check = [&worst](double x) {
    worst = std::max(worst, ulps_off(exp_f64(x), std::exp(static_cast<long double>(x))));
  };
  for (double x = -746; x < 710.5; x += 0.000737) check(x);
  for (double x = -1; x < 1; x += 0.0000037) check(x);
  for (double x = 1; x > 1e-320; x *= 0.97) check(x), check(-x);
  for (double x : {709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412})
    check(x);
  INFO("worst " << worst);
  CHECK(worst < kDoubleUlps);
  CHECK(exp_f64(0.0) == 1);
  CHECK(exp_f64(710) == kInfinity);
  CHECK(exp_f64(kInfinity) == kInfinity);
  CHECK(bits(exp_f64(-746)) == bits(0.0));
  CHECK(bits(exp_f64(-kInfinity)) == bits(0.0));
  CHECK(std::isnan(exp_f64(kNaN)));
}

TEST_CASE("log_f64 is within its bound of long double, subnormals included") {
  double worst = 0;
  const auto check = [&worst](double x) {
    worst = std::max(worst, ulps_off(log_f64(x), std::log(static_cast<long double>(x))));
  };
  for (double x = 1e-318; x < 1e308; x *= 1.00137) check(x);
  for (double x = 0.5; x < 2; x += 0.0000017) check(x);
  for (int k = 1; k <= 2000; ++k) {
    check(1 + k * 0x1p-52);
    check(1 - k * 0x1p-53);
    check(k * 0x1p-1074);
  }
  check(std::numeric_limits<double>::max());
  INFO("worst " << worst);
  CHECK(worst < kDoubleUlps);
  CHECK(bits(log_f64(1)) == bits(0.0));
  CHECK(log_f64(0) == -kInfinity);
  CHECK(log_f64(-0.0) == -kInfinity);
  CHECK(log_f64(kInfinity) == kInfinity);
  CHECK(std::isnan(log_f64(-1e-310)));
  CHECK(std::isnan(log_f64(-kInfinity)));
  CHECK(std::isnan(log_f64(kNaN)));
}

TEST_CASE("log_f64 of many values has the bits of one by one, special values among them or not") {
  std::vector<double> normal;
  for (double x = 1e-300; x < 1e300; x *= 1.37) normal.push_back(x);
  std::vector<double> special = normal;
  for (double x : {0.0, -1.0, 1e-310, double{kInfinity}, static_cast<double>(kNaN)})
    special.push_back(x);
  for (const std::vector<double>& inputs : {normal, special}) {
    for (std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{8}, inputs.size()}) {
      std::vector<double> values(inputs.end() - static_cast<std::ptrdiff_t>(size), inputs.end());
      const std::vector<double> before = values;
      log_f64(std::span(values));
      for (std::size_t i = 0; i < size; ++i) CHECK(bits(values[i]) == bits(log_f64(before[i])));
    }
  }
}

TEST_CASE("sine and cosine of turns are within 2e-16 and exact at the quarters") {
  double worst = 0;
  const auto check = [&worst](double turns) {
    const auto found = sine_cosine_turns(turns);
    const long double angle = 2 * std::numbers::pi_v<long double> * turns;
    worst = std::max(worst, static_cast<double>(std::fabs(found.sine - std::sin(angle))));
    worst = std::max(worst, static_cast<double>(std::fabs(found.cosine - std::cos(angle))));
  };
  for (double turns = 0; turns < 1; turns += 0.00000097) check(turns);
  for (double turns = 1; turns > 1e-300; turns *= 0.93) check(turns * 0.99);
  for (int eighth = 1; eighth < 8; ++eighth) {
    for (int step = -100; step <= 100; ++step) check(eighth / 8.0 + step * 0x1p-53);
  }
  check(1 - 0x1p-53);
  INFO("worst " << worst);
  CHECK(worst < 2e-16);
  const double expected[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
  for (int quarter = 0; quarter < 4; ++quarter) {
    const auto found = sine_cosine_turns(quarter * 0.25);
    CHECK(found.sine == expected[quarter][0]);
    CHECK(found.cosine == expected[quarter][1]);
  }
}

TEST_CASE("pow_f64 is within its bound of long double") {
  constexpr std::uint32_t seed = 7;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(-700, 700), log10_base(-30, 30);
  double worst = 0, worst_scaled = 0;
  for (int i = 0; i < 300000; ++i) {
    const double x = std::pow(10.0, log10_base(random));
    const double product = exponent(random) * (i % 2 == 0 ? 1 : 1e-3);
    const double y = product / std::log(x);
    const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    const auto off = static_cast<double>(std::fabs(pow_f64(x, y) - exact) / exact);
    worst = std::max(worst, off);
    worst_scaled = std::max(worst_scaled, off / (1 + std::fabs(product)));
  }
  INFO("worst " << worst << ", " << worst_scaled);
  CHECK(worst < 2e-13);
  CHECK(worst_scaled < 4e-16);
  CHECK(pow_f64(2, 10) == Approx(1024).epsilon(1e-14));
  CHECK(pow_f64(3.5, 0) == 1);
  CHECK(pow_f64(1, 1e300) == 1);
}

TEST_CASE("powi_f64 is a product") {
  CHECK(powi_f64(0.5, 0) == 1);
  CHECK(powi_f64(0, 0) == 1);
  CHECK(powi_f64(-3, 5) == -243);
  CHECK(powi_f64(2, 1000) == std::ldexp(1.0, 1000));
  CHECK(powi_f64(0.999, 20) == Approx(std::pow(0.999, 20)).epsilon(1e-14));
}

TEST_CASE("the functions over spans give the bits of the functions of one value") {
  auto inputs = concatenated(float_patterns(), around({88.7f, -103.9f, 0.0625f, 1.0f, 9.01f}));
  for (std::size_t length :
       {inputs.size(), std::size_t{1}, std::size_t{7}, std::size_t{16}, std::size_t{33}}) {
    const std::vector<float> in(inputs.end() - static_cast<std::ptrdiff_t>(length), inputs.end());
    std::vector<float> exps = in, logs = in, tanhs = in;
    exp_f32(exps);
    log_f32(logs);
    tanh_f32(tanhs);
    std::size_t different = 0;
    const auto same = [](float a, float b) {
      return bits(a) == bits(b) || (std::isnan(a) && std::isnan(b));
    };
    for (std::size_t i = 0; i < length; ++i) {
      different += !same(exps[i], exp_f32(in[i])) + !same(logs[i], log_f32(in[i])) +
                   !same(tanhs[i], tanh_f32(in[i]));
    }
    CHECK(different == 0);
  }
}

TEST_CASE("elementary functions have pinned bits") {
  // Only the same operations in the same order give these bits.
  std::uint64_t hash = 14695981039346656037u;
  const auto absorb = [&hash](std::uint64_t value) { hash = (hash ^ value) * 1099511628211u; };
  for (int i = 1; i < 4000; ++i) {
    const double x = i * 0.0371;
    absorb(bits(exp_f64(x - 74)));
    absorb(bits(log_f64(x)));
    absorb(bits(sine_cosine_turns(x / 150).sine));
    absorb(bits(sine_cosine_turns(x / 150).cosine));
    absorb(bits(pow_f64(x, 0.3)));
    absorb(bits(exp_f32(static_cast<float>(x - 74))));
    absorb(bits(log_f32(static_cast<float>(x))));
    absorb(bits(tanh_f32(static_cast<float>(x / 15 - 5))));
  }
  CHECK(hash == 0xaa7d81b51e88b5d6u);
}

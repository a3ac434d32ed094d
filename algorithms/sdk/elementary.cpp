#include "algorithms/sdk/elementary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace skerry {
namespace {

#define SKERRY_INLINE [[gnu::always_inline]] inline

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// ln 2 = kLn2High + kLn2Low. The high part ends in 11 zero bits: its product with an exponent is
// exact.
constexpr double kLn2High = 0x1.62e42fefa3800p-1;
constexpr double kLn2Low = 0x1.ef35793c76730p-45;

// Adding it to |x| < 2^51 rounds x to a whole number, which then stands in the lowest bits.
constexpr double kRounder = 0x1.8p52;

SKERRY_INLINE double power_of_two(std::int64_t exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

// A choice without a branch: loops over it vectorise.
SKERRY_INLINE double choose(bool condition, double yes, double no) {
  const std::uint64_t mask = 0 - static_cast<std::uint64_t>(condition);
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(yes) & mask) |
                               (std::bit_cast<std::uint64_t>(no) & ~mask));
}

// sum_k c[k] x^k, from the highest power down.
template <std::size_t k = 0, std::size_t n>
SKERRY_INLINE double polynomial(const double (&c)[n], double x) {
  if constexpr (k + 1 == n) {
    return c[k];
  } else {
    return c[k] + x * polynomial<k + 1>(c, x);
  }
}

// 1/(k+2)!: (e^r - 1 - r) / r^2, |r| <= ln(2)/2.
constexpr double kExp[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                           1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                           1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
// The same up to r^10: 3e-13 of e^r, enough for a float.
constexpr double kExpShort[] = {1.0 / 2,    1.0 / 6,     1.0 / 24,     1.0 / 120,    1.0 / 720,
                                1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800};

// e^x for |x| < 700 to 3e-13, without a branch.
SKERRY_INLINE double exp_short(double x) {
  const double shifted = x * std::numbers::log2e + kRounder;
  const double k = shifted - kRounder;
  const double r = (x - k * kLn2High) - k * kLn2Low;
  const double value = 1.0 + (r + r * r * polynomial(kExpShort, r));
  const std::uint64_t exponent = std::bit_cast<std::uint64_t>(shifted) << 52;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) + exponent);
}

SKERRY_INLINE float exp_one(float x) {
  // Clamped to where the float is 0 or infinity for certain. NaN passes both comparisons.
  double wide = static_cast<double>(x);
  wide = choose(wide < -110.0, -110.0, wide);
  wide = choose(wide > 95.0, 95.0, wide);
  const double value = exp_short(wide);
  return static_cast<float>(choose(wide == wide, value, wide));
}

SKERRY_INLINE float tanh_one(float x) {
  double wide = static_cast<double>(x);
  wide = choose(wide < -20.0, -20.0, wide);
  wide = choose(wide > 20.0, 20.0, wide);
  // 1 - 2/(e^2x + 1) loses the low bits of a small x, where x - x^3/3 + 2x^5/15 has them all.
  const double square = wide * wide;
  const double small = wide * (1.0 + square * (square * (2.0 / 15) - 1.0 / 3));
  const double large = 1.0 - 2.0 / (exp_short(wide + wide) + 1.0);
  return static_cast<float>(choose(square < 0x1p-12, small, choose(wide == wide, large, wide)));
}

// 2/(2k+3): log((1+s)/(1-s)) = 2s + s^3 sum_k c[k] s^2k.
constexpr double kLog[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                           2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};

// log of a positive normal number: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
// log(1+f) = f - (f^2/2 - s (f^2/2 + R)), s = f/(2+f), R = s^2 sum c[k] s^2k: what is subtracted
// from f is small, so its rounding is too. [Ng, "log" of FreeBSD's msun]
SKERRY_INLINE double log_normal(double x) {
  constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcdu;  // bits of sqrt(1/2)
  const std::uint64_t above = std::bit_cast<std::uint64_t>(x) - root_half;
  // The biased exponent turned into a double by its bits: vectors of plain x86-64 cannot convert
  // int64.
  constexpr std::uint64_t two_to_52 = 0x4330000000000000u;
  const double k =
      std::bit_cast<double>(((above + (std::uint64_t{1024} << 52)) >> 52) | two_to_52) -
      (0x1p52 + 1024.0);
  const double f = std::bit_cast<double>((above & 0x000fffffffffffffu) + root_half) - 1.0;
  const double s = f / (2.0 + f);
  const double square = s * s;
  const double half = 0.5 * f * f;
  const double rest = square * polynomial(kLog, square);
  return k * kLn2High - ((half - (s * (half + rest) + k * kLn2Low)) - f);
}

SKERRY_INLINE float log_one(float x) {
  const double wide = static_cast<double>(x);  // a subnormal float is a normal double
  const double value = log_normal(wide);
  // NaN and +inf are returned as they are.
  const double special = choose(wide < 0, kNaN, choose(wide == 0, -kInfinity, wide));
  return static_cast<float>(choose((wide > 0) & (wide < kInfinity), value, special));
}

// (sin t - t)/t^3 and (cos t - 1 + t^2/2)/t^4 by powers of t^2, |t| <= pi/4.
constexpr double kSine[] = {
    -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
    -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
constexpr double kCosine[] = {
    1.0 / 24,        -1.0 / 720,         1.0 / 40320,         -1.0 / 3628800,
    1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000};

}  // namespace

float exp_f32(float x) { return exp_one(x); }
float log_f32(float x) { return log_one(x); }
float tanh_f32(float x) { return tanh_one(x); }

double exp_f64(double x) {
  if (!(x < 709.8)) return x > 0 ? kInfinity : x;  // infinity or NaN
  if (x < -745.2) return 0;
  const double shifted = x * std::numbers::log2e + kRounder;
  const double k = shifted - kRounder;
  const double high = x - k * kLn2High;  // exact
  const double low = k * kLn2Low;
  const double r = high - low;
  const double lost = (high - r) - low;
  const double value = 1.0 + (r + (r * r * polynomial(kExp, r) + lost));
  // In two steps, since 2^k alone may not be a normal number.
  const auto exponent = static_cast<std::int64_t>(k);
  const std::int64_t first = exponent / 2;
  return value * power_of_two(first) * power_of_two(exponent - first);
}

double log_f64(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNaN;
  if (x == kInfinity) return x;
  if (x >= std::numeric_limits<double>::min()) return log_normal(x);
  return log_normal(x * 0x1p54) - 54 * std::numbers::ln2;
}

SineCosine sine_cosine_turns(double turns) {
  // The nearest quarter and the rest of at most an eighth of a turn, both exact.
  const double quarter = (turns * 4.0 + kRounder) - kRounder;
  const double t = (turns - quarter * 0.25) * (2.0 * std::numbers::pi);
  const double square = t * t;
  const double sine = t + t * square * polynomial(kSine, square);
  const double cosine = 1.0 - (0.5 * square - square * square * polynomial(kCosine, square));
  switch (static_cast<int>(quarter) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

double pow_f64(double x, double y) { return exp_f64(y * log_f64(x)); }

double powi_f64(double x, std::uint64_t n) {
  double result = 1;
  for (; n > 0; n >>= 1, x *= x) {
    if (n & 1) result *= x;
  }
  return result;
}

// Loops that vectorise, once for each instruction set. None contracts, so all give the same bits.
namespace {

template <class T>
using Loop = void (*)(T* values, std::size_t count);

#define SKERRY_LOOP(T, name, one, suffix, target)                       \
  target void name##_loop_##suffix(T* values, std::size_t count) {      \
    for (std::size_t i = 0; i < count; ++i) values[i] = one(values[i]); \
  }
#define SKERRY_LOOPS(suffix, target)                 \
  SKERRY_LOOP(float, exp, exp_one, suffix, target)   \
  SKERRY_LOOP(float, log, log_one, suffix, target)   \
  SKERRY_LOOP(float, tanh, tanh_one, suffix, target) \
  SKERRY_LOOP(double, log_normal, log_normal, suffix, target)

SKERRY_LOOPS(plain, )
#if defined(__x86_64__)
SKERRY_LOOPS(avx2, [[gnu::target("avx2")]])
SKERRY_LOOPS(avx512, [[gnu::target("avx512f,avx512vl,avx512dq,prefer-vector-width=512")]])
#endif

struct Loops {
  Loop<float> exp;
  Loop<float> log;
  Loop<float> tanh;
  Loop<double> log_normal;
};

Loops fastest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    return {exp_loop_avx512, log_loop_avx512, tanh_loop_avx512, log_normal_loop_avx512};
  }
  if (__builtin_cpu_supports("avx2"))
    return {exp_loop_avx2, log_loop_avx2, tanh_loop_avx2, log_normal_loop_avx2};
#endif
  return {exp_loop_plain, log_loop_plain, tanh_loop_plain, log_normal_loop_plain};
}

const Loops& loops() {
  static const Loops chosen = fastest();
  return chosen;
}

}  // namespace

void exp_f32(std::span<float> values) { loops().exp(values.data(), values.size()); }
void log_f32(std::span<float> values) { loops().log(values.data(), values.size()); }
void tanh_f32(std::span<float> values) { loops().tanh(values.data(), values.size()); }

void log_f64(std::span<double> values) {
  const auto normal = [](double x) {
    return x >= std::numeric_limits<double>::min() && x < kInfinity;
  };
  if (std::all_of(values.begin(), values.end(), normal)) {
    loops().log_normal(values.data(), values.size());
  } else {
    for (double& value : values) value = log_f64(value);
  }
}

}  // namespace skerry

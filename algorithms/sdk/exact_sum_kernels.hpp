#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace skerry::exact {

// The arithmetic of ExactSum on one block. Only exact_sum.cpp and its tests include this.

/// Bits between neighbouring bins: bin j holds multiples of 2^(kBinBits * j).
inline constexpr int kBinBits = 40;
/// Values that share one set of bins.
inline constexpr std::size_t kBlockSize = 1024;
/// A term's magnitude lies in [2^-298, 2^256), a sum of 2^63 of them below 2^319: bins -8 to 8.
inline constexpr int kLowestBin = -8;
inline constexpr int kHighestBin = 8;

/// The unit of a bin.
inline double unit_of(int bin) { return std::ldexp(1.0, kBinBits * bin); }
/// Adding and taking away 1.5 * 2^52 units rounds to a multiple of the unit.
inline double rounder(int bin) { return std::ldexp(1.5, 52 + kBinBits * bin); }

/// The bins of a block: `count` rows, row r belongs to bin `lowest` + r and holds one double a
/// value.
template <class Double>
struct RowsOf {
  Double* values;
  std::size_t stride;
  int lowest;
  int count;
};
using Rows = RowsOf<double>;
using ConstRows = RowsOf<const double>;

/// One vector's part of a block, and its weight.
struct Source {
  const float* values;
  double weight;
};

/// Bit patterns, sign removed, of the largest value and of the smallest that is not 0.
/// largest 0: every value is 0. largest >= kInfinityBits: one is infinite or not a number.
struct Magnitudes {
  std::uint32_t largest;
  std::uint32_t smallest;
};
inline constexpr std::uint32_t kInfinityBits = 0x7f800000u;

/// A row's number as a balanced digit, in (-half, half] of the next bin's unit, and what goes to
/// the next bin. Such digits are unique: what follows from them follows from the exact sum alone.
struct Balanced {
  double digit;
  double carried;

  /// @param unit   of the row's bin.
  /// @param round  1.5 * 2^52 of the next bin's units.
  [[gnu::always_inline]] Balanced(double number, double unit, double round) {
    const double multiple = (number + round) - round;
    const double rest = number - multiple;
    // Minus one base where rest is -half, which is written as half; 0 elsewhere.
    const double borrow = ((rest - unit) + round) - round;
    digit = rest - borrow;
    carried = multiple + borrow;
  }
};

/// One build of the kernels. Every operation is exact, so all builds give the same bits.
struct Kernels {
  std::string_view instructions;
  Magnitudes (*scan)(const float* values, std::size_t count);
  /// Adds weight * value of every source to the first `width` values of the rows. Every |weight *
  /// value| is a multiple of the lowest bin's unit and below 2^39 units of the highest, and every
  /// row stays below 2^53 of its units.
  void (*add)(const Rows& rows, std::span<const Source> sources, std::size_t width);
  /// sums[i] = the balanced digits of value i, the lowest first, for i < width; the rows stay as
  /// they are. Each digit is at least twice what lies below it, so none cancels another.
  void (*collapse)(const ConstRows& rows, double* sums, std::size_t width);
};

/// The builds this processor can run, the plainest first, the fastest last.
std::span<const Kernels> kernels();

}  // namespace skerry::exact

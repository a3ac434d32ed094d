#include "algorithms/sdk/exact_sum_kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace skerry::exact {
namespace {

#define SKERRY_INLINE [[gnu::always_inline]] inline

SKERRY_INLINE Magnitudes scan_values(const float* __restrict values, std::size_t count) {
  std::uint32_t largest = 0, below_smallest = 0xffffffffu;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffu;
    largest = std::max(largest, bits);
    below_smallest = std::min(below_smallest, bits - 1u);  // 0 wraps around and never wins
  }
  return {largest, below_smallest + 1u};
}

// kSources vectors in one pass over kRows rows: the rows are read and written once.
template <int kRows, int kSources>
SKERRY_INLINE void add_pass(const Rows& rows, const Source* sources, std::size_t width) {
  double round[kRows];
  double* row[kRows];
  for (int r = 0; r < kRows; ++r) {
    round[r] = rounder(rows.lowest + r);
    row[r] = rows.values + static_cast<std::size_t>(r) * rows.stride;
  }
  const float* values[kSources];
  double weight[kSources];
  for (int k = 0; k < kSources; ++k) {
    values[k] = sources[k].values;
    weight[k] = sources[k].weight;
  }
#pragma GCC ivdep
  for (std::size_t i = 0; i < width; ++i) {
    double sum[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sum[r] = row[r][i];
#pragma GCC unroll 8
    for (int k = 0; k < kSources; ++k) {
      double rest = weight[k] * static_cast<double>(values[k][i]);
#pragma GCC unroll 8
      for (int r = kRows - 1; r > 0; --r) {
        const double piece = (rest + round[r]) - round[r];
        sum[r] += piece;
        rest -= piece;
      }
      sum[0] += rest;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) row[r][i] = sum[r];
  }
}

template <int kRows>
SKERRY_INLINE void add_passes(const Rows& rows, std::span<const Source> sources,
                              std::size_t width) {
  const Source* next = sources.data();
  std::size_t left = sources.size();
  for (; left >= 8; left -= 8, next += 8) add_pass<kRows, 8>(rows, next, width);
  if (left & 4) add_pass<kRows, 4>(rows, next, width), next += 4;
  if (left & 2) add_pass<kRows, 2>(rows, next, width), next += 2;
  if (left & 1) add_pass<kRows, 1>(rows, next, width);
}

// Any number of rows, for blocks of a very wide range.
SKERRY_INLINE void add_wide(const Rows& rows, std::span<const Source> sources, std::size_t width) {
  double rest[kBlockSize];
  for (const Source& source : sources) {
    for (std::size_t i = 0; i < width; ++i) {
      rest[i] = source.weight * static_cast<double>(source.values[i]);
    }
    for (int r = rows.count - 1; r > 0; --r) {
      const double round = rounder(rows.lowest + r);
      double* __restrict row = rows.values + static_cast<std::size_t>(r) * rows.stride;
      for (std::size_t i = 0; i < width; ++i) {
        const double piece = (rest[i] + round) - round;
        row[i] += piece;
        rest[i] -= piece;
      }
    }
    for (std::size_t i = 0; i < width; ++i) rows.values[i] += rest[i];
  }
}

SKERRY_INLINE void add_sources(const Rows& rows, std::span<const Source> sources,
                               std::size_t width) {
  switch (rows.count) {
    case 1:
      return add_passes<1>(rows, sources, width);
    case 2:
      return add_passes<2>(rows, sources, width);
    case 3:
      return add_passes<3>(rows, sources, width);
    case 4:
      return add_passes<4>(rows, sources, width);
    default:
      return add_wide(rows, sources, width);
  }
}

SKERRY_INLINE void collapse_rows(const ConstRows& rows, double* __restrict sums,
                                 std::size_t width) {
  double carried[kBlockSize];
  std::fill_n(sums, width, 0.0);
  std::fill_n(carried, width, 0.0);
  for (int r = 0; r < rows.count; ++r) {
    const double unit = unit_of(rows.lowest + r), round = rounder(rows.lowest + r + 1);
    const double* row = rows.values + static_cast<std::size_t>(r) * rows.stride;
    for (std::size_t i = 0; i < width; ++i) {
      const Balanced number(row[i] + carried[i], unit, round);
      sums[i] += number.digit;
      carried[i] = number.carried;
    }
  }
  for (std::size_t i = 0; i < width; ++i) sums[i] += carried[i];  // small enough to be a digit
}

// The same code once for each instruction set: [[gnu::target]] of the caller holds for what is
// inlined in it.
#define SKERRY_KERNELS(suffix, target)                                                             \
  target Magnitudes scan_##suffix(const float* values, std::size_t count) {                        \
    return scan_values(values, count);                                                             \
  }                                                                                                \
  target void add_##suffix(const Rows& rows, std::span<const Source> sources, std::size_t width) { \
    add_sources(rows, sources, width);                                                             \
  }                                                                                                \
  target void collapse_##suffix(const ConstRows& rows, double* sums, std::size_t width) {          \
    collapse_rows(rows, sums, width);                                                              \
  }

SKERRY_KERNELS(plain, )
#if defined(__x86_64__)
SKERRY_KERNELS(avx2, [[gnu::target("avx2")]])
SKERRY_KERNELS(avx512, [[gnu::target("avx512f,avx512vl,prefer-vector-width=512")]])
#endif

std::vector<Kernels> runnable() {
  std::vector<Kernels> found{{"plain", scan_plain, add_plain, collapse_plain}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) found.push_back({"avx2", scan_avx2, add_avx2, collapse_avx2});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    found.push_back({"avx512", scan_avx512, add_avx512, collapse_avx512});
  }
#endif
  return found;
}

}  // namespace

std::span<const Kernels> kernels() {
  static const std::vector<Kernels> all = runnable();
  return all;
}

}  // namespace skerry::exact

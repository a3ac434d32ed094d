// The kernels in plain C++: the reference for the others, and what runs on processors with neither
// AVX2 nor AVX-512. Slow where fma is a library call.
#include <cstddef>
#include <cstdint>

#define SKERRY_INLINE [[gnu::always_inline]] inline

namespace skerry::kernels {
namespace {

constexpr int kLanes = 8;
constexpr int kTileRows = 2;
constexpr int kTileVectors = 2;
struct V {
  float lane[kLanes];
};

template <class F>
SKERRY_INLINE V each_lane(F f) {
  V out;
  for (int l = 0; l < kLanes; ++l) out.lane[l] = f(l);
  return out;
}
SKERRY_INLINE V zero() {
  return each_lane([](int) { return 0.0f; });
}
SKERRY_INLINE V load(const float* p) {
  return each_lane([=](int l) { return p[l]; });
}
SKERRY_INLINE void store(float* p, const V& v) {
  for (int l = 0; l < kLanes; ++l) p[l] = v.lane[l];
}
/// The first `count` <= kLanes floats; the other lanes are zero, or left alone in memory.
SKERRY_INLINE V load_some(const float* p, std::size_t count) {
  V out{};
  for (std::size_t l = 0; l < count; ++l) out.lane[l] = p[l];
  return out;
}
SKERRY_INLINE void store_some(float* p, const V& v, std::size_t count) {
  for (std::size_t l = 0; l < count; ++l) p[l] = v.lane[l];
}
SKERRY_INLINE V broadcast(float x) {
  return each_lane([=](int) { return x; });
}
SKERRY_INLINE V fma(const V& a, const V& b, const V& c) {
  return each_lane([&](int l) { return __builtin_fmaf(a.lane[l], b.lane[l], c.lane[l]); });
}
SKERRY_INLINE V add(const V& a, const V& b) {
  return each_lane([&](int l) { return a.lane[l] + b.lane[l]; });
}
/// a > b ? x : y
SKERRY_INLINE V where_greater(const V& a, const V& b, const V& x, const V& y) {
  return each_lane([&](int l) { return a.lane[l] > b.lane[l] ? x.lane[l] : y.lane[l]; });
}
/// a == b ? x : y
SKERRY_INLINE V where_equal(const V& a, const V& b, const V& x, const V& y) {
  return each_lane([&](int l) { return a.lane[l] == b.lane[l] ? x.lane[l] : y.lane[l]; });
}
/// Groups of 4 floats, at a pitch from each other.
SKERRY_INLINE V load_groups(const float* p, std::size_t pitch) {
  return each_lane([=](int l) { return p[l / 4 * pitch + l % 4]; });
}
/// In each group of 4: a0 b0 a1 b1, a2 b2 a3 b3; a0 a1 b0 b1, a2 a3 b2 b3.
SKERRY_INLINE V interleave_low(const V& a, const V& b) {
  return each_lane([&](int l) { return (l % 2 ? b : a).lane[l / 4 * 4 + l % 4 / 2]; });
}
SKERRY_INLINE V interleave_high(const V& a, const V& b) {
  return each_lane([&](int l) { return (l % 2 ? b : a).lane[l / 4 * 4 + 2 + l % 4 / 2]; });
}
SKERRY_INLINE V join_low(const V& a, const V& b) {
  return each_lane([&](int l) { return (l % 4 < 2 ? a : b).lane[l / 4 * 4 + l % 2]; });
}
SKERRY_INLINE V join_high(const V& a, const V& b) {
  return each_lane([&](int l) { return (l % 4 < 2 ? a : b).lane[l / 4 * 4 + 2 + l % 2]; });
}
/// Bit l stands for lane l.
using Mask = unsigned;
template <class F>
SKERRY_INLINE Mask mask_where(F f) {
  Mask mask = 0;
  for (int l = 0; l < kLanes; ++l) mask |= static_cast<Mask>(f(l)) << l;
  return mask;
}
SKERRY_INLINE Mask equal(const V& a, const V& b) {
  return mask_where([&](int l) { return a.lane[l] == b.lane[l]; });
}
SKERRY_INLINE Mask nonzero(const V& a) {
  return mask_where([&](int l) { return a.lane[l] != 0; });
}
/// The lanes of `which`, packed together; what is written after them is unspecified.
SKERRY_INLINE void compress(void* to, const V& v, Mask which) {
  for (auto next = static_cast<char*>(to); which != 0; which &= which - 1) {
    __builtin_memcpy(next, &v.lane[__builtin_ctz(which)], sizeof(float));
    next += sizeof(float);
  }
}
/// Lanes as the bits of integers: l * `step` in lane l; and `addend` added to each.
SKERRY_INLINE V lane_steps(std::uint32_t step) {
  return each_lane(
      [=](int l) { return __builtin_bit_cast(float, static_cast<std::uint32_t>(l) * step); });
}
SKERRY_INLINE V add_bits(const V& v, std::uint32_t addend) {
  return each_lane([&](int l) {
    return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, v.lane[l]) + addend);
  });
}

}  // namespace
}  // namespace skerry::kernels

#include "algorithms/kernels/table.inl"

namespace skerry::kernels {
extern const Kernels kPlain;
const Kernels kPlain = make_table(InstructionSet::kPlain);
}  // namespace skerry::kernels

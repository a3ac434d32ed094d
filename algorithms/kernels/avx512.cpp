// The kernels for AVX-512 (F, VL, DQ, BW). Compiled with -mavx512…: nothing but the table may leave
// this file.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define SKERRY_INLINE [[gnu::always_inline]] inline

namespace skerry::kernels {
namespace {

using V = __m512;
constexpr int kLanes = 16;
constexpr int kTileRows = 14;  // x 2 vectors = 28 of 32 registers hold sums
constexpr int kTileVectors = 2;

SKERRY_INLINE V zero() { return _mm512_setzero_ps(); }
SKERRY_INLINE V load(const float* p) { return _mm512_loadu_ps(p); }
SKERRY_INLINE void store(float* p, V v) { _mm512_storeu_ps(p, v); }
/// The first `count` <= kLanes floats; the other lanes are zero, or left alone in memory.
SKERRY_INLINE __mmask16 first(std::size_t count) {
  return static_cast<__mmask16>((1u << count) - 1u);
}
SKERRY_INLINE V load_some(const float* p, std::size_t count) {
  return _mm512_maskz_loadu_ps(first(count), p);
}
SKERRY_INLINE void store_some(float* p, V v, std::size_t count) {
  _mm512_mask_storeu_ps(p, first(count), v);
}
SKERRY_INLINE V broadcast(float x) { return _mm512_set1_ps(x); }
SKERRY_INLINE V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
SKERRY_INLINE V add(V a, V b) { return _mm512_add_ps(a, b); }
/// a > b ? x : y
SKERRY_INLINE V where_greater(V a, V b, V x, V y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), y, x);
}
/// a == b ? x : y
SKERRY_INLINE V where_equal(V a, V b, V x, V y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ), y, x);
}
/// Groups of 4 floats, at a pitch from each other.
SKERRY_INLINE V load_groups(const float* p, std::size_t pitch) {
  V v = _mm512_castps128_ps512(_mm_loadu_ps(p));
  v = _mm512_mask_broadcast_f32x4(v, 0x00f0, _mm_loadu_ps(p + pitch));
  v = _mm512_mask_broadcast_f32x4(v, 0x0f00, _mm_loadu_ps(p + 2 * pitch));
  return _mm512_mask_broadcast_f32x4(v, 0xf000, _mm_loadu_ps(p + 3 * pitch));
}
/// In each group of 4: a0 b0 a1 b1, a2 b2 a3 b3; a0 a1 b0 b1, a2 a3 b2 b3.
SKERRY_INLINE V interleave_low(V a, V b) { return _mm512_unpacklo_ps(a, b); }
SKERRY_INLINE V interleave_high(V a, V b) { return _mm512_unpackhi_ps(a, b); }
SKERRY_INLINE V join_low(V a, V b) { return _mm512_shuffle_ps(a, b, 0x44); }
SKERRY_INLINE V join_high(V a, V b) { return _mm512_shuffle_ps(a, b, 0xee); }
/// Bit l stands for lane l.
using Mask = unsigned;
SKERRY_INLINE Mask equal(V a, V b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
SKERRY_INLINE Mask nonzero(V a) { return _mm512_cmp_ps_mask(a, zero(), _CMP_NEQ_UQ); }
/// The lanes of `which`, packed together; what is written after them is unspecified.
SKERRY_INLINE void compress(void* to, V v, Mask which) {
  _mm512_storeu_ps(to, _mm512_maskz_compress_ps(static_cast<__mmask16>(which), v));
}
/// Lanes as the bits of integers: l * `step` in lane l; and `addend` added to each.
SKERRY_INLINE V lane_steps(std::uint32_t step) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_castsi512_ps(_mm512_mullo_epi32(lane, _mm512_set1_epi32(static_cast<int>(step))));
}
SKERRY_INLINE V add_bits(V v, std::uint32_t addend) {
  return _mm512_castsi512_ps(
      _mm512_add_epi32(_mm512_castps_si512(v), _mm512_set1_epi32(static_cast<int>(addend))));
}

}  // namespace
}  // namespace skerry::kernels

#include "algorithms/kernels/table.inl"

namespace skerry::kernels {
extern const Kernels kAvx512;
const Kernels kAvx512 = make_table(InstructionSet::kAvx512);
}  // namespace skerry::kernels
#endif

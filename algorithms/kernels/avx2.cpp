// The kernels for AVX2 with FMA. Compiled with -mavx2 -mfma: nothing but the table may leave this
// file.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define SKERRY_INLINE [[gnu::always_inline]] inline

namespace skerry::kernels {
namespace {

using V = __m256;
constexpr int kLanes = 8;
constexpr int kTileRows = 6;  // x 2 vectors = 12 of 16 registers hold sums
constexpr int kTileVectors = 2;

SKERRY_INLINE V zero() { return _mm256_setzero_ps(); }
SKERRY_INLINE V load(const float* p) { return _mm256_loadu_ps(p); }
SKERRY_INLINE void store(float* p, V v) { _mm256_storeu_ps(p, v); }
/// The first `count` <= kLanes floats; the other lanes are zero, or left alone in memory.
SKERRY_INLINE __m256i first(std::size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
}
SKERRY_INLINE V load_some(const float* p, std::size_t count) {
  return _mm256_maskload_ps(p, first(count));
}
SKERRY_INLINE void store_some(float* p, V v, std::size_t count) {
  _mm256_maskstore_ps(p, first(count), v);
}
SKERRY_INLINE V broadcast(float x) { return _mm256_set1_ps(x); }
SKERRY_INLINE V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
SKERRY_INLINE V add(V a, V b) { return _mm256_add_ps(a, b); }
/// a > b ? x : y
SKERRY_INLINE V where_greater(V a, V b, V x, V y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
/// a == b ? x : y
SKERRY_INLINE V where_equal(V a, V b, V x, V y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}
/// Groups of 4 floats, at a pitch from each other.
SKERRY_INLINE V load_groups(const float* p, std::size_t pitch) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + pitch), 1);
}
/// In each group of 4: a0 b0 a1 b1, a2 b2 a3 b3; a0 a1 b0 b1, a2 a3 b2 b3.
SKERRY_INLINE V interleave_low(V a, V b) { return _mm256_unpacklo_ps(a, b); }
SKERRY_INLINE V interleave_high(V a, V b) { return _mm256_unpackhi_ps(a, b); }
SKERRY_INLINE V join_low(V a, V b) { return _mm256_shuffle_ps(a, b, 0x44); }
SKERRY_INLINE V join_high(V a, V b) { return _mm256_shuffle_ps(a, b, 0xee); }
/// Bit l stands for lane l.
using Mask = unsigned;
SKERRY_INLINE Mask mask_of(V v) { return static_cast<Mask>(_mm256_movemask_ps(v)); }
SKERRY_INLINE Mask equal(V a, V b) { return mask_of(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)); }
SKERRY_INLINE Mask nonzero(V a) { return mask_of(_mm256_cmp_ps(a, zero(), _CMP_NEQ_UQ)); }
/// The lanes of `which`, packed together; what is written after them is unspecified.
SKERRY_INLINE void compress(void* to, V v, Mask which) {
  float lane[kLanes];
  store(lane, v);
  for (auto next = static_cast<char*>(to); which != 0; which &= which - 1) {
    __builtin_memcpy(next, &lane[__builtin_ctz(which)], sizeof(float));
    next += sizeof(float);
  }
}
/// Lanes as the bits of integers: l * `step` in lane l; and `addend` added to each.
SKERRY_INLINE V lane_steps(std::uint32_t step) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_castsi256_ps(_mm256_mullo_epi32(lane, _mm256_set1_epi32(static_cast<int>(step))));
}
SKERRY_INLINE V add_bits(V v, std::uint32_t addend) {
  return _mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_castps_si256(v), _mm256_set1_epi32(static_cast<int>(addend))));
}

}  // namespace
}  // namespace skerry::kernels

#include "algorithms/kernels/table.inl"

namespace skerry::kernels {
extern const Kernels kAvx2;
const Kernels kAvx2 = make_table(InstructionSet::kAvx2);
}  // namespace skerry::kernels
#endif

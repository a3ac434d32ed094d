// Which inputs of a batch take part: an image's border, say, is zero in every row, and a term that
// is zero adds nothing to a chain. Cost: one pass over the batch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "algorithms/kernels/tile.inl"

namespace skerry::kernels {
namespace {

/// Inputs [begin, end).
struct Stretch {
  std::uint32_t begin;
  std::uint32_t end;
  SKERRY_INLINE std::size_t size() const { return end - begin; }
};

/// The inputs that are not zero in every row of x, as ascending stretches; between two of them at
/// least kGap inputs are left out. All other zeros are computed with, and where there are so few
/// outputs that looking costs as much as it saves, all inputs are. The shape is that of the whole
/// layer, so that its parts leave out the same.
class Stretches {
 public:
  Stretches(const float* x, std::size_t pitch, std::size_t rows, const MatrixShape& shape) {
    const std::size_t inputs = shape.inputs;
    if (shape.outputs < kWorthLooking) {
      stretches_[size_++] = {0, static_cast<std::uint32_t>(inputs)};
      return;
    }
    std::size_t block = 0;
    for (; block + kLanes <= inputs; block += kLanes) {
      add(block, used_in(rows, [&](std::size_t b) { return load(x + b * pitch + block); }));
    }
    if (block == inputs) return;
    const std::size_t left = inputs - block;
    add(block,
        used_in(rows, [&](std::size_t b) { return load_some(x + b * pitch + block, left); }));
  }
  SKERRY_INLINE const Stretch* begin() const { return stretches_; }
  SKERRY_INLINE const Stretch* end() const { return stretches_ + size_; }

 private:
  static constexpr std::size_t kWorthLooking = 2 * kPanel;
  static constexpr std::uint32_t kGap = 3;
  static constexpr std::size_t kMost = 128;  // the last one takes what is left

  template <class Row>
  SKERRY_INLINE static Mask used_in(std::size_t rows, Row row) {
    Mask used = 0;
    for (std::size_t b = 0; b < rows; ++b) used |= nonzero(row(b));
    return used;
  }

  SKERRY_INLINE void add(std::size_t block, Mask used) {
    while (used != 0) {
      const auto at = static_cast<std::uint32_t>(block) + __builtin_ctz(used);
      const Mask run = ~(used >> __builtin_ctz(used));
      const auto length = static_cast<std::uint32_t>(__builtin_ctz(run));
      if (size_ > 0 && (at - stretches_[size_ - 1].end < kGap || size_ == kMost)) {
        stretches_[size_ - 1].end = at + length;
      } else {
        stretches_[size_++] = {at, at + length};
      }
      used &= used + (used & -used);  // the lowest run is done
    }
  }

  Stretch stretches_[kMost];
  std::size_t size_ = 0;
};

}  // namespace
}  // namespace skerry::kernels

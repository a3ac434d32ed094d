#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace skerry::terms {

/// Extents of one image, stored channel by channel, row by row: [C, H, W].
struct ImageShape {
  std::size_t channels, height, width;
  std::size_t plane() const { return height * width; }
  std::size_t size() const { return channels * plane(); }
};

/// A window of the size of the image itself in the image with `padding` zeros on every side;
/// (padding, padding) is the image.
struct Window {
  std::size_t top, left;
};

/// out = the window of `image`. Both [C, H, W]; they may not overlap.
inline void crop(const ImageShape& shape, std::size_t padding, const Window& window,
                 std::span<const float> image, std::span<float> out) {
  const auto copied = [padding](std::size_t at, std::size_t extent, std::size_t begin) {
    const std::size_t there = at + begin;  // in the padded image
    return there >= padding && there < padding + extent;
  };
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const float* from = image.data() + c * shape.plane();
    float* to = out.data() + c * shape.plane();
    for (std::size_t y = 0; y < shape.height; ++y) {
      const bool row = copied(y, shape.height, window.top);
      for (std::size_t x = 0; x < shape.width; ++x) {
        const bool inside = row && copied(x, shape.width, window.left);
        to[y * shape.width + x] =
            inside ? from[(y + window.top - padding) * shape.width + x + window.left - padding] : 0;
      }
    }
  }
}

/// Mirrors left and right, in place.
inline void flip(const ImageShape& shape, std::span<float> image) {
  for (std::size_t begin = 0; begin < image.size(); begin += shape.width) {
    std::ranges::reverse(image.subspan(begin, shape.width));
  }
}

/// x <- x + delta.
inline void brighten(float delta, std::span<float> image) {
  for (float& x : image) x += delta;
}

/// x <- m + factor (x - m), where m is the mean of the channel: a double sum, rounded once.
inline void stretch_contrast(const ImageShape& shape, float factor, std::span<float> image) {
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const auto channel = image.subspan(c * shape.plane(), shape.plane());
    double sum = 0;
    for (const float x : channel) sum += double{x};
    const auto mean = static_cast<float>(sum / static_cast<double>(shape.plane()));
    for (float& x : channel) x = mean + factor * (x - mean);
  }
}

}  // namespace skerry::terms

#include "algorithms/kernels/cross_entropy.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "algorithms/kernels/lane_sum.hpp"
#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/elementary.hpp"

namespace skerry::kernels {
namespace {

constexpr std::size_t kLanes = LaneSum<float>::kLanes;
constexpr std::size_t kChunk = 256;  // exponentials at a time; a multiple of the lanes of a sum
constexpr std::size_t kRows = 32;    // logarithms at a time

constexpr std::size_t whole_lanes(std::size_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

constexpr float kNever = -std::numeric_limits<float>::infinity();

[[gnu::always_inline]] inline float score(const CrossEntropy& p, const float* scores,
                                          std::size_t c) {
  return p.active && !p.active[c] ? kNever : scores[c];
}

[[gnu::always_inline]] inline float greatest(const CrossEntropy& p, const float* scores) {
  float maximum = kNever;
  for (std::size_t c = 0; c < p.classes; ++c) maximum = std::max(maximum, score(p, scores, c));
  return maximum;
}

/// Some rows on their way to their losses.
struct Softmax {
  std::array<float, kRows> maximum;
  std::array<float, kRows> sum;   // of exponentials
  std::array<double, kRows> log;  // of the sum
  std::array<float, kChunk> exponentials;
};

/// The greatest of `count` values, a whole number of lanes; leaves out NaN.
float greatest_of_lanes(const float* values, std::size_t count) {
  float lane[kLanes];
  std::fill_n(lane, kLanes, kNever);
  for (std::size_t i = 0; i < count; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lane[l] = std::max(lane[l], values[i + l]);
  }
  for (std::size_t l = 0; l < 8; ++l) lane[l] = std::max(lane[l], lane[l + 8]);
  for (std::size_t l = 0; l < 4; ++l) lane[l] = std::max(lane[l], lane[l + 4]);
  for (std::size_t l = 0; l < 2; ++l) lane[l] = std::max(lane[l], lane[l + 2]);
  return std::max(lane[0], lane[1]);
}

/// Rows so short that several fit into a chunk: their exponentials are taken together, each row in
/// whole lanes, filled up with zeros.
void short_rows(const CrossEntropy& p, std::size_t first, std::size_t rows, Softmax& out) {
  const std::size_t pitch = whole_lanes(p.classes);
  float* next = out.exponentials.data();
  for (std::size_t r = 0; r < rows; ++r, next += pitch) {
    const float* scores = p.scores + (first + r) * p.scores_pitch;
    for (std::size_t c = 0; c < p.classes; ++c) next[c] = score(p, scores, c);
    std::fill(next + p.classes, next + pitch, kNever);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = out.exponentials.data() + r * pitch;
    out.maximum[r] = greatest_of_lanes(row, pitch);
    for (std::size_t c = 0; c < pitch; ++c) row[c] -= out.maximum[r];
  }
  exp_f32(std::span(out.exponentials.data(), rows * pitch));
  for (std::size_t r = 0; r < rows; ++r) {
    const float* row = out.exponentials.data() + r * pitch;
    LaneSum<float> sum;
    sum.add_all(pitch, [row](std::size_t c) { return row[c]; });
    out.sum[r] = sum.value();
  }
}

/// One row longer than a chunk; its exponentials go to `cotangent` unless that is null.
void long_row(const CrossEntropy& p, std::size_t b, float* cotangent, Softmax& out) {
  const float* scores = p.scores + b * p.scores_pitch;
  out.maximum[0] = greatest(p, scores);
  LaneSum<float> sum;
  for (std::size_t begin = 0; begin < p.classes; begin += kChunk) {
    const std::size_t count = std::min(kChunk, p.classes - begin);
    float* chunk = out.exponentials.data();
    for (std::size_t i = 0; i < count; ++i) {
      chunk[i] = score(p, scores, begin + i) - out.maximum[0];
    }
    exp_f32(std::span(chunk, count));
    sum.add_all(count, [chunk](std::size_t i) { return chunk[i]; });
    if (cotangent) std::copy_n(chunk, count, cotangent + begin);
  }
  out.sum[0] = sum.value();
}

/// From exponentials to (p - [c = label]) * share.
void finish_cotangent(const float* exponentials, std::size_t classes, float sum, float share,
                      std::size_t label, float* cotangent) {
  const float at_label = exponentials[label];
  for (std::size_t c = 0; c < classes; ++c) cotangent[c] = exponentials[c] / sum * share;
  cotangent[label] = (at_label / sum - 1.0f) * share;
}

}  // namespace

double cross_entropy(const CrossEntropy& p) {
  const auto weight = [&](std::size_t b) { return p.weights ? double{p.weights[b]} : 1.0; };
  const auto cotangent = [&](std::size_t b) {
    return p.cotangent ? p.cotangent + b * p.cotangent_pitch : nullptr;
  };
  SKERRY_CHECK(p.classes > 0, "there are classes to choose from");
  LaneSum<double> weights;
  weights.add_all(p.rows, weight);
  const double total = weights.value();
  LaneSum<double> loss;
  Softmax softmax;
  const bool is_long = p.classes > kChunk;
  const std::size_t pitch = whole_lanes(p.classes);
  const std::size_t together = is_long ? 1 : std::min(kRows, kChunk / pitch);
  for (std::size_t first = 0; first < p.rows; first += together) {
    const std::size_t rows = std::min(together, p.rows - first);
    if (is_long) {
      long_row(p, first, cotangent(first), softmax);
    } else {
      short_rows(p, first, rows, softmax);
    }
    std::copy_n(softmax.sum.begin(), rows, softmax.log.begin());
    std::fill(softmax.log.begin() + rows, softmax.log.begin() + whole_lanes(rows), 1.0);
    log_f64(std::span(softmax.log.data(), whole_lanes(rows)));
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t b = first + r;
      const auto label = static_cast<std::size_t>(p.labels[b]);
      SKERRY_CHECK(label < p.classes && (!p.active || p.active[label]),
                   "a label is an active class");
      const double above =
          double{p.scores[b * p.scores_pitch + label]} - double{softmax.maximum[r]};
      loss.add(b, weight(b) * (softmax.log[r] - above));
      if (!p.cotangent) continue;
      const float share = total == 0 ? 0.0f : static_cast<float>(weight(b) / total);
      const float* exponentials = is_long ? cotangent(b) : softmax.exponentials.data() + r * pitch;
      finish_cotangent(exponentials, p.classes, softmax.sum[r], share, label, cotangent(b));
    }
  }
  return total == 0 ? 0.0 : loss.value() / total;
}

}  // namespace skerry::kernels

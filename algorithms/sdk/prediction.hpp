#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace skerry {

/// The class that the scores of one example stand for: that of the highest one, the first one if
/// several have it. A single score is the logit of class 1 of two, which wins if it is above 0.
/// @param scores  [O], at least one.
std::int32_t best_class(std::span<const float> scores);

/// The probabilities of the classes: p_c = e^(z_c - max z) / sum, in double, rounded once. Of a
/// single score z, class 1 has 1 / (1 + e^-z).
/// @param scores  z [O], at least one; gives [classes].
std::vector<float> class_probabilities(std::span<const float> scores);

/// One detected object: corners in pixels, confidence in [0, 1].
struct Box {
  float x0, y0, x1, y1;
  float score;
  std::int32_t label;
};

/// What a model said about one example: class probabilities or boxes.
struct Prediction {
  std::span<const float> probabilities;  // [classes], sums to 1; empty for a detector
  std::span<const Box> boxes;            // may be empty although the model is a detector
  bool detector = false;
};

/// True if every probability or box score is a number in [0, 1], and a classifier gave at least
/// one. Rules that look at predictions score 1 where this fails.
bool well_formed(const Prediction& prediction);

/// What a model answers for some examples, as it gives it. Borrowed.
struct Predictions {
  enum class Kind : std::uint8_t { kClasses, kValues };
  Kind kind = Kind::kClasses;
  std::size_t size = 0;           // examples
  std::size_t width = 0;          // scores of one
  std::span<const float> scores;  // [size x width]: logits of classes, or the values themselves

  std::span<const float> row(std::size_t i) const { return scores.subspan(i * width, width); }
  /// Of kClasses.
  std::int32_t label(std::size_t i) const { return best_class(row(i)); }
};

}  // namespace skerry

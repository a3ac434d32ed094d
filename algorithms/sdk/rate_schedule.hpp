#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "algorithms/sdk/fields.hpp"

namespace skerry {

/// How a learning rate changes with a position t = 0, 1, 2 …: a round of a federation, or a step of
/// one training. A schedule says by which factor the rate is multiplied; its place says what t is.
///
///   t < W:  (t + 1) / (W + 1)                   W = `warm_up`   [Goyal et al. 2017, "Accurate,
///   large
///                                               minibatch SGD", section 2.2, gradual warmup]
///   behind it, with s = t - W,
///   constant     1
///   step         gamma^floor(s / `step_size`)   PyTorch's StepLR
///   exponential  gamma^s                        PyTorch's ExponentialLR
///   cosine       floor + (1 - floor) (1 + cos(pi s / T)) / 2 up to s = T, then floor
///                T = `total` - W                [Loshchilov, Hutter 2017, "SGDR", eq. (5), without
///                                               restarts; PyTorch's CosineAnnealingLR]
///
/// Differences: PyTorch's `eta_min` is a rate, `floor` a share of the rate. PyTorch's cosine rises
/// again behind its end.
struct RateSchedule {
  enum class Shape : std::uint8_t { kConstant, kStep, kExponential, kCosine };

  Shape shape = Shape::kConstant;
  std::uint32_t warm_up = 0;
  std::optional<std::uint32_t> step_size;
  std::optional<double> gamma;
  std::optional<std::uint32_t> total;
  std::optional<double> floor;

  template <class V>
  void fields(V& v) {
    v("shape", shape, {.meaning = "how the rate falls behind the warm-up"});
    v("warm_up", warm_up, {.meaning = "W, the rate rises to its whole over so many, in a line"});
    v("step_size", step_size, {.meaning = "step: the rate falls after so many", .min = 1});
    v("gamma", gamma,
      {.meaning = "step (by default 0.1), exponential: what the rate is multiplied by",
       .min = 0,
       .max = 1,
       .above_min = true});
    v("total", total,
      {.meaning = "cosine: where it ends, counted from the beginning; default: where the run, or "
                  "the training, ends",
       .min = 1});
    v("floor", floor,
      {.meaning = "cosine: share of the rate that it ends with, by default 0", .min = 0, .max = 1});
  }
  void check(FieldReader& reader) const;
  /// "constant", "step", "exponential" and "cosine", so that a name may stand in its place.
  static const Presets& presets();

  /// True where the factor is 1 everywhere.
  bool constant() const { return shape == Shape::kConstant && warm_up == 0; }
  /// Whether its end must be known, and `total` does not say it.
  bool needs_end() const { return shape == Shape::kCosine && !total; }
  /// The factor at t, in [0, 1]. The same bits on every machine.
  /// @param end  what `total` is where nothing is said; only a cosine looks at it.
  double factor(std::uint64_t t, std::uint64_t end) const;
};

template <>
struct EnumNames<RateSchedule::Shape> {
  static constexpr std::pair<RateSchedule::Shape, std::string_view> names[] = {
      {RateSchedule::Shape::kConstant, "constant"},
      {RateSchedule::Shape::kStep, "step"},
      {RateSchedule::Shape::kExponential, "exponential"},
      {RateSchedule::Shape::kCosine, "cosine"}};
};

}  // namespace skerry

// See dense.hpp. A tile is kTileRows x kTileVectors vectors; the middle loops walk tiles so that
// the operand a tile streams (weights forward, the batch backward) stays in the nearest cache.
#pragma once

#include "algorithms/kernels/dense.hpp"
#include "algorithms/kernels/stretches.inl"
#include "algorithms/kernels/tile.inl"
#include "algorithms/kernels/transpose.inl"

namespace skerry::kernels {
namespace {

/// What decides whether inputs are left out: the same for every part of a layer.
template <class Problem>
SKERRY_INLINE MatrixShape layer_of(const Problem& p) {
  return {p.layer_outputs == 0 ? p.shape.outputs : p.layer_outputs, p.shape.inputs};
}

template <int M, int T>
[[gnu::noinline]] void forward_tile(const DenseForward& p, const Stretches& stretches,
                                    std::size_t row, std::size_t lane) {
  const float* x = p.x + row * p.x_pitch;
  const float* weights = p.weights + packed_lane(lane, p.shape.inputs);
  Tile<M, T> tile;
  tile.clear();
  for (const Stretch& s : stretches) {
    tile.run(x + s.begin, weights + s.begin * kPanel,
             {.count = s.size(), .a_row = p.x_pitch, .a_step = 1, .b_step = kPanel});
  }
  tile.clear_signs_of_zeros();
  if (p.bias) tile.add(p.bias + lane);
  tile.store(p.y + row * p.y_pitch + lane, p.y_pitch);
}

void dense_forward(const DenseForward& p) {
  const Cuts cuts(p.rows);
  for (std::size_t part = 0; part < cuts.parts; ++part) {
    const std::size_t row = cuts.begin(part);
    const Stretches stretches(p.x + row * p.x_pitch, p.x_pitch, cuts.size(part), layer_of(p));
    with_rows(cuts.size(part), [&](auto rows) {
      each_strip(p.shape.outputs, [&](std::size_t lane, auto vectors) {
        forward_tile<rows.value, vectors.value>(p, stretches, row, lane);
      });
    });
  }
}

/// The gradient of the input, one strip of kPanel inputs after another; lanes run over the batch.
struct InputStrip {
  const DenseBackwardInput& p;
  std::size_t pitch;  // of turned and sums
  float* turned;      // dy, [outputs][rows]
  float* sums;        // [kPanel inputs][rows]

  explicit InputStrip(const DenseBackwardInput& problem)
      : p(problem),
        pitch(DenseBackwardInput::scratch_pitch(p.rows)),
        turned(p.scratch),
        sums(p.scratch + p.shape.outputs * pitch) {
    transpose_to_width({.rows = p.rows,
                        .columns = p.shape.outputs,
                        .from = p.dy,
                        .from_pitch = p.dy_pitch,
                        .to = turned,
                        .to_pitch = pitch},
                       pitch);
  }
};

template <int M, int T>
[[gnu::noinline]] void input_tile(const InputStrip& strip, std::size_t input, std::size_t lane,
                                  float* sums) {
  const std::size_t inputs = strip.p.shape.inputs, outputs = strip.p.shape.outputs;
  Tile<M, T> tile;
  tile.clear();
  for (std::size_t output = 0; output < outputs; output += kPanel) {
    const std::size_t left = outputs - output;
    tile.run(strip.p.weights + output * inputs + input * kPanel,
             strip.turned + output * strip.pitch + lane,
             {.count = left < kPanel ? left : kPanel,
              .a_row = kPanel,
              .a_step = 1,
              .b_step = strip.pitch});
  }
  tile.store(sums + lane, strip.pitch);
}

/// Calls then(input, Rows<N>) once the weights of these N inputs have been read.
template <class Then>
SKERRY_INLINE void input_strip(const InputStrip& strip, std::size_t input, Then then) {
  const DenseBackwardInput& p = strip.p;
  const std::size_t left = p.shape.inputs - input, width = left < kPanel ? left : kPanel;
  const Cuts cuts(width);
  for (std::size_t part = 0; part < cuts.parts; ++part) {
    const std::size_t begin = cuts.begin(part);
    with_rows(cuts.size(part), [&](auto m) {
      each_strip(p.rows, [&](std::size_t lane, auto vectors) {
        input_tile<m.value, vectors.value>(strip, input + begin, lane,
                                           strip.sums + begin * strip.pitch);
      });
      then(input + begin, m);
    });
  }
  transpose({.rows = width,
             .columns = p.rows,
             .from = strip.sums,
             .from_pitch = strip.pitch,
             .to = p.dx + input,
             .to_pitch = p.dx_pitch});
}

void dense_backward_input(const DenseBackwardInput& p) {
  const InputStrip strip(p);
  for (std::size_t input = 0; input < p.shape.inputs; input += kPanel) {
    input_strip(strip, input, [](std::size_t, auto) {});
  }
}

/// Where a gradient tile begins, and what it becomes when finished: itself, or a step of the
/// weights.
struct KeepGradient {
  static constexpr bool kKeepsWithoutGradient = false;
  float* gradient;
  bool first;  // rows of the batch; otherwise sums continue from the rows before
  template <class AnyTile>
  SKERRY_INLINE void begin(AnyTile& tile, std::size_t at) const {
    first ? tile.clear() : tile.load(gradient + at, kPanel);
  }
  SKERRY_INLINE void operator()(std::size_t at, V g) const { store(gradient + at, g); }
};

struct FromZero {
  template <class AnyTile>
  SKERRY_INLINE void begin(AnyTile& tile, std::size_t) const {
    tile.clear();
  }
};

struct StepPlain : FromZero {
  static constexpr bool kKeepsWithoutGradient = true;
  float* weights;
  V minus_rate;
  SKERRY_INLINE void operator()(std::size_t at, V g) const {
    store(weights + at, fma(minus_rate, g, load(weights + at)));
  }
};

struct StepScaled : FromZero {
  static constexpr bool kKeepsWithoutGradient = false;
  float* weights;
  V minus_rate;
  V scale;
  SKERRY_INLINE void operator()(std::size_t at, V g) const {
    const V w = load(weights + at);
    store(weights + at, fma(minus_rate, fma(scale, w, g), w));
  }
};

struct StepOffset : FromZero {
  static constexpr bool kKeepsWithoutGradient = false;
  float* weights;
  V minus_rate;
  V scale;
  const float* offset;
  SKERRY_INLINE void operator()(std::size_t at, V g) const {
    const V w = load(weights + at);
    const V affine = add(fma(scale, w, g), load(offset + at));
    store(weights + at, fma(minus_rate, affine, w));
  }
};

/// One scale per element.
struct StepScales : FromZero {
  static constexpr bool kKeepsWithoutGradient = false;
  float* weights;
  V minus_rate;
  const float* scales;
  const float* offset;  // or null
  SKERRY_INLINE void operator()(std::size_t at, V g) const {
    const V w = load(weights + at);
    V affine = fma(load(scales + at), w, g);
    if (offset) affine = add(affine, load(offset + at));
    store(weights + at, fma(minus_rate, affine, w));
  }
};

/// Calls body(weight epilogue, bias epilogue) for the form of affine term at hand.
struct StepBuffers {
  float* weights;
  float* bias;
  const float* weight_scales;
  const float* bias_scales;
  const float* weight_offset;
  const float* bias_offset;
};
template <class Body>
SKERRY_INLINE void with_step(const SgdRule& rule, const StepBuffers& at, Body body) {
  const V minus_rate = broadcast(-rule.rate);
  const V scale = broadcast(rule.scale);
  if (at.weight_scales) {
    body(StepScales{{}, at.weights, minus_rate, at.weight_scales, at.weight_offset},
         StepScales{{}, at.bias, minus_rate, at.bias_scales, at.bias_offset});
  } else if (at.weight_offset) {
    body(StepOffset{{}, at.weights, minus_rate, scale, at.weight_offset},
         StepOffset{{}, at.bias, minus_rate, scale, at.bias_offset});
  } else if (rule.scale != 0) {
    body(StepScaled{{}, at.weights, minus_rate, scale}, StepScaled{{}, at.bias, minus_rate, scale});
  } else {
    body(StepPlain{{}, at.weights, minus_rate}, StepPlain{{}, at.bias, minus_rate});
  }
}

template <int M, int T, class Problem, class Finish>
[[gnu::noinline]] void weights_tile(const Problem& p, std::size_t input, std::size_t lane,
                                    const Finish& shared_finish) {
  const Finish finish = shared_finish;  // a copy of our own: no store can change it
  const std::size_t at = packed_lane(lane, p.shape.inputs) + input * kPanel;
  Tile<M, T> tile;
  finish.begin(tile, at);
  tile.run(p.x + input, p.dy + lane,
           {.count = p.rows, .a_row = 1, .a_step = p.x_pitch, .b_step = p.dy_pitch});
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int t = 0; t < T; ++t) finish(at + m * kPanel + t * kLanes, tile.sum[m][t]);
}

template <class Problem, class Finish>
void weights_of(const Problem& p, std::size_t begin, std::size_t end, const Finish& finish) {
  const Cuts cuts(end - begin);
  for (std::size_t part = 0; part < cuts.parts; ++part) {
    with_rows(cuts.size(part), [&](auto m) {
      each_strip(p.shape.outputs, [&](std::size_t lane, auto vectors) {
        weights_tile<m.value, vectors.value>(p, begin + cuts.begin(part), lane, finish);
      });
    });
  }
}

/// Inputs that are zero in the whole batch have no gradient.
template <class Problem, class Finish>
void backward_weights(const Problem& p, const MatrixShape& layer, const Finish& finish) {
  Problem nothing = p;
  nothing.rows = 0;
  std::size_t done = 0;
  const auto without_gradient = [&](std::size_t end) {
    if (!Finish::kKeepsWithoutGradient) weights_of(nothing, done, end, finish);
  };
  for (const Stretch& s : Stretches(p.x, p.x_pitch, p.rows, layer)) {
    without_gradient(s.begin);
    weights_of(p, s.begin, s.end, finish);
    done = s.end;
  }
  without_gradient(p.shape.inputs);
}

template <class Problem, class Finish>
void backward_bias(const Problem& p, const Finish& finish) {
  for (std::size_t lane = 0; lane < p.shape.outputs; lane += kLanes) {
    V sum = zero();
    for (std::size_t b = 0; b < p.rows; ++b) sum = add(sum, load(p.dy + b * p.dy_pitch + lane));
    finish(lane, sum);
  }
}

/// Rows a tile walks at a time: what they touch of x and dy stays cached from tile to tile.
constexpr std::size_t kRowBlock = 96;

void dense_backward_weights(const DenseBackwardWeights& p) {
  for (std::size_t row = 0; row < p.rows; row += kRowBlock) {
    DenseBackwardWeights block = p;
    block.x += row * p.x_pitch;
    block.dy += row * p.dy_pitch;
    block.rows = p.rows - row < kRowBlock ? p.rows - row : kRowBlock;
    backward_weights(block, p.shape, KeepGradient{p.weight_gradient, row == 0});
  }
  if (p.bias_gradient) backward_bias(p, KeepGradient{p.bias_gradient, true});
}

/// Both gradients of a tile of weights while it is in the cache.
template <class Finish>
void backward_both(const DenseUpdate& p, const Finish& step) {
  const DenseBackwardInput input_gradient{p.shape,   p.rows, p.dy,       p.dy_pitch,
                                          p.weights, p.dx,   p.dx_pitch, p.scratch};
  const InputStrip strip(input_gradient);
  const std::size_t end = p.end == 0 ? p.shape.inputs : p.end;
  for (std::size_t input = p.begin; input < end; input += kPanel) {
    input_strip(strip, input, [&](std::size_t begin, auto m) {
      each_strip(p.shape.outputs, [&](std::size_t lane, auto vectors) {
        weights_tile<m.value, vectors.value>(p, begin, lane, step);
      });
    });
  }
}

void dense_update(const DenseUpdate& p) {
  const StepBuffers buffers{p.weights,     p.bias,          p.weight_scales,
                            p.bias_scales, p.weight_offset, p.bias_offset};
  with_step(p.rule, buffers, [&](const auto& weight_step, const auto& bias_step) {
    p.dx ? backward_both(p, weight_step) : backward_weights(p, layer_of(p), weight_step);
    if (p.begin == 0) backward_bias(p, bias_step);
  });
}

/// The tail goes through the lanes too, so that one element has one definition.
template <class Finish>
SKERRY_INLINE void each_vector(const SgdUpdate& p, const Finish& finish) {
  for (std::size_t i = 0; i < p.size; i += kLanes) finish(i, load(p.gradient + i));
}

void sgd_update(const SgdUpdate& p) {
  const std::size_t whole = p.size / kLanes * kLanes;
  const auto run = [](const SgdUpdate& part) {
    with_step(part.rule, {part.weights, nullptr, part.scales, nullptr, part.offset, nullptr},
              [&](const auto& finish, const auto&) { each_vector(part, finish); });
  };
  SgdUpdate body = p;
  body.size = whole;
  run(body);
  if (whole == p.size) return;
  float gradient[kLanes] = {}, scales[kLanes] = {}, offset[kLanes] = {}, weights[kLanes] = {};
  for (std::size_t i = whole; i < p.size; ++i) {
    gradient[i - whole] = p.gradient[i];
    scales[i - whole] = p.scales ? p.scales[i] : 0;
    offset[i - whole] = p.offset ? p.offset[i] : 0;
    weights[i - whole] = p.weights[i];
  }
  run({.size = kLanes,
       .rule = p.rule,
       .gradient = gradient,
       .scales = p.scales ? scales : nullptr,
       .offset = p.offset ? offset : nullptr,
       .weights = weights});
  for (std::size_t i = whole; i < p.size; ++i) p.weights[i] = weights[i - whole];
}

}  // namespace
}  // namespace skerry::kernels

#include "algorithms/learners/convolution_layer.hpp"

#include <algorithm>

namespace skerry::learners {

using kernels::padded;

namespace {

/// Channels times kernel width: fewer fill too little of a vector.
constexpr std::size_t kFewLanes = 16;

Shape weight_shape(const ConvolutionLayer::Size& size) {
  const auto kernel = static_cast<std::uint32_t>(size.kernel);
  return {static_cast<std::uint32_t>(size.outputs), static_cast<std::uint32_t>(size.channels),
          kernel, kernel};
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(const kernels::Kernels& kernels, std::string name,
                                   const Size& size)
    : Layer(kernels, std::move(name), weight_shape(size)), size_(size) {}

Shape ConvolutionLayer::input() const {
  return {static_cast<std::uint32_t>(size_.channels), static_cast<std::uint32_t>(size_.height),
          static_cast<std::uint32_t>(size_.width)};
}
std::size_t ConvolutionLayer::outputs() const {
  return size_.outputs * pooled_height() * pooled_width();
}
double ConvolutionLayer::products() const {
  return static_cast<double>(height() * width()) * static_cast<double>(size_.outputs * fan_in());
}
double ConvolutionLayer::activations() const {
  return static_cast<double>(size_.outputs * height() * width() + outputs());
}

ConvolutionLayer::Canvas ConvolutionLayer::input_canvas() const {
  return {size_.height + 2 * size_.border, size_.width + 2 * size_.border, size_.border,
          size_.channels};
}
ConvolutionLayer::Canvas ConvolutionLayer::input_cotangent_canvas() const {
  Canvas canvas = input_canvas();
  canvas.pixel = padded(size_.channels);
  return canvas;
}
kernels::KernelShape ConvolutionLayer::kernel() const {
  return {size_.outputs, size_.channels, size_.kernel, size_.kernel};
}

bool ConvolutionLayer::few_channels() const { return size_.channels * size_.kernel < kFewLanes; }

std::array<std::size_t, ConvolutionLayer::kParts + 1> ConvolutionLayer::offsets(
    std::size_t capacity) const {
  const std::size_t pooled = windows(capacity).count() * padded(size_.outputs);
  const std::size_t rows = capacity * padded(outputs());
  std::array<std::size_t, kParts> size{};
  size[kInput] = capacity * input_canvas().image();
  size[kProduct] = product_size();
  size[kPooled] = size[kWinner] = size[kPooledCotangent] = pooled;
  size[kOutput] = size[kWinnerRows] = size[kCotangent] = rows;
  size[kListBegin] = std::max(capacity * size_.outputs, positions(capacity).count()) + 1;
  size[kListAt] = size[kListValue] = pooled + kernels::CotangentLists::kSlack;
  size[kTapSums] = kernels::ConvolveBackwardWeights::scratch_size(kernel());
  size[kTurned] = kernels::TurnKernel::turned_size(kernel());
  size[kInputCotangent] = capacity * input_cotangent_canvas().image();
  std::array<std::size_t, kParts + 1> begin{};
  for (std::size_t i = 0; i < kParts; ++i) {
    begin[i + 1] = begin[i] + (size[i] + 15) / 16 * 16;  // keeps the 64-byte boundary
  }
  return begin;
}

ConvolutionLayer::Parts ConvolutionLayer::parts(const LayerScratch& scratch) const {
  const auto begin = offsets(scratch.capacity);
  const auto at = [&](Part part) { return scratch.data + begin[part]; };
  const auto indices = [&](Part part) { return reinterpret_cast<std::uint32_t*>(at(part)); };
  return {.input = at(kInput),
          .product = at(kProduct),
          .pooled = at(kPooled),
          .winner = at(kWinner),
          .output = at(kOutput),
          .winner_rows = at(kWinnerRows),
          .cotangent = at(kCotangent),
          .pooled_cotangent = at(kPooledCotangent),
          .lists = {indices(kListBegin), indices(kListAt), at(kListValue)},
          .tap_sums = at(kTapSums),
          .turned = at(kTurned),
          .input_cotangent = at(kInputCotangent)};
}

std::size_t ConvolutionLayer::scratch_size(std::size_t capacity) const {
  return offsets(capacity)[kParts];
}
Rows ConvolutionLayer::output(const LayerScratch& scratch) const {
  return {parts(scratch).output, padded(outputs())};
}
Rows ConvolutionLayer::cotangent(const LayerScratch& scratch) const {
  return {parts(scratch).cotangent, padded(outputs())};
}

/// Rows of channel-first images onto the canvas.
void ConvolutionLayer::spread(const Pass& pass, const Samples& samples, const Parts& at) const {
  const Canvas canvas = input_canvas();
  for (std::size_t b = samples.begin; b < samples.end; ++b) {
    for (std::size_t row = 0; row < size_.height; ++row) {
      const float* from = pass.x.data + b * pass.x.pitch + row * size_.width;
      float* to = at.input + b * canvas.image() + canvas.first() + row * canvas.line();
      if (size_.channels == 1) {
        std::copy_n(from, size_.width, to);
      } else {
        kernels().transpose({.rows = size_.channels,
                             .columns = size_.width,
                             .from = from,
                             .from_pitch = size_.height * size_.width,
                             .to = to,
                             .to_pitch = canvas.pixel});
      }
    }
  }
}

void ConvolutionLayer::forward(const Pass& pass) const {
  const Parts at = parts(pass.scratch);
  const Canvas canvas = input_canvas();
  const std::size_t pooled = windows(1).count() * padded(size_.outputs);
  share(pass.workspace, by_samples(pass), [&](std::size_t begin, std::size_t end, Workspace* mine) {
    spread(pass, {begin, end}, at);
    kernels().convolve_pool(
        {.convolve = {.kernel = kernel(),
                      .positions = positions(end - begin),
                      .border = size_.border,
                      .x = at.input + begin * canvas.image(),
                      .x_strides = canvas.strides(),
                      .weights = pass.packed,
                      .bias = pass.packed + packed_bias()},
         .rows =
             mine ? mine->floats("convolution_layer/product", product_size()).data() : at.product,
         .y = at.pooled + begin * pooled,
         .which = at.winner + begin * pooled});
    to_rows({begin, end}, at.pooled, at.output);
  });
}

Divisible ConvolutionLayer::by_samples(const Pass& pass) const {
  return {pass.rows, 1, 2 * static_cast<double>(pass.rows) * products()};
}

/// From [windows, padded(channels)] to rows in PyTorch's order.
void ConvolutionLayer::to_rows(const Samples& samples, const float* from, float* to) const {
  const std::size_t plane = pooled_height() * pooled_width(), pixel = padded(size_.outputs);
  for (std::size_t b = samples.begin; b < samples.end; ++b) {
    kernels().transpose({.rows = plane,
                         .columns = size_.outputs,
                         .from = from + b * plane * pixel,
                         .from_pitch = pixel,
                         .to = to + b * padded(outputs()),
                         .to_pitch = plane});
  }
}

void ConvolutionLayer::from_rows(std::size_t samples, const float* from, float* to) const {
  const std::size_t plane = pooled_height() * pooled_width(), pixel = padded(size_.outputs);
  for (std::size_t b = 0; b < samples; ++b) {
    kernels().transpose({.rows = size_.outputs,
                         .columns = plane,
                         .from = from + b * padded(outputs()),
                         .from_pitch = plane,
                         .to = to + b * plane * pixel,
                         .to_pitch = pixel});
  }
}

void ConvolutionLayer::backward_weights(const Pass& pass, const Parts& at, float* gradient) const {
  const Canvas input = input_canvas();
  if (few_channels()) {
    kernels().convolve_backward_few({.kernel = kernel(),
                                     .windows = windows(pass.rows),
                                     .which = at.winner,
                                     .dy = at.pooled_cotangent,
                                     .x = at.input,
                                     .x_sample = input.image(),
                                     .x_line = input.line(),
                                     .weight_gradient = gradient,
                                     .bias_gradient = gradient + packed_bias()});
    return;
  }
  to_rows({0, pass.rows}, at.winner, at.winner_rows);
  kernels().list_by_output({.windows = windows(pass.rows),
                            .outputs = size_.outputs,
                            .which = at.winner_rows,
                            .dy = at.cotangent,
                            .which_sample = padded(outputs()),
                            .dy_sample = padded(outputs()),
                            .x_line = input.line(),
                            .x_pixel = input.pixel,
                            .lists = at.lists});
  const Divisible by_outputs{size_.outputs, kernels::kPanel, cotangent_flops(pass)};
  share(pass.workspace, by_outputs, [&](std::size_t begin, std::size_t end, Workspace*) {
    kernels::KernelShape some = kernel();
    some.outputs = end - begin;
    kernels::CotangentLists lists = at.lists;
    lists.begin += begin;
    kernels().convolve_backward_weights(
        {.kernel = some,
         .samples = pass.rows,
         .lists = lists,
         .lists_sample = size_.outputs,
         .x = at.input,
         .x_sample = input.image(),
         .x_line = input.line(),
         .weight_gradient = gradient + begin * kernel().taps(),
         .bias_gradient = gradient + packed_bias() + begin,
         .scratch = at.tap_sums + begin * kernels::ConvolveBackwardWeights::output_size(some)});
  });
}

/// Of one product of the backward pass: a quarter of the positions have a cotangent.
double ConvolutionLayer::cotangent_flops(const Pass& pass) const {
  return by_samples(pass).flops / 4;
}

void ConvolutionLayer::backward_input(const Pass& pass, const Parts& at, const Rows& dx) const {
  kernels().list_by_position({.positions = positions(pass.rows),
                              .outputs = size_.outputs,
                              .which = at.winner,
                              .dy = at.pooled_cotangent,
                              .step = kernels::TurnKernel::step(kernel()),
                              .lists = at.lists});
  kernels().turn_kernel({.kernel = kernel(), .from = pass.packed, .to = at.turned});
  const Canvas canvas = input_cotangent_canvas();
  const Divisible by_samples{pass.rows, 1, cotangent_flops(pass)};
  share(pass.workspace, by_samples, [&](std::size_t begin, std::size_t end, Workspace*) {
    kernels::CotangentLists lists = at.lists;
    lists.begin += positions(begin).count();
    kernels().convolve_backward_input({.kernel = kernel(),
                                       .positions = positions(end - begin),
                                       .lists = lists,
                                       .weights = at.turned,
                                       .dx = at.input_cotangent + begin * canvas.image()});
    for (std::size_t i = begin * size_.height; i < end * size_.height; ++i) {
      const std::size_t b = i / size_.height, row = i % size_.height;
      kernels().transpose(
          {.rows = size_.width,
           .columns = size_.channels,
           .from = at.input_cotangent + b * canvas.image() + canvas.first() + row * canvas.line(),
           .from_pitch = canvas.pixel,
           .to = dx.data + b * dx.pitch + row * size_.width,
           .to_pitch = size_.height * size_.width});
    }
  });
}

void ConvolutionLayer::backward(const Pass& pass, const Rows& dx, const Learn& learn) const {
  const Parts at = parts(pass.scratch);
  if (dx.data || few_channels()) from_rows(pass.rows, at.cotangent, at.pooled_cotangent);
  backward_weights(pass, at, learn.gradient);
  if (dx.data) backward_input(pass, at, dx);  // before the step moves the weights
  if (learn.weights) step(learn);
}

}  // namespace skerry::learners

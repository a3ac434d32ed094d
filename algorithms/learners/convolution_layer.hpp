#pragma once

#include <array>

#include "algorithms/learners/layer.hpp"
#include "algorithms/learners/sharing.hpp"

namespace skerry::learners {

/// A square convolution with stride 1, ReLU, and a 2 x 2 maximum pool (a last odd row or column is
/// dropped).
class ConvolutionLayer final : public Layer {
 public:
  struct Size {
    std::size_t channels = 0;  // of the input
    std::size_t height = 0;
    std::size_t width = 0;
    std::size_t outputs = 0;  // channels of the output
    std::size_t kernel = 0;
    std::size_t border = 0;  // zeros around the input, < kernel; kernel / 2 keeps the size
  };
  ConvolutionLayer(const kernels::Kernels& kernels, std::string name, const Size& size);

  /// Extents before and after pooling.
  std::size_t height() const { return size_.height + 2 * size_.border + 1 - size_.kernel; }
  std::size_t width() const { return size_.width + 2 * size_.border + 1 - size_.kernel; }
  std::size_t pooled_height() const { return height() / 2; }
  std::size_t pooled_width() const { return width() / 2; }

  Shape input() const override;
  std::size_t outputs() const override;
  double products() const override;
  double activations() const override;

  std::size_t scratch_size(std::size_t capacity) const override;
  Rows output(const LayerScratch& scratch) const override;
  Rows cotangent(const LayerScratch& scratch) const override;
  void forward(const Pass& pass) const override;
  void backward(const Pass& pass, const Rows& dx, const Learn& learn) const override;
  bool needs_gradient(std::size_t) const override { return true; }

 private:
  /// Images in the scratch, channels last: pixel after pixel, with `around` rows and columns of
  /// zeros on every side.
  struct Canvas {
    std::size_t rows, columns, around, pixel;
    std::size_t line() const { return columns * pixel; }
    std::size_t image() const { return rows * line(); }
    std::size_t first() const { return around * line() + around * pixel; }
    kernels::Strides strides() const { return {image(), line(), pixel}; }
  };
  Canvas input_canvas() const;            // x with its border
  Canvas input_cotangent_canvas() const;  // its cotangents
  kernels::KernelShape kernel() const;
  kernels::Positions positions(std::size_t samples) const { return {samples, height(), width()}; }
  kernels::Positions windows(std::size_t samples) const {
    return {samples, pooled_height(), pooled_width()};
  }

  /// The parts of the scratch, in this order. The pool's outputs and their cotangents are there
  /// twice: channels last, and as rows in PyTorch's order.
  enum Part {
    kInput,            // on input_canvas(); kernels read a little beyond it
    kProduct,          // two rows of W x + b
    kPooled,           // [windows, padded(channels)]
    kWinner,           // as kPooled
    kOutput,           // rows
    kWinnerRows,       // rows
    kCotangent,        // rows
    kPooledCotangent,  // as kPooled
    kListBegin,
    kListAt,
    kListValue,
    kTapSums,         // scratch of the weights' gradient
    kTurned,          // weights for the gradient of the input
    kInputCotangent,  // on input_cotangent_canvas()
    kParts
  };
  /// Where each part begins, and at [kParts] where the last one ends.
  std::array<std::size_t, kParts + 1> offsets(std::size_t capacity) const;
  struct Parts {
    float *input, *product, *pooled, *winner, *output, *winner_rows, *cotangent, *pooled_cotangent;
    kernels::CotangentLists lists;
    float *tap_sums, *turned, *input_cotangent;
  };
  Parts parts(const LayerScratch& scratch) const;

  struct Samples {
    std::size_t begin, end;
  };
  std::size_t product_size() const { return 2 * width() * kernels::padded(size_.outputs); }
  Divisible by_samples(const Pass& pass) const;
  double cotangent_flops(const Pass& pass) const;
  void spread(const Pass& pass, const Samples& samples, const Parts& at) const;
  bool few_channels() const;
  void to_rows(const Samples& samples, const float* from, float* to) const;
  void from_rows(std::size_t samples, const float* from, float* to) const;
  void backward_weights(const Pass& pass, const Parts& at, float* gradient) const;
  void backward_input(const Pass& pass, const Parts& at, const Rows& dx) const;

  Size size_;
};

}  // namespace skerry::learners

#pragma once

#include <string>
#include <vector>

#include "algorithms/learners/convolution_layer.hpp"
#include "algorithms/learners/dense_layer.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry::learners {

enum class Padding { kSame, kValid };

/// Parameters of a convolutional network, and the layers they make of given data; shared by the
/// backends that have one.
struct CnnForm {
  std::vector<std::uint32_t> channels = {32, 64};
  std::uint32_t kernel = 5;
  Padding padding = Padding::kSame;
  std::vector<std::uint32_t> hidden = {512};

  template <class V>
  void fields(V& v);
  void check(FieldReader& reader) const;

  /// `conv1`, `conv2` …, then `fc1`, `fc2` …; all but the last dense layer are followed by ReLU.
  struct Layers {
    std::vector<ConvolutionLayer::Size> convolutions;
    std::vector<DenseLayer::Size> dense;
  };
  /// Fails, in the name of `model`, for data that is not images with targets, or for images so
  /// small that pooling leaves nothing of them.
  Result<Layers> layers(const LearnerTask& task, const std::string& model) const;
};

}  // namespace skerry::learners

template <>
struct skerry::EnumNames<skerry::learners::Padding> {
  static constexpr std::pair<skerry::learners::Padding, std::string_view> names[] = {
      {skerry::learners::Padding::kSame, "same"}, {skerry::learners::Padding::kValid, "valid"}};
};

template <class V>
void skerry::learners::CnnForm::fields(V& v) {
  v("channels", channels, {.meaning = "channels of the convolutions", .min = 1, .max = 4096});
  v("kernel", kernel, {.meaning = "height and width of a convolution", .min = 1, .max = 31});
  v("padding", padding, {.meaning = "zeros around an image: `same` keeps its size"});
  v("hidden", hidden, {.meaning = "widths of the dense layers", .min = 1, .max = 65536});
}

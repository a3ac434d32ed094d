// Augmentation of images: every training step sees each image of its batch shifted, mirrored,
// brightened and stretched by chance.
//
//   crop        a window of the image's own size, at a uniform place in the image with `crop` zeros
//               on every side                  [He et al. 2016, "Deep residual learning for image
//                                               recognition", section 4.2]
//   flip        left and right change places with the probability `flip`   [the same]
//   brightness  x <- x + d,              d uniform in [-`brightness`, `brightness`)
//   contrast    x <- m + f (x - m),      f uniform in [1 - `contrast`, 1 + `contrast`), m = the
//   mean
//               of the image's channel         [Howard 2013, "Some improvements on deep
//                                               convolutional neural network based image
//                                               classification", section 2; TensorFlow's formulas]
//
// Symbols: x = an input as the model sees it, normalised: zeros are the mean that the source
// subtracts, and brightness is counted in its deviations.
//
// Differences from the papers: Howard changes colour, too. Everything happens in this order. An
// image's change is drawn anew in every epoch, from the streams "augment/crop", "augment/flip" and
// "augment/jitter" of the training, so that turning one on moves nothing in the others. What is 0
// draws nothing and changes no bit. The gradient is left alone: steps run fused as without it.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/terms/image_change.hpp"

namespace skerry {
namespace {

struct AugmentConfig {
  std::uint32_t crop = 0;
  double flip = 0;
  double brightness = 0;
  double contrast = 0;

  template <class V>
  void fields(V& v) {
    v("crop", crop, {.meaning = "zeros around an image before it is cropped to its size again"});
    v("flip", flip,
      {.meaning = "probability that left and right change places", .min = 0, .max = 1});
    v("brightness", brightness,
      {.meaning = "most that is added to an image, in normalised inputs", .min = 0});
    v("contrast", contrast,
      {.meaning = "most that its contrast changes, as a share", .min = 0, .max = 1});
  }
  bool changes() const { return crop > 0 || flip > 0 || brightness > 0 || contrast > 0; }
};

class Augmenting final : public StepTerm {
 public:
  Augmenting(const AugmentConfig& config, const Shape& input, const StreamKey& key)
      : config_(config),
        shape_{input[0], input[1], input[2]},
        crop_(key.stream("augment/crop")),
        flip_(key.stream("augment/flip")),
        jitter_(key.stream("augment/jitter")) {}

  std::optional<AffineTerm> affine() const override { return AffineTerm{}; }

  void batch(BatchContext& context) override {
    const auto given = context.batch.inputs;
    const auto changed = context.workspace.floats("augment/inputs", given.size());
    for (std::size_t at = 0; at < given.size(); at += shape_.size()) {
      change(given.subspan(at, shape_.size()), changed.subspan(at, shape_.size()));
    }
    context.batch.inputs = changed;
  }

 private:
  /// Uniform in [-most, most).
  float jitter(double most) { return static_cast<float>(most * (2 * jitter_.uniform() - 1)); }

  void change(std::span<const float> image, std::span<float> out) {
    if (config_.crop > 0) {
      const std::uint64_t places = 2 * std::uint64_t{config_.crop} + 1;
      const auto top = static_cast<std::size_t>(crop_.below(places));
      const auto left = static_cast<std::size_t>(crop_.below(places));
      terms::crop(shape_, config_.crop, {top, left}, image, out);
    } else {
      std::ranges::copy(image, out.begin());
    }
    if (config_.flip > 0 && flip_.uniform() < config_.flip) terms::flip(shape_, out);
    if (config_.brightness > 0) terms::brighten(jitter(config_.brightness), out);
    if (config_.contrast > 0) terms::stretch_contrast(shape_, 1 + jitter(config_.contrast), out);
  }

  AugmentConfig config_;
  terms::ImageShape shape_;
  RandomStream crop_, flip_, jitter_;
};

class Augment final : public Term {
 public:
  using Config = AugmentConfig;
  explicit Augment(const Config& config) : config_(config) {}

  Status suits(const DataSchema& schema) const override {
    if (schema.input.size() == 3) return {};
    return Failure{
        "changes images, [channels, height, width], and an example of the data has the "
        "shape " +
        to_string(schema.input)};
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    if (!config_.changes()) return nullptr;
    const DataSchema& schema = context.learner.schema();
    const Status suited = suits(schema);
    SKERRY_CHECK(suited.ok(), suited.message());
    return std::make_unique<Augmenting>(config_, schema.input, context.key);
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Term, Augment, "augment", "crops, mirrors and jitters the images of every step")

}  // namespace skerry

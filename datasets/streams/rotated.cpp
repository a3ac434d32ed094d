// The same images in every experience, turned by another angle each time.
//
// Reference: Lopez-Paz, Ranzato 2017, "Gradient Episodic Memory for Continual Learning", sec. 4
// (rotated MNIST: each task turns digits by a fixed angle between 0 and 180 degrees).
// Definition: the value at a point of the turned image is that of the pixel nearest to the point it
// came from, turned about the middle of the image, counter-clockwise; outside of the image it is
// what the value 0 of the data becomes. All channels turn alike. Without `degrees`, angle k is
// drawn from [0, most) by the seed. Every image comes once in each experience. Differences: nearest
// pixels, as later libraries have it; the paper interpolates. Memory: 4 bytes a pixel and
// experience.

#include <cmath>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/repeated_samples.hpp"
#include "datasets/stream.hpp"

namespace skerry::datasets {

namespace {

struct RotatedConfig {
  std::uint32_t experiences = 10;
  double most = 180;
  std::vector<double> degrees;
  Pace pace;
  template <class V>
  void fields(V& v) {
    v("experiences", experiences,
      {.meaning = "how many angles are drawn", .min = 1, .max = 10'000});
    v("most", most,
      {.meaning = "degrees that drawn angles stay below", .min = 0, .max = 360, .above_min = true});
    v("degrees", degrees, {.meaning = "the angles themselves; default: drawn"});
    pace.shared_field(v);
    pace.fields(v);
  }
  void check(FieldReader& reader) const { pace.check(reader); }
};

/// Where the pixels of a turned image come from; -1: from outside.
using Origins = std::vector<std::vector<std::int32_t>>;  // [tasks][height x width]

struct ImageSize {
  std::uint32_t height = 0, width = 0;
};

std::vector<std::int32_t> origins_of(ImageSize size, double degrees) {
  const double turns = degrees / 360 - std::floor(degrees / 360);
  const SineCosine angle = sine_cosine_turns(turns < 1 ? turns : 0);
  const double middle_x = (size.width - 1) / 2.0, middle_y = (size.height - 1) / 2.0;
  std::vector<std::int32_t> origins;
  for (std::uint32_t row = 0; row < size.height; ++row) {
    for (std::uint32_t column = 0; column < size.width; ++column) {
      // Rows count downwards: this turns a point back clockwise as it is seen.
      const double x = column - middle_x, y = row - middle_y;
      const double from_x = std::floor(angle.cosine * x - angle.sine * y + middle_x + 0.5);
      const double from_y = std::floor(angle.sine * x + angle.cosine * y + middle_y + 0.5);
      const bool inside = from_x >= 0 && from_x < size.width && from_y >= 0 && from_y < size.height;
      origins.push_back(inside ? static_cast<std::int32_t>(from_y * size.width + from_x) : -1);
    }
  }
  return origins;
}

class RotatedSamples final : public RepeatedSamples {
 public:
  RotatedSamples(std::shared_ptr<const Samples> original, std::shared_ptr<const Origins> origins)
      : RepeatedSamples(std::move(original), static_cast<std::uint32_t>(origins->size())),
        origins_(std::move(origins)),
        outside_(static_cast<float>(-schema().mean / schema().deviation)) {}

 protected:
  void show(std::uint32_t task, std::span<const float> original,
            std::span<float> out) const override {
    const std::vector<std::int32_t>& from = (*origins_)[task];
    for (std::size_t plane = 0; plane < out.size(); plane += from.size()) {
      for (std::size_t j = 0; j < from.size(); ++j) {
        out[plane + j] =
            from[j] < 0 ? outside_ : original[plane + static_cast<std::size_t>(from[j])];
      }
    }
  }

 private:
  std::shared_ptr<const Origins> origins_;
  float outside_;
};

class RotatedPlan final : public StreamPlan {
 public:
  RotatedPlan(StreamTasks tasks, std::shared_ptr<const Origins> origins)
      : StreamPlan(std::move(tasks)), origins_(std::move(origins)) {}

  void deal(const StreamRows&, RowLists&) const override {}
  std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const override {
    return std::make_shared<RotatedSamples>(std::move(original), origins_);
  }

 private:
  std::shared_ptr<const Origins> origins_;
};

class Rotated final : public Stream {
 public:
  using Config = RotatedConfig;
  explicit Rotated(const Config& config) : config_(config) {}

  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    const Shape& shape = request.schema.input;
    if (shape.size() < 2) {
      return Failure{"needs images [height, width] or [channels, height, width]; one sample is " +
                     to_string(shape)};
    }
    std::vector<double> degrees = config_.degrees;
    for (std::uint32_t k = 0; config_.degrees.empty() && k < config_.experiences; ++k) {
      RandomStream random(request.seed, "rotated", NodeId::cloud(), k);
      degrees.push_back(config_.most * random.uniform());
    }
    if (!can_repeat(degrees.size(), std::max(request.train_rows, request.test_rows))) {
      return Failure{std::to_string(degrees.size()) +
                     " experiences of so many rows make more than 2^32"};
    }
    auto origins = std::make_shared<Origins>();
    StreamTasks tasks{.repeats = true};
    RunningHash hash;
    for (const double angle : degrees) {
      origins->push_back(origins_of({shape[shape.size() - 2], shape.back()}, angle));
      hash.add(std::as_bytes(std::span(origins->back())));
      tasks.names.push_back("turned by " + ConfigNode(std::floor(angle * 10 + 0.5) / 10).text() +
                            " degrees");
    }
    tasks.content_hash = hash.value();
    return std::unique_ptr<StreamPlan>(
        std::make_unique<RotatedPlan>(std::move(tasks), std::move(origins)));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, Rotated, "rotated", "all images in each experience, turned by another angle")

}  // namespace

}  // namespace skerry::datasets

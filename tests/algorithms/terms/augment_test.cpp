// What the term "augment" does to a batch, and what it draws.

#include <algorithm>

#include "algorithms/terms/image_change.hpp"
#include "tests/algorithms/local/hand_federation.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/algorithms/threads.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 35;
constexpr terms::ImageShape kShape{2, 3, 4};

std::vector<float> numbered() {
  std::vector<float> image(kShape.size());
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i + 1);
  return image;
}

TEST_CASE("an image that is mirrored twice is the image, and once has its rows reversed") {
  auto image = numbered();
  terms::flip(kShape, image);
  CHECK(std::vector<float>(image.begin(), image.begin() + 4) == std::vector<float>{4, 3, 2, 1});
  CHECK(std::vector<float>(image.end() - 4, image.end()) == std::vector<float>{24, 23, 22, 21});
  terms::flip(kShape, image);
  CHECK(image == numbered());
}

TEST_CASE("a crop without padding, or in its middle, is the image, and elsewhere zeros come in") {
  const auto image = numbered();
  std::vector<float> out(image.size(), -1);
  terms::crop(kShape, 0, {0, 0}, image, out);
  CHECK(out == image);
  terms::crop(kShape, 5, {5, 5}, image, out);
  CHECK(out == image);
  terms::crop(kShape, 1, {0, 2}, image, out);  // down by one row, left by one column
  CHECK(out == std::vector<float>{0, 0, 0, 0, 2,  3,  4,  0, 6,  7,  8,  0,  //
                                  0, 0, 0, 0, 14, 15, 16, 0, 18, 19, 20, 0});
  terms::crop(kShape, 4, {8, 8}, image, out);
  CHECK(out == std::vector<float>(image.size()));
}

TEST_CASE("contrast stretches each channel about its own mean, and brightness shifts it") {
  auto image = numbered();
  terms::stretch_contrast(kShape, 2, image);
  CHECK(image[0] == 1 - 5.5f);
  CHECK(image[12] == 13 - 5.5f);
  CHECK(image[23] == 24 + 5.5f);
  terms::brighten(0.5f, image);
  CHECK(image[0] == -4);
}

/// Keeps every batch that a step trains on.
struct Batches final : Term {
  explicit Batches(std::vector<float>& s) : seen(s) {}
  struct Step final : StepTerm {
    explicit Step(std::vector<float>& s) : seen(s) {}
    std::optional<AffineTerm> affine() const override { return AffineTerm{}; }
    void batch(BatchContext& context) override {
      fused = context.parameters.empty();
      CHECK(context.batch.size == context.drawn.size);
      CHECK(std::ranges::equal(context.batch.labels, context.drawn.labels));
      seen.insert(seen.end(), context.batch.inputs.begin(), context.batch.inputs.end());
    }
    void finish(TrainContext&, const TrainReport&) override { CHECK(fused); }
    std::vector<float>& seen;
    bool fused = false;
  };
  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<Step>(seen);
  }
  std::vector<float>& seen;
};

struct Trained {
  std::vector<float> inputs;  // of all steps
  std::vector<float> delta;
};

/// A fused training of 2 epochs on 12 images.
Trained trained(const ConfigNode::Object& parameters, Round round = 1,
                Parallel* parallel = nullptr) {
  const Points points =
      draw_points({.count = 12, .width = kShape.size(), .classes = 3, .seed = kSeed})
          .shaped({2, 3, 4});
  const auto model = learner("mlp", points.schema(), {{"hidden", ConfigNode::Array{30000}}});
  const auto method = plugin<LocalMethod>("plain");
  const auto sgd = plugin<Optimizer>("sgd", {{"learning_rate", 0.2}});
  Trained result;
  HandFederation federation(
      {.learner = *model,
       .samples = points,
       .method = *method,
       .optimizer = *sgd,
       .settings = {.batch_size = 5, .epochs = 2},
       .seed = kSeed,
       .terms = Terms({{"augment", plugin<Term>("augment", parameters)},
                       {"batches", std::make_shared<Batches>(result.inputs)}}),
       .parallel = parallel},
      equal_rows(1, 12));
  const EdgeUpdate update = federation.train(0, round);
  result.delta = values_of(update.up.at("delta"));
  return result;
}

/// Each image of a sequence, changed.
template <class Change>
std::vector<float> each(std::vector<float> images, const Change& change) {
  for (std::size_t at = 0; at < images.size(); at += kShape.size()) {
    change(std::span(images).subspan(at, kShape.size()));
  }
  return images;
}

TEST_CASE("a certain flip mirrors every image, and a probability mirrors its share") {
  const Trained plain = trained({});
  const auto mirrored =
      each(plain.inputs, [](std::span<float> image) { terms::flip(kShape, image); });
  CHECK(trained({{"flip", 1}}).inputs == mirrored);
  const auto some = trained({{"flip", 0.5}}).inputs;
  int flips = 0;
  for (std::size_t at = 0; at < some.size(); at += kShape.size()) {
    const auto same = [&](const std::vector<float>& other) {
      return std::equal(some.begin() + static_cast<std::ptrdiff_t>(at),
                        some.begin() + static_cast<std::ptrdiff_t>(at + kShape.size()),
                        other.begin() + static_cast<std::ptrdiff_t>(at));
    };
    CHECK((same(mirrored) || same(plain.inputs)));
    flips += same(mirrored);
  }
  CHECK(flips > 3);  // of 24: a fair coin gives 3 or fewer, or 21 or more, once in 3600
  CHECK(flips < 21);
}

TEST_CASE("each kind of change draws from a stream of its own") {
  const auto cropped = trained({{"crop", 1}}).inputs;
  CHECK(trained({{"crop", 1}, {"flip", 1}}).inputs ==
        each(cropped, [](std::span<float> image) { terms::flip(kShape, image); }));
  const auto jittered = trained({{"brightness", 0.5}}).inputs;
  CHECK(trained({{"brightness", 0.5}, {"flip", 1}}).inputs ==
        each(jittered, [](std::span<float> image) { terms::flip(kShape, image); }));
}

TEST_CASE("jitter stays within its bounds and differs from image to image") {
  const auto plain = trained({}).inputs, bright = trained({{"brightness", 0.5}}).inputs;
  std::vector<float> shifts;
  for (std::size_t i = 0; i < plain.size(); i += kShape.size()) {
    shifts.push_back(bright[i] - plain[i]);
    CHECK(std::abs(shifts.back()) <= 0.5f + 1e-6f);
  }
  std::ranges::sort(shifts);
  CHECK(std::ranges::adjacent_find(shifts) == shifts.end());
  const auto stretched = trained({{"contrast", 0.25}}).inputs;
  CHECK(stretched != plain);
  for (std::size_t at = 0; at < plain.size(); at += kShape.plane()) {
    const auto spread = [at](const std::vector<float>& images) {
      const auto begin = images.begin() + static_cast<std::ptrdiff_t>(at);
      const auto [low, high] =
          std::minmax_element(begin, begin + static_cast<std::ptrdiff_t>(kShape.plane()));
      return double{*high} - double{*low};
    };
    CHECK(spread(stretched) <= 1.25 * spread(plain) + 1e-5);
    CHECK(spread(stretched) >= 0.75 * spread(plain) - 1e-5);
  }
}

TEST_CASE("a training draws anew in each round, and the same on any number of threads") {
  const ConfigNode::Object all{{"crop", 2}, {"flip", 0.5}, {"brightness", 0.2}, {"contrast", 0.2}};
  const Trained one = trained(all);
  CHECK(bits(trained(all).delta) == bits(one.delta));
  CHECK(trained(all, 2).inputs != one.inputs);
  Threads threads;
  CHECK(bits(trained(all, 1, &threads).delta) == bits(one.delta));
  CHECK(threads.shared > 0);
}

TEST_CASE("only images are augmented") {
  const auto augment = plugin<Term>("augment", {{"flip", 0.5}});
  CHECK(augment->suits({.input = {3, 32, 32}}).ok());
  CHECK(augment->suits({.input = {60}}).message() ==
        "changes images, [channels, height, width], and an example of the data has the shape [60]");
}

}  // namespace
}  // namespace skerry

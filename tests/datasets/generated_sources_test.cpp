#include <cmath>
#include <map>
#include <numeric>

#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

namespace {

DataSet load(const std::string& name, const ConfigNode::Object& parameters,
             std::uint64_t seed = 1) {
  const Registry registry = all_plugins();
  auto data = registry.make(choose<DataSource>(registry, name, parameters))->load({.seed = seed});
  REQUIRE(data.message() == "");
  return std::move(*data);
}

struct Contents {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  bool operator==(const Contents&) const = default;
};

Contents contents(const Samples& samples) {
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  Contents all{std::vector<float>(rows.size() * samples.schema().input_size()),
               std::vector<std::int32_t>(rows.size())};
  samples.inputs(rows, all.inputs);
  samples.labels(rows, all.labels);
  return all;
}

// The share of test samples that are closest to the training mean of their own class.
double nearest_mean_accuracy(const DataSet& data) {
  const Contents train = contents(*data.train), test = contents(*data.test);
  const std::size_t width = data.train->schema().input_size();
  std::vector<double> sums(data.train->schema().classes * width), counts(sums.size() / width);
  for (std::size_t i = 0; i < train.labels.size(); ++i) {
    const auto c = static_cast<std::size_t>(train.labels[i]);
    counts[c] += 1;
    for (std::size_t j = 0; j < width; ++j) sums[c * width + j] += train.inputs[i * width + j];
  }
  int right = 0;
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    std::size_t best = 0;
    double least = INFINITY;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      double distance = 0;
      for (std::size_t j = 0; j < width; ++j) {
        distance += std::pow(test.inputs[i * width + j] - sums[c * width + j] / counts[c], 2);
      }
      if (distance < least) least = distance, best = c;
    }
    right += static_cast<std::size_t>(test.labels[i]) == best;
  }
  return right / static_cast<double>(test.labels.size());
}

}  // namespace

TEST_CASE("stored and computed clouds are the same bits") {
  const ConfigNode::Object base = {{"samples", 200}, {"features", 5}, {"classes", 4}};
  ConfigNode::Object kept = base, computed = base;
  kept.emplace_back("stored", true);
  computed.emplace_back("stored", false);
  const DataSet first = load("synthetic_blobs", kept), second = load("synthetic_blobs", computed);
  CHECK(contents(*first.train) == contents(*second.train));
  CHECK(contents(*first.test) == contents(*second.test));
  CHECK(first.content_hash == second.content_hash);
}

TEST_CASE("clouds depend on the seed, training and test samples differ") {
  const DataSet one = load("synthetic_blobs", {}, 1), two = load("synthetic_blobs", {}, 2);
  CHECK(contents(*one.train).inputs != contents(*two.train).inputs);
  CHECK(one.content_hash != two.content_hash);
  const DataSet pinned = load("synthetic_blobs", {{"seed", 1}}, 2);
  CHECK(contents(*pinned.train).inputs == contents(*one.train).inputs);
  CHECK(pinned.content_hash == one.content_hash);
  CHECK(contents(*one.train).inputs[0] != contents(*one.test).inputs[0]);
}

TEST_CASE("clouds are as apart and as wide as asked") {
  CHECK(nearest_mean_accuracy(load("synthetic_blobs", {})) > 0.95);
  CHECK(nearest_mean_accuracy(load("synthetic_blobs", {{"separation", 0}})) < 0.2);
  CHECK(nearest_mean_accuracy(load("synthetic_blobs", {{"spread", 0}})) == 1);
}

TEST_CASE("fedprox_synthetic has the reference's sizes, classes and cut") {
  const DataSet data = load("fedprox_synthetic", {{"devices", 200}});
  std::map<std::uint32_t, int> sizes;
  for (const std::uint32_t device : data.natural_ids) ++sizes[device];
  CHECK(sizes.size() == 200);
  std::vector<int> sorted;
  for (const auto& [device, size] : sizes) sorted.push_back(size);
  std::ranges::sort(sorted);
  CHECK(sorted.front() >= 45);
  // Median of 50 + exp(4 + 2 z) is 104.6, nine tenths of it 94; its standard error at 200 devices
  // is a sixth of the lognormal part.
  CHECK(sorted[100] > 65);
  CHECK(sorted[100] < 140);
  CHECK(sorted.back() > 1000);
  CHECK(data.train->schema().input == Shape{60});
  CHECK(data.train->schema().classes == 10);
  CHECK(data.natural_ids.size() == data.train->size());
  const double part =
      data.test->size() / static_cast<double>(data.test->size() + data.train->size());
  CHECK(part == Approx(0.1).epsilon(0.03));
}

TEST_CASE("fedprox_synthetic's devices differ more for larger alpha and beta") {
  // Spread of the devices' means of the last input, whose own deviation is 0.085.
  const auto spread = [](const ConfigNode::Object& parameters) {
    const DataSet data = load("fedprox_synthetic", parameters);
    const Contents all = contents(*data.train);
    std::map<std::uint32_t, std::pair<double, int>> means;
    for (std::size_t i = 0; i < data.natural_ids.size(); ++i) {
      means[data.natural_ids[i]].first += all.inputs[i * 60 + 59];
      ++means[data.natural_ids[i]].second;
    }
    double squares = 0;
    for (const auto& [device, sum] : means) squares += std::pow(sum.first / sum.second, 2);
    return std::sqrt(squares / static_cast<double>(means.size()));
  };
  CHECK(spread({{"iid", true}}) < 0.1);
  const double narrow = spread({{"beta", 0}, {"devices", 100}});
  CHECK(narrow > 0.7);
  CHECK(narrow < 1.3);
  CHECK(spread({{"beta", 5}, {"devices", 100}}) > 3.5);
}

TEST_CASE("fedprox_synthetic is a function of the seed") {
  const DataSet one = load("fedprox_synthetic", {}, 3), again = load("fedprox_synthetic", {}, 3);
  CHECK(contents(*one.train) == contents(*again.train));
  CHECK(one.content_hash == again.content_hash);
  CHECK(one.content_hash != load("fedprox_synthetic", {}, 4).content_hash);
}

}  // namespace skerry::datasets

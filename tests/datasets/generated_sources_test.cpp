#include <cmath>
#include <map>
#include <set>

#include "tests/datasets/generated_data.hpp"

namespace skerry::datasets {

namespace {

using Parameters = ConfigNode::Object;

struct Law {
  Parameters small;                 // a data set that is quick to make
  std::vector<Parameters> changes;  // of `small`, one for each parameter; null takes one out
};

Law drifting_law(std::vector<Parameters> own_changes) {
  Law law{.small = {{"samples", 400},
                    {"test_samples", 40},
                    {"concepts", 2},
                    {"drift", "recurring"},
                    {"width", 30},
                    {"repeats", 3}},
          .changes = std::move(own_changes)};
  law.changes.push_back(Parameters{{"samples", 500}});
  law.changes.push_back(Parameters{{"test_samples", 60}});
  law.changes.push_back(Parameters{{"concepts", 3}});
  law.changes.push_back(Parameters{{"drift", "gradual"}, {"repeats", ConfigNode()}});
  law.changes.push_back(Parameters{{"width", 60}});
  law.changes.push_back(Parameters{{"repeats", 2}});
  return law;
}

const std::map<std::string, Law> kLaws = {
    {"synthetic_blobs",
     {.small = {{"samples", 300}, {"test_samples", 30}},
      .changes = {Parameters{{"classes", 7}}, Parameters{{"features", 8}},
                  Parameters{{"samples", 200}}, Parameters{{"test_samples", 20}},
                  Parameters{{"separation", 2}}, Parameters{{"spread", 2}}}}},
    {"fedprox_synthetic",
     {.small = {{"devices", 5}, {"features", 6}},
      .changes = {Parameters{{"alpha", 0.5}}, Parameters{{"beta", 0.5}}, Parameters{{"iid", true}},
                  Parameters{{"devices", 6}}, Parameters{{"features", 5}},
                  Parameters{{"classes", 5}}}}},
    {"friedman",
     {.small = {{"samples", 300}, {"test_samples", 30}},
      .changes = {Parameters{{"features", 6}}, Parameters{{"samples", 200}},
                  Parameters{{"test_samples", 20}}, Parameters{{"noise", 2}}}}},
    {"sea", drifting_law({Parameters{{"noise", 0.3}}})},
    {"hyperplane",
     drifting_law({Parameters{{"n_features", 5}},
                   Parameters{{"n_drift_features", 3}, {"mag_change", 0.1}},
                   Parameters{{"mag_change", 0.1}}, Parameters{{"noise_percentage", 0.3}},
                   Parameters{{"sigma", 0.5}, {"mag_change", 0.1}}})},
    {"led", drifting_law({Parameters{{"noise_percentage", 0.3}},
                          Parameters{{"irrelevant_features", false},
                                     {"concepts", 1},
                                     {"drift", "sudden"},
                                     {"width", ConfigNode()},
                                     {"repeats", ConfigNode()}},
                          Parameters{{"n_drift_features", 2}}})},
    {"random_rbf",
     drifting_law({Parameters{{"n_classes", 3}}, Parameters{{"n_features", 4}},
                   Parameters{{"n_centroids", 20}}, Parameters{{"change_speed", 0.01}},
                   Parameters{{"n_drift_centroids", 10}, {"change_speed", 0.01}}})},
};

Parameters changed(const Parameters& parameters, const Parameters& change) {
  ConfigNode all(parameters);
  all.merge(ConfigNode(change));
  return *all.as_object();
}

void check_attributes(const Attributes& attributes, std::size_t rows) {
  if (!attributes.time_s.empty()) CHECK(attributes.time_s.size() == rows);
  for (const AttributeColumn& column : attributes.columns) {
    CHECK(column.size() == rows);
    CHECK(std::ranges::is_sorted(column.levels));
    for (const std::uint32_t code : column.codes) REQUIRE(code < column.levels.size());
  }
}

void check_samples(const Samples& samples) {
  const Contents all = contents(samples);
  for (const float input : all.inputs) REQUIRE(std::isfinite(input));
  for (const float target : all.targets) REQUIRE(std::isfinite(target));
  for (const std::int32_t label : all.labels) {
    if (samples.schema().classes == 0) break;
    REQUIRE(label >= 0);
    REQUIRE(static_cast<std::uint32_t>(label) < samples.schema().classes);
  }
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

TEST_CASE("every generated source has its laws") {
  const std::set<std::string> read_from_files = {
      "csv", "fashion_mnist", "gas_drift", "mnist", "ne_weather", "npz", "thermal_comfort"};
  for (const std::string& name : all_plugins().names(DataSource::kSlot)) {
    INFO(name);
    CHECK(kLaws.contains(name) != read_from_files.contains(name));
  }
}

TEST_CASE("generated data is a function of its parameters and the seed") {
  for (const auto& [name, law] : kLaws) {
    INFO(name);
    const DataSet one = load_generated(name, law.small, 1), again = load_generated(name, law.small);
    CHECK(contents(*one.train) == contents(*again.train));
    CHECK(contents(*one.test) == contents(*again.test));
    CHECK(one.content_hash == again.content_hash);
    const DataSet other = load_generated(name, law.small, 2);
    CHECK(contents(*one.train).inputs != contents(*other.train).inputs);
    CHECK(contents(*one.test).inputs != contents(*other.test).inputs);
    CHECK(one.content_hash != other.content_hash);
    const DataSet pinned = load_generated(name, changed(law.small, {{"seed", 1}}), 2);
    CHECK(contents(*pinned.train) == contents(*one.train));
    CHECK(pinned.content_hash == one.content_hash);
  }
}

TEST_CASE("every parameter of generated data moves the data and their hash") {
  const Registry registry = all_plugins();
  for (const auto& [name, law] : kLaws) {
    const DataSet base = load_generated(name, law.small);
    std::set<std::string> missing;
    for (const auto& field : registry.find(DataSource::kSlot, name)->describe()) {
      missing.insert(field.key);
    }
    missing.erase("seed");
    missing.erase("stored");
    for (const Parameters& change : law.changes) {
      INFO(name << ": " << change.front().first);
      missing.erase(change.front().first);
      const DataSet moved = load_generated(name, changed(law.small, change));
      CHECK(moved.content_hash != base.content_hash);
      // alpha adds the same to the scores of all classes, whose order decides.
      if (name == "fedprox_synthetic" && change.front().first == "alpha") continue;
      CHECK((contents(*moved.train) != contents(*base.train) ||
             contents(*moved.test) != contents(*base.test)));
    }
    CHECK(missing == std::set<std::string>{});
  }
}

TEST_CASE("generated data has what it says it has") {
  for (const auto& [name, law] : kLaws) {
    INFO(name);
    const DataSet data = load_generated(name, law.small);
    CHECK(data.class_names.size() == data.train->schema().classes);
    CHECK(data.test->schema().input == data.train->schema().input);
    check_samples(*data.train);
    check_samples(*data.test);
    check_attributes(data.train_attributes, data.train->size());
    check_attributes(data.test_attributes, data.test->size());
  }
}

TEST_CASE("stored and computed clouds are the same bits") {
  const ConfigNode::Object base = {{"samples", 200}, {"features", 5}, {"classes", 4}};
  ConfigNode::Object kept = base, computed = base;
  kept.emplace_back("stored", true);
  computed.emplace_back("stored", false);
  const DataSet first = load_generated("synthetic_blobs", kept),
                second = load_generated("synthetic_blobs", computed);
  CHECK(contents(*first.train) == contents(*second.train));
  CHECK(contents(*first.test) == contents(*second.test));
  CHECK(first.content_hash == second.content_hash);
}

TEST_CASE("clouds depend on the seed, training and test samples differ") {
  const DataSet one = load_generated("synthetic_blobs", {}, 1),
                two = load_generated("synthetic_blobs", {}, 2);
  CHECK(contents(*one.train).inputs != contents(*two.train).inputs);
  CHECK(one.content_hash != two.content_hash);
  const DataSet pinned = load_generated("synthetic_blobs", {{"seed", 1}}, 2);
  CHECK(contents(*pinned.train).inputs == contents(*one.train).inputs);
  CHECK(pinned.content_hash == one.content_hash);
  CHECK(contents(*one.train).inputs[0] != contents(*one.test).inputs[0]);
}

TEST_CASE("clouds are as apart and as wide as asked") {
  CHECK(nearest_mean_accuracy(load_generated("synthetic_blobs", {})) > 0.95);
  CHECK(nearest_mean_accuracy(load_generated("synthetic_blobs", {{"separation", 0}})) < 0.2);
  CHECK(nearest_mean_accuracy(load_generated("synthetic_blobs", {{"spread", 0}})) == 1);
}

TEST_CASE("fedprox_synthetic has the reference's sizes, classes and cut") {
  const DataSet data = load_generated("fedprox_synthetic", {{"devices", 200}});
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
    const DataSet data = load_generated("fedprox_synthetic", parameters);
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
  const DataSet one = load_generated("fedprox_synthetic", {}, 3),
                again = load_generated("fedprox_synthetic", {}, 3);
  CHECK(contents(*one.train) == contents(*again.train));
  CHECK(one.content_hash == again.content_hash);
  CHECK(one.content_hash != load_generated("fedprox_synthetic", {}, 4).content_hash);
}

}  // namespace skerry::datasets

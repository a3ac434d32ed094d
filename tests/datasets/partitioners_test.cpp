#include <algorithm>
#include <map>
#include <set>

#include "datasets/partitioner.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

namespace {

using Rows = std::vector<std::uint32_t>;

// 60,000 rows of 10 unequal classes in mixed order, made by 300 makers.
struct Population {
  std::vector<std::int32_t> labels;
  Rows makers;
  explicit Population(std::uint32_t rows = 60'000, std::uint32_t classes = 10) {
    RandomStream random(7, "test.population");
    for (std::uint32_t i = 0; i < rows; ++i) {
      const std::uint64_t one = random.below(classes), two = random.below(classes);
      labels.push_back(static_cast<std::int32_t>(random.below(4) == 0 ? std::min(one, two) : one));
      makers.push_back(static_cast<std::uint32_t>(random.below(300)) * 11 + 5);
    }
  }
  PartitionRequest request(std::uint32_t edges, std::uint64_t seed = 42) const {
    return {.rows = static_cast<std::uint32_t>(labels.size()),
            .edges = edges,
            .labels = labels,
            .classes = static_cast<std::uint32_t>(*std::ranges::max_element(labels)) + 1,
            .natural_ids = makers,
            .seed = seed};
  }
};

Result<std::unique_ptr<Partition>> divide(const std::string& name,
                                          const ConfigNode::Object& parameters,
                                          const PartitionRequest& request) {
  const Registry registry = all_plugins();
  return partition(*registry.make(choose<Partitioner>(registry, name, parameters)), request);
}

RowLists all_rows(const Partition& partition) {
  RowLists rows(partition.edges());
  for (std::uint32_t k = 0; k < partition.edges(); ++k) {
    partition.rows(k, rows[k]);
    CHECK(rows[k].size() == partition.size(k));
  }
  return rows;
}

RowLists rows_of(const std::string& name, const ConfigNode::Object& parameters,
                 const PartitionRequest& request) {
  const auto made = divide(name, parameters, request);
  REQUIRE(made.message() == "");
  return all_rows(**made);
}

std::string refusal(const std::string& name, const ConfigNode::Object& parameters,
                    const PartitionRequest& request) {
  const auto made = divide(name, parameters, request);
  REQUIRE_FALSE(made.ok());
  return made.message();
}

std::set<std::int32_t> classes_in(const Rows& rows, const Population& population) {
  std::set<std::int32_t> classes;
  for (const std::uint32_t row : rows) classes.insert(population.labels[row]);
  return classes;
}

struct Law {
  ConfigNode::Object parameters;
  bool complete;        // every row is used
  bool seed_sensitive;  // another seed gives another partition
};

// One line for every registered partitioner, or the test below fails.
const std::map<std::string, Law> kLaws = {
    {"iid", {{}, true, true}},
    {"dirichlet", {{{"alpha", 0.3}}, true, true}},
    {"pathological", {{{"class_assignment_mode", "first-deterministic"}}, true, true}},
    {"shard", {{{"shard_size", 250}, {"keep_incomplete_shard", true}}, true, true}},
    {"natural_id", {{}, true, false}},
    {"size",
     {{{"partition_sizes", ConfigNode::Array(50, ConfigNode(std::int64_t{100}))}}, false, true}},
};

}  // namespace

TEST_CASE("every registered partitioner keeps the laws of partitions") {
  const Population population;
  for (const std::string& name : all_plugins().names(Partitioner::kSlot)) {
    INFO(name);
    REQUIRE(kLaws.contains(name));
    const Law& law = kLaws.at(name);
    const RowLists rows = rows_of(name, law.parameters, population.request(50));
    CHECK(rows.size() == 50);
    std::vector<bool> used(population.labels.size());
    bool twice = false, empty = false;
    for (const Rows& of_edge : rows) {
      empty = empty || of_edge.empty();
      for (const std::uint32_t row : of_edge) {
        REQUIRE(row < used.size());
        twice = twice || used[row];
        used[row] = true;
      }
    }
    CHECK_FALSE(twice);
    CHECK_FALSE(empty);
    if (law.complete) CHECK(std::ranges::count(used, false) == 0);
    CHECK(rows == rows_of(name, law.parameters, population.request(50)));
    CHECK((rows != rows_of(name, law.parameters, population.request(50, 43))) ==
          law.seed_sensitive);
  }
}

TEST_CASE("every registered partitioner refuses more edges than samples and no edges at all") {
  const Population population(30);
  for (const std::string& name : all_plugins().names(Partitioner::kSlot)) {
    const auto& parameters = kLaws.at(name).parameters;
    CHECK(refusal(name, parameters, population.request(31)) ==
          "31 edges cannot share 30 training samples: at most one edge a sample");
    CHECK(refusal(name, parameters, population.request(0)) == "there must be at least one edge");
  }
}

TEST_CASE("iid over 100 edges gives 600 of 60,000 samples each") {
  const Population population;
  for (const Rows& rows : rows_of("iid", {}, population.request(100))) CHECK(rows.size() == 600);
}

TEST_CASE("iid sizes differ by at most one") {
  const Population population(1003);
  std::map<std::size_t, int> sizes;
  for (const Rows& rows : rows_of("iid", {}, population.request(100))) ++sizes[rows.size()];
  CHECK(sizes == std::map<std::size_t, int>{{10, 97}, {11, 3}});
}

TEST_CASE("iid over a million edges holds no rows") {
  const PartitionRequest request{.rows = 20'000'000, .edges = 1'000'000, .seed = 5};
  const auto made = divide("iid", {}, request);
  REQUIRE(made.ok());
  Rows first, last;
  (*made)->rows(0, first);
  (*made)->rows(999'999, last);
  CHECK(first.size() == 20);
  CHECK(last.size() == 20);
  first.insert(first.end(), last.begin(), last.end());
  CHECK(std::set(first.begin(), first.end()).size() == 40);
  CHECK(*std::ranges::max_element(first) < request.rows);
}

TEST_CASE("dirichlet skews classes more for a smaller alpha") {
  const Population population;
  const auto mean_largest_share = [&](double alpha) {
    double sum = 0;
    const RowLists lists =
        rows_of("dirichlet", {{"alpha", alpha}, {"min_partition_size", 1}}, population.request(20));
    for (const Rows& rows : lists) {
      std::vector<int> counts(10);
      for (const std::uint32_t row : rows) {
        ++counts[static_cast<std::size_t>(population.labels[row])];
      }
      sum +=
          static_cast<double>(*std::ranges::max_element(counts)) / static_cast<double>(rows.size());
    }
    return sum / 20;
  };
  const double strong = mean_largest_share(0.1), weak = mean_largest_share(1);
  const double none = mean_largest_share(1000);
  CHECK(strong > weak + 0.1);
  CHECK(weak > none + 0.1);
  CHECK(none < 0.16);  // the largest class is an eighth of all
}

TEST_CASE("dirichlet draws again until every edge has enough, and keeps its word") {
  const Population population;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RowLists lists = rows_of("dirichlet", {{"alpha", 0.3}, {"min_partition_size", 300}},
                                   population.request(20, seed));
    for (const Rows& rows : lists) CHECK(rows.size() >= 300);
  }
}

TEST_CASE("dirichlet with self-balancing caps the largest edges") {
  const Population population;
  const auto largest = [&](bool balancing) {
    std::size_t most = 0;
    for (const Rows& rows : rows_of("dirichlet", {{"alpha", 0.5}, {"self_balancing", balancing}},
                                    population.request(10))) {
      most = std::max(most, rows.size());
    }
    return most;
  };
  CHECK(largest(true) < largest(false));
}

TEST_CASE("dirichlet without shuffle keeps the order of rows within a class") {
  const Population population;
  for (const Rows& rows : rows_of("dirichlet", {{"shuffle", false}}, population.request(10))) {
    CHECK(std::ranges::is_sorted(
        rows, {}, [&](std::uint32_t row) { return std::pair(population.labels[row], row); }));
  }
}

TEST_CASE("dirichlet soon gives up where hundreds of edges are short in every draw") {
  const Population population(20'000);
  const auto why = [&](std::uint32_t edges) {
    return refusal("dirichlet", {{"alpha", 0.01}, {"min_partition_size", 4}},
                   population.request(edges));
  };
  CHECK(why(2000).find("in 3 draws with alpha 0.01 some of the 2000 edges always had fewer than 4 "
                       "samples (best: 0); raise alpha") == 0);
  CHECK(why(60).find("in 100 draws") == 0);  // at most 60 are short
}

TEST_CASE("dirichlet says what it could not do") {
  const Population population(1000);
  CHECK(refusal("dirichlet", {{"min_partition_size", 11}}, population.request(100)) ==
        "min_partition_size 11 for 100 edges needs 1100 samples, there are 1000");
  const std::string hopeless =
      refusal("dirichlet", {{"alpha", 0.01}, {"min_partition_size", 10}}, population.request(90));
  CHECK(hopeless.find("in 100 draws with alpha 0.01 some of the 90 edges always had fewer than 10 "
                      "samples (best: 0); raise alpha") == 0);
}

TEST_CASE("pathological gives every edge its number of classes") {
  const Population population;
  for (const char* mode : {"random", "deterministic", "first-deterministic"}) {
    const RowLists lists =
        rows_of("pathological", {{"num_classes_per_partition", 3}, {"class_assignment_mode", mode}},
                population.request(40));
    for (const Rows& rows : lists) CHECK(classes_in(rows, population).size() == 3);
  }
}

TEST_CASE("pathological modes choose the classes they say") {
  const Population population;
  const RowLists fixed =
      rows_of("pathological", {{"class_assignment_mode", "deterministic"}}, population.request(30));
  CHECK(classes_in(fixed[0], population) == std::set<std::int32_t>{0, 1});
  CHECK(classes_in(fixed[9], population) == std::set<std::int32_t>{9, 0});
  CHECK(classes_in(fixed[21], population) == std::set<std::int32_t>{1, 2});
  const RowLists first = rows_of("pathological", {{"class_assignment_mode", "first-deterministic"}},
                                 population.request(30));
  for (std::uint32_t k = 0; k < 30; ++k) {
    CHECK(classes_in(first[k], population).contains(static_cast<std::int32_t>(k % 10)));
  }
}

TEST_CASE("pathological says what it could not do") {
  const Population population(40, 4);
  CHECK(refusal("pathological", {{"num_classes_per_partition", 5}}, population.request(4)) ==
        "num_classes_per_partition is 5, but the data has only 4 classes");
  const std::string message =
      refusal("pathological", {{"num_classes_per_partition", 4}}, population.request(40));
  CHECK(message.find("was given to 40 edges but has only ") != std::string::npos);
  PartitionRequest unlabelled = population.request(4);
  unlabelled.classes = 0;
  CHECK(refusal("pathological", {}, unlabelled) ==
        "needs class labels, which this data does not have");
}

TEST_CASE("shard gives each of 100 edges two shards of 300, as in the paper") {
  Population population;
  for (std::size_t i = 0; i < 60'000; ++i) population.labels[i] = static_cast<std::int32_t>(i % 10);
  std::size_t most = 0;
  for (const Rows& rows : rows_of("shard", {}, population.request(100))) {
    CHECK(rows.size() == 600);
    most = std::max(most, classes_in(rows, population).size());
  }
  CHECK(most == 2);
}

TEST_CASE("shard deals out shards of a given size, the first edges one more") {
  const Population population;
  const auto sizes = [&](const ConfigNode::Object& parameters, std::uint32_t edges) {
    std::vector<std::size_t> found;
    for (const Rows& rows : rows_of("shard", parameters, population.request(edges))) {
      found.push_back(rows.size());
    }
    return found;
  };
  CHECK(sizes({{"shard_size", 1000}}, 9) ==
        std::vector<std::size_t>{7000, 7000, 7000, 7000, 7000, 7000, 6000, 6000, 6000});
  CHECK(sizes({{"shard_size", 1000}, {"num_shards_per_partition", 2}}, 10) ==
        std::vector<std::size_t>(10, 2000));
  auto kept = sizes({{"shard_size", 990}, {"keep_incomplete_shard", true}}, 10);
  std::ranges::sort(kept);
  CHECK(std::accumulate(kept.begin(), kept.end(), std::size_t{0}) == 60'000);
  CHECK(kept.back() <= 6930);
}

TEST_CASE("shard says what it could not do") {
  const Population population;
  CHECK(refusal("shard", {{"shard_size", 1000}, {"num_shards_per_partition", 7}},
                population.request(10)) ==
        "7 shards of 1000 for 10 edges need 70000 samples, there are 60000");
  CHECK(refusal("shard", {{"shard_size", 1000}}, population.request(61)) ==
        "shard_size 1000 cuts 60000 samples into 60 shards, too few for 61 edges");
  CHECK(refusal("shard", {}, population.request(60'000)) ==
        "2 shards of 1 for 60000 edges need 120000 samples, there are 60000");
}

TEST_CASE("natural_id keeps everyone's samples together") {
  const Population population;
  const RowLists lists = rows_of("natural_id", {}, population.request(300));
  for (const Rows& rows : lists) {
    for (const std::uint32_t row : rows) {
      CHECK_FALSE(population.makers[row] != population.makers[rows[0]]);
    }
  }
  CHECK(std::ranges::find(lists[0], 0u) != lists[0].end());  // in order of appearance
}

TEST_CASE("natural_id groups neighbours where edges are fewer than makers") {
  const Population population;
  const RowLists lists = rows_of("natural_id", {{"sort_unique_ids", true}}, population.request(70));
  std::uint32_t before = 0;
  for (std::size_t k = 0; k < lists.size(); ++k) {
    std::set<std::uint32_t> makers;
    for (const std::uint32_t row : lists[k]) makers.insert(population.makers[row]);
    CHECK(makers.size() == (k < 20 ? 5 : 4));  // 300 = 20 * 5 + 50 * 4
    CHECK((k == 0 || *makers.begin() > before));
    before = *makers.rbegin();
  }
}

TEST_CASE("natural_id says what it could not do") {
  const Population population;
  CHECK(refusal("natural_id", {}, population.request(301)) ==
        "301 edges, but the samples come from only 300 makers");
  PartitionRequest unknown = population.request(3);
  unknown.natural_ids = {};
  CHECK(refusal("natural_id", {}, unknown) ==
        "needs natural ids (who made each sample), which this data does not have");
}

TEST_CASE("size gives what is asked for and says when it cannot") {
  const Population population(100);
  const auto sizes = [](std::vector<int> values) {
    ConfigNode::Array list(values.begin(), values.end());
    return ConfigNode::Object{{"partition_sizes", ConfigNode(list)}};
  };
  const RowLists lists = rows_of("size", sizes({70, 0, 25}), population.request(3));
  CHECK(lists[0].size() == 70);
  CHECK(lists[1].empty());
  CHECK(lists[2].size() == 25);
  CHECK(refusal("size", sizes({70, 31}), population.request(2)) ==
        "partition_sizes add up to 101 samples, there are 100");
  CHECK(refusal("size", sizes({70}), population.request(2)) ==
        "partition_sizes lists 1 sizes for 2 edges");
}

}  // namespace skerry::datasets

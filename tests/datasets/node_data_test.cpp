#include "datasets/node_data.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "datasets/samples.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

namespace {

using Rows = std::vector<std::uint32_t>;

DataSet table(std::uint32_t rows, std::uint32_t test_rows = 0) {
  const DataSchema schema{.input = {1}, .classes = 10};
  const auto part = [&](std::uint32_t count) {
    std::vector<float> inputs(count);
    std::vector<std::int32_t> labels(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      inputs[i] = static_cast<float>(i);
      labels[i] = static_cast<std::int32_t>(i % 10);
    }
    return std::make_shared<const FloatSamples>(schema, inputs, labels);
  };
  DataSet data{.train = part(rows)};
  if (test_rows > 0) data.test = part(test_rows);
  return data;
}

std::shared_ptr<const NodeData> spread(std::uint32_t rows, const NodeData::Spread& how) {
  const Registry registry = all_plugins();
  const auto partitioner = registry.make(choose<Partitioner>(registry, "iid"));
  auto made = NodeData::make(table(rows, 7), *partitioner, how);
  REQUIRE(made.message() == "");
  return *made;
}

Rows rows_of(const NodeData& data, NodeId node, Split split) {
  Rows scratch;
  const View view = data.view(node, split, scratch);
  CHECK(view.size() == data.size(node, split));
  return {view.rows.begin(), view.rows.end()};
}

}  // namespace

TEST_CASE("the cloud tests on the source's test set and trains on nothing") {
  const auto data = spread(100, {.edges = 10});
  CHECK(rows_of(*data, NodeId::cloud(), Split::kTest) == Rows{0, 1, 2, 3, 4, 5, 6});
  CHECK(rows_of(*data, NodeId::cloud(), Split::kTrain).empty());
  CHECK(rows_of(*data, NodeId::cloud(), Split::kValidation).empty());
  Rows scratch;
  CHECK(data->view(NodeId::cloud(), Split::kTest, scratch).samples == data->data_set().test.get());
}

TEST_CASE("without splits an edge trains on its whole partition") {
  const auto data = spread(105, {.edges = 10});
  std::set<std::uint32_t> seen;
  for (std::uint32_t k = 0; k < 10; ++k) {
    const Rows rows = rows_of(*data, NodeId::edge(k), Split::kTrain);
    CHECK(rows.size() == (k < 5 ? 11 : 10));
    seen.insert(rows.begin(), rows.end());
    CHECK(rows_of(*data, NodeId::edge(k), Split::kTest).empty());
  }
  CHECK(seen.size() == 105);
}

TEST_CASE("the training pool is what all edges train on, ascending, however it is spread") {
  const SplitConfig split{.client_test = 0.2, .client_validation = 0.1, .server_validation = 0.2};
  const auto data = spread(1000, {.edges = 7, .split = split, .seed = 3});
  Rows expected;
  for (std::uint32_t k = 0; k < 7; ++k) {
    const Rows rows = rows_of(*data, NodeId::edge(k), Split::kTrain);
    expected.insert(expected.end(), rows.begin(), rows.end());
  }
  std::sort(expected.begin(), expected.end());
  Rows scratch;
  const View pool = data->training_pool(scratch);
  CHECK(pool.samples == data->data_set().train.get());
  CHECK(Rows(pool.rows.begin(), pool.rows.end()) == expected);
  CHECK(data->training_pool_size() == expected.size());

  // If edges hold nothing back, a live cloud trains on the same rows as the simulated one.
  const SplitConfig whole{.server_validation = 0.2};
  const auto simulated = spread(1000, {.edges = 7, .split = whole, .seed = 3});
  const auto live =
      NodeData::own(table(1000, 7), {.node = NodeId::cloud(), .split = whole, .seed = 3});
  Rows of_live, of_simulated;
  live->training_pool(of_live);
  simulated->training_pool(of_simulated);
  CHECK(of_live == of_simulated);
  CHECK(live->training_pool_size() == 800);
}

TEST_CASE("all splits together hold every training sample once") {
  const auto data = spread(
      1000, {.edges = 7,
             .split = {.client_test = 0.29, .client_validation = 0.1, .server_validation = 0.2},
             .seed = 3});
  std::multiset<std::uint32_t> seen;
  const Rows held = rows_of(*data, NodeId::cloud(), Split::kValidation);
  CHECK(held.size() == 200);
  seen.insert(held.begin(), held.end());
  for (std::uint32_t k = 0; k < 7; ++k) {
    const std::size_t before = seen.size();
    for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
      const Rows rows = rows_of(*data, NodeId::edge(k), split);
      seen.insert(rows.begin(), rows.end());
    }
    const std::size_t share = seen.size() - before;
    CHECK(data->size(NodeId::edge(k), Split::kTest) == share * 29 / 100);
    CHECK(data->size(NodeId::edge(k), Split::kValidation) == share / 10);
  }
  CHECK(seen.size() == 1000);
  CHECK(std::set(seen.begin(), seen.end()).size() == 1000);
}

TEST_CASE("a part of a hundred is not one less for a rounding error") {
  const auto data = spread(100, {.edges = 1, .split = {.client_test = 0.29}});
  CHECK(data->size(NodeId::edge(0), Split::kTest) == 29);
}

TEST_CASE("the seed decides who holds what, and the same seed gives the same") {
  const auto first = spread(200, {.edges = 4, .split = {.client_test = 0.5}, .seed = 1});
  const auto again = spread(200, {.edges = 4, .split = {.client_test = 0.5}, .seed = 1});
  const auto other = spread(200, {.edges = 4, .split = {.client_test = 0.5}, .seed = 2});
  const auto rows = [](const auto& data) { return rows_of(*data, NodeId::edge(2), Split::kTrain); };
  CHECK(rows(first) == rows(again));
  CHECK(rows(first) != rows(other));
}

TEST_CASE("a million edges over generated samples need no stored rows") {
  const Registry registry = all_plugins();
  const auto source = choose<DataSource>(
      registry, "synthetic_blobs", {{"samples", 5'000'000}, {"features", 2}, {"stored", false}});
  DataConfig config{.source = source, .split = {.client_test = 0.25, .server_validation = 0.1}};
  const auto data = NodeData::make(config, registry, DataEnvironment{.seed = 4}, 1'000'000, 9);
  REQUIRE(data.message() == "");
  CHECK((*data)->size(NodeId::cloud(), Split::kValidation) == 500'000);
  std::set<std::uint32_t> seen;
  Rows scratch;
  for (const std::uint32_t k : {0u, 1u, 499'999u, 999'999u}) {
    CHECK((*data)->size(NodeId::edge(k), Split::kTest) == 1);
    const Rows train = rows_of(**data, NodeId::edge(k), Split::kTrain);
    CHECK(train == rows_of(**data, NodeId::edge(k), Split::kTrain));
    seen.insert(train.begin(), train.end());
  }
  CHECK(seen.size() == 4 + 4 + 4 + 3);
  const Rows held = rows_of(**data, NodeId::cloud(), Split::kValidation);
  CHECK(std::ranges::none_of(held, [&](std::uint32_t row) { return seen.contains(row); }));
}

TEST_CASE("a live edge trains on all of its own data and keeps the source's test set") {
  const auto data = NodeData::own(table(50, 9), {.node = NodeId::edge(17)});
  CHECK(data->size(NodeId::edge(17), Split::kTrain) == 50);
  CHECK(rows_of(*data, NodeId::edge(17), Split::kTrain)[49] == 49);
  CHECK(data->size(NodeId::edge(17), Split::kTest) == 9);
}

TEST_CASE("a live edge cuts its own data as the scenario says") {
  const auto data = NodeData::own(
      table(50, 9),
      {.node = NodeId::edge(17),
       .split = {.client_test = 0.2, .client_validation = 0.1, .server_validation = 0.5},
       .seed = 1});
  CHECK(data->size(NodeId::edge(17), Split::kTrain) == 35);
  CHECK(data->size(NodeId::edge(17), Split::kValidation) == 5);
  CHECK(data->size(NodeId::edge(17), Split::kTest) == 10);
}

TEST_CASE("a live cloud holds back the same samples as the simulated one") {
  const SplitConfig split{.server_validation = 0.3};
  const auto live =
      NodeData::own(table(60, 7), {.node = NodeId::cloud(), .split = split, .seed = 5});
  const auto simulated = spread(60, {.edges = 3, .split = split, .seed = 5});
  CHECK(rows_of(*live, NodeId::cloud(), Split::kValidation) ==
        rows_of(*simulated, NodeId::cloud(), Split::kValidation));
  CHECK(rows_of(*live, NodeId::cloud(), Split::kTest).size() == 7);
}

TEST_CASE("what cannot be spread says why, with the place in the scenario") {
  const Registry registry = all_plugins();
  DataConfig config{.source = choose<DataSource>(registry, "synthetic_blobs", {{"samples", 10}})};
  CHECK(
      NodeData::make(config, registry, DataEnvironment{}, 11, 1).message() ==
      "data.partition: iid: 11 edges cannot share 10 training samples: at most one edge a sample");
  CHECK(NodeData::make(config, registry, DataEnvironment{}, 0, 1).message() ==
        "data.partition: iid: there must be at least one edge");
  config.source = choose<DataSource>(registry, "mnist");
  CHECK(NodeData::make(config, registry, DataEnvironment{.cache = "/nowhere"}, 2, 1)
            .message()
            .find("data.source: mnist: no folder has train-images-idx3-ubyte") == 0);
}

TEST_CASE("splits that leave nothing to train on are refused") {
  const Registry registry = all_plugins();
  DataConfig config;
  Problems problems;
  FieldReader reader(registry, problems);
  ConfigNode split = ConfigNode::object(), document = ConfigNode::object();
  split.set("client_test", 0.6);
  split.set("client_validation", 0.4);
  document.set("source", "synthetic_blobs");
  document.set("split", split);
  reader.read(document, config, "/data");
  CHECK(
      problems.text("s.json") ==
      "s.json: /data/split/client_test: and client_validation must leave something to train on\n");
}

TEST_CASE("poisoned edges train on other samples in the same rows, and on nothing else") {
  const SplitConfig split{.client_test = 0.2, .client_validation = 0.1, .server_validation = 0.1};
  const auto honest = spread(300, {.edges = 6, .split = split, .seed = 2});
  const DataSet other = table(300);
  const auto poisoned = honest->with({.train = other.train, .is_poisoned = [](NodeId edge) {
                                        return edge == NodeId::edge(1) || edge == NodeId::edge(4);
                                      }});
  const auto samples = [](const NodeData& data, NodeId node, Split of) {
    Rows scratch;
    return data.view(node, of, scratch).samples;
  };
  for (std::uint32_t k = 0; k < 6; ++k) {
    const NodeId edge = NodeId::edge(k);
    const Samples* train = k == 1 || k == 4 ? other.train.get() : honest->data_set().train.get();
    CHECK(samples(*poisoned, edge, Split::kTrain) == train);
    for (const Split part : {Split::kTrain, Split::kValidation, Split::kTest}) {
      CHECK(rows_of(*poisoned, edge, part) == rows_of(*honest, edge, part));
      if (part == Split::kTrain) continue;
      CHECK(samples(*poisoned, edge, part) == honest->data_set().train.get());
    }
    CHECK(poisoned->class_counts(k) == honest->class_counts(k));
    CHECK(samples(*honest, edge, Split::kTrain) == honest->data_set().train.get());
  }
  Rows scratch;
  CHECK(poisoned->training_pool(scratch).samples == honest->data_set().train.get());
  CHECK(poisoned->data_set().train == honest->data_set().train);
  CHECK(samples(*poisoned, NodeId::cloud(), Split::kValidation) == honest->data_set().train.get());
}

TEST_CASE("a million edges may be poisoned though their rows are computed") {
  const Registry registry = all_plugins();
  const auto source = choose<DataSource>(
      registry, "synthetic_blobs", {{"samples", 5'000'000}, {"features", 2}, {"stored", false}});
  const DataConfig config{.source = source};
  const auto honest = NodeData::make(config, registry, DataEnvironment{.seed = 4}, 1'000'000, 9);
  REQUIRE(honest.message() == "");
  const auto other = registry.make(source)->load(DataEnvironment{.seed = 5});
  const auto poisoned = (*honest)->with(
      {.train = other->train, .is_poisoned = [](NodeId edge) { return edge.index() >= 500'000; }});
  Rows scratch;
  CHECK(poisoned->view(NodeId::edge(999'999), Split::kTrain, scratch).samples ==
        other->train.get());
  CHECK(poisoned->view(NodeId::edge(7), Split::kTrain, scratch).samples ==
        (*honest)->data_set().train.get());
  CHECK(rows_of(*poisoned, NodeId::edge(999'999), Split::kTrain) ==
        rows_of(**honest, NodeId::edge(999'999), Split::kTrain));
}

TEST_CASE("views may be taken from many threads at once") {
  const auto data = spread(4000, {.edges = 40, .split = {.client_test = 0.1}, .seed = 8});
  std::vector<Rows> expected(40);
  for (std::uint32_t k = 0; k < 40; ++k) {
    expected[k] = rows_of(*data, NodeId::edge(k), Split::kTrain);
  }
  std::vector<int> wrong(4);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Rows scratch;
      for (std::uint32_t k = 0; k < 40; ++k) {
        const View view = data->view(NodeId::edge(k), Split::kTrain, scratch);
        wrong[static_cast<std::size_t>(t)] += !std::ranges::equal(view.rows, expected[k]);
      }
    });
  }
  threads.clear();
  CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("class counts of an edge add up to its samples") {
  const auto data = spread(100, {.edges = 3});
  std::uint32_t total = 0;
  for (std::uint32_t k = 0; k < 3; ++k) {
    for (const std::uint32_t count : data->class_counts(k)) total += count;
  }
  CHECK(total == 100);
}

}  // namespace skerry::datasets

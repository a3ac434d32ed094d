// The laws of streams, on every registered one, and what each does by known values.
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include "datasets/stream.hpp"
#include "tests/datasets/recorded_table.hpp"

namespace skerry::datasets {

namespace {

struct Law {
  ConfigNode::Object parameters;
  bool seed_sensitive;  // another seed gives other tasks, or other rows in them
  bool reorders;        // edges may have an order of their own
};

// One line for every registered stream, or the test below fails.
const std::map<std::string, Law> kLaws = {
    {"by_attribute", {{{"attribute", "country"}}, false, true}},
    {"by_time", {{{"experiences", 5}, {"arrival", "recorded"}}, false, false}},
    {"class_incremental", {{{"arrival", "recorded"}}, true, true}},
    {"task_incremental", {{{"classes_per_experience", 4}}, true, true}},
    {"domain_incremental", {{{"arrival", "at_once"}}, true, true}},
    {"blurry", {{{"share", 0.3}}, true, true}},
    {"permuted", {{{"experiences", 3}}, true, true}},
    {"rotated", {{{"experiences", 3}}, true, true}},
    {"drift", {{{"kind", "gradual"}, {"width", 0.5}}, true, false}},
};

const SplitConfig kSplit{.client_test = 0.2, .client_validation = 0.1, .server_validation = 0.1};
constexpr Split kSplits[] = {Split::kTrain, Split::kValidation, Split::kTest};

Law unshared(Law law) {
  if (law.reorders) law.parameters.emplace_back("shared", false);
  return law;
}

std::vector<NodeId> nodes_of(const NodeData& data) {
  std::vector<NodeId> nodes{NodeId::cloud()};
  for (std::uint32_t k = 0; k < data.edges(); ++k) nodes.push_back(NodeId::edge(k));
  return nodes;
}

std::vector<std::uint32_t> tasks_of(const NodeData& data, NodeId node) {
  std::vector<std::uint32_t> tasks;
  for (const Experience& one : data.experiences(node)) tasks.push_back(one.task);
  return tasks;
}

/// Everything that a stream makes of a data set.
std::vector<Rows> all_rows(const NodeData& data) {
  std::vector<Rows> all;
  for (const NodeId node : nodes_of(data)) {
    for (const Split split : kSplits) {
      for (std::uint32_t k = 0; k < data.experiences(node).size(); ++k) {
        all.push_back(rows_in(data, node, split, Slice::experience(k)));
      }
    }
    all.push_back(tasks_of(data, node));
  }
  return all;
}

/// The inputs of some rows, as a node sees them.
std::vector<float> inputs_of(const NodeData& data, const Rows& rows) {
  std::vector<float> inputs(rows.size() * data.schema().input_size());
  data.training_set().inputs(rows, inputs);
  return inputs;
}

std::vector<std::int32_t> labels_of(const NodeData& data, const Rows& rows) {
  std::vector<std::int32_t> labels(rows.size());
  data.training_set().labels(rows, labels);
  return labels;
}

/// The rows of the only edge's experiences.
std::vector<Rows> order_of(const NodeData& data) {
  std::vector<Rows> order;
  for (std::uint32_t k = 0; k < data.experiences(NodeId::edge(0)).size(); ++k) {
    order.push_back(rows_in(data, NodeId::edge(0), Split::kTrain, Slice::experience(k)));
  }
  return order;
}

std::vector<Rows> sorted_order_of(const NodeData& data) {
  std::vector<Rows> order = order_of(data);
  for (Rows& rows : order) std::ranges::sort(rows);
  return order;
}

std::vector<std::string> names_of(const NodeData& data) {
  std::vector<std::string> names;
  for (Experience& one : data.experiences(NodeId::cloud())) names.push_back(std::move(one.name));
  return names;
}

/// Twelve rows for one edge: classes 0 1 2 3 4 5 0 1 2 3 4 5, countries DE DE DE FR FR FR IT IT IT
/// DE DE DE, concepts 0 1 0 1 ...; recorded in the order 0 1 2 ... 11.
const Coming kTwelve{.rows = 12, .test_rows = 0, .edges = 1};

}  // namespace

TEST_CASE("every row comes in one experience, or once in each where a stream repeats") {
  const Coming coming{.split = kSplit};
  const auto plain = coming.plain();
  for (const std::string& name : all_plugins().names(Stream::kSlot)) {
    INFO(name);
    REQUIRE(kLaws.contains(name));
    const auto data = coming.as(name, kLaws.at(name).parameters);
    const bool repeats = name == "permuted" || name == "rotated";
    for (const NodeId node : nodes_of(*data)) {
      for (const Split split : kSplits) {
        const Rows held = sorted(rows_in(*plain, node, split));
        const bool of_test_set = node.is_cloud() && split == Split::kTest;
        Rows expected, found;
        const auto count = static_cast<std::uint32_t>(data->experiences(node).size());
        for (std::uint32_t k = 0; k < count; ++k) {
          const Rows in_one = rows_in(*data, node, split, Slice::experience(k));
          found.insert(found.end(), in_one.begin(), in_one.end());
          CHECK(rows_in(*data, node, split, Slice::up_to(k)) == found);
          for (const std::uint32_t row : held) {
            if (repeats || k == 0) expected.push_back(row + k * (of_test_set ? 120 : 600));
          }
        }
        CHECK(found == rows_in(*data, node, split));
        CHECK(sorted(found) == sorted(expected));
        CHECK(rows_in(*data, node, split, Slice::experience(count)).empty());
      }
    }
    CHECK(data->training_pool_size() == (repeats ? 3 : 1) * plain->training_pool_size());
  }
}

TEST_CASE("rows arrive one after another, each while its experience lasts") {
  for (const auto& [name, law] : kLaws) {
    INFO(name);
    const auto data = Coming{.split = kSplit}.as(name, unshared(law).parameters);
    for (const NodeId node : nodes_of(*data)) {
      const std::vector<Experience> experiences = data->experiences(node);
      for (const Split split : kSplits) {
        Duration before;
        std::size_t position = 0, early = 0, late = 0, fallen = 0;
        for (std::uint32_t k = 0; k < experiences.size(); ++k) {
          const Duration begins = experiences[k].begins, ends = begins + experiences[k].lasts;
          const std::size_t size = data->size(node, split, Slice::experience(k));
          for (std::size_t i = 0; i < size; ++i, ++position) {
            const Duration at = data->arrival(node, split, position);
            early += at < begins;
            late += at >= ends;
            fallen += at < before;
            before = at;
          }
          CHECK(rows_in(*data, node, split, Slice::between(begins, ends)) ==
                rows_in(*data, node, split, Slice::experience(k)));
        }
        CHECK(early + late + fallen == 0);
      }
    }
  }
}

TEST_CASE("the seed decides on a stream, and the same seed gives the same") {
  for (const auto& [name, law] : kLaws) {
    INFO(name);
    const Coming first{.split = kSplit};
    const auto rows = all_rows(*first.as(name, law.parameters));
    CHECK(rows == all_rows(*first.as(name, law.parameters)));
    // One edge without splits holds the same rows under every seed.
    const auto seen = [&, &law = law, &name = name](std::uint64_t seed) {
      const auto data = Coming{.edges = 1, .seed = seed}.as(name, law.parameters);
      auto order = order_of(*data);
      for (Rows& of_one : order) std::ranges::sort(of_one);
      return std::pair(order,
                       inputs_of(*data, sorted(rows_in(*data, NodeId::edge(0), Split::kTrain))));
    };
    CHECK((seen(1) != seen(2)) == law.seed_sensitive);
  }
}

TEST_CASE("streams are the same for any number of threads that look") {
  for (const auto& [name, law] : kLaws) {
    const auto data = Coming{.split = kSplit}.as(name, unshared(law).parameters);
    const auto expected = all_rows(*data);
    std::vector<std::vector<Rows>> found(4);
    std::vector<std::jthread> threads;
    for (std::vector<Rows>& one : found) {
      threads.emplace_back([&one, &data = data] {
        Rows scratch;
        for (const NodeId node : nodes_of(*data)) {
          for (const Split split : kSplits) {
            for (std::uint32_t k = 0; k < data->experiences(node).size(); ++k) {
              const View view = data->view(node, split, Slice::experience(k), scratch);
              one.emplace_back(view.rows.begin(), view.rows.end());
            }
          }
          one.push_back(tasks_of(*data, node));
        }
      });
    }
    threads.clear();
    for (const std::vector<Rows>& one : found) CHECK(one == expected);
  }
}

TEST_CASE("all nodes share the order of a stream, or each edge has its own of the same tasks") {
  for (const auto& [name, law] : kLaws) {
    INFO(name);
    const Coming coming{.rows = 600, .edges = 30};
    const auto shared = coming.as(name, law.parameters);
    for (const NodeId node : nodes_of(*shared)) {
      CHECK(std::ranges::is_sorted(tasks_of(*shared, node)));
    }
    if (!law.reorders) continue;
    const auto own = coming.as(name, unshared(law).parameters);
    std::set<std::vector<std::uint32_t>> orders;
    for (const NodeId node : nodes_of(*own)) {
      const auto tasks = tasks_of(*own, node);
      if (node.is_cloud()) CHECK(std::ranges::is_sorted(tasks));
      CHECK(sorted(tasks) == tasks_of(*shared, node));
      orders.insert(tasks);
      for (std::uint32_t k = 0; k < tasks.size(); ++k) {
        CHECK(sorted(rows_in(*own, node, Split::kTrain, Slice::experience(k))) ==
              sorted(rows_in(*shared, node, Split::kTrain, Slice::experience(tasks[k]))));
      }
    }
    CHECK(orders.size() > 1);
  }
}

TEST_CASE("by_attribute takes levels in order, in groups, or cuts numbers") {
  const auto sorted_levels = kTwelve.as("by_attribute", {{"attribute", "country"}});
  CHECK(names_of(*sorted_levels) ==
        std::vector<std::string>{"country DE", "country FR", "country IT"});
  CHECK(sorted_order_of(*sorted_levels) ==
        std::vector<Rows>{{0, 1, 2, 9, 10, 11}, {3, 4, 5}, {6, 7, 8}});
  CHECK(sorted_order_of(*kTwelve.as(
            "by_attribute", {{"attribute", "country"}, {"order", list({"IT", "DE", "FR"})}})) ==
        std::vector<Rows>{{6, 7, 8}, {0, 1, 2, 9, 10, 11}, {3, 4, 5}});
  const auto grouped =
      kTwelve.as("by_attribute",
                 {{"attribute", "country"}, {"groups", list({list({"IT", "FR"}), list({"DE"})})}});
  CHECK(names_of(*grouped) == std::vector<std::string>{"country IT, FR", "country DE"});
  CHECK(sorted_order_of(*grouped) == std::vector<Rows>{{3, 4, 5, 6, 7, 8}, {0, 1, 2, 9, 10, 11}});
  // age: 0 13 26 39 52 5 18 31 44 57 10 23
  const auto cut = kTwelve.as("by_attribute", {{"attribute", "age"}, {"cuts", list({13, 40})}});
  CHECK(names_of(*cut) ==
        std::vector<std::string>{"age below 13.0", "age from 13.0 to 40.0", "age from 40.0"});
  CHECK(sorted_order_of(*cut) == std::vector<Rows>{{0, 5, 10}, {1, 2, 3, 6, 7, 11}, {4, 8, 9}});
  CHECK(sorted_order_of(*kTwelve.as("by_attribute", {{"attribute", "concept"}})) ==
        std::vector<Rows>{{0, 2, 4, 6, 8, 10}, {1, 3, 5, 7, 9, 11}});
}

TEST_CASE("by_time cuts at equal counts or spans, and sorts by time") {
  const Coming coming{.rows = 10, .test_rows = 0, .edges = 1};
  // Times: 1000 + 0 7 4 1 8 5 2 9 6 3.
  const auto counts = coming.as("by_time", {{"experiences", 3}});
  CHECK(order_of(*counts) == std::vector<Rows>{{0, 3, 6}, {9, 2, 5}, {8, 1, 4, 7}});
  CHECK(names_of(*counts)[1] == "from 3.0 s to 6.0 s");
  const auto spans = coming.as("by_time", {{"span", "4 s"}, {"arrival", "recorded"}});
  CHECK(order_of(*spans) == std::vector<Rows>{{0, 3, 6, 9}, {2, 5, 8, 1}, {4, 7}});
  CHECK(spans->experiences(NodeId::cloud())[2].begins ==
        Duration::seconds(8) + Duration::nanoseconds(2));
  CHECK(spans->arrival(NodeId::edge(0), Split::kTrain, 3) == Duration::seconds(3));
  const auto fast = coming.as("by_time", {{"span", "10 s"}, {"arrival", "recorded"}, {"speed", 2}});
  CHECK(fast->arrival(NodeId::edge(0), Split::kTrain, 9) == Duration::milliseconds(4500));
}

TEST_CASE("groups of classes: what class, task and domain-incremental streams do to labels") {
  const ConfigNode::Object in_order = {{"shuffle", false}};
  const std::vector<Rows> order{{0, 1, 6, 7}, {2, 3, 8, 9}, {4, 5, 10, 11}};
  const auto classes = kTwelve.as("class_incremental", in_order);
  CHECK(sorted_order_of(*classes) == order);
  CHECK(names_of(*classes) ==
        std::vector<std::string>{"classes 0 and 1", "classes 2 and 3", "classes 4 and 5"});
  CHECK(labels_of(*classes, {2, 5, 8}) == std::vector<std::int32_t>{2, 5, 2});
  CHECK(classes->active_outputs(1).empty());
  CHECK(classes->data_set().content_hash == kTwelve.plain()->data_set().content_hash);

  const auto tasks = kTwelve.as("task_incremental", in_order);
  CHECK(sorted_order_of(*tasks) == order);
  CHECK(labels_of(*tasks, {2, 5, 8}) == std::vector<std::int32_t>{2, 5, 2});
  CHECK(std::ranges::equal(tasks->active_outputs(1), std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0}));
  CHECK(tasks->schema().classes == 6);

  const auto domains = kTwelve.as("domain_incremental", in_order);
  CHECK(sorted_order_of(*domains) == order);
  CHECK(labels_of(*domains, {2, 5, 8, 9}) == std::vector<std::int32_t>{0, 1, 0, 1});
  CHECK(domains->schema().classes == 2);
  CHECK(domains->data_set().content_hash != classes->data_set().content_hash);
  CHECK(domains->class_counts(NodeId::edge(0), Split::kTrain, Slice::experience(1)) ==
        Rows{0, 0, 2, 2, 0, 0});

  const auto uneven =
      kTwelve.as("class_incremental", {{"shuffle", false}, {"classes_per_experience", 4}});
  CHECK(names_of(*uneven) == std::vector<std::string>{"classes 0, 1, 2 and 3", "classes 4 and 5"});
}

TEST_CASE("streams of groups of classes group them alike under one seed") {
  const auto classes = Coming{}.as("class_incremental");
  CHECK(names_of(*classes) == names_of(*Coming{}.as("task_incremental")));
  CHECK(names_of(*classes) == names_of(*Coming{}.as("domain_incremental")));
  CHECK(names_of(*classes) == names_of(*Coming{}.as("blurry")));
  CHECK(names_of(*classes) != names_of(*Coming{.seed = 2}.as("class_incremental")));
}

TEST_CASE("blurry moves the share it says to other groups, but no row to test on") {
  const Coming many{.rows = 6000, .test_rows = 600, .edges = 1};
  const auto foreign = [&](const NodeData& data, NodeId node, Split split) {
    std::size_t moved = 0;
    for (std::uint32_t k = 0; k < 3; ++k) {
      const auto counts = data.class_counts(node, split, Slice::experience(k));
      for (std::uint32_t c = 0; c < 6; ++c) moved += c / 2 == k ? 0 : counts[c];
    }
    return moved;
  };
  const auto blurry = many.as("blurry", {{"shuffle", false}, {"share", 0.2}});
  // Binomial(6000, 0.2): 1200 +- 31; five deviations fail one correct build in a million.
  const std::size_t moved = foreign(*blurry, NodeId::edge(0), Split::kTrain);
  CHECK(moved > 1045);
  CHECK(moved < 1355);
  CHECK(foreign(*blurry, NodeId::cloud(), Split::kTest) == 0);
  const auto half = many.as("blurry", {{"shuffle", false}, {"share", 1}, {"disjoint", 0.5}});
  CHECK(foreign(*half, NodeId::edge(0), Split::kTrain) == 3000);
  const auto none = many.as("blurry", {{"shuffle", false}, {"share", 0}});
  CHECK(order_of(*none) == order_of(*many.as("class_incremental", {{"shuffle", false}})));
}

TEST_CASE("permuted shows the same values of a row in another order, one for all rows") {
  const auto data = kTwelve.as("permuted", {{"experiences", 3}});
  CHECK(data->training_set().size() == 36);
  CHECK(inputs_of(*data, {4}) == std::vector<float>{40, 41, 42, 43, 44, 45});
  const std::vector<float> row_4 = inputs_of(*data, {12 + 4}), row_7 = inputs_of(*data, {12 + 7});
  CHECK(row_4 != inputs_of(*data, {4}));
  CHECK(row_4 != inputs_of(*data, {24 + 4}));
  for (std::size_t j = 0; j < 6; ++j) CHECK(row_7[j] == row_4[j] + 30);
  CHECK(std::set(row_4.begin(), row_4.end()) == std::set<float>{40, 41, 42, 43, 44, 45});
  CHECK(inputs_of(*data, {16, 4, 19}) == [&] {
    std::vector<float> all = row_4;
    const std::vector<float> plain = inputs_of(*data, {4});
    all.insert(all.end(), plain.begin(), plain.end());
    all.insert(all.end(), row_7.begin(), row_7.end());
    return all;
  }());
  CHECK(labels_of(*data, {12 + 4, 24 + 7}) == std::vector<std::int32_t>{4, 1});
  const auto all_new = kTwelve.as("permuted", {{"experiences", 3}, {"keep_first", false}});
  CHECK(inputs_of(*all_new, {4}) != inputs_of(*data, {4}));
  CHECK(inputs_of(*all_new, {16}) == row_4);
  CHECK(data->data_set().content_hash != all_new->data_set().content_hash);
}

TEST_CASE("rotated turns images counter-clockwise about their middle") {
  const auto data = kTwelve.as("rotated", {{"degrees", list({0, 180, 90, -90})}});
  CHECK(names_of(*data)[2] == "turned by 90.0 degrees");
  // 0 1 2
  // 3 4 5
  CHECK(inputs_of(*data, {0}) == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(inputs_of(*data, {12}) == std::vector<float>{5, 4, 3, 2, 1, 0});
  // A quarter turn of a grid 3 wide and 2 high takes points between pixels: the lower or right one.
  const DataSchema square{.input = {1, 2, 2}, .classes = 1, .mean = 0.5, .deviation = 0.25};
  DataSet images{.train = std::make_shared<const FloatSamples>(
                     square, std::vector<float>{1, 2, 3, 4}, std::vector<std::int32_t>{0})};
  const Registry registry = all_plugins();
  const auto stream =
      registry.make(choose<Stream>(registry, "rotated", {{"degrees", list({90, 180, 270})}}));
  const auto turned = NodeData::own(std::move(images), {.node = NodeId::edge(0)})->with(*stream);
  REQUIRE(turned.message() == "");
  CHECK(inputs_of(**turned, {0}) == std::vector<float>{2, 4, 1, 3});
  CHECK(inputs_of(**turned, {1}) == std::vector<float>{4, 3, 2, 1});
  CHECK(inputs_of(**turned, {2}) == std::vector<float>{3, 1, 4, 2});
  // Of a quarter turn of one row, only the point beside the middle comes from inside.
  const DataSchema line{.input = {1, 4}, .classes = 1, .mean = 0.5, .deviation = 0.25};
  DataSet lines{.train = std::make_shared<const FloatSamples>(line, std::vector<float>{1, 2, 3, 4},
                                                              std::vector<std::int32_t>{0})};
  const auto outside = NodeData::own(std::move(lines), {.node = NodeId::edge(0)})->with(*stream);
  CHECK(inputs_of(**outside, {0}) == std::vector<float>{-2, 3, -2, -2});
}

TEST_CASE("drift joins concepts suddenly, gradually or in turns") {
  const auto concepts = [](const NodeData& data) {
    std::string text;
    for (const std::uint32_t row : rows_in(data, NodeId::edge(0), Split::kTrain)) {
      text += static_cast<char>('0' + row % 2);
    }
    return text;
  };
  CHECK(concepts(*kTwelve.as("drift")) == "000000111111");
  CHECK(concepts(*kTwelve.as("drift", {{"order", list({"1", "0"})}})) == "111111000000");
  CHECK(concepts(*kTwelve.as("drift", {{"positions", list({0.25})}})) == "000111111000");
  CHECK(concepts(*kTwelve.as("drift", {{"kind", "recurring"}, {"cycles", 3}})) == "001100110011");
  const auto parts = order_of(*kTwelve.as("drift", {{"experiences", 5}}));
  CHECK(std::vector<std::size_t>{parts[0].size(), parts[1].size(), parts[2].size(), parts[3].size(),
                                 parts[4].size()} == std::vector<std::size_t>{2, 2, 3, 2, 3});
  // The share of the new concept follows the sigmoid: 0.5 in the middle, 0.88 half a width later.
  const Coming many{.rows = 8000, .test_rows = 0, .edges = 1};
  const std::string gradual = concepts(*many.as("drift", {{"kind", "gradual"}, {"width", 0.2}}));
  const auto share = [&](std::size_t from) {
    return static_cast<double>(std::count(gradual.begin() + static_cast<std::ptrdiff_t>(from),
                                          gradual.begin() + static_cast<std::ptrdiff_t>(from + 200),
                                          '1')) /
           200;
  };
  // Five deviations of 200 draws: 0.18 at a half, 0.12 at 0.88 and 0.12.
  CHECK(std::abs(share(3900) - 0.5) < 0.18);
  CHECK(std::abs(share(4700) - 0.88) < 0.12);
  CHECK(std::abs(share(3100) - 0.12) < 0.12);
  CHECK(share(0) == 0);
}

TEST_CASE("streams say what they could not do") {
  const auto refusal = [](const std::string& stream, const ConfigNode::Object& parameters,
                          const Coming& coming = Coming{}) {
    return coming.tried(stream, parameters).message();
  };
  CHECK(refusal("by_attribute", {{"attribute", "contry"}}) ==
        "the training set has no attribute \"contry\"; nearest \"country\"; all: \"country\", "
        "\"age\" and \"concept\"");
  CHECK(refusal("by_attribute", {{"attribute", "country"}, {"order", list({"DE", "FR"})}}) ==
        "level \"IT\" of attribute \"country\" is not listed");
  CHECK(refusal("by_attribute",
                {{"attribute", "country"}, {"order", list({"DE", "FR", "IT", "FR"})}}) ==
        "level \"FR\" is listed twice");
  CHECK(refusal("by_attribute", {{"attribute", "country"}, {"order", list({"DE", "FX"})}}) ==
        "attribute \"country\" has no level \"FX\"; nearest \"FR\"");
  CHECK(refusal("by_attribute", {{"attribute", "country"}, {"cuts", list({1})}}) ==
        "attribute \"country\" holds words; cuts need numbers");
  CHECK(refusal("by_time", {{"experiences", 601}}) ==
        "too few different times for 601 experiences of equal counts: two would begin at the same "
        "time");
  CHECK(refusal("by_time", {{"span", "1 ms"}}) ==
        "spans of 1 ms make more than 100000 experiences");
  CHECK(refusal("domain_incremental", {{"classes_per_experience", 4}}) ==
        "6 classes make no whole groups of 4: the labels of the last one would be too few");
  CHECK(refusal("drift", {{"attribute", "country"}, {"positions", list({0.5})}}) ==
        "lists 1 positions for 2 changes");
  CHECK(refusal("permuted", {{"experiences", 10'000}}, {.rows = 500'000, .test_rows = 0}) ==
        "10000 experiences of so many rows make more than 2^32");
  CHECK(refusal("class_incremental", {{"join", ConfigNode(ConfigNode::Object{{"from", 3}})}}) ==
        "edges join with experience 3, but there are only 3, counted from 0");
  CHECK(refusal("class_incremental", {{"every", "200 d"}, {"classes_per_experience", 1}}) == "");
  CHECK(refusal("class_incremental", {{"every", "36500 d"}}) ==
        "3 experiences would last more than 292 years");

  const Registry registry = all_plugins();
  const auto without = [&](const std::string& name, const ConfigNode::Object& parameters,
                           std::uint32_t classes) {
    const DataSchema schema{.input = {2}, .classes = classes};
    DataSet bare{.train = std::make_shared<const FloatSamples>(
                     schema, std::vector<float>{1, 2, 3, 4}, std::vector<std::int32_t>{0, 0})};
    return NodeData::own(std::move(bare), {.node = NodeId::edge(0)})
        ->with(*registry.make(choose<Stream>(registry, name, parameters)))
        .message();
  };
  CHECK(without("by_time", {{"experiences", 1}}, 1) ==
        "needs recorded times, which this data does not have");
  CHECK(without("permuted", {{"arrival", "recorded"}}, 1) ==
        "arrival \"recorded\" needs recorded times, which this data does not have");
  CHECK(without("by_attribute", {{"attribute", "site"}}, 1) ==
        "the training set has no attributes, so no \"site\"");
  CHECK(without("class_incremental", {}, 0) == "needs class labels, which this data does not have");
  CHECK(without("rotated", {}, 1) ==
        "needs images [height, width] or [channels, height, width]; one sample is [2]");
}

TEST_CASE("keys of a stream that contradict each other are refused where they are written") {
  const auto complaint = [](const ConfigNode& stream) {
    const Registry registry = all_plugins();
    DataConfig config;
    Problems problems;
    ConfigNode document = ConfigNode::object();
    document.set("source", "synthetic_blobs");
    document.set("stream", stream);
    FieldReader(registry, problems).read(document, config, "/data");
    return problems.text("s");
  };
  using Object = ConfigNode::Object;
  CHECK(complaint(Object{{"name", "by_time"}}) ==
        "s: /data/stream: says exactly one of \"experiences\" and \"span\"\n");
  CHECK(complaint(Object{{"name", "by_attribute"},
                         {"attribute", "a"},
                         {"cuts", list({1, 1})},
                         {"order", list({"x"})}}) ==
        "s: /data/stream: says at most one of \"order\", \"groups\" and \"cuts\"\n"
        "s: /data/stream/cuts: must ascend\n");
  CHECK(complaint(Object{{"name", "drift"}, {"arrival", "recorded"}, {"width", 0.1}}) ==
        "s: /data/stream/arrival: must not be recorded: a drift has an order of its own\n"
        "s: /data/stream/width: a sudden change has none\n");
  CHECK(complaint(Object{{"name", "permuted"}, {"every", "0 s"}}) ==
        "s: /data/stream/every: must be more than 0 s\n");
  CHECK(complaint(Object{{"name", "permuted"},
                         {"join", ConfigNode(Object{{"from", 3}, {"until", 2}})}}) ==
        "s: /data/stream/join/until: must not be less than from\n");
  CHECK(complaint("permutd").starts_with("s: /data/stream"));
}

}  // namespace skerry::datasets

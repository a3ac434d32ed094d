// What NodeData makes of a stream: slices, late joiners, live nodes, poison.
#include "datasets/stream_counts.hpp"
#include "tests/datasets/recorded_table.hpp"

namespace skerry::datasets {

namespace {

const ConfigNode::Object kInOrder = {{"shuffle", false}};
const NodeId kEdge = NodeId::edge(0);

Duration minutes(std::int64_t n) { return Duration::seconds(60 * n); }

}  // namespace

TEST_CASE("without a stream everything is one experience that is there from the start") {
  const auto data = Coming{}.plain();
  const Rows all = rows_in(*data, kEdge, Split::kTrain);
  CHECK(all.size() == 150);
  CHECK(rows_in(*data, kEdge, Split::kTrain, Slice::experience(0)) == all);
  CHECK(rows_in(*data, kEdge, Split::kTrain, Slice::up_to(7)) == all);
  CHECK(rows_in(*data, kEdge, Split::kTrain, Slice::between({}, minutes(1))) == all);
  CHECK(rows_in(*data, kEdge, Split::kTrain, Slice::experience(1)).empty());
  CHECK(rows_in(*data, kEdge, Split::kTrain, Slice::between(minutes(1), minutes(2))).empty());
  CHECK(data->experiences(kEdge).size() == 1);
  CHECK(data->active_outputs(0).empty());
}

TEST_CASE("a range of time holds the rows that arrive in it, from the first moment to the last") {
  const Coming six{.rows = 6, .test_rows = 0, .edges = 1};
  const auto data = six.as("class_incremental", {{"shuffle", false}, {"every", "2 min"}});
  // Classes 0 to 5, two an experience, one a minute.
  const auto between = [&](std::int64_t from, std::int64_t to) {
    return rows_in(*data, kEdge, Split::kTrain, Slice::between(minutes(from), minutes(to))).size();
  };
  CHECK(between(0, 6) == 6);
  CHECK(between(0, 1) == 1);
  CHECK(between(1, 4) == 3);
  CHECK(between(5, 9) == 1);
  CHECK(between(6, 9) == 0);
  CHECK(between(4, 2) == 0);
  CHECK(data->arrival(kEdge, Split::kTrain, 3) == minutes(3));
  const auto at_once =
      six.as("class_incremental", {{"shuffle", false}, {"every", "2 min"}, {"arrival", "at_once"}});
  CHECK(at_once->arrival(kEdge, Split::kTrain, 3) == minutes(2));
}

TEST_CASE("edges that join in mid-stream have only what comes from then on") {
  const ConfigNode join(ConfigNode::Object{{"share", 0.5}, {"from", 1}, {"until", 2}});
  const Coming coming{.rows = 6000, .edges = 200};
  const auto all = coming.as("class_incremental");
  const auto data = coming.as("class_incremental", {{"join", join}});
  std::vector<int> joined(3);
  for (std::uint32_t k = 0; k < 200; ++k) {
    const NodeId edge = NodeId::edge(k);
    std::uint32_t first = 0;
    while (rows_in(*data, edge, Split::kTrain, Slice::experience(first)).empty()) ++first;
    ++joined[first];
    CHECK(data->experiences(edge).size() == 3);
    for (std::uint32_t e = first; e < 3; ++e) {
      CHECK(rows_in(*data, edge, Split::kTrain, Slice::experience(e)) ==
            rows_in(*all, edge, Split::kTrain, Slice::experience(e)));
    }
  }
  // 100 +- 7 do not join late; 50 +- 6 each join with the second and third: five deviations.
  CHECK(std::abs(joined[0] - 100) < 36);
  CHECK(std::abs(joined[1] - 50) < 31);
  CHECK(std::abs(joined[2] - 50) < 31);
  CHECK(rows_in(*data, NodeId::cloud(), Split::kTest) ==
        rows_in(*all, NodeId::cloud(), Split::kTest));
}

TEST_CASE("a live edge's own data comes in experiences, its test set too") {
  const Registry registry = all_plugins();
  const auto stream = registry.make(choose<Stream>(registry, "class_incremental", kInOrder));
  const NodeId edge = NodeId::edge(17);
  const auto own = NodeData::own(RecordedTable::data_set(60, 12), {.node = edge})->with(*stream);
  REQUIRE(own.message() == "");
  CHECK((*own)->class_counts(edge, Split::kTrain, Slice::experience(1)) ==
        Rows{0, 0, 10, 10, 0, 0});
  CHECK((*own)->class_counts(edge, Split::kTest, Slice::up_to(1)) == Rows{2, 2, 2, 2, 0, 0});
  const auto cloud =
      NodeData::own(RecordedTable::data_set(60, 12), {.node = NodeId::cloud()})->with(*stream);
  REQUIRE(cloud.message() == "");
  CHECK((*cloud)->size(NodeId::cloud(), Split::kTest, Slice::experience(2)) == 4);
  Rows scratch;
  CHECK((*cloud)->training_pool(scratch).size() == 60);
}

TEST_CASE("a simulated edge and the same live one see the same experiences") {
  const auto simulated = Coming{.rows = 60, .test_rows = 12, .edges = 1}.as("class_incremental");
  const Registry registry = all_plugins();
  const auto live = NodeData::own(RecordedTable::data_set(60, 12), {.node = kEdge, .seed = 1})
                        ->with(*registry.make(choose<Stream>(registry, "class_incremental")));
  REQUIRE(live.message() == "");
  for (std::uint32_t k = 0; k < 3; ++k) {
    CHECK(sorted(rows_in(*simulated, kEdge, Split::kTrain, Slice::experience(k))) ==
          sorted(rows_in(**live, kEdge, Split::kTrain, Slice::experience(k))));
  }
}

TEST_CASE("poisoned edges see the poison through the stream") {
  const Coming coming{.rows = 12, .test_rows = 0, .edges = 1};
  const auto honest = coming.as("domain_incremental", kInOrder);
  std::vector<float> zeros(72);
  std::vector<std::int32_t> flipped(12, 5);
  const auto poisoned = honest->with({.train = std::make_shared<const FloatSamples>(
                                          honest->data_set().train->schema(), zeros, flipped),
                                      .is_poisoned = [](NodeId) { return true; }});
  Rows scratch;
  const View view = poisoned->view(kEdge, Split::kTrain, Slice::experience(0), scratch);
  std::vector<std::int32_t> labels(view.size());
  view.samples->labels(view.rows, labels);
  CHECK(labels == std::vector<std::int32_t>(4, 1));  // class 5 in its place of the last group
  CHECK(view.samples->schema() == poisoned->schema());
  CHECK(rows_in(*poisoned, kEdge, Split::kTrain) == rows_in(*honest, kEdge, Split::kTrain));
}

TEST_CASE("a million edges have streams though their rows are computed") {
  const Registry registry = all_plugins();
  const DataConfig config{
      .source = choose<DataSource>(registry, "synthetic_blobs",
                                   {{"samples", 5'000'000}, {"features", 2}, {"stored", false}}),
      .split = {.client_test = 0.2},
      .stream = choose<Stream>(registry, "class_incremental", {{"shared", false}})};
  const auto data = NodeData::make(config, registry, DataEnvironment{.seed = 4}, 1'000'000, 9);
  REQUIRE(data.message() == "");
  for (const std::uint32_t k : {0u, 7u, 999'999u}) {
    const NodeId edge = NodeId::edge(k);
    Rows found;
    for (std::uint32_t e = 0; e < 5; ++e) {
      const Rows in_one = rows_in(**data, edge, Split::kTrain, Slice::experience(e));
      found.insert(found.end(), in_one.begin(), in_one.end());
    }
    CHECK(found == rows_in(**data, edge, Split::kTrain));
    CHECK(found.size() == 4);
    CHECK((*data)->arrival(edge, Split::kTrain, 3) < minutes(300));
  }
}

TEST_CASE("samples without classes come as a stream, and count as none") {
  DataSet bare{.train = std::make_shared<const FloatSamples>(DataSchema{.input = {2}},
                                                             std::vector<float>{1, 2, 3, 4},
                                                             std::vector<std::int32_t>{0, 0})};
  bare.train_attributes.time_s = {7, 3};
  const Registry registry = all_plugins();
  const auto stream = registry.make(choose<Stream>(registry, "by_time", {{"experiences", 2}}));
  const auto data = NodeData::own(std::move(bare), {.node = kEdge})->with(*stream);
  REQUIRE(data.message() == "");
  CHECK(rows_in(**data, kEdge, Split::kTrain) == Rows{1, 0});
  CHECK((*data)->class_counts(kEdge, Split::kTrain, Slice::everything()).empty());
  CHECK(draw_text(count_stream(**data, 1)) == "the samples have no class labels\n");
}

TEST_CASE("what a stream cannot do is told with its place in the scenario") {
  const Registry registry = all_plugins();
  const DataConfig config{
      .source = choose<DataSource>(registry, "synthetic_blobs", {{"samples", 100}}),
      .stream = choose<Stream>(registry, "drift")};
  CHECK(NodeData::make(config, registry, DataEnvironment{}, 2, 1).message() ==
        "data.stream: drift: the training set has no attributes, so no \"concept\"");
}

TEST_CASE("a stream is counted and drawn by class, edge and experience") {
  const auto data = Coming{.edges = 4}.as("class_incremental", kInOrder);
  const StreamCounts counts = count_stream(*data, 3);
  CHECK(counts.edges == 4);
  REQUIRE(counts.nodes.size() == 3);
  CHECK(counts.nodes[2].node == NodeId::edge(3));
  CHECK(counts.test.parts[1].of_class == Rows{0, 0, 20, 20, 0, 0});
  std::uint64_t samples = 0;
  for (const StreamCounts::Part& part : counts.nodes[0].parts) samples += part.samples();
  CHECK(samples == 150);
  CHECK(counts.ends() == Duration::seconds(3 * 3600));
  const std::string text = draw_text(counts);
  CHECK(text.find("edge-3\n") != std::string::npos);
  CHECK(text.find("classes 2 and 3") != std::string::npos);
  CHECK(text.find("(3 of 4 edges)") != std::string::npos);
  const std::string picture = draw_svg(counts, "a < b");
  CHECK(picture.starts_with("<svg "));
  CHECK(picture.ends_with("</svg>\n"));
  CHECK(picture.find("a &lt; b") != std::string::npos);
  CHECK(picture.find("edge-1, classes 4 and 5, from 2 h") != std::string::npos);
}

}  // namespace skerry::datasets

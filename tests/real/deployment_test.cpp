// How an edge with data of its own uses the scenario that the cloud sends it.
#include "real/deployment.hpp"

#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::real {
namespace {

/// A cloud whose data is a table, and the scenario that it sends to edges.
struct CloudWithTable {
  datasets::ScratchFolder folder;
  Registry registry = host::built_in_plugins();
  std::string sent;

  explicit CloudWithTable(const std::string& table = "a,b,label\n1,5,wet\n3,5,dry\n2,1,snow\n",
                          const std::string& more_of_source = "", const std::string& stream = "") {
    folder.put("cloud.csv", table);
    more_of_source_ = more_of_source;
    const auto document = schema::parse_json(R"({"version": 1, "name": "t",
      "paradigm": "federated",
      "data": {"source": {"name": "csv", "train": "cloud.csv", "label": "label")" +
                                             more_of_source + "}" + stream + R"(},
      "model": "softmax", "server": "fedavg", "select": {"name": "all"},
      "local": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
      "stop": {"any": [{"rounds": 1}]}, "nodes": {"edges": 2}})");
    REQUIRE(document.message() == "");
    Problems problems;
    const schema::Scenario scenario =
        schema::read_scenario(*document, registry, folder.path().string(), problems);
    REQUIRE(problems.text("") == "");
    const auto data = datasets::NodeData::make(
        scenario.data, registry, {.search_folders = {folder.path()}}, scenario.nodes.edges, 1);
    REQUIRE(data.message() == "");
    sent = schema::write_json(schema::for_edges(scenario, registry, **data));
  }
  /// Edge 1 with a table of its own.
  Result<std::shared_ptr<const Deployment>> edge_with(const std::string& table) const {
    folder.put("site.csv", table);
    const auto source = schema::parse_json(
        R"({"name": "csv", "train": "site.csv", "label": "label")" + more_of_source_ + "}");
    return deploy(sent, registry, NodeId::edge(1),
                  {.source = *source, .folder = folder.path().string()});
  }

 private:
  std::string more_of_source_;
};

TEST_CASE("an edge numbers its own labels as the cloud does, also where it lacks some of them") {
  const CloudWithTable cloud;
  const auto edge = cloud.edge_with("a,b,label\n1,5,wet\n3,5,wet\n");
  REQUIRE(edge.message() == "");
  const datasets::NodeData& data = *(*edge)->data;
  CHECK(data.schema().classes == 3);
  CHECK(data.data_set().class_names == std::vector<std::string>{"dry", "snow", "wet"});
  std::vector<std::uint32_t> scratch;
  const View view = data.view(NodeId::edge(1), Split::kTrain, scratch);
  std::vector<std::int32_t> labels(view.size());
  view.samples->labels(view.rows, labels);
  CHECK(labels == std::vector<std::int32_t>{2, 2});
}

TEST_CASE("an experience is the same on an edge whose own data lacks what makes others") {
  const CloudWithTable cloud("a,site,label\n1,Bonn,wet\n3,Graz,dry\n2,Linz,wet\n",
                             R"(, "attributes": ["site"])",
                             R"(, "stream": {"name": "by_attribute", "attribute": "site"})");
  const auto edge = cloud.edge_with("a,site,label\n1,Linz,wet\n3,Linz,wet\n");
  REQUIRE(edge.message() == "");
  const datasets::NodeData& data = *(*edge)->data;
  const auto experiences = data.experiences(NodeId::edge(1));
  REQUIRE(experiences.size() == 3);
  CHECK(experiences[2].name == "site Linz");
  const auto rows = [&](std::uint32_t experience) {
    return data.size(NodeId::edge(1), Split::kTrain, datasets::Slice::experience(experience));
  };
  CHECK(std::vector{rows(0), rows(1), rows(2)} == std::vector<std::size_t>{0, 0, 2});
  CHECK(cloud.edge_with("a,site,label\n1,Rome,wet\n").message() ==
        "the node's own data.stream: by_attribute: attribute \"site\" has the level \"Rome\", "
        "which is none of those agreed on: \"Bonn\", \"Graz\" and \"Linz\"");
}

TEST_CASE("recorded times are cut on an edge where they are cut on the cloud") {
  const CloudWithTable cloud("a,when,label\n1,0,wet\n3,10,dry\n2,20,wet\n2,30,wet\n",
                             R"(, "time": "when")",
                             R"(, "stream": {"name": "by_time", "experiences": 2,
                                             "arrival": "recorded"})");
  const auto edge = cloud.edge_with("a,when,label\n1,25,wet\n3,28,dry\n3,5,dry\n");
  REQUIRE(edge.message() == "");
  const datasets::NodeData& data = *(*edge)->data;
  CHECK(data.experiences(NodeId::edge(1))[1].begins ==
        Duration::seconds(20) + Duration::nanoseconds(1));
  CHECK(data.arrival(NodeId::edge(1), Split::kTrain, 0) == Duration::seconds(5));
  CHECK(data.arrival(NodeId::edge(1), Split::kTrain, 2) ==
        Duration::seconds(28) + Duration::nanoseconds(1));
}

TEST_CASE(
    "an edge's words, gaps and scales are those of the cloud's table, also after its journey") {
  const CloudWithTable cloud(
      "a,colour,label\n0.1,red,wet\n,blue,dry\n0.7,red,wet\n",
      R"(, "categories": "one_hot", "missing": "mean", "standardise": true)");
  const auto edge = cloud.edge_with("a,colour,label\n,red,wet\n0.1,blue,dry\n");
  REQUIRE(edge.message() == "");
  const datasets::DataSet& data = (*edge)->data->data_set();
  CHECK(data.feature_names == std::vector<std::string>{"a", "colour=blue", "colour=red"});
  std::vector<float> inputs(6);
  data.train->inputs(std::vector<std::uint32_t>{0, 1}, inputs);
  const auto whole = deploy(cloud.sent, cloud.registry, NodeId::edge(0),
                            {.source = {}, .folder = cloud.folder.path().string()});
  REQUIRE(whole.message() == "");
  std::vector<float> theirs(9);
  (*whole)->data->data_set().train->inputs(std::vector<std::uint32_t>{0, 1, 2}, theirs);
  CHECK(inputs[0] == theirs[3]);
  CHECK(inputs[3] == theirs[0]);
  CHECK(std::vector(inputs.begin() + 4, inputs.end()) ==
        std::vector(theirs.begin() + 4, theirs.begin() + 6));
  REQUIRE(data.remarks.size() == 1);
  CHECK(data.remarks[0].ends_with("1 of 2 values were missing and are now the mean, 0.4"));
  CHECK(cloud.edge_with("a,colour,label\n1,pink,wet\n").message() ==
        "the node's own data.source: " + (cloud.folder.path() / "site.csv").string() +
            ": line 2: column \"colour\": \"pink\" is none of the column's 2 words: \"blue\" and "
            "\"red\"");
}

TEST_CASE("an edge whose columns or labels are others than the cloud's is refused by name") {
  const CloudWithTable cloud;
  CHECK(cloud.edge_with("b,a,label\n1,5,wet\n").message() ==
        "the node's own data.agreed: the features are \"b\" and \"a\", those agreed on \"a\" and "
        "\"b\"");
  CHECK(cloud.edge_with("a,b,label\n1,5,fog\n").message() ==
        "the node's own data.source: " + (cloud.folder.path() / "site.csv").string() +
            ": line 2: column \"label\": label \"fog\" is none of the 3 classes: \"dry\", \"snow\" "
            "and \"wet\"");
}

}  // namespace
}  // namespace skerry::real

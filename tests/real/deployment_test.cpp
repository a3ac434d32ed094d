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

  CloudWithTable() {
    folder.put("cloud.csv", "a,b,label\n1,5,wet\n3,5,dry\n2,1,snow\n");
    const auto document = schema::parse_json(R"({"version": 1, "name": "t",
      "paradigm": "federated",
      "data": {"source": {"name": "csv", "train": "cloud.csv", "label": "label"}},
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
    sent = schema::write_json(schema::for_edges(scenario, registry, (*data)->data_set()));
  }
  /// Edge 1 with a table of its own.
  Result<std::shared_ptr<const Deployment>> edge_with(const std::string& table) const {
    folder.put("site.csv", table);
    const ConfigNode source =
        ConfigNode::Object{{"name", "csv"}, {"train", "site.csv"}, {"label", "label"}};
    return deploy(sent, registry, NodeId::edge(1),
                  {.source = source, .folder = folder.path().string()});
  }
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

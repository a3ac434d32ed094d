#include "real/deployment.hpp"

#include "algorithms/sdk/job_failure.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::real {

namespace {

Failure failure_of(const Problems& problems, const std::string& document = "the scenario") {
  std::string text = problems.text(document);
  if (!text.empty()) text.pop_back();  // the last line break
  return Failure{text};
}

/// What a node says about its own data, read as a scenario's would be.
struct OwnData {
  Choice<datasets::DataSource> source;

  template <class V>
  void fields(V& v) {
    v("source", source, {.meaning = "the node's own data", .required = true});
  }
};

/// Without data of its own the node loads what the cloud loaded.
Result<std::shared_ptr<const datasets::NodeData>> load_data(const schema::Scenario& scenario,
                                                            const Registry& registry, NodeId self,
                                                            const LocalData& local) {
  auto environment = datasets::DataEnvironment::of_process(scenario.partition_seed());
  if (!local.folder.empty()) environment.search_folders.emplace_back(local.folder);
  if (!local.source) {
    return datasets::NodeData::make(scenario.data, registry, environment, scenario.nodes.edges,
                                    scenario.partition_seed());
  }
  Problems problems;
  OwnData own;
  const ConfigNode given = ConfigNode::Object{{"source", *local.source}};
  FieldReader(registry, problems).read(given, own, "");
  if (!problems.empty()) return failure_of(problems, "the node's own data");
  auto loaded =
      datasets::load_agreed(*registry.make(own.source), environment, scenario.data.agreed);
  if (!loaded) return Failure{"the node's own " + loaded.message()};
  auto data = datasets::NodeData::own(
      std::move(*loaded),
      {.node = self, .split = scenario.data.split, .seed = scenario.partition_seed()});
  if (!scenario.data.stream.chosen()) return data;
  const auto agreed = scenario.data.agreed.value_or(datasets::DataAgreement{});
  auto coming = data->with(*registry.make(scenario.data.stream), agreed.stream);
  if (!coming) {
    return Failure{"the node's own data.stream: " + scenario.data.stream.name + ": " +
                   coming.message()};
  }
  return coming;
}

Result<std::shared_ptr<const Deployment>> made_of(const std::string& scenario,
                                                  const Registry& registry, NodeId self,
                                                  const LocalData& local) {
  const auto document = schema::parse_json(scenario);
  if (!document) return Failure{"the scenario: " + document.message()};
  auto deployment = std::make_shared<Deployment>();
  Problems problems;
  deployment->scenario = schema::read_scenario(document.value(), registry, local.folder, problems);
  if (!problems.empty()) return failure_of(problems);
  auto data = load_data(deployment->scenario, registry, self, local);
  if (!data) return data.failure();
  deployment->data = std::move(*data);
  const auto factory = registry.make(deployment->scenario.paradigm);
  deployment->paradigm = factory->build({.registry = registry,
                                         .data = *deployment->data,
                                         .seeds = deployment->scenario.run_seeds(),
                                         .edges = deployment->scenario.nodes.edges,
                                         .edges_only = self.is_edge()},
                                        problems);
  if (!deployment->paradigm) return failure_of(problems);
  return std::shared_ptr<const Deployment>(std::move(deployment));
}

}  // namespace

Result<std::shared_ptr<const Deployment>> deploy(const std::string& scenario,
                                                 const Registry& registry, NodeId self,
                                                 const LocalData& local) {
  try {
    auto made = made_of(scenario, registry, self, local);
    return made ? made : wrong_input(made.message());
  } catch (const JobError& error) {
    return wrong_input(error.what());
  }
}

}  // namespace skerry::real

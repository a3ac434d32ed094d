#include "experiments/setup.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include "algorithms/sdk/job_failure.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/poisoned_data.hpp"

namespace skerry::experiments {

namespace {

Failure is_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto inside = folder / "scenario.json";
  return wrong_input(folder.string() + ": is a folder, not a scenario" +
                     (std::filesystem::exists(inside, ignored)
                          ? "; that of its run is " + inside.string()
                          : std::string()));
}

}  // namespace

Result<Document> open_document(const ScenarioRequest& request) {
  std::error_code ignored;
  if (std::filesystem::is_directory(request.file, ignored)) return is_folder(request.file);
  errno = 0;
  std::ifstream file(request.file);
  if (!file) return wrong_input(request.file + ": cannot be read: " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  auto parsed = schema::parse_json(text.str());
  if (!parsed) return Failure{request.file + ": " + parsed.message()};
  Document document{request.file,
                    std::filesystem::path(request.file).parent_path().string(),
                    std::move(*parsed),
                    host::built_in_plugins(),
                    {}};
  if (const Status applied = schema::apply_all(request.overrides, document.node); !applied) {
    return Failure{"--set " + applied.message()};
  }
  for (const std::string& plugin : request.plugins) {
    if (const Status loaded = host::load_plugin_file(plugin, document.registry); !loaded) {
      return loaded.failure();
    }
  }
  document.plugins = request.plugins;
  const auto named = host::load_named_plugins(document.node, document.registry);
  if (!named) return Failure{request.file + ": " + named.message()};
  document.plugins.insert(document.plugins.end(), named->begin(), named->end());
  return document;
}

namespace {

/// Calls `call` and turns a plugin's JobError into the user's error about the scenario.
template <class Call>
auto calling_plugins(const Document& document, const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const JobError& error) {
    return Failure{document.file + ": " + error.what()};
  }
}

Failure failure_of(const Problems& problems, const Document& document) {
  std::string text = problems.text(document.file);
  if (!text.empty()) text.pop_back();  // the last line break
  return Failure{text};
}

struct Reading {
  schema::Scenario scenario;
  sim::WorldConfig world;
};

datasets::DataEnvironment environment_of(const Document& document,
                                         const schema::Scenario& scenario) {
  auto environment = datasets::DataEnvironment::of_process(scenario.partition_seed());
  if (!document.folder.empty()) environment.search_folders.emplace_back(document.folder);
  return environment;
}

/// What is known about a scenario before its data is there.
/// @param known  what its source says of the data.
role::Outline outline_of(const schema::Scenario& scenario, const Registry& registry, bool simulated,
                         const std::optional<datasets::Extent>& known) {
  role::Outline outline{.registry = registry,
                        .edges = scenario.nodes.edges,
                        .cloud_validates = scenario.data.split.server_validation > 0,
                        // A live edge may have a test set of its own.
                        .edges_test = !simulated || scenario.data.split.client_test > 0};
  if (!known) return outline;
  outline.cloud_tests = known->test_rows > 0;
  outline.has_classes = known->schema.classes > 0;
  if (!scenario.data.stream.chosen()) outline.schema = known->schema;  // a stream may change it
  return outline;
}

/// The simulated world as the document says it: the resolved scenario holds the content of files,
/// but not their paths, by which errors call them.
sim::WorldConfig world_of(const Document& document, Problems& problems) {
  sim::WorldConfig world;
  const ConfigNode* given = document.node.find("world");
  FieldReader(document.registry, problems, schema::file_loader(document.folder))
      .read(given == nullptr || given->is_null() ? ConfigNode::object() : *given, world, "/world");
  return world;
}

/// The one check of a scenario, for validate, run and the cloud of a live run.
/// @param simulated  whether to check also what the scenario's world could do to a run.
Result<Reading> read(const Document& document, std::optional<std::uint64_t> seed, bool simulated) {
  Problems problems;
  Reading reading{
      schema::read_scenario(document.node, document.registry, document.folder, problems), {}};
  auto& [scenario, world] = reading;
  constexpr std::uint64_t kLastSeed = std::numeric_limits<std::int64_t>::max();
  if (seed && *seed > kLastSeed) {
    problems.add("/seed",
                 std::to_string(*seed) + " is outside [0, " + std::to_string(kLastSeed) + "]");
  }
  if (seed) scenario.seed = *seed;
  if (problems.empty()) {
    world = world_of(document, problems);
    sim::check_world(world, scenario.nodes.edges, problems);
    const auto known =
        document.registry.make(scenario.data.source)->extent(environment_of(document, scenario));
    const Status spread =
        datasets::can_spread(scenario.data, document.registry, known, scenario.nodes.edges);
    if (!spread) problems.add("/data/partition", spread.message());
    if (known) sim::check_poison(world, known->schema, document.registry, problems);
    const auto factory = document.registry.make(scenario.paradigm);
    factory->check(outline_of(scenario, document.registry, simulated, known), problems);
    if (simulated) factory->check_world(world.hazards(), problems);
  }
  if (!problems.empty()) return failure_of(problems, document);
  return reading;
}

}  // namespace

Result<schema::Scenario> check(const Document& document) {
  auto reading = calling_plugins(document, [&] { return read(document, std::nullopt, true); });
  if (!reading) return reading.failure();
  return std::move(reading->scenario);
}

Result<std::shared_ptr<const datasets::NodeData>> load_data(const Document& document,
                                                            const schema::Scenario& scenario) {
  auto data = calling_plugins(document, [&] {
    return datasets::NodeData::make(scenario.data, document.registry,
                                    environment_of(document, scenario), scenario.nodes.edges,
                                    scenario.partition_seed());
  });
  if (!data) return Failure{document.file + ": " + data.message()};
  return data;
}

namespace {

Result<Setup> made_of(const Document& document, std::optional<std::uint64_t> seed) {
  auto reading = read(document, seed, false);
  if (!reading) return reading.failure();
  schema::Scenario& scenario = reading->scenario;
  auto world = std::make_shared<const sim::World>(reading->world, scenario.nodes.edges,
                                                  scenario.world_seed());
  auto loaded = load_data(document, scenario);
  if (!loaded) return loaded.failure();
  Problems problems;
  auto data = sim::poisoned(std::move(*loaded), world, document.registry, problems);
  if (!data) return failure_of(problems, document);
  const auto factory = document.registry.make(scenario.paradigm);
  auto paradigm = factory->build({.registry = document.registry,
                                  .data = *data,
                                  .seeds = scenario.run_seeds(),
                                  .edges = scenario.nodes.edges},
                                 problems);
  if (!paradigm) return failure_of(problems, document);
  return Setup{std::move(scenario), std::move(world),   std::move(data),
               std::move(paradigm), factory->results(), factory->may_go_on()};
}

}  // namespace

Result<Setup> set_up(const Document& document, std::optional<std::uint64_t> seed) {
  return calling_plugins(document, [&] { return made_of(document, seed); });
}

namespace {

/// Training examples that no edge holds; 0 if there are too many edges to count.
std::size_t unused_examples(const datasets::NodeData& data) {
  constexpr std::uint32_t kMostCounted = 10'000;
  if (data.edges() == 0 || data.edges() > kMostCounted || data.is_own()) return 0;
  std::size_t held = data.size(NodeId::cloud(), Split::kValidation);
  for (std::uint32_t k = 0; k < data.edges(); ++k) {
    for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
      held += data.size(NodeId::edge(k), split);
    }
  }
  const std::size_t all = data.training_set().size();
  return all - std::min(all, held);
}

}  // namespace

std::vector<std::string> remarks_of(const Setup& setup) {
  std::vector<std::string> remarks;
  for (const std::string& remark : setup.data->data_set().remarks) {
    remarks.push_back("/data/source: " + remark);
  }
  std::ranges::move(setup.paradigm->remarks(), std::back_inserter(remarks));
  const std::size_t unused = unused_examples(*setup.data);
  if (unused >= setup.data->edges() && unused > 0) {  // fewer are left of an even cut
    remarks.push_back("/data/partition: no edge holds " + std::to_string(unused) + " of the " +
                      std::to_string(setup.data->training_set().size()) + " training examples");
  }
  return remarks;
}

void say_remarks(const Document& document, const Setup& setup) {
  for (const std::string& remark : remarks_of(setup)) {
    std::fprintf(stderr, "%s: warning: %s\n", document.file.c_str(), remark.c_str());
  }
}

}  // namespace skerry::experiments

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/paradigm.hpp"
#include "scenarios/schema/scenario.hpp"
#include "sim/world.hpp"

namespace skerry::experiments {

/// What a user says about a scenario on the command line.
struct ScenarioRequest {
  std::string file;
  std::vector<std::string> overrides;  // path.to.key=value
  std::vector<std::string> plugins;    // .so files
};

/// A scenario document with overrides applied, and the plugins it may use.
struct Document {
  std::string file;    // for error texts
  std::string folder;  // where its relative paths start
  ConfigNode node;
  Registry registry;
  std::vector<std::string>
      plugins;  // files that were loaded: those asked for, and those its names need
};

/// Errors are complete texts, one problem a line, for standard error.
Result<Document> open_document(const ScenarioRequest& request);

/// Everything a run needs but a driver. Lives as long as the run.
struct Setup {
  schema::Scenario scenario;
  std::shared_ptr<const sim::World> world;         // only a simulation looks into it
  std::shared_ptr<const datasets::NodeData> data;  // poisoned where the world says so
  std::unique_ptr<role::Paradigm> paradigm;
  role::Results results;   // what such a paradigm's runs record
  bool may_go_on = false;  // after their end, to a later one
};

/// Reads, checks but for what a simulated world could do to it, loads the data and builds the
/// paradigm. With a seed, in place of the scenario's.
Result<Setup> set_up(const Document& document, std::optional<std::uint64_t> seed = std::nullopt);
/// Reads and checks a scenario that is to be simulated, without loading data.
Result<schema::Scenario> check(const Document& document);
/// The data of a scenario of the document, spread over its edges.
Result<std::shared_ptr<const datasets::NodeData>> load_data(const Document& document,
                                                            const schema::Scenario& scenario);
/// Says on standard error what the user should know before the run (Paradigm::remarks()).
void say_remarks(const Document& document, const Setup& setup);

}  // namespace skerry::experiments

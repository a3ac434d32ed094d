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

/// Reads the scenario, applies the overrides, and loads the plugins that were asked for and those
/// that the scenario names.
/// Errors: a complete text for standard error.
Result<Document> open_document(const ScenarioRequest& request);

/// Everything a run needs except a driver. It and its Document must outlive the run.
struct Setup {
  schema::Scenario scenario;
  std::shared_ptr<const sim::World> world;         // for simulations only
  std::shared_ptr<const datasets::NodeData> data;  // poisoned where the world says so
  std::unique_ptr<role::Paradigm> paradigm;
  role::Results results;   // what runs of this paradigm record
  bool may_go_on = false;  // whether a finished run may go on to a later end
};

/// Reads and checks the scenario, loads the data and builds the paradigm. Does not check what a
/// simulated world could do to the run: check() does.
/// @param seed  replaces the scenario's own seed.
/// Errors: a complete text for standard error, one problem a line.
Result<Setup> set_up(const Document& document, std::optional<std::uint64_t> seed = std::nullopt);
/// Reads and checks a scenario that is to be simulated. Loads no data.
/// Errors: as set_up().
Result<schema::Scenario> check(const Document& document);
/// Loads the data of the document's scenario and spreads it over the edges.
Result<std::shared_ptr<const datasets::NodeData>> load_data(const Document& document,
                                                            const schema::Scenario& scenario);
/// What the user should know before the run: what was done to the data (DataSet::remarks),
/// Paradigm::remarks(), and training examples that no edge holds. One sentence each, with a JSON
/// pointer.
std::vector<std::string> remarks_of(const Setup& setup);
/// Prints them on standard error.
void say_remarks(const Document& document, const Setup& setup);

}  // namespace skerry::experiments

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "datasets/node_data.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "scenarios/schema/scenario.hpp"
#include "tests/catch.hpp"

namespace skerry::role {

/// A scenario read from JSON, with its data spread and its paradigm built.
struct StagedScenario {
  Registry registry = host::built_in_plugins();
  schema::Scenario scenario;
  std::shared_ptr<const datasets::NodeData> data;
  std::unique_ptr<Paradigm> paradigm;

  /// Changes the data before the paradigm is built on it. Scenario and registry are there already.
  using Prepare = std::function<void(StagedScenario&)>;

  /// `text` with `changes`, a JSON merge patch (RFC 7386), applied. Problems fail the test.
  explicit StagedScenario(const std::string& text, const std::string& changes = "{}",
                          const Prepare& prepare = {}) {
    CHECK(problems_of(text, changes, prepare) == "");
    REQUIRE(paradigm != nullptr);
  }
  static std::string problems(const std::string& text, const std::string& changes) {
    return StagedScenario().problems_of(text, changes, {});
  }

 private:
  StagedScenario() = default;
  std::string problems_of(const std::string& text, const std::string& changes,
                          const Prepare& prepare) {
    auto document = schema::parse_json(text);
    auto patch = schema::parse_json(changes);
    REQUIRE(document.message() == "");
    REQUIRE(patch.message() == "");
    document->merge(*patch);
    Problems problems;
    scenario = schema::read_scenario(*document, registry, ".", problems);
    if (!problems.empty()) return problems.text("");
    auto environment = datasets::DataEnvironment::of_process(scenario.partition_seed());
    auto made = datasets::NodeData::make(scenario.data, registry, environment, scenario.nodes.edges,
                                         scenario.partition_seed());
    if (!made) return made.message();
    data = *made;
    if (prepare) prepare(*this);
    paradigm = registry.make(scenario.paradigm)
                   ->build({registry, *data, scenario.run_seeds(), scenario.nodes.edges}, problems);
    return problems.text("");
  }
};

}  // namespace skerry::role

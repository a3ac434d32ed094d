#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry::role {

/// One fact about a scenario, for people: "stop", "after 200 rounds".
struct Fact {
  std::string name;
  std::string words;
};

/// A model of a scenario, for people. Its learner lives as long as the paradigm that described it.
struct ModelDescription {
  std::string name;  // "model", "edge's model"
  std::string form;  // "mlp (hidden [200])": the plugin with its parameters
  const Learner& learner;
  std::uint32_t batch_size = 1;  // of its training; 0: as many as a node has
  // Shapes of the records that cross the wire; empty if nothing does.
  std::vector<RecordSpec> up = {};    // from an edge to the cloud
  std::vector<RecordSpec> down = {};  // from the cloud to an edge
};

}  // namespace skerry::role

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::schema {

/// Seeds of parts of a run, where they are to be pinned apart from `seed`.
struct SeedsConfig {
  std::optional<std::uint64_t> partition;
  std::optional<std::uint64_t> init;
  std::optional<std::uint64_t> sampling;
  std::optional<std::uint64_t> world;

  template <class V>
  void fields(V& v) {
    v("partition", partition, {.meaning = "generated data, and how data is spread over edges"});
    v("init", init, {.meaning = "initial parameters"});
    v("sampling", sampling, {.meaning = "cohorts, batches, requests"});
    v("world", world, {.meaning = "devices, links, availability and faults of the simulation"});
  }
};

struct NodesConfig {
  std::uint32_t edges = 1;

  template <class V>
  void fields(V& v) {
    v("edges", edges,
      {.meaning = "how many edges there are", .min = 1, .max = 100e6, .required = true});
  }
};

/// A scenario as it was read: everything resolved, every default filled in.
struct Scenario {
  std::uint32_t version = 1;
  std::string name;
  std::uint64_t seed = 1;
  SeedsConfig seeds;
  datasets::DataConfig data;
  NodesConfig nodes;
  ConfigNode world;                        // resolved by the simulator's own field list
  Choice<role::ParadigmFactory> paradigm;  // its keys stand beside those above

  template <class V>
  void fields(V& v) {
    v("version", version, {.meaning = "of this format", .min = 1, .max = 1});
    v("name", name, {.meaning = "what results are called by", .required = true});
    v("seed", seed, {.meaning = "every random choice follows from it"});
    v("seeds", seeds, {.meaning = "seeds of parts, instead of `seed`"});
    v("data", data, {.meaning = "what is learnt from", .required = true});
    v("nodes", nodes, {.meaning = "who takes part", .required = true});
    v("world", world,
      {.meaning = "devices, links and faults, for the simulator only (skerry describe world)"});
    v.beside("paradigm", paradigm);
  }

  std::uint64_t partition_seed() const { return seeds.partition.value_or(seed); }
  std::uint64_t world_seed() const { return seeds.world.value_or(seed); }
  role::RunSeeds run_seeds() const {
    return {seeds.init.value_or(seed), seeds.sampling.value_or(seed)};
  }
};

/// What the world section of a scenario is read by: `sim/` registers its field list under this
/// slot, with the name "simulated". Where no simulator is linked, the section is not looked at.
struct WorldSection {
  static constexpr const char* kSlot = "world";
};

/// `local.epochs=5`: a path and a JSON value (or a bare text).
struct Override {
  std::string path;
  ConfigNode value;
};
Result<Override> parse_override(std::string_view text);
/// Sets the value at the path, making objects on the way. Fails where the path leads into something
/// that is not an object or a list, or past the end of a list.
Status apply(const Override& change, ConfigNode& document);
/// Applies overrides that a user gave, whose order does not matter: what is set as a whole comes
/// before its parts. Fails like apply(), on a malformed text, and where two texts set the same path
/// to different values; the document is then of no use.
Status apply_all(const std::vector<std::string>& texts, ConfigNode& document);

/// Reads a document. Problems carry JSON pointers; the result is meaningful only where there are
/// none.
/// @param folder  where relative paths of files start.
Scenario read_scenario(const ConfigNode& document, const Registry& registry,
                       const std::string& folder, Problems& problems);

/// The document with every default filled in. Reading it again gives the same scenario.
ConfigNode resolved(const Scenario& scenario);
/// What a real run is of: everything but the simulated world.
ConfigNode deployed(const Scenario& scenario);
/// What a real edge is sent of it: without what only the cloud needs, with the names that the
/// cloud's data has. An edge reads it as it would the whole.
ConfigNode for_edges(const Scenario& scenario, const Registry& registry,
                     const datasets::DataSet& data);

}  // namespace skerry::schema

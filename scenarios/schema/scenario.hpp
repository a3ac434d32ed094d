#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::schema {

/// Seeds of single parts of a run. A part without a seed of its own uses `seed`.
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
  /// Nothing is left that `seed` decides.
  bool all_pinned() const { return partition && init && sampling && world; }
};

struct NodesConfig {
  std::uint32_t edges = 1;

  template <class V>
  void fields(V& v) {
    v("edges", edges,
      {.meaning = "how many edges there are", .min = 1, .max = 100e6, .required = true});
  }
};

/// A scenario that was read: every plugin is resolved and every default filled in. A value type.
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

/// The slot of the `world` section. `sim/` registers the section's field list here under the name
/// "simulated". A program without the simulator does not look at the section.
struct WorldSection {
  static constexpr const char* kSlot = "world";
};

/// One change to a document, written as `local.epochs=5`.
struct Override {
  std::string path;  // keys and indices of lists, separated by dots
  ConfigNode value;
};
/// Splits a text at its first `=`. A value that is no JSON is taken as a string. Fails if there is
/// no `=`, or no path before it.
Result<Override> parse_override(std::string_view text);
/// Sets the value at the path and makes the objects that are missing on the way. A plugin that is
/// given by its bare name becomes an object with that name. Fails if the path has an empty part or
/// leads past the end of a list, or into something that is neither an object nor a list. After a
/// failure the document may be changed in part.
Status apply(const Override& change, ConfigNode& document);
/// Applies the overrides that a user gave. Their order does not matter: a whole is set before its
/// parts. Fails if parse_override() or apply() fails, or if two texts set the same path to
/// different values. After a failure the document must not be used.
Status apply_all(const std::vector<std::string>& texts, ConfigNode& document);

/// What reads the files that a document names.
/// @param folder  relative paths start here.
FieldReader::LoadFile file_loader(const std::string& folder);

/// Reads a document and the files that it names. Adds all problems to `problems`, with JSON
/// pointers; the result is meaningful only if there are none.
/// @param folder  relative paths of files start here.
Scenario read_scenario(const ConfigNode& document, const Registry& registry,
                       const std::string& folder, Problems& problems);

/// The document with every default filled in. Reading it again gives the same scenario.
ConfigNode resolved(const Scenario& scenario);
/// The part of a scenario that a real run depends on: everything but the simulated world.
ConfigNode deployed(const Scenario& scenario);
/// The document that the cloud sends to a real edge: deployed() without what only the cloud needs,
/// and with the names that the cloud's data has (DataConfig::agreed). An edge reads it like a whole
/// scenario.
ConfigNode for_edges(const Scenario& scenario, const Registry& registry,
                     const datasets::NodeData& data);

}  // namespace skerry::schema

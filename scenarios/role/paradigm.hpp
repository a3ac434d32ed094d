#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/role/description.hpp"
#include "scenarios/role/headway.hpp"
#include "scenarios/role/job_kind.hpp"
#include "scenarios/role/results.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::datasets {
class NodeData;
}

namespace skerry::role {

/// Seeds of the parts of a run that may be pinned apart.
struct RunSeeds {
  std::uint64_t init = 1;
  std::uint64_t sampling = 1;
};

/// What a paradigm is made of. Outlives it.
struct ParadigmContext {
  const Registry& registry;
  const datasets::NodeData& data;
  RunSeeds seeds;
  std::uint32_t edges;
  /// Only edges' roles will be made, of a scenario that may lack what they do not need.
  bool edges_only = false;
  /// Seeds for noise that must stay secret, from the operating system. Empty in a simulation.
  std::function<std::uint64_t()> entropy = {};
};

/// One way in which cloud and edges learn together: it brings the roles and the kinds of their
/// jobs. Immutable after construction and shared by all threads. Drivers know nothing else of it.
class Paradigm {
 public:
  virtual ~Paradigm() = default;

  virtual std::unique_ptr<Role> make_role(NodeId node) const = 0;

  /// What is computed in such a run.
  virtual const JobKinds& jobs() const = 0;
  /// Whether the cloud's role asks Input::presence, where there is one, who can be reached. Only
  /// edges that messages were sent to are announced to it then.
  virtual bool asks_who_is_there() const { return false; }

  /// Which numerics rule its bits follow (Learner::numerics()).
  virtual std::string_view numerics() const = 0;
  /// What its user should know before the run, one sentence each with a JSON pointer (see
  /// Learner::remarks()).
  virtual std::vector<std::string> remarks() const { return {}; }

  /// How far a run has come, in the paradigm's own words for a step. Called by a driver now and
  /// then, on its own thread; no result depends on it.
  virtual Headway headway(const Standing& standing) const {
    return {"step " + std::to_string(standing.step), {}};
  }
  /// What its scenario says, for people: how nodes learn, who takes part, when it ends.
  virtual std::vector<Fact> facts() const { return {}; }
  /// The models that it trains or asks.
  virtual std::vector<ModelDescription> models() const { return {}; }
};

/// What a scenario says beside the keys of its paradigm, and what is known of its data. What is not
/// known yet, since no data was read, is assumed to be there.
struct Outline {
  const Registry& registry;
  std::uint32_t edges = 1;
  bool edges_only = false;      // as in ParadigmContext
  bool cloud_tests = true;      // the cloud has examples to test on,
  bool cloud_validates = true;  // and to validate on (its root data set);
  bool edges_test = true;       // so does at least one edge
  bool has_classes = true;      // examples have labels that are classes
};

/// What the world of a simulated run does that a paradigm must be able to bear.
struct Hazards {
  bool loses_messages = false;  // without a word to anybody, so that only a deadline helps
  bool attacks = false;         // edges change what they train
};

/// The `paradigm` of a scenario. Its Config holds the scenario's keys that belong to the paradigm.
/// It may have a `static constexpr const char* kExample`: a scenario with comments that runs as it
/// is and needs no data files. `skerry new scenario` writes it, with its own name for `{{name}}`.
class ParadigmFactory {
 public:
  static constexpr const char* kSlot = "paradigm";
  virtual ~ParadigmFactory() = default;
  /// Reports what can be seen to be wrong, with its JSON pointer: plugins that do not fit each
  /// other or the number of edges, a run that could never end, keys that contradict each other.
  /// Called before any data is read, and by build() again with what is then known of it.
  virtual void check(const Outline&, Problems&) const {}
  /// Reports what only a simulated world brings: a run that could wait for ever in it, or on which
  /// what the world does would have no effect.
  virtual void check_world(const Hazards&, Problems&) const {}
  /// Checks with the data at hand, too (a model that does not suit it). Where there are problems,
  /// they are reported with their JSON pointer, and the result is null.
  virtual std::unique_ptr<Paradigm> build(const ParadigmContext& context,
                                          Problems& problems) const = 0;
  /// What its runs record beside what drivers do, and how it is shown.
  virtual Results results() const { return {}; }
  /// Whether a run that its `stop` ended may go on to a later one in the bits of a run that had the
  /// later one from the start.
  virtual bool may_go_on() const { return false; }
  /// Removes from a resolved scenario what only the cloud needs, before edges are sent it.
  virtual void leave_out_for_edges(ConfigNode&) const {}
};

/// See algorithms/sdk/checked.hpp.
std::unique_ptr<ParadigmFactory> checked(std::unique_ptr<ParadigmFactory> plugin,
                                         const PluginEntry& entry);

}  // namespace skerry::role

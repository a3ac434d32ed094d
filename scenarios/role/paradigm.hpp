#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/data.hpp"
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

/// Seeds of those parts of a run that a scenario may pin separately.
struct RunSeeds {
  std::uint64_t init = 1;
  std::uint64_t sampling = 1;
};

/// What a paradigm is built from. The registry and the data outlive the paradigm.
struct ParadigmContext {
  const Registry& registry;
  const datasets::NodeData& data;
  RunSeeds seeds;
  std::uint32_t edges;
  /// Only roles of edges will be made; the scenario may lack what these do not need.
  bool edges_only = false;
  /// Seeds for noise that must stay secret, from the operating system. Empty in a simulation.
  std::function<std::uint64_t()> entropy = {};
};

/// One way in which cloud and edges learn together. It makes the roles and lists the kinds of their
/// jobs; drivers know nothing else of it. Immutable after construction; const calls may come from
/// any thread.
class Paradigm {
 public:
  virtual ~Paradigm() = default;

  /// A new role for that node, which has had no input yet. The paradigm outlives it.
  virtual std::unique_ptr<Role> make_role(NodeId node) const = 0;

  /// All kinds of job that the roles may start.
  virtual const JobKinds& jobs() const = 0;
  /// Whether the cloud's role asks Input::presence, where there is one, who can be reached. Only
  /// edges that messages were sent to are announced to it then.
  virtual bool asks_who_is_there() const { return false; }
  /// Whether a simulation goes on though the cloud is gone for good, since edges can do what is
  /// left by themselves. The cloud's role is then told PeerLost of its own node. From there on it
  /// only leads the experiment: messages reach it, and leave it, if they are measurements.
  virtual bool goes_on_without_cloud() const { return false; }

  /// Why the edges take no samples from outside the run (SamplesArrived); empty if they do.
  virtual std::string why_no_samples() const { return "this paradigm takes no samples meanwhile"; }
  /// Why the cloud takes no labels from outside the run (LabelsArrived); empty if it does.
  virtual std::string why_no_labels() const { return "this paradigm asks for no labels"; }

  /// Name of the numerics rule that the results follow (Learner::numerics()).
  virtual std::string_view numerics() const = 0;
  /// What the user should know before the run: one sentence each, with a JSON pointer (see
  /// Learner::remarks()).
  virtual std::vector<std::string> remarks() const { return {}; }

  /// How long a run lasts, where the scenario says so: what is to happen later does not. A run may
  /// end earlier, and its last messages and measurements may take longer.
  virtual std::optional<Duration> lasts() const { return std::nullopt; }

  /// How far a run has come, in the paradigm's own words for a step. Called now and then, to show
  /// progress; no result depends on it.
  virtual Headway headway(const Standing& standing) const {
    return {"step " + std::to_string(standing.step), {}};
  }
  /// What the scenario says, for people: how nodes learn, who takes part, when the run ends.
  virtual std::vector<Fact> facts() const { return {}; }
  /// The models that the paradigm trains or asks.
  virtual std::vector<ModelDescription> models() const { return {}; }
};

/// What a scenario says outside the keys of its paradigm, and what is known of its data. Data that
/// has not been read yet is assumed to have everything.
struct Outline {
  const Registry& registry;
  std::uint32_t edges = 1;
  bool edges_only = false;      // as in ParadigmContext
  bool cloud_tests = true;      // the cloud has test examples
  bool cloud_validates = true;  // the cloud has validation examples (its root data set)
  bool edges_test = true;       // at least one edge has test examples
  bool has_classes = true;      // the labels of examples are classes
  /// Of the examples that models see, where it is known before they are there. build() looks at the
  /// examples themselves.
  std::optional<DataSchema> schema = {};
};

/// What a simulated world does to a run, and its paradigm must cope with.
struct Hazards {
  bool loses_messages = false;  // silently, so that only a deadline helps
  bool loses_all = false;       // no message arrives but measurements
  bool attacks = false;         // some edges falsify their updates or their training data
  std::vector<std::string> commands = {};  // that an operator gives, as `world.commands` has them
};

/// The `paradigm` of a scenario. Its Config holds the scenario's keys that belong to the paradigm.
/// It may have a `static constexpr const char* kExample`: a scenario with comments that runs as it
/// is and needs no data files. `skerry new scenario` writes it, with the new name for `{{name}}`.
class ParadigmFactory {
 public:
  static constexpr const char* kSlot = "paradigm";
  virtual ~ParadigmFactory() = default;
  /// Reports problems that show without data, with their JSON pointers: plugins that do not fit
  /// each other or the number of edges, a run that could never end, keys that contradict each
  /// other. Called before any data is read; build() calls it again with what is then known.
  virtual void check(const Outline&, Problems&) const {}
  /// Reports problems that only a simulated world brings: a run that could wait for ever in it, a
  /// hazard that would have no effect on the run, a command that the cloud does not know.
  virtual void check_world(const Hazards&, Problems&) const {}
  /// Builds the paradigm. Checks what check() does, and what needs the data (a model that does not
  /// suit it). If there are problems, reports them with their JSON pointers and returns null.
  virtual std::unique_ptr<Paradigm> build(const ParadigmContext& context,
                                          Problems& problems) const = 0;
  /// What runs record besides the metrics of the drivers, and how it is shown.
  virtual Results results() const { return {}; }
  /// Whether a run that its `stop` rule ended may go on under a later rule, with exactly the
  /// results of a run that had the later rule from the start.
  virtual bool may_go_on() const { return false; }
  /// Removes from a resolved scenario what only the cloud needs, before it is sent to edges.
  virtual void leave_out_for_edges(ConfigNode&) const {}
};

/// Called by Registry::make(); see algorithms/sdk/checked.hpp.
std::unique_ptr<ParadigmFactory> checked(std::unique_ptr<ParadigmFactory> plugin,
                                         const PluginEntry& entry);

}  // namespace skerry::role

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/role/job_kind.hpp"
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

  /// Which numerics rule its bits follow (Learner::numerics()).
  virtual std::string_view numerics() const = 0;
  /// The metric that says how good the run's result is: record "model" of Stop's payload.
  virtual std::string_view result_metric() const { return "test/accuracy"; }
  /// What its user should know before the run, one sentence each with a JSON pointer (see
  /// Learner::remarks()).
  virtual std::vector<std::string> remarks() const { return {}; }
};

/// What the world of a simulated run does that a paradigm must be able to bear.
struct Hazards {
  bool loses_messages = false;  // without a word to anybody, so that only a deadline helps
  bool attacks = false;         // edges change what they train
};

/// The `paradigm` of a scenario. Its Config holds the scenario's keys that belong to the paradigm.
class ParadigmFactory {
 public:
  static constexpr const char* kSlot = "paradigm";
  virtual ~ParadigmFactory() = default;
  /// Problems that show without the data, reported with their JSON pointer: a run that could wait
  /// for ever in such a world, or on which what the world does would have no effect.
  virtual void check(const Hazards&, Problems&) const {}
  /// Problems that only show with the data at hand (a model that does not suit it) are reported
  /// with their JSON pointer; then the result is null.
  virtual std::unique_ptr<Paradigm> build(const ParadigmContext& context,
                                          Problems& problems) const = 0;
  /// Removes from a resolved scenario what only the cloud needs, before edges are sent it.
  virtual void leave_out_for_edges(ConfigNode&) const {}
};

}  // namespace skerry::role

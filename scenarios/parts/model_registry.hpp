#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

/// Number of a model in a registry: 1, 2, 3 ... in the order in which they were made.
using ModelVersion = std::uint32_t;

/// One model that was made, and what is known of it.
struct ModelEntry {
  ModelVersion version = 0;
  std::vector<ModelVersion> parents;      // what its training started from; empty: from nothing
  std::uint64_t hash = 0;                 // of its parameters
  std::string numerics;                   // the rule its bits follow (Learner::numerics())
  std::string trained_on;                 // the view of the data, in words
  std::uint64_t data_hash = 0;            // of that view
  std::uint64_t samples = 0;              // examples in it
  std::map<std::string, double> metrics;  // measured before it was used
  std::set<std::string> tags;             // "candidate", "deployed", "rejected", or a user's
  SimTime made;
  std::uint64_t answers = 0;  // that it gave, as far as nodes said
  role::PayloadRef model;     // null once forgotten

  template <class A>
  void archive(A& a) {
    a(version, parents, hash, numerics, trained_on, data_hash, samples, metrics, model, made,
      answers);
    std::vector<std::string> list(tags.begin(), tags.end());
    a(list);
    if constexpr (A::kReading) tags = {list.begin(), list.end()};
  }
};

/// Which model a node answers with, and since when.
struct ServedModel {
  ModelVersion version = 0;
  SimTime since;
  ModelVersion before = 0;  // what a rollback would go back to; 0: nothing
  bool operator==(const ServedModel&) const = default;
  template <class A>
  void archive(A& a) {
    a(version, since, before);
  }
};

/// The models of a run: what each came from, how good it was found to be, where it serves. State of
/// a role, so that it is the same simulated and live and survives what the role survives; a
/// database is at most a copy of it.
///
/// Memory: a few hundred bytes a model, and the parameters of those that serve, that a node could
/// go back to, and of the newest `kept` besides.
class ModelRegistry {
 public:
  explicit ModelRegistry(std::uint32_t kept = 4) : kept_(kept) {}

  /// Takes a model in and numbers it; `entry.version` is ignored. Its parents must be here.
  ModelVersion add(ModelEntry entry);
  /// Null where there is no such model.
  const ModelEntry* find(ModelVersion version) const;
  /// The one whose parameters have that hash, the newest where there are several; null: none.
  const ModelEntry* find_hash(std::uint64_t hash) const;
  const std::vector<ModelEntry>& all() const { return entries_; }  // by version
  void measure(ModelVersion version, const std::string& metric, double value);
  /// It has answered that many requests more. Does nothing where there is no such model.
  void answered(ModelVersion version, std::uint64_t requests);
  void tag(ModelVersion version, const std::string& tag);
  void untag(ModelVersion version, const std::string& tag);

  /// A node has begun to answer with a model. An older word than the last (a message that came
  /// late) changes nothing and gives false; so does a model that is not here.
  bool serves(NodeId node, ModelVersion version, SimTime since);
  /// The node has gone back to the model it had before. Nothing to go back to: false.
  bool went_back(NodeId node, SimTime since);
  const ServedModel* served(NodeId node) const;
  const std::map<NodeId, ServedModel>& serving() const { return serving_; }
  std::vector<NodeId> nodes_with(ModelVersion version) const;

  /// All that a model came from, and all that came from it: ascending, without itself.
  std::vector<ModelVersion> ancestors(ModelVersion version) const;
  std::vector<ModelVersion> descendants(ModelVersion version) const;

  template <class A>
  void archive(A& a) {
    a(entries_, serving_);
  }

 private:
  ModelEntry* at(ModelVersion version);
  void forget();

  std::uint32_t kept_;
  std::vector<ModelEntry> entries_;
  std::map<NodeId, ServedModel> serving_;
};

}  // namespace skerry::parts

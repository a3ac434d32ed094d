#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "scenarios/role/catalogue.hpp"

namespace skerry::parts {

using role::ModelVersion;
using role::ServedModel;
using ModelEntry = role::CataloguedModel;

/// A model with its number.
struct NumberedModel {
  ModelVersion version = 0;  // 0: none
  role::PayloadRef model;
  template <class A>
  void archive(A& a) {
    a(version, model);
  }
};

/// "model 3".
std::string model_name(ModelVersion version);

/// The models of a run: what each came from, how good it was found to be, what became of it, where
/// it serves. State of a role, so that it is the same simulated and live and survives what the role
/// survives; a database is at most a copy of it (role::Catalogue).
///
/// What became of a model is a tag: "candidate", then "deployed", "rejected", "dropped" or "rolled
/// back"; a deployed one is "retired" once another follows it. All other tags are an operator's.
///
/// Memory: a few hundred bytes a model, and the parameters of those that serve, that a node could
/// go back to, that is deployed, and of the newest `kept` besides.
class ModelRegistry {
 public:
  explicit ModelRegistry(std::uint32_t kept = 4) : kept_(kept) {}

  const role::Catalogue& catalogue() const { return catalogue_; }
  const std::vector<ModelEntry>& all() const { return catalogue_.models; }  // by version
  /// Null where there is no such model.
  const ModelEntry* find(ModelVersion version) const { return catalogue_.find(version); }

  /// Takes a model in as a candidate and numbers it; `entry.version` and its tags are ignored. Its
  /// parents must be here.
  ModelVersion add(ModelEntry entry);
  void measure(ModelVersion version, const std::string& metric, double value);
  /// It has answered that many requests more. The model must be here.
  void answered(ModelVersion version, std::uint64_t requests);

  // What became of a candidate.
  /// Nodes are to answer with it from now on. The one before is retired.
  void deployed(ModelVersion version);
  /// It was found to be no better than the deployed one.
  void rejected(ModelVersion version) { decided(version, "rejected"); }
  /// Nobody is to use it, whether it is good or not.
  void dropped(ModelVersion version) { decided(version, "dropped"); }
  /// Nodes had begun to answer with it, and no longer are to.
  void rolled_back(ModelVersion version) { decided(version, "rolled back"); }

  /// The model that an operator may go back to.
  /// @param which    as Catalogue::named() reads it; empty: the one that was deployed before.
  /// @param on_trial a candidate is on its way to nodes: the deployed model is the one to go back
  ///                 to.
  /// Errors, in words for the operator: there is none, it was never deployed, it is what is
  /// deployed, its parameters are forgotten.
  Result<NumberedModel> way_back(std::string_view which, bool on_trial) const;
  /// Nodes are to answer with what way_back() gave. All that were deployed after it are rolled back
  /// or retired, and will not be gone back to.
  void go_back(ModelVersion version);

  /// An operator's own tag.
  /// Errors: a tag that is none (letters, digits, `.`, `_`, `-`; a letter first; at most 40), one
  /// that the registry gives itself; for untag(), one that the model does not have.
  Status tag(ModelVersion version, const std::string& tag);
  Status untag(ModelVersion version, const std::string& tag);

  /// A node answers with a model now. A node that is back at the model it had before has given up
  /// the other one. An older word than the last (a message that came late) changes nothing and
  /// gives false; so does a model that is not here.
  bool serves(NodeId node, ModelVersion version, SimTime since);
  const ServedModel* served(NodeId node) const;

  template <class A>
  void archive(A& a) {
    a(catalogue_, line_);
  }

 private:
  ModelEntry& change(ModelVersion version);
  void decided(ModelVersion version, const char* tag);
  void forget();

  std::uint32_t kept_;
  role::Catalogue catalogue_;
  std::vector<ModelVersion> line_;  // deployed one after the other; the last is deployed now
};

}  // namespace skerry::parts

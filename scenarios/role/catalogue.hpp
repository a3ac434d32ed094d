#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/result.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::role {

/// Number of a model in a run: 1, 2, 3 ... in the order in which models were made.
using ModelVersion = std::uint32_t;

/// One model that was made, and what is known of it.
struct CataloguedModel {
  ModelVersion version = 0;
  std::vector<ModelVersion> parents;      // what its training started from; empty: from nothing
  std::uint64_t hash = 0;                 // of its parameters
  std::string numerics;                   // the rule its bits follow (Learner::numerics())
  std::string trained_on;                 // the view of the data, in words
  std::uint64_t data_hash = 0;            // of that view; 0: nobody knows it
  std::uint64_t samples = 0;              // examples in it; 0: nobody knows how many
  std::map<std::string, double> metrics;  // measured before it was used
  std::set<std::string> tags;             // "candidate", "deployed" ..., or an operator's
  SimTime made;
  std::uint64_t answers = 0;  // that it gave, as far as nodes said
  PayloadRef model;           // one record "model"; null once its parameters are forgotten
  std::uint64_t changed = 0;  // Catalogue::revision of the last change of this row

  template <class A>
  void archive(A& a) {
    a(version, parents, hash, numerics, trained_on, data_hash, samples, metrics, model, made,
      answers, changed);
    std::vector<std::string> list(tags.begin(), tags.end());
    a(list);
    if constexpr (A::kReading) tags = {list.begin(), list.end()};
  }
};

/// Which model a node answers with, and since when.
struct ServedModel {
  ModelVersion version = 0;
  SimTime since;
  ModelVersion before = 0;    // what the node could go back to by itself; 0: nothing
  std::uint64_t changed = 0;  // Catalogue::revision of the last change of this row

  /// Whether both say the same, whenever it changed.
  bool operator==(const ServedModel& other) const {
    return version == other.version && since == other.since && before == other.before;
  }
  template <class A>
  void archive(A& a) {
    a(version, since, before, changed);
  }
};

/// The models of a run and where they serve, as a role knows them. It is the role's state; whoever
/// shows it elsewhere (a database) has a copy, which may be made anew from it at any time.
///
/// No row ever goes away. `revision` grows with each change, and a row says at which revision it
/// changed last, so that a copy only needs the rows that changed since.
struct Catalogue {
  std::uint64_t revision = 0;
  std::vector<CataloguedModel> models;  // model v at place v - 1
  std::map<NodeId, ServedModel> serving;

  /// Null if there is no such model.
  const CataloguedModel* find(ModelVersion version) const;
  /// The model that a person means by `which`: its number, a tag (the newest model that has it), or
  /// its hash in 16 hexadecimal digits (the newest one with these parameters).
  /// Errors: there is none.
  Result<ModelVersion> named(std::string_view which) const;
  /// All models that a model came from, and all that came from it: ascending, without itself.
  std::vector<ModelVersion> ancestors(ModelVersion version) const;
  std::vector<ModelVersion> descendants(ModelVersion version) const;
  /// The nodes that answer with a model, ascending.
  std::vector<NodeId> nodes_with(ModelVersion version) const;

  template <class A>
  void archive(A& a) {
    a(revision, models, serving);
  }
};

/// Whether a tag says what became of a model ("candidate", "deployed" ...). All others are an
/// operator's.
bool says_what_became(std::string_view tag);

}  // namespace skerry::role

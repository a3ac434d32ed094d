#pragma once

#include <cstdint>
#include <string>

#include "scenarios/parts/model_registry.hpp"

namespace skerry::parts {

/// The messages between Rollout on the cloud and InstalledModels on edges.
enum class RolloutKind : std::uint8_t {
  kInstall,    // cloud -> edge: InstallOrder, payload [model]
  kGoBack,     // cloud -> edge: GoBackOrder, also forward to the model in the shadow
  kInstalled,  // edge -> cloud: Installed
};

/// What an edge does with a model that it is sent.
enum class InstallAs : std::uint8_t {
  kServing,  // answers with it
  kShadow,   // has it answer too, but nobody sees that
};

struct InstallOrder {
  std::uint64_t number = 0;  // orders given later are greater
  ModelVersion version = 0;
  InstallAs as = InstallAs::kServing;
  template <class A>
  void archive(A& a) {
    a(number, version, as);
  }
};

/// Answer with that model, which the edge should hold: the one before, or the one in the shadow,
/// which goes otherwise.
struct GoBackOrder {
  std::uint64_t number = 0;
  ModelVersion version = 0;
  template <class A>
  void archive(A& a) {
    a(number, version);
  }
};

/// What became of an order.
struct Installed {
  std::uint64_t number = 0;
  ModelVersion serving = 0;  // what the edge answers with now; 0: nothing
  std::string fault;         // why the order could not be carried out; empty: it was
  template <class A>
  void archive(A& a) {
    a(number, serving, fault);
  }
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

/// The models that the cloud hands out, as they cross the wire, numbered from 1. Holds the newest
/// model whole and, if the scenario sends changes, the last few changes from one model to the next.
///
/// Changes belong to one series W: W_1 is the first model, and W_v = W_(v-1) + open(encode(M_v -
/// W_(v-1))) for every later model M_v. So the next change contains what an encoding left out, and
/// an edge that holds W_b reaches W_v by the changes after b, as long as these are kept. [The
/// scheme of Sattler, Wiedemann, Mueller, Samek 2019, "Robust and communication-efficient federated
/// learning from non-i.i.d. data", sec. V, where the cloud caches updates.]
class Downlink {
 public:
  /// Adds the next model. `change` leads to it from the model before; null: there is none, and all
  /// kept changes are forgotten.
  /// @param most  how many changes are kept.
  void add(role::PayloadRef whole, role::PayloadRef change, std::size_t most);

  std::uint64_t version() const { return version_; }
  /// W_v, or the encoded model; null before the first.
  const role::PayloadRef& whole() const { return whole_; }
  /// The changes that lead from version `held` to the newest; nullopt if not all of these are kept,
  /// empty if `held` is the newest.
  std::optional<std::vector<role::PayloadRef>> since(std::uint64_t held) const;

  template <class A>
  void archive(A& a) {
    a(version_, whole_, changes_);
  }

 private:
  std::uint64_t version_ = 0;
  role::PayloadRef whole_;
  std::vector<role::PayloadRef> changes_;  // the last leads to version_
};

}  // namespace skerry::parts

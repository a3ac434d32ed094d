#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

/// The models that the cloud hands out, numbered from 1, as they cross the wire: each whole and,
/// where the scenario sends changes, the last few changes from one to the next.
///
/// Changes are those of one series W: W_1 is the first model, and W_v = W_(v-1) + open(encode(M_v -
/// W_(v-1))) for every later model M_v. So what an encoding leaves out is in the next change, and
/// an edge that holds W_b reaches W_v by the changes after b, however long it was away. [The scheme
/// of Sattler, Wiedemann, Mueller, Samek 2019, "Robust and communication-efficient federated
/// learning from non-i.i.d. data", sec. V, where the cloud caches updates.]
class Downlink {
 public:
  /// The next model. `change` leads to it from the one before; null where there is none.
  /// @param most  how many changes are kept.
  void add(role::PayloadRef whole, role::PayloadRef change, std::size_t most);

  std::uint64_t version() const { return version_; }
  /// W_v, or the encoded model; null before the first.
  const role::PayloadRef& whole() const { return whole_; }
  /// The changes that lead to the newest version from `held`; nothing where these are no longer, or
  /// never were, kept. None where it is the newest.
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

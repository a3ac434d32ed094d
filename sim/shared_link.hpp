#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "algorithms/sdk/time.hpp"
#include "sim/rate.hpp"
#include "sim/work.hpp"

namespace skerry::sim {

/// Names a transfer, unique on its link. Transfers that finish at the same time are reported in
/// this order.
using FlowId = std::uint64_t;

/// A bottleneck that many flows cross at once, shared max-min fairly: every flow gets the same
/// rate, the level, unless its private cap (the rate of its own end) is lower; what such flows
/// leave is shared by the rest.
///     rate_i = min(cap_i, level),   sum_i rate_i = min(C, sum_i cap_i)
///                                                 [Bertsekas, Gallager 1992, sec. 6.5.2]
/// A flow finishes at the first whole nanosecond at which all its bytes have passed; rates change
/// at whole nanoseconds only. Both are computed exactly, see work.hpp.
///
/// Times must not run backwards from call to call, and no call may skip next_finish(): take the
/// finished flows first (at that very time, other calls may come before).
///
/// Cost: O(log n) per change plus O(log n) for each cap that the level crosses, n = number of
/// different caps: flows of one cap form a class that moves as a whole. Not thread-safe.
class SharedLink {
 public:
  explicit SharedLink(Rate capacity = Rate::unlimited()) : capacity_(capacity) {}
  SharedLink(SharedLink&&) = default;
  SharedLink& operator=(SharedLink&&) = default;

  struct Flow {
    FlowId id = 0;
    std::int64_t bytes = 0;  // 0 ... 2^50
    Rate cap = Rate::unlimited();
  };
  /// Starts a flow.
  void add(const Flow& flow, SimTime now);
  /// Takes a flow off the link; returns how many of its bytes have not passed completely.
  std::int64_t remove(FlowId id, SimTime now);
  /// Changes the rate of a flow's own end.
  void set_cap(FlowId id, Rate cap, SimTime now);
  /// Changes what all flows share.
  void set_capacity(Rate capacity, SimTime now);

  /// When the next flow finishes if nothing changes; never() when none does. O(1).
  SimTime next_finish() const { return next_finish_; }
  /// Takes off the flows that are finished by now, in the order of their ids.
  std::vector<FlowId> take_finished(SimTime now);

  std::size_t flows() const { return flows_.size(); }
  Rate capacity() const { return capacity_; }

  /// Everything a link is, in canonical form: links that behave alike have equal snapshots.
  struct Snapshot {
    struct Pending {
      FlowId id = 0;
      Rate cap;
      WorkWords left;

      bool operator==(const Pending&) const = default;

      template <class A>
      void archive(A& a) {
        a(id, cap, left);
      }
    };
    SimTime now;
    Rate capacity;
    std::vector<Pending> flows;  // by id

    bool operator==(const Snapshot&) const = default;

    template <class A>
    void archive(A& a) {
      a(now, capacity, flows);
    }
  };
  Snapshot save() const;
  /// A link that goes on exactly as the saved one would have.
  static SharedLink load(const Snapshot& snapshot);

 private:
  /// A reading of a clock that counts work, or nanoseconds. Clocks wrap around: only differences
  /// mean anything.
  __extension__ typedef unsigned __int128 Reading;
  struct Entry {
    Reading reading = 0;
    std::uint64_t name = 0;  // a flow or a cap; decides ties
    bool operator<(const Entry& other) const {
      return reading != other.reading ? static_cast<Work>(reading - other.reading) < 0
                                      : name < other.name;
    }
  };
  using Agenda = std::set<Entry>;

  /// The flows of one cap. All advance by the same work in the same time, so the order in which
  /// they finish never changes, whichever side the class is on. Its clock is its side's clock less
  /// `origin`.
  struct Class {
    std::int64_t cap = 0;  // bytes a second
    bool capped = true;
    Reading origin = 0;
    Reading due = 0;  // its reading on the agenda of its side
    Agenda flows;     // by the reading of the class's clock at which each is finished
  };
  /// Capped classes move at their cap, sharing ones at the level. Every cap of a capped class is
  /// lower than every cap of a sharing one, so only the highest capped and the lowest sharing class
  /// can change sides.
  struct Side {
    std::map<std::int64_t, Class> classes;  // by cap
    Agenda agenda;  // when each class's first flow finishes: in ns if capped, by the level clock if
                    // sharing
  };
  struct Place {
    Class* group = nullptr;
    Reading target = 0;
  };

  void advance(SimTime now);
  void settle();
  void insert(FlowId id, Rate cap, Work left);
  Work extract(FlowId id);
  void take_first_flows(Class& group, std::vector<FlowId>& finished);

  bool fits(std::int64_t cap) const;
  Side& side_of(bool capped) { return capped ? capped_ : sharing_; }
  Class& class_of(std::int64_t cap);
  Reading side_clock(const Class& group) const;
  Reading clock(const Class& group) const { return side_clock(group) - group.origin; }
  void count(const Class& group, Work flows);
  void enlist(Class& group);
  void delist(const Class& group);
  void drop_if_empty(Class& group);
  void change_side(Class& group);

  Rate capacity_;
  SimTime now_;
  SimTime next_finish_ = SimTime::never();
  Side capped_;
  Side sharing_;
  Work capped_rate_ = 0;     // bytes a second of all capped flows
  Work sharing_flows_ = 0;   // how many share the rest
  Work level_ = 0;           // what each of those gets, in units a nanosecond
  Reading level_clock_ = 0;  // the integral of the level: the work done for each of them
  std::unordered_map<FlowId, Place> flows_;
};

}  // namespace skerry::sim

#include "sim/shared_link.hpp"

#include <algorithm>
#include <iterator>

#include "algorithms/sdk/check.hpp"

namespace skerry::sim {
namespace {

// Rates are multiples of 2^-40 bytes a second, so work comes in 2^-40 bytes a second times one
// nanosecond. Over a day at a level of 1 kB/s, rounding the level up brings a finish forward by
// less than 0.1 ns.
constexpr int kRateBits = 40;
constexpr Work kUnitsPerByte = Work{1'000'000'000} << kRateBits;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;

/// More than all caps together can add up to.
constexpr Work kNoLimit = Work{1} << 100;

}  // namespace

void SharedLink::add(const Flow& flow, SimTime now) {
  SKERRY_CHECK(flow.bytes >= 0 && flow.bytes <= kMostBytes, "a flow has 0 to 2^50 bytes");
  advance(now);
  insert(flow.id, flow.cap, flow.bytes * kUnitsPerByte);
  settle();
}

std::int64_t SharedLink::remove(FlowId id, SimTime now) {
  advance(now);
  const Work left = extract(id);
  settle();
  return left <= 0 ? 0 : static_cast<std::int64_t>(ceil_ratio(left, kUnitsPerByte));
}

void SharedLink::set_cap(FlowId id, Rate cap, SimTime now) {
  advance(now);
  const Work left = extract(id);
  insert(id, cap, left);
  settle();
}

void SharedLink::set_capacity(Rate capacity, SimTime now) {
  advance(now);
  capacity_ = capacity;
  settle();
}

std::vector<FlowId> SharedLink::take_finished(SimTime now) {
  advance(now);
  std::vector<FlowId> finished;
  for (Side* side : {&capped_, &sharing_}) {
    while (!side->agenda.empty()) {
      const Entry first = *side->agenda.begin();
      Class& group = side->classes.at(static_cast<std::int64_t>(first.name));
      const Reading present = group.capped ? static_cast<Reading>(now_.count()) : level_clock_;
      if (static_cast<Work>(first.reading - present) > 0) break;
      take_first_flows(group, finished);
    }
  }
  settle();
  std::sort(finished.begin(), finished.end());
  return finished;
}

void SharedLink::take_first_flows(Class& group, std::vector<FlowId>& finished) {
  delist(group);
  const Reading present = clock(group);
  while (!group.flows.empty()) {
    const Entry first = *group.flows.begin();
    if (static_cast<Work>(first.reading - present) > 0) break;
    finished.push_back(first.name);
    group.flows.erase(group.flows.begin());
    flows_.erase(first.name);
    count(group, -1);
  }
  enlist(group);
  drop_if_empty(group);
}

void SharedLink::advance(SimTime now) {
  SKERRY_CHECK(now >= now_, "time on a link ran backwards");
  SKERRY_CHECK(now <= next_finish_, "a finished flow was left on a link");
  level_clock_ += static_cast<Reading>(level_) * static_cast<Reading>((now - now_).count());
  now_ = now;
}

// Restores max-min fairness. Neither move lowers the level, so a class is moved at most twice.
void SharedLink::settle() {
  for (;;) {
    if (!sharing_.classes.empty() && fits(sharing_.classes.begin()->first)) {
      change_side(sharing_.classes.begin()->second);
    } else if (!capped_.classes.empty() && !fits(std::prev(capped_.classes.end())->first)) {
      change_side(std::prev(capped_.classes.end())->second);
    } else {
      break;
    }
  }
  level_ = 0;
  next_finish_ = SimTime::never();
  if (!sharing_.agenda.empty()) {
    const Work rest = capacity_.count() - capped_rate_;
    level_ = ceil_ratio(rest << kRateBits, sharing_flows_);
    const Reading first = sharing_.agenda.begin()->reading;
    next_finish_ = completion(now_, static_cast<Work>(first - level_clock_), level_);
  }
  if (!capped_.agenda.empty()) {
    const auto first = static_cast<std::int64_t>(capped_.agenda.begin()->reading);
    next_finish_ = std::min(next_finish_, SimTime::at(Duration::nanoseconds(first)));
  }
}

// cap <= (C - capped rate) / sharing flows, in integers: the level would be no lower than this cap.
bool SharedLink::fits(std::int64_t cap) const {
  const Work capacity = capacity_.is_unlimited() ? kNoLimit : Work{capacity_.count()};
  return cap * sharing_flows_ <= capacity - capped_rate_;
}

void SharedLink::insert(FlowId id, Rate cap, Work left) {
  Class& group = class_of(cap.count());
  const Reading target = clock(group) + static_cast<Reading>(left);
  const bool fresh = flows_.emplace(id, Place{&group, target}).second;
  SKERRY_CHECK(fresh, "two flows of a link have one id");
  delist(group);
  group.flows.insert({target, id});
  count(group, 1);
  enlist(group);
}

Work SharedLink::extract(FlowId id) {
  const auto found = flows_.find(id);
  SKERRY_CHECK(found != flows_.end(), "a flow that is not on the link");
  const auto [group, target] = found->second;
  flows_.erase(found);
  const Work left = static_cast<Work>(target - clock(*group));
  delist(*group);
  group->flows.erase({target, id});
  count(*group, -1);
  enlist(*group);
  drop_if_empty(*group);
  return left;
}

SharedLink::Class& SharedLink::class_of(std::int64_t cap) {
  const bool capped = sharing_.classes.empty() || cap < sharing_.classes.begin()->first;
  const auto [it, fresh] = side_of(capped).classes.try_emplace(cap);
  Class& group = it->second;
  if (fresh) {
    group.cap = cap;
    group.capped = capped;
    group.origin = side_clock(group);
  }
  return group;
}

SharedLink::Reading SharedLink::side_clock(const Class& group) const {
  if (!group.capped) return level_clock_;
  return (static_cast<Reading>(group.cap) << kRateBits) * static_cast<Reading>(now_.count());
}

void SharedLink::count(const Class& group, Work flows) {
  if (group.capped) {
    capped_rate_ += group.cap * flows;
  } else {
    sharing_flows_ += flows;
  }
}

void SharedLink::enlist(Class& group) {
  if (group.flows.empty()) return;
  const Reading target = group.flows.begin()->reading;
  if (group.capped) {
    const Work left = static_cast<Work>(target - clock(group));
    const SimTime finish = completion(now_, left, Work{group.cap} << kRateBits);
    group.due = static_cast<Reading>(finish.count());
  } else {
    group.due = target + group.origin;
  }
  side_of(group.capped).agenda.insert({group.due, static_cast<std::uint64_t>(group.cap)});
}

void SharedLink::delist(const Class& group) {
  side_of(group.capped).agenda.erase({group.due, static_cast<std::uint64_t>(group.cap)});
}

void SharedLink::drop_if_empty(Class& group) {
  if (group.flows.empty()) side_of(group.capped).classes.erase(std::int64_t{group.cap});
}

void SharedLink::change_side(Class& group) {
  delist(group);
  const auto flows = static_cast<Work>(group.flows.size());
  const Reading progress = clock(group);
  count(group, -flows);
  auto node = side_of(group.capped).classes.extract(group.cap);
  group.capped = !group.capped;
  side_of(group.capped).classes.insert(std::move(node));
  group.origin = side_clock(group) - progress;
  count(group, flows);
  enlist(group);
}

SharedLink::Snapshot SharedLink::save() const {
  Snapshot snapshot{.now = now_, .capacity = capacity_, .flows = {}};
  snapshot.flows.reserve(flows_.size());
  for (const Side* side : {&capped_, &sharing_}) {
    for (const auto& [cap, group] : side->classes) {
      for (const auto& [target, id] : group.flows) {
        snapshot.flows.push_back({.id = id,
                                  .cap = Rate::bytes_per_second(cap),
                                  .left = WorkWords(static_cast<Work>(target - clock(group)))});
      }
    }
  }
  std::sort(snapshot.flows.begin(), snapshot.flows.end(),
            [](const auto& x, const auto& y) { return x.id < y.id; });
  return snapshot;
}

SharedLink SharedLink::load(const Snapshot& snapshot) {
  SharedLink link(snapshot.capacity);
  link.now_ = snapshot.now;
  for (const auto& flow : snapshot.flows) link.insert(flow.id, flow.cap, flow.left.work());
  link.settle();
  return link;
}

}  // namespace skerry::sim

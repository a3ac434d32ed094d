// The part of NodeData that cuts what nodes see into slices.
#include <algorithm>

#include "datasets/node_data.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kKeptNumbers = std::size_t{1} << 22;

/// Whether a slice holds what is there from the start, as the only experience.
bool holds_the_start(const Slice& slice) {
  switch (slice.kind()) {
    case Slice::Kind::kEverything:
    case Slice::Kind::kUpTo:
      return true;
    case Slice::Kind::kExperience:
      return slice.experience() == 0;
    case Slice::Kind::kBetween:
      return slice.from() <= Duration() && slice.to() > Duration();
  }
  return false;
}

}  // namespace

Result<std::shared_ptr<const NodeData>> NodeData::with(const Stream& stream,
                                                       const StreamAgreement& agreed) const {
  SKERRY_CHECK(!arrivals_ && !poison_, "a stream is added first, and once");
  auto arrivals = Arrivals::make(stream, data_, seed_, agreed);
  if (!arrivals) return arrivals.failure();
  std::shared_ptr<NodeData> made(new NodeData(*this));
  made->arrivals_ = std::move(*arrivals);
  const StreamPlan& plan = made->arrivals_->plan();
  made->train_ = plan.shown(data_.train);
  if (data_.test) made->test_ = plan.shown(data_.test);
  if (plan.tasks().content_hash != 0) {
    RunningHash hash;
    hash.add_value(data_.content_hash);
    hash.add_value(plan.tasks().content_hash);
    made->data_.content_hash = hash.value();
  }
  made->keep_arranged();
  return std::shared_ptr<const NodeData>(std::move(made));
}

Arrivals::Set NodeData::set_of(NodeId node, Split split) const {
  if (split == Split::kTest && in_cloud_view(node, split) && data_.test) {
    return {*data_.test, data_.test_attributes, true};
  }
  return {*data_.train, data_.train_attributes, false};
}

void NodeData::arrange(NodeId node, Split split, ArrivedRows& out) const {
  std::vector<std::uint32_t> scratch;
  const View plain = plain_view(node, split, scratch);
  arrivals_->arrange(node, split, set_of(node, split), plain.rows, out);
}

void NodeData::keep_arranged() {
  for (std::size_t s = 0; s < kSplits; ++s) {
    const auto split = static_cast<Split>(s);
    const bool owned = owner_ && has_own_test(*owner_, split);
    arrange(owned ? *owner_ : NodeId::cloud(), split, of_cloud_[s]);
  }
  const std::size_t tasks = arrivals_->experiences();
  const std::size_t coming = (arrivals_->plan().tasks().repeats ? tasks : 1) * pool_;
  if (partition_ || coming > kKeptNumbers || edges_ * kSplits * tasks > kKeptNumbers) return;
  arrived_.first.assign(1, 0);
  ArrivedRows one;
  for (std::uint32_t k = 0; k < edges_; ++k) {
    for (std::size_t s = 0; s < kSplits; ++s) {
      const NodeId edge = owner_.value_or(NodeId::edge(k));
      const auto split = static_cast<Split>(s);
      if (in_cloud_view(edge, split)) {
        one.rows.clear();  // kept already
        one.first.assign(tasks + 1, 0);
      } else {
        arrange(edge, split, one);
      }
      const std::size_t before = arrived_.rows.size();
      arrived_.rows.insert(arrived_.rows.end(), one.rows.begin(), one.rows.end());
      for (std::size_t e = 1; e <= tasks; ++e) arrived_.first.push_back(before + one.first[e]);
    }
  }
}

/// A node's rows as they are kept, or as `computed` then holds them.
Arrivals::Arranged NodeData::arranged(NodeId node, Split split, ArrivedRows& computed) const {
  const auto s = static_cast<std::size_t>(split);
  const Arrivals::Set set = set_of(node, split);
  if (in_cloud_view(node, split)) return {node, set, of_cloud_[s].rows, of_cloud_[s].first};
  if (arrived_.first.empty()) {
    arrange(node, split, computed);
    return {node, set, computed.rows, computed.first};
  }
  const std::size_t tasks = arrivals_->experiences();
  const std::span<const std::size_t> first =
      std::span(arrived_.first).subspan((slot(node) * kSplits + s) * tasks, tasks + 1);
  const auto rows = std::span(arrived_.rows).subspan(first.front(), first.back() - first.front());
  return {node, set, rows, first};
}

View NodeData::view(NodeId node, Split split, const Slice& slice,
                    std::vector<std::uint32_t>& scratch) const {
  if (!arrivals_) {
    View all = plain_view(node, split, scratch);
    if (!holds_the_start(slice)) all.rows = {};
    return all;
  }
  ArrivedRows computed;
  const Arrivals::Arranged all = arranged(node, split, computed);
  const auto [begin, end] = arrivals_->range(all, slice);
  std::span<const std::uint32_t> rows = all.rows;
  if (!computed.first.empty()) {
    scratch = std::move(computed.rows);
    rows = scratch;
  }
  const Samples* samples =
      in_cloud_view(node, split) ? cloud_view(split).samples : &samples_of(node, split);
  return {samples, rows.subspan(begin, end - begin)};
}

std::size_t NodeData::size(NodeId node, Split split, const Slice& slice) const {
  if (!arrivals_) return holds_the_start(slice) ? plain_size(node, split) : 0;
  if (slice == Slice::everything() && arrivals_->joins_with(node) == 0) {
    const bool repeats = arrivals_->plan().tasks().repeats;
    return plain_size(node, split) * (repeats ? arrivals_->experiences() : std::size_t{1});
  }
  ArrivedRows computed;
  const Arrivals::Arranged all = arranged(node, split, computed);
  const auto [begin, end] = arrivals_->range(all, slice);
  return end - begin;
}

std::vector<Experience> NodeData::experiences(NodeId node) const {
  if (!arrivals_) return {{.task = 0, .name = "all", .begins = {}, .lasts = {}}};
  return arrivals_->experiences_of(node);
}

Duration NodeData::arrival(NodeId node, Split split, std::size_t position) const {
  if (!arrivals_) return {};
  ArrivedRows computed;
  return arrivals_->arrival(arranged(node, split, computed), position);
}

std::span<const std::uint8_t> NodeData::active_outputs(std::uint32_t task) const {
  if (!arrivals_ || arrivals_->plan().tasks().active.empty()) return {};
  return arrivals_->plan().tasks().active.at(task);
}

}  // namespace skerry::datasets

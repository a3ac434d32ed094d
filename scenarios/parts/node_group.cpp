#include "scenarios/parts/node_group.hpp"

#include <algorithm>

namespace skerry::parts {

void NodeGroup::restrict_to(const std::vector<NodeId>& nodes) {
  nodes_ = {nodes.begin(), nodes.end()};
  empty_.clear();
  if (!membership_.everybody_at_start()) return;
  for (std::uint32_t i = 0; i < membership_.size(); ++i) {
    const NodeId node = NodeId::edge(i);
    if (has(node) && membership_.samples(node) == 0) empty_.push_back(node);
  }
}

void NodeGroup::joined(NodeId node) {
  if (!has(node)) return;
  const auto place = std::lower_bound(empty_.begin(), empty_.end(), node);
  const bool was_empty = place != empty_.end() && *place == node;
  if (was_empty == (membership_.samples(node) == 0)) return;
  if (was_empty) {
    empty_.erase(place);
  } else {
    empty_.insert(place, node);
  }
}

bool NodeGroup::is_empty(NodeId node) const {
  return std::binary_search(empty_.begin(), empty_.end(), node);
}

std::uint32_t NodeGroup::eligible_at_most() const {
  if (nodes_.empty()) {
    const auto out = std::count_if(empty_.begin(), empty_.end(),
                                   [this](NodeId node) { return membership_.eligible(node); });
    return membership_.eligible_at_most() - static_cast<std::uint32_t>(out);
  }
  const auto count =
      std::count_if(nodes_.begin(), nodes_.end(), [this](NodeId node) { return eligible(node); });
  return static_cast<std::uint32_t>(count);
}

bool NodeGroup::has_present(std::uint32_t count) const {
  if (nodes_.empty()) return membership_.has_present(count);
  const auto present = std::count_if(nodes_.begin(), nodes_.end(),
                                     [this](NodeId node) { return membership_.present(node); });
  return static_cast<std::uint32_t>(present) >= count;
}

}  // namespace skerry::parts

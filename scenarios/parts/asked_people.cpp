#include "scenarios/parts/asked_people.hpp"

namespace skerry::parts {

void AskedPeople::ask(const Examples& examples) {
  for (const std::uint32_t row : examples.rows) open_.insert({examples.node, row});
}

AskedPeople::Said AskedPeople::hear(NodeId node, std::uint32_t position, std::int32_t label) {
  const Name name(node, position);
  if (open_.erase(name) == 0) {
    const auto given = given_.find(name);
    if (given == given_.end()) return Said::kUnknown;
    return given->second == label ? Said::kAgain : Said::kOther;
  }
  given_[name] = label;
  order_[next_++] = name;
  if (order_.size() > kRemembered) {
    given_.erase(order_.begin()->second);
    order_.erase(order_.begin());
  }
  return Said::kLabel;
}

std::optional<std::int32_t> AskedPeople::label_of(NodeId node, std::uint32_t position) const {
  const auto given = given_.find({node, position});
  return given == given_.end() ? std::nullopt : std::optional(given->second);
}

}  // namespace skerry::parts

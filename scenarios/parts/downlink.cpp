#include "scenarios/parts/downlink.hpp"

namespace skerry::parts {

void Downlink::add(role::PayloadRef whole, role::PayloadRef change, std::size_t most) {
  ++version_;
  whole_ = std::move(whole);
  if (!change) return changes_.clear();
  changes_.push_back(std::move(change));
  if (changes_.size() > most) changes_.erase(changes_.begin());
}

std::optional<std::vector<role::PayloadRef>> Downlink::since(std::uint64_t held) const {
  if (held == 0 || held > version_ || version_ - held > changes_.size()) return std::nullopt;
  return std::vector(changes_.end() - static_cast<std::ptrdiff_t>(version_ - held), changes_.end());
}

}  // namespace skerry::parts

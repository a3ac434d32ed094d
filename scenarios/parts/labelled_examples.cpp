#include "scenarios/parts/labelled_examples.hpp"

#include <algorithm>

namespace skerry::parts {

/// Whether no message of the node began with that position before. Of each node the last messages
/// are remembered; one that is older than all of these counts as a copy.
bool LabelledExamples::is_new(NodeId node, std::uint32_t first) {
  constexpr std::size_t kRemembered = 64;
  auto& seen = seen_[node];
  const auto place = std::lower_bound(seen.begin(), seen.end(), first);
  if (place != seen.end() && *place == first) return false;
  if (seen.size() == kRemembered && place == seen.begin()) return false;
  seen.insert(place, first);
  if (seen.size() > kRemembered) seen.erase(seen.begin());
  return true;
}

Examples LabelledExamples::add(const Arrived& arrived) {
  Examples taken{arrived.node, {}};
  if (arrived.mined.empty() || !is_new(arrived.node, arrived.mined.front().position)) return taken;
  std::uint32_t place = 0;
  for (const Mined& one : arrived.mined) {
    const Waiting waiting{one, arrived.version, arrived.shadow, place++, arrived.inputs};
    const bool fresh = waiting_.emplace(std::pair(arrived.node, one.position), waiting).second;
    if (fresh) taken.rows.push_back(one.position);
  }
  return taken;
}

std::int32_t LabelledExamples::truth(NodeId node, std::uint32_t position) const {
  const auto found = waiting_.find(std::pair(node, position));
  return found == waiting_.end() ? -1 : found->second.mined.truth;
}

std::optional<Judgement> LabelledExamples::label(NodeId node, std::uint32_t position,
                                                 std::int32_t label) {
  auto found = waiting_.extract(std::pair(node, position));
  if (found.empty()) return std::nullopt;
  const Waiting& waited = found.mapped();
  const Mined& mined = waited.mined;
  labelled_.emplace_back(mined.sampled,
                         LabelledExample{node, position, label, waited.place, waited.inputs});
  if (!mined.sampled) return std::nullopt;
  return Judgement{.node = node,
                   .position = position,
                   .right = mined.predicted == label,
                   .version = waited.version,
                   .shadow = mined.shadow < 0 ? 0 : waited.shadow,
                   .shadow_right = mined.shadow == label};
}

void LabelledExamples::give_up(const Examples& examples) {
  for (const std::uint32_t row : examples.rows) waiting_.erase(std::pair(examples.node, row));
}

void LabelledExamples::settle() {
  std::ranges::sort(labelled_, {}, [](const auto& one) {
    return std::pair(one.second.node, one.second.position);
  });
  for (auto& [sampled, example] : labelled_) {
    if (!sampled) {
      ++fresh_;
      ++unlearnt_;
    }
    (sampled ? judged_ : kept_).push_back(std::move(example));
  }
  labelled_.clear();
  while (kept_.size() > limits_.kept) kept_.pop_front();
  while (judged_.size() > limits_.judged) judged_.pop_front();
  fresh_ = std::min(fresh_, kept_.size());
  const std::size_t gone = unlearnt_ - std::min(unlearnt_, kept_.size());
  unlearnt_ -= gone;
  taken_ -= std::min(taken_, gone);  // the oldest
}

std::vector<LabelledExample> LabelledExamples::to_learn(Policy policy, std::uint32_t window) {
  std::size_t count = kept_.size();
  if (policy == Policy::kFineTune) count = unlearnt_;
  if (policy == Policy::kWindow) count = std::min<std::size_t>(count, window);
  fresh_ = 0;
  taken_ = unlearnt_;
  return {kept_.end() - static_cast<std::ptrdiff_t>(count), kept_.end()};
}

void LabelledExamples::deployed() { unlearnt_ -= std::exchange(taken_, 0); }

}  // namespace skerry::parts

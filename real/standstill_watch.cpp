#include "real/standstill_watch.hpp"

#include <algorithm>

namespace skerry::real {

namespace {

constexpr std::chrono::nanoseconds kLongest = std::chrono::minutes(10);

/// `edge-1, edge-4`; of many, the first few and how many more.
std::string names_of(const std::vector<NodeId>& nodes) {
  constexpr std::size_t kFew = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(nodes.size(), kFew); ++i) {
    text += (i > 0 ? ", " : "") + to_string(nodes[i]);
  }
  if (nodes.size() > kFew) text += " and " + std::to_string(nodes.size() - kFew) + " more";
  return text;
}

}  // namespace

std::optional<std::string> StandstillWatch::look(Clock::time_point now, const View& view) {
  const bool stands = view.waits && !view.missing.empty();
  if (!stands || !since_ || view.inputs != inputs_) {
    inputs_ = view.inputs;
    since_ = stands ? std::optional(now) : std::nullopt;
    next_ = first_;
    waiting_.clear();
    return std::nullopt;
  }
  const auto passed = now - *since_;
  if (passed < next_) return std::nullopt;
  while (next_ <= passed) next_ += std::min(next_, kLongest);
  waiting_ = "waiting for " + std::to_string(view.missing.size()) + " of " +
             std::to_string(view.edges) + " edges: " + names_of(view.missing);
  if (!view.unanswered.empty()) waiting_ += "; no answer yet from " + names_of(view.unanswered);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(passed).count();
  return "nothing has happened for " + std::to_string(seconds) + " s: " + waiting_;
}

}  // namespace skerry::real

#include "scenarios/host/undelivered.hpp"

namespace skerry::host {

std::string_view to_string(Undelivered cause) {
  constexpr std::array<std::string_view, kUndelivered> kNames{"never-joined", "left",    "crashed",
                                                              "unavailable",  "cut-off", "lost"};
  const auto index = static_cast<std::size_t>(cause);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::vector<std::pair<std::string, std::uint64_t>> UndeliveredCounts::met() const {
  std::vector<std::pair<std::string, std::uint64_t>> met;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) met.emplace_back(to_string(static_cast<Undelivered>(i)), counts_[i]);
  }
  return met;
}

}  // namespace skerry::host

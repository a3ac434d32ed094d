#include "algorithms/sdk/problems.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "algorithms/sdk/printable.hpp"

namespace skerry {

bool Problems::concern(std::string_view pointer, std::size_t count) const {
  return std::ranges::any_of(std::span(problems_).first(count), [pointer](const Problem& problem) {
    const std::string_view place = problem.pointer;
    return place.starts_with(pointer) &&
           (place.size() == pointer.size() || place[pointer.size()] == '/');
  });
}

std::string Problems::text(std::string_view file) const {
  std::string text;
  for (const Problem& problem : problems_) {
    text += std::string(file) + ": " +
            (problem.pointer.empty() ? "/" : printable(problem.pointer)) + ": " +
            printable(problem.message) + "\n";
  }
  return text;
}

namespace {

/// Insertions, deletions, substitutions and swaps of neighbours that turn a into b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        next[j] = std::min(next[j], before[j - 2] + 1);
      }
    }
    before = row;
    std::swap(row, next);
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    const bool prefix = word.size() >= 3 && candidate.starts_with(word);
    const std::size_t distance = prefix ? 1 : edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string listed(const std::vector<std::string>& words) {
  constexpr std::size_t kMost = 50;
  const std::size_t shown = std::min(words.size(), kMost);
  const std::size_t left = words.size() - shown;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += in_quotes(words[i]);
  }
  return left == 0 ? text : text + " and " + std::to_string(left) + " more";
}

}  // namespace skerry

#include "datasets/class_labels.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets {

namespace {

// A column of larger whole numbers is not a list of classes (years, prices).
constexpr std::uint32_t kMostNumbered = 100'000;
constexpr std::size_t kMostListed = 20;

std::optional<std::uint32_t> class_number(const std::string& word) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (fault != std::errc() || end != word.data() + word.size() || number > kMostNumbered) {
    return std::nullopt;
  }
  return std::to_string(number) == word ? std::optional(number) : std::nullopt;
}

}  // namespace

ClassLabels ClassLabels::found_in(const std::vector<std::string>& words) {
  const std::set<std::string> distinct(words.begin(), words.end());
  std::uint32_t largest = 0;
  for (const std::string& word : distinct) {
    const auto number = class_number(word);
    if (!number) return ClassLabels({distinct.begin(), distinct.end()});
    largest = std::max(largest, *number);
  }
  std::vector<std::string> names;
  for (std::uint32_t c = 0; c <= largest; ++c) names.push_back(std::to_string(c));
  return ClassLabels(std::move(names));
}

Result<std::vector<std::int32_t>> ClassLabels::classes_of(const std::vector<std::string>& words,
                                                          std::size_t* unknown) const {
  std::map<std::string, std::int32_t> number;
  for (const std::string& name : names_) {
    number.emplace(name, static_cast<std::int32_t>(number.size()));
  }
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = number.find(words[i]);
    if (found == number.end()) {
      *unknown = i;
      return Failure{"label \"" + words[i] + "\" is none of the " + std::to_string(names_.size()) +
                     " classes" + (names_.size() <= kMostListed ? ": " + listed(names_) : "")};
    }
    classes.push_back(found->second);
  }
  return classes;
}

}  // namespace skerry::datasets

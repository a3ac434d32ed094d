#include "datasets/class_labels.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/attributes.hpp"

namespace skerry::datasets {

namespace {

// Whole numbers are the numbers of classes unless most of these would have no example (years,
// postal codes). A few may be missing from any file.
constexpr std::uint32_t kMostNumbered = 100'000;
constexpr std::size_t kAlwaysNumbered = 100;
constexpr std::size_t kMostListed = 20;
constexpr std::size_t kAlwaysFew = 10;
constexpr double kExactBelow = 9007199254740992;  // 2^53

std::optional<double> number_of(const std::string& word) {
  double value = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (fault != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Words with the same key mean the same class. Digits alone are their own key: 007 is no 7.
std::string key_of(const std::string& word) {
  if (word.find_first_of(".eE") == std::string::npos) return word;
  const auto value = number_of(word);
  if (!value || *value != std::trunc(*value) || std::abs(*value) >= kExactBelow) return word;
  return std::to_string(static_cast<std::int64_t>(*value));
}

std::string without_spaces(std::string word) {
  std::erase_if(word, [](char c) { return c == ' ' || c == '\t'; });
  return word;
}

std::optional<std::uint32_t> class_number(const std::string& key) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (fault != std::errc() || end != key.data() + key.size() || number > kMostNumbered) {
    return std::nullopt;
  }
  return std::to_string(number) == key ? std::optional(number) : std::nullopt;
}

std::set<std::string> keys_of(const std::vector<std::string>& words) {
  std::set<std::string> keys;
  for (const std::string& word : words) keys.insert(key_of(word));
  return keys;
}

// What is wrong with a word for itself.
std::string fault_in_word(const std::string& word) {
  if (means_missing(word)) return in_quotes(word) + " stands for a missing label";
  const auto value = number_of(word);
  if (!value || (std::isfinite(*value) && *value == std::trunc(*value))) return "";
  return in_quotes(word) +
         " is a real number, a value to predict; a label is a word or a whole number";
}

}  // namespace

ClassLabels::ClassLabels(std::vector<std::string> names) : names_(std::move(names)) {}

ClassLabels ClassLabels::found_in(const std::vector<std::string>& words) {
  const std::set<std::string> distinct = keys_of(words);
  std::set<std::uint32_t> numbers;
  for (const std::string& word : distinct) {
    const auto number = class_number(word);
    if (!number) return ClassLabels({distinct.begin(), distinct.end()});
    numbers.insert(*number);
  }
  const std::uint32_t largest = numbers.empty() ? 0 : *numbers.rbegin();
  if (largest < std::max(kAlwaysNumbered, 2 * numbers.size())) {
    return ClassLabels(numbered_names(largest + 1));
  }
  std::vector<std::string> names;
  for (const std::uint32_t number : numbers) names.push_back(std::to_string(number));
  return ClassLabels(std::move(names));
}

std::vector<std::string> numbered_names(std::uint32_t count) {
  std::vector<std::string> names;
  for (std::uint32_t c = 0; c < count; ++c) names.push_back(std::to_string(c));
  return names;
}

Result<std::vector<std::int32_t>> ClassLabels::classes_of(const std::vector<std::string>& words,
                                                          std::size_t* unknown) const {
  std::map<std::string, std::int32_t> number;
  for (const std::string& name : names_) {
    const bool added =
        number.emplace(key_of(name), static_cast<std::int32_t>(number.size())).second;
    SKERRY_CHECK(added, "names of classes are distinct");
  }
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = number.find(key_of(words[i]));
    if (found == number.end()) {
      *unknown = i;
      return Failure{"label " + in_quotes(words[i]) + " is none of the " +
                     std::to_string(names_.size()) + " classes" +
                     (names_.size() <= kMostListed ? ": " + listed(names_) : "")};
    }
    classes.push_back(found->second);
  }
  return classes;
}

Result<std::int32_t> ClassLabels::class_of(const std::string& word) const {
  std::size_t unknown = 0;
  const auto classes = classes_of({word}, &unknown);
  if (!classes) return classes.failure();
  return classes->front();
}

std::string fault_in_names(const std::vector<std::string>& names) {
  std::map<std::string, std::string> seen;  // by what must differ
  for (const std::string& name : names) {
    if (without_spaces(name).empty()) return "a class needs a name";
    if (name.find_first_not_of(" \t") != 0 || name.find_last_not_of(" \t") + 1 != name.size()) {
      return in_quotes(name) + " has spaces around it, which labels never have";
    }
    const auto [earlier, fresh] = seen.emplace(without_spaces(key_of(name)), name);
    if (fresh) continue;
    if (earlier->second == name) return in_quotes(name) + " is listed twice";
    return in_quotes(earlier->second) + " and " + in_quotes(name) + " name the same class";
  }
  return "";
}

std::string fault_in_column(const std::vector<std::string>& words, std::size_t* at) {
  std::map<std::string, std::string> seen;  // keys, by what must differ
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string key = key_of(words[i]);
    if (!distinct.insert(key).second) continue;
    *at = i;
    if (std::string fault = fault_in_word(words[i]); !fault.empty()) return fault;
    const auto [earlier, fresh] = seen.emplace(without_spaces(key), key);
    if (!fresh) {
      return in_quotes(words[i]) + " differs from " + in_quotes(earlier->second) +
             " in spaces alone";
    }
  }
  *at = words.size();
  if (!too_many_classes(distinct.size(), words.size())) return "";
  return std::to_string(distinct.size()) + " different labels for " + std::to_string(words.size()) +
         " samples look like values to predict, or ids, not like classes";
}

bool too_many_classes(std::size_t distinct, std::size_t examples) {
  return distinct > kAlwaysFew && distinct > examples / 2;
}

}  // namespace skerry::datasets

#include "datasets/attribute_levels.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMostNumbers = 1000;

Status found_in(const Attributes& attributes, const std::string& set, const std::string& name) {
  if (attributes.find(name) != nullptr) return {};
  std::vector<std::string> names;
  for (const AttributeColumn& column : attributes.columns) names.push_back(column.name);
  if (names.empty())
    return Failure{"the " + set + " set has no attributes, so no " + in_quotes(name)};
  return Failure{"the " + set + " set has no attribute " + in_quotes(name) + choices(name, names)};
}

}  // namespace

Status check_attribute(const StreamRequest& request, const std::string& attribute) {
  if (Status found = found_in(request.train, "training", attribute); !found) return found;
  if (request.test_rows == 0) return {};
  return found_in(request.test, "test", attribute);
}

Result<AttributeLevels> AttributeLevels::find(const StreamRequest& request,
                                              const std::string& attribute) {
  if (Status there = check_attribute(request, attribute); !there) return there.failure();
  AttributeLevels levels;
  levels.attribute_ = attribute;
  std::set<std::string> words;
  std::set<double> numbers;
  for (const Attributes* attributes : {&request.train, &request.test}) {
    const AttributeColumn* column = attributes->find(attribute);
    if (column == nullptr) continue;
    words.insert(column->levels.begin(), column->levels.end());
    for (const double number : column->numbers) {
      numbers.insert(number);
      if (numbers.size() <= kMostNumbers) continue;
      return Failure{"attribute " + in_quotes(attribute) + " holds more than " +
                     std::to_string(kMostNumbers) +
                     " different numbers; by_attribute can cut them into ranges"};
    }
  }
  if (!words.empty() && !numbers.empty()) {
    return Failure{"attribute " + in_quotes(attribute) +
                   " holds words in one set and numbers in the other"};
  }
  levels.names_.assign(words.begin(), words.end());
  levels.numbers_.assign(numbers.begin(), numbers.end());
  for (const double number : levels.numbers_) levels.names_.push_back(number_text(number + 0.0));
  if (Status taken = levels.take(request.agreed.levels); !taken) return taken.failure();
  return levels;
}

/// The data may lack some of the levels that were agreed on.
Status AttributeLevels::take(const std::vector<std::string>& agreed) {
  if (agreed.empty()) return {};
  const auto there = [&](const std::string& name) {
    return std::ranges::find(agreed, name) != agreed.end();
  };
  const auto strange = std::ranges::find_if_not(names_, there);
  if (strange != names_.end()) {
    return Failure{"attribute " + in_quotes(attribute_) + " has the level " + in_quotes(*strange) +
                   ", which is none of those agreed on: " + listed(agreed)};
  }
  names_ = agreed;
  if (numbers_.empty()) return {};
  numbers_.clear();
  for (const std::string& name : agreed) {
    double number = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool sound = fault == std::errc() && end == name.data() + name.size() &&
                       (numbers_.empty() || number > numbers_.back());
    if (!sound) {
      return Failure{"the levels of attribute " + in_quotes(attribute_) +
                     " that were agreed on are no ascending numbers: " + listed(agreed)};
    }
    numbers_.push_back(number);
  }
  return {};
}

std::vector<std::uint32_t> AttributeLevels::of(const StreamRows& rows) const {
  const AttributeColumn& column = *rows.attributes.find(attribute_);
  std::vector<std::uint32_t> levels;
  levels.reserve(rows.rows.size());
  if (!column.categorical()) {
    for (const std::uint32_t row : rows.rows) {
      const auto level = std::ranges::lower_bound(numbers_, column.numbers[row]);
      levels.push_back(static_cast<std::uint32_t>(level - numbers_.begin()));
    }
    return levels;
  }
  std::vector<std::uint32_t> of_code;
  for (const std::string& name : column.levels) {
    const auto level = std::ranges::lower_bound(names_, name);
    of_code.push_back(static_cast<std::uint32_t>(level - names_.begin()));
  }
  for (const std::uint32_t row : rows.rows) levels.push_back(of_code[column.codes[row]]);
  return levels;
}

Result<RowLists> AttributeLevels::grouped(
    const std::vector<std::vector<std::string>>& groups) const {
  RowLists lists;
  std::vector<bool> listed_already(names_.size());
  for (const std::vector<std::string>& group : groups) {
    lists.emplace_back();
    for (const std::string& name : group) {
      const auto found = std::ranges::find(names_, name);
      if (found == names_.end()) {
        const std::string near = nearest(name, names_);
        return Failure{"attribute " + in_quotes(attribute_) + " has no level " + in_quotes(name) +
                       (near.empty() ? "" : "; nearest " + in_quotes(near))};
      }
      const auto level = static_cast<std::size_t>(found - names_.begin());
      if (listed_already[level]) return Failure{"level " + in_quotes(name) + " is listed twice"};
      listed_already[level] = true;
      lists.back().push_back(static_cast<std::uint32_t>(level));
    }
  }
  const auto missing = std::ranges::find(listed_already, false);
  if (missing == listed_already.end()) return lists;
  return Failure{"level " +
                 in_quotes(names_[static_cast<std::size_t>(missing - listed_already.begin())]) +
                 " of attribute " + in_quotes(attribute_) + " is not listed"};
}

}  // namespace skerry::datasets

#pragma once

#include <string>
#include <vector>

#include "datasets/stream.hpp"

namespace skerry::datasets {

/// The distinct values of an attribute: those that were agreed on, else those of the training and
/// the test set together.
class AttributeLevels {
 public:
  /// Errors: the training or the test set has no such attribute; it holds more than 1000 different
  /// numbers, or a value that was not agreed on.
  static Result<AttributeLevels> find(const StreamRequest& request, const std::string& attribute);

  /// Words in the order of their bytes, numbers ascending.
  const std::vector<std::string>& names() const { return names_; }
  /// The level of each row: [rows]. Cost: O(rows log levels).
  std::vector<std::uint32_t> of(const StreamRows& rows) const;

  /// Levels in groups, by their names: [groups][levels of the group].
  /// Errors: a name that no level has (the nearest is named), a level that is listed twice or not
  /// at all.
  Result<RowLists> grouped(const std::vector<std::vector<std::string>>& groups) const;

 private:
  Status take(const std::vector<std::string>& agreed);

  std::string attribute_;
  std::vector<std::string> names_;
  std::vector<double> numbers_;  // of a numeric attribute
};

/// The attribute of both sets, or why it is not there.
Status check_attribute(const StreamRequest& request, const std::string& attribute);

}  // namespace skerry::datasets

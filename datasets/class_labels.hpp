#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

/// Turns the words in a label column into classes 0 ... classes-1.
///
/// Two words mean the same class where they are the same number: `2`, `2.0` and `2e0`.
class ClassLabels {
 public:
  /// Classes as somebody listed them, in this order; fault_in_names() has found nothing.
  explicit ClassLabels(std::vector<std::string> names);
  /// Classes as found: whole numbers from 0 stand for themselves (0 ... the largest), if at least
  /// half of these occur or the largest is below 100; other numbers and words are sorted. Takes
  /// every column; a column of labels passes fault_in_column() first.
  static ClassLabels found_in(const std::vector<std::string>& words);

  const std::vector<std::string>& names() const { return names_; }
  /// Class of a word. Errors: `label "x" is none of the 3 classes: ...`.
  Result<std::int32_t> class_of(const std::string& word) const;
  /// Class of each word; fails with the index of the first unknown word in `*unknown`.
  Result<std::vector<std::int32_t>> classes_of(const std::vector<std::string>& words,
                                               std::size_t* unknown) const;

 private:
  std::vector<std::string> names_;
};

/// Names for classes, or concepts, that have none: "0", "1", "2" ...
std::vector<std::string> numbered_names(std::uint32_t count);

/// Why a list of names cannot name classes; empty where it can. An empty name, a name with spaces
/// around it, two names for one class.
std::string fault_in_names(const std::vector<std::string>& names);

/// Why the words of a column that nobody has listed classes for cannot be class labels; empty where
/// they can. `*at` is the first word at fault: NaN and NA (a label is missing), a number that is
/// not whole (a value to predict), a word that differs from an earlier one in spaces alone. It is
/// words.size() where the column as a whole is at fault: too_many_classes().
std::string fault_in_column(const std::vector<std::string>& words, std::size_t* at);

/// Whether labels with so many distinct values look like values to predict, or like ids: more than
/// half as many as there are examples. Up to 10 classes are never too many.
bool too_many_classes(std::size_t distinct, std::size_t examples);

}  // namespace skerry::datasets

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"

namespace skerry::datasets {

/// How words in a column of inputs become numbers.
enum class WordEncoding : std::uint8_t {
  kRefused,
  kOneHot,  // an input for each word: 1 where the cell holds it, else 0
  kCodes,   // one input: the place of the word among the column's words, from 0
};

/// What becomes of a gap, a cell without a value, among the inputs.
enum class GapRule : std::uint8_t {
  kRefused,
  kDropped,   // its row is left out
  kMean,      // the mean of the column over the training rows that have a value
  kConstant,  // a number that the scenario gives
};

}  // namespace skerry::datasets

namespace skerry {

template <>
struct EnumNames<datasets::WordEncoding> {
  static constexpr std::pair<datasets::WordEncoding, std::string_view> names[] = {
      {datasets::WordEncoding::kRefused, "refuse"},
      {datasets::WordEncoding::kOneHot, "one_hot"},
      {datasets::WordEncoding::kCodes, "codes"}};
};

template <>
struct EnumNames<datasets::GapRule> {
  static constexpr std::pair<datasets::GapRule, std::string_view> names[] = {
      {datasets::GapRule::kRefused, "refuse"},
      {datasets::GapRule::kDropped, "drop"},
      {datasets::GapRule::kMean, "mean"},
      {datasets::GapRule::kConstant, "constant"}};
};

}  // namespace skerry

namespace skerry::datasets {

/// What nodes with tables of their own take from the cloud's table, so that the same cell becomes
/// the same input everywhere.
struct TableAgreement {
  struct Column {
    std::string name;
    std::vector<std::string> words;  // sorted; empty: it holds numbers
    std::optional<double> mean;      // over the training rows, for gaps
    template <class V>
    void fields(V& v) {
      v("name", name, {.meaning = "of the column", .required = true});
      v("words", words, {.meaning = "that it may hold, sorted; empty: numbers"});
      v("mean", mean, {.meaning = "what stands for a missing number"});
    }
  };
  WordEncoding categories = WordEncoding::kRefused;
  std::vector<Column> columns;            // those with words or a mean
  std::vector<double> means, deviations;  // [inputs] of standardised columns, or both empty

  bool empty() const { return columns.empty() && means.empty(); }
  const Column* find(std::string_view name) const;

  template <class V>
  void fields(V& v) {
    v("categories", categories, {.meaning = "how words become inputs"});
    v("columns", columns, {.meaning = "that hold words, or have a mean for gaps"});
    v("means", means, {.meaning = "that are subtracted from inputs; empty: none"});
    v("deviations", deviations, {.meaning = "by which inputs are divided then"});
  }
  void check(FieldReader& reader) const;
};

}  // namespace skerry::datasets

#include "datasets/data_profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <set>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/table_form.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMostRows = std::size_t{1} << 22;
constexpr std::size_t kAtOnce = std::size_t{1} << 18;  // values in memory
constexpr std::size_t kSampled = 4096;                 // rows that rule most columns out
constexpr std::size_t kFewestSampled = 256;
constexpr std::size_t kSampledValues = std::size_t{1} << 22;
constexpr std::size_t kFewestRows = 8;  // fewer prove nothing
constexpr std::size_t kOfEachValue = 10;
constexpr std::size_t kColumnsNamed = 5;

/// A column as the files have it: some inputs, of which a column of words may have several.
struct SourceColumn {
  std::string name;
  std::size_t first = 0, width = 1;
  std::vector<std::string> words;
  bool one_hot = false;
};

std::vector<SourceColumn> columns_of(const DataSet& data) {
  std::vector<SourceColumn> columns;
  if (data.table.form) {
    for (const TableForm::Column& column : data.table.form->columns()) {
      columns.push_back({column.name, column.first, column.width, column.words,
                         column.categorical() && data.table.form->is_one_hot()});
    }
    return columns;
  }
  const std::size_t inputs = data.train->schema().input_size();
  for (std::size_t i = 0; i < inputs; ++i) {
    const bool named = data.feature_names.size() == inputs;
    columns.push_back(
        {named ? data.feature_names[i] : "input " + std::to_string(i), i, 1, {}, false});
  }
  return columns;
}

/// Gives rows as the files hold them.
class RowReader {
 public:
  RowReader(const DataSet& data, const Samples& samples)
      : data_(data), samples_(samples), width_(samples.schema().input_size()) {
    if (data.table.scale && data.table.scale->columns() == width_) {
      means_ = data.table.scale->means();
    }
  }

  /// By how much a value may differ from the file's, which was scaled there and back.
  double error_of(float value, std::size_t input) const {
    constexpr double kRelative = 2.5e-7;
    const double mean =
        means_.empty() ? samples_.schema().mean * samples_.schema().scale : means_[input];
    return std::min(kRelative * (std::abs(value) + std::abs(mean)), 0.1);
  }

  /// Calls visit(place in `rows`, inputs of that row, the same as learners see them).
  template <class Visit>
  void each(const std::vector<std::uint32_t>& rows, Visit visit) const {
    const std::size_t most = std::max<std::size_t>(kAtOnce / width_, 1);
    std::vector<float> seen, held;
    for (std::size_t begin = 0; begin < rows.size(); begin += most) {
      const auto some = std::span(rows).subspan(begin, std::min(most, rows.size() - begin));
      seen.resize(some.size() * width_);
      samples_.inputs(some, seen);
      held = seen;
      undo(held);
      for (std::size_t i = 0; i < some.size(); ++i) {
        visit(begin + i, std::span<const float>(held).subspan(i * width_, width_),
              std::span<const float>(seen).subspan(i * width_, width_));
      }
    }
  }

 private:
  void undo(std::vector<float>& values) const {
    const DataSchema& schema = samples_.schema();
    const bool by_column = !means_.empty();
    if (by_column) data_.table.scale->undo(values);
    const bool at_all = schema.scale != 1 || schema.mean != 0 || schema.deviation != 1;
    for (std::size_t i = 0; i < values.size() && at_all; ++i) {
      values[i] = static_cast<float>((values[i] * schema.deviation + schema.mean) * schema.scale);
    }
    // A whole number is that again.
    for (std::size_t i = 0; i < values.size() && (at_all || by_column); ++i) {
      const float whole = std::round(values[i]) + 0.0f;  // no -0
      if (std::abs(values[i] - whole) <= error_of(values[i], i % width_)) values[i] = whole;
    }
  }
  const DataSet& data_;
  const Samples& samples_;
  std::size_t width_;
  std::vector<double> means_;  // of inputs that were standardised
};

/// The value of a column in a row: a number, or the place of its word (their number for a gap).
float value_in(const SourceColumn& column, std::span<const float> row) {
  if (!column.one_hot) return row[column.first];
  for (std::size_t i = 0; i < column.width; ++i) {
    if (row[column.first + i] > 0.5f) return static_cast<float>(i);
  }
  return static_cast<float>(column.width);
}

/// How the values of a column follow one another, row by row.
struct Course {
  double first = 0, step = 0, last = 0;
  bool even = true, rises = true, falls = true, never_falls = true, never_rises = true;
  std::size_t changes = 0;

  /// @param error  by which the value may differ from the file's.
  void add(std::size_t row, double value, double error) {
    if (row == 0) first = last = value;
    if (row == 0) return;
    if (row == 1) step = value - first;
    even = even && std::abs(value - last - step) <= 4 * error;
    rises = rises && value > last;
    falls = falls && value < last;
    never_falls = never_falls && value >= last;
    never_rises = never_rises && value <= last;
    changes += value != last;
    last = value;
  }
};

/// What is gathered of a column in one pass over the rows.
struct Gathering {
  double sum = 0;
  float least = std::numeric_limits<float>::infinity(),
        most = -std::numeric_limits<float>::infinity();
  bool whole = true;
  float fill = NAN;  // what stands for gaps, where there are some
  std::vector<std::uint64_t> words;
  Course course;
};

/// Whether the values of a column tell the class, in all rows given.
/// @param sampled  whether these are only some of the rows: then whether it is possible.
/// @param how      set where they do.
bool tells_class(std::vector<std::pair<float, std::int32_t>> values, bool sampled,
                 std::string* how) {
  std::ranges::sort(values);
  std::size_t distinct = 0, runs = 0;
  std::set<std::int32_t> classes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool same = i > 0 && values[i].first == values[i - 1].first;
    if (same && values[i].second != values[i - 1].second) return false;
    distinct += !same;
    runs += i == 0 || values[i].second != values[i - 1].second;
    classes.insert(values[i].second);
  }
  if (classes.size() < 2 && !sampled) return false;
  if (distinct * kOfEachValue <= values.size()) {
    *how = "each of its " + std::to_string(distinct) + " values comes with one class only";
    return true;
  }
  if (runs == classes.size()) {
    *how = "the ranges of its values in the classes do not overlap";
    return true;
  }
  return sampled && distinct < values.size();
}

class Profiler {
 public:
  explicit Profiler(const DataSet& data)
      : data_(data),
        columns_(columns_of(data)),
        rows_(std::min<std::size_t>(data.train->size(), kMostRows)),
        gathered_(columns_.size()) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      gathered_[i].words.resize(columns_[i].words.empty() ? 0 : columns_[i].words.size() + 1);
      const bool gaps =
          std::ranges::find(data.gaps, columns_[i].name, &ColumnGaps::column) != data.gaps.end();
      const auto mean = gaps ? data.table.form->columns()[i].mean : std::nullopt;
      if (mean) gathered_[i].fill = static_cast<float>(*mean);
    }
  }

  DataProfile profile() {
    profile_.rows = rows_.size();
    std::iota(rows_.begin(), rows_.end(), 0u);
    labels_ = labels_of(*data_.train, rows_, profile_.train_classes);
    gather();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      profile_.columns.push_back(of_column(columns_[i], gathered_[i]));
    }
    note_classes();
    note_courses();
    note_constants();
    note_determining();
    count_repeated();
    return std::move(profile_);
  }

 private:
  static std::vector<std::int32_t> labels_of(const Samples& samples,
                                             const std::vector<std::uint32_t>& rows,
                                             std::vector<std::uint64_t>& classes) {
    std::vector<std::int32_t> labels(samples.schema().classes == 0 ? 0 : rows.size());
    classes.assign(samples.schema().classes, 0);
    if (labels.empty()) return labels;
    samples.labels(rows, labels);
    for (const std::int32_t label : labels) ++classes[static_cast<std::size_t>(label)];
    return labels;
  }

  static std::uint64_t hash_of(std::span<const float> inputs) {
    RunningHash hash;
    hash.add(std::as_bytes(inputs));
    return hash.value();
  }

  // Up to the rounding of values that were scaled there and back.
  static bool is_fill(float value, float fill) {
    return std::abs(value - fill) <= 1e-6f * std::max(std::abs(fill), 1.0f);
  }

  void gather() {
    hashes_.resize(rows_.size());
    const RowReader reader(data_, *data_.train);
    reader.each(
        rows_, [&](std::size_t row, std::span<const float> held, std::span<const float> seen) {
          hashes_[row] = {hash_of(seen), labels_.empty() ? 0 : labels_[row]};
          for (std::size_t i = 0; i < columns_.size(); ++i) {
            const float value = value_in(columns_[i], held);
            Gathering& gathering = gathered_[i];
            if (!gathering.words.empty()) {
              const auto last = gathering.words.size() - 1;
              ++gathering.words[std::min(static_cast<std::size_t>(std::max(value, 0.0f)), last)];
            }
            gathering.sum += value;
            gathering.least = std::min(gathering.least, value);
            gathering.most = std::max(gathering.most, value);
            gathering.whole =
                gathering.whole && (value == std::trunc(value) || is_fill(value, gathering.fill));
            gathering.course.add(row, value, reader.error_of(value, columns_[i].first));
          }
        });
  }

  ColumnProfile of_column(const SourceColumn& column, const Gathering& gathering) const {
    using Kind = ColumnProfile::Kind;
    ColumnProfile profile{.name = column.name};
    const auto gaps = std::ranges::find(data_.gaps, column.name, &ColumnGaps::column);
    if (gaps != data_.gaps.end()) {
      profile.missing = gaps->train;
      profile.missing_in_test = gaps->test;
    }
    if (!column.words.empty()) {
      profile.kind = Kind::kWords;
      for (std::size_t i = 0; i < column.words.size(); ++i) {
        profile.words.emplace_back(column.words[i], gathering.words[i]);
      }
      return profile;
    }
    profile.least = gathering.least;
    profile.most = gathering.most;
    profile.mean = gathering.sum / static_cast<double>(rows_.size());
    if (gathering.least == gathering.most) {
      profile.kind = Kind::kConstant;
    } else if (gathering.whole) {
      profile.kind = profile.least == 0 && profile.most == 1 ? Kind::kYesOrNo : Kind::kWhole;
    }
    return profile;
  }

  void note(const std::string& line) { profile_.notes.push_back(line); }

  void note_classes() {
    std::vector<std::string> names = class_names_of(data_), absent;
    for (std::size_t c = 0; c < names.size(); ++c) {
      if (profile_.train_classes[c] == 0) absent.push_back(names[c]);
    }
    if (absent.empty()) return;
    const std::size_t count = absent.size();
    if (count > kColumnsNamed) absent.resize(kColumnsNamed);
    note(std::to_string(count) + " of " + std::to_string(names.size()) +
         " classes have no training sample: " + listed(absent) +
         (count > kColumnsNamed ? " and others" : ""));
  }

  void note_courses() {
    if (rows_.size() < kFewestRows) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Course& course = gathered_[i].course;
      const std::string name = "column " + in_quotes(columns_[i].name);
      if (course.changes == 0 || !columns_[i].words.empty()) continue;
      if (course.even && course.step != 0) {
        const double step = (course.last - course.first) / static_cast<double>(rows_.size() - 1);
        note(name + " is the number of the row, from " + rounded(course.first) + " in steps of " +
             rounded(step) + ": nothing to learn from; leave it out with \"drop\"");
      } else if (course.rises || course.falls) {
        note(name + (course.rises ? " rises" : " falls") +
             " from each row to the next: it tells the order of the rows");
      } else if ((course.never_falls || course.never_rises) && course.changes > 1) {
        note("the rows are sorted by " + name + ", which has " +
             std::to_string(course.changes + 1) + " values");
      }
    }
  }

  void note_constants() {
    std::vector<std::string> constant;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (gathered_[i].course.changes == 0) constant.push_back(columns_[i].name);
    }
    if (constant.empty()) return;
    if (constant.size() <= kColumnsNamed) {
      for (const std::string& name : constant) {
        note("column " + in_quotes(name) + " has one value only: nothing to learn from");
      }
      return;
    }
    const std::size_t count = constant.size();
    constant.resize(kColumnsNamed);
    note(std::to_string(count) + " of " + std::to_string(columns_.size()) +
         " columns have one value only, such as " + listed(constant));
  }

  using Valued = std::vector<std::pair<float, std::int32_t>>;

  /// The values of some columns, with the class of each row: [columns][rows].
  std::vector<Valued> values_of(const std::vector<std::size_t>& columns,
                                const std::vector<std::uint32_t>& rows) const {
    std::vector<Valued> values(columns.size(), Valued(rows.size()));
    RowReader(data_, *data_.train)
        .each(rows, [&](std::size_t place, std::span<const float> held, std::span<const float>) {
          for (std::size_t i = 0; i < columns.size(); ++i) {
            values[i][place] = {value_in(columns_[columns[i]], held), labels_[rows[place]]};
          }
        });
    return values;
  }

  void note_determining() {
    if (labels_.empty() || rows_.size() < 2 * kOfEachValue) return;
    std::vector<std::size_t> columns, suspects;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (gathered_[i].course.changes > 0) columns.push_back(i);
    }
    if (columns.empty()) return;
    const std::size_t sampled =
        std::clamp(kSampledValues / columns.size(), kFewestSampled, kSampled);
    const std::size_t stride = (rows_.size() + sampled - 1) / sampled;
    std::vector<std::uint32_t> some;
    for (std::size_t row = 0; row < rows_.size(); row += stride) some.push_back(rows_[row]);
    std::string how;
    std::vector<Valued> values = values_of(columns, some);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (tells_class(std::move(values[i]), true, &how)) suspects.push_back(columns[i]);
    }
    const std::size_t at_once = std::max<std::size_t>(2 * kSampledValues / rows_.size(), 1);
    for (std::size_t begin = 0; begin < suspects.size(); begin += at_once) {
      const auto first = suspects.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto count = static_cast<std::ptrdiff_t>(std::min(at_once, suspects.size() - begin));
      columns.assign(first, first + count);
      values = values_of(columns, rows_);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!tells_class(std::move(values[i]), false, &how)) continue;
        note("column " + in_quotes(columns_[columns[i]].name) + " determines the class: " + how);
      }
    }
  }

  void count_repeated() {
    std::vector<std::uint64_t> seen;
    // Stable: the first row with some inputs is the first in the file.
    std::ranges::stable_sort(hashes_, {}, &std::pair<std::uint64_t, std::int32_t>::first);
    std::int32_t first = 0;
    for (const auto& [hash, label] : hashes_) {
      if (seen.empty() || seen.back() != hash) {
        seen.push_back(hash);
        first = label;
        continue;
      }
      ++profile_.repeated;
      profile_.contrary += label != first;
    }
    if (!data_.test) return;
    std::vector<std::uint32_t> rows(std::min<std::size_t>(data_.test->size(), kMostRows));
    std::iota(rows.begin(), rows.end(), 0u);
    labels_of(*data_.test, rows, profile_.test_classes);
    RowReader(data_, *data_.test)
        .each(rows, [&](std::size_t, std::span<const float>, std::span<const float> inputs) {
          profile_.in_both += std::ranges::binary_search(seen, hash_of(inputs));
        });
  }

  static std::string rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
  }

  const DataSet& data_;
  std::vector<SourceColumn> columns_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::int32_t> labels_;
  std::vector<Gathering> gathered_;
  std::vector<std::pair<std::uint64_t, std::int32_t>> hashes_;
  DataProfile profile_;
};

}  // namespace

std::string name_of(ColumnProfile::Kind kind) {
  switch (kind) {
    case ColumnProfile::Kind::kConstant:
      return "one value";
    case ColumnProfile::Kind::kYesOrNo:
      return "0 or 1";
    case ColumnProfile::Kind::kWhole:
      return "whole numbers";
    case ColumnProfile::Kind::kNumbers:
      return "numbers";
    case ColumnProfile::Kind::kWords:
      return "words";
  }
  return "";
}

DataProfile profile_of(const DataSet& data) { return Profiler(data).profile(); }

}  // namespace skerry::datasets

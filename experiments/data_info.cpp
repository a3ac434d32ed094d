#include "experiments/data_info.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "datasets/data_profile.hpp"

namespace skerry::experiments {

namespace {

ConfigNode list_of(const std::vector<std::string>& texts) {
  return ConfigNode::Array(texts.begin(), texts.end());
}

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const auto size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "1" : text;
}

/// The number of samples of each class: [classes].
std::vector<std::uint64_t> class_sizes(const Samples& samples) {
  std::vector<std::uint64_t> sizes(samples.schema().classes);
  if (sizes.empty()) return sizes;
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  std::vector<std::int32_t> labels(rows.size());
  samples.labels(rows, labels);
  for (const std::int32_t label : labels) ++sizes[static_cast<std::size_t>(label)];
  return sizes;
}

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// `country (4 values), age (numbers, 18 to 71)`.
std::string attributes_text(const datasets::Attributes& attributes) {
  std::string text;
  for (const datasets::AttributeColumn& column : attributes.columns) {
    text += (text.empty() ? "" : ", ") + printable(column.name);
    if (column.categorical()) {
      text += " (" + std::to_string(column.levels.size()) + " values)";
      continue;
    }
    const auto [least, most] = std::ranges::minmax(column.numbers);
    text += " (numbers, " + number_text(least) + " to " + number_text(most) + ")";
  }
  return text;
}

std::string time_text(const datasets::Attributes& attributes) {
  const auto [first, last] = std::ranges::minmax(attributes.time_s);
  if (!attributes.times_are_dates) return "over " + number_text(last - first) + " s";
  return "from " + datasets::date_text(first) + " to " + datasets::date_text(last);
}

/// A range and the mean of each real-valued target.
struct TargetRange {
  std::string name;
  double least = 0, mean = 0, most = 0;
};
std::vector<TargetRange> target_ranges(const datasets::DataSet& data) {
  const std::size_t wide = data.train->schema().values;
  std::vector<TargetRange> ranges(wide);
  if (wide == 0) return ranges;
  std::vector<std::uint32_t> rows(data.train->size());
  std::iota(rows.begin(), rows.end(), 0u);
  std::vector<float> values(rows.size() * wide);
  data.train->targets(rows, values);
  for (std::size_t t = 0; t < wide; ++t) {
    TargetRange& range = ranges[t];
    range.name = t < data.target_names.size() ? data.target_names[t] : std::to_string(t);
    range.least = range.most = values[t];
    for (std::size_t i = t; i < values.size(); i += wide) {
      range.least = std::min(range.least, double{values[i]});
      range.most = std::max(range.most, double{values[i]});
      range.mean += double{values[i]} / static_cast<double>(rows.size());
    }
  }
  return ranges;
}

void print_targets(const datasets::DataSet& data) {
  std::printf("  targets      %u\n", data.train->schema().values);
  for (const TargetRange& range : target_ranges(data)) {
    std::printf("    %-16s %.4g to %.4g, mean %.4g\n", printable(range.name).c_str(), range.least,
                range.most, range.mean);
  }
}

void print_classes(const datasets::DataSet& data) {
  if (data.train->schema().values > 0) return print_targets(data);
  constexpr std::size_t kMostShown = 20;
  std::printf("  classes      %u\n", data.train->schema().classes);
  const auto sizes = class_sizes(*data.train);
  const std::vector<std::string> names = datasets::class_names_of(data);
  for (std::size_t c = 0; c < std::min(sizes.size(), kMostShown); ++c) {
    std::printf("    %-16s %-9llu %5.1f %%\n", printable(names[c]).c_str(),
                static_cast<unsigned long long>(sizes[c]),
                100 * static_cast<double>(sizes[c]) / data.train->size());
  }
  if (sizes.size() > kMostShown) std::printf("    and %zu more\n", sizes.size() - kMostShown);
}

/// `red 50.0 %, blue 25.0 %`: the most frequent words first.
std::string words_text(const datasets::ColumnProfile& column, std::size_t rows) {
  constexpr std::size_t kMostShown = 4;
  auto words = column.words;
  std::ranges::stable_sort(words, std::ranges::greater{}, [](const auto& w) { return w.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMostShown); ++i) {
    char share[32];
    std::snprintf(share, sizeof share, " %.1f %%",
                  100 * static_cast<double>(words[i].second) / static_cast<double>(rows));
    text += (text.empty() ? "" : ", ") + printable(words[i].first) + share;
  }
  return words.size() > kMostShown ? text + ", ..." : text;
}

std::string kind_text(const datasets::ColumnProfile& column) {
  if (column.kind != datasets::ColumnProfile::Kind::kWords) return name_of(column.kind);
  return std::to_string(column.words.size()) + (column.words.size() == 1 ? " word" : " words");
}

void print_columns(const datasets::DataProfile& profile) {
  constexpr std::size_t kMostShown = 60;
  std::printf("  columns      %-24s %-14s %-9s least, mean, most; or words\n", "", "holds",
              "missing");
  for (std::size_t i = 0; i < std::min(profile.columns.size(), kMostShown); ++i) {
    const datasets::ColumnProfile& column = profile.columns[i];
    const std::size_t missing = column.missing + column.missing_in_test;
    const std::string values = column.words.empty()
                                   ? four_digits(column.least) + ", " + four_digits(column.mean) +
                                         ", " + four_digits(column.most)
                                   : words_text(column, profile.rows);
    std::printf("    %-34s %-14s %-9s %s\n", printable(column.name).c_str(),
                kind_text(column).c_str(), missing == 0 ? "" : std::to_string(missing).c_str(),
                values.c_str());
  }
  if (profile.columns.size() > kMostShown) {
    std::printf("    and %zu more\n", profile.columns.size() - kMostShown);
  }
}

void print_inputs(const datasets::DataProfile& profile) {
  double least = profile.columns[0].least, most = profile.columns[0].most;
  for (const datasets::ColumnProfile& column : profile.columns) {
    least = std::min(least, column.least);
    most = std::max(most, column.most);
  }
  std::printf("  values       %s to %s\n", four_digits(least).c_str(), four_digits(most).c_str());
}

/// `12 rows`, `1 row`.
std::string rows_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " row" : " rows");
}

void print_findings(const datasets::DataSet& data, const datasets::DataProfile& profile) {
  if (profile.repeated > 0) {
    std::printf(
        "  duplicates   %s to train on repeat an earlier one%s\n",
        rows_text(profile.repeated).c_str(),
        profile.contrary == 0
            ? ""
            : (", " + std::to_string(profile.contrary) + " of them with another class").c_str());
  }
  if (profile.in_both > 0) {
    std::printf("  leak         %s of the test set can be seen in training\n",
                rows_text(profile.in_both).c_str());
  }
  for (const std::string& note : profile.notes) std::printf("  note         %s\n", note.c_str());
  for (const std::string& remark : data.remarks) {
    std::printf("  remark       %s\n", printable(remark).c_str());
  }
  if (profile.rows < data.train->size()) {
    std::printf("  looked at    the first %zu rows\n", profile.rows);
  }
}

bool is_table(const datasets::DataSet& data) {
  constexpr std::size_t kFew = 64;
  const Shape& input = data.train->schema().input;
  return data.table.form || !data.feature_names.empty() || (input.size() == 1 && input[0] <= kFew);
}

}  // namespace

void print_info(const std::string& name, const datasets::DataSet& data) {
  const DataSchema& schema = data.train->schema();
  std::printf("%s\n", name.c_str());
  std::printf("  origin       %s\n", data.origin.c_str());
  std::printf("  hash         %s\n", hex16(data.content_hash).c_str());
  std::printf("  samples      %u to train, %u to test\n", data.train->size(),
              data.test ? data.test->size() : 0);
  std::printf("  input        %s\n", shape_text(schema.input).c_str());
  if (schema.scale != 1 || schema.mean != 0 || schema.deviation != 1) {
    std::printf("  normalised   (value / %s - %s) / %s\n", number_text(schema.scale).c_str(),
                number_text(schema.mean).c_str(), number_text(schema.deviation).c_str());
  }
  if (data.table.scale) std::printf("  standardised each input by its mean and deviation\n");
  if (!data.natural_ids.empty()) {
    const std::set<std::uint32_t> makers(data.natural_ids.begin(), data.natural_ids.end());
    std::printf("  made by      %zu (partition by natural_id)\n", makers.size());
  }
  if (!data.train_attributes.columns.empty()) {
    std::printf("  attributes   %s\n", attributes_text(data.train_attributes).c_str());
  }
  if (!data.train_attributes.time_s.empty()) {
    std::printf("  recorded     %s\n", time_text(data.train_attributes).c_str());
  }
  print_classes(data);
  const datasets::DataProfile profile = datasets::profile_of(data);
  if (is_table(data)) {
    print_columns(profile);
  } else {
    print_inputs(profile);
  }
  print_findings(data, profile);
}

namespace {

ConfigNode integer_node(std::uint64_t count) { return static_cast<std::int64_t>(count); }

ConfigNode column_node(const datasets::ColumnProfile& column) {
  ConfigNode node = ConfigNode::Object{{"name", column.name},
                                       {"holds", name_of(column.kind)},
                                       {"missing", integer_node(column.missing)},
                                       {"missing_in_test", integer_node(column.missing_in_test)}};
  if (column.words.empty()) {
    node.set("least", column.least);
    node.set("mean", column.mean);
    node.set("most", column.most);
    return node;
  }
  ConfigNode::Array words;
  for (const auto& [word, count] : column.words) {
    words.push_back(ConfigNode::Object{{"word", word}, {"rows", integer_node(count)}});
  }
  node.set("words", std::move(words));
  return node;
}

ConfigNode attribute_node(const datasets::AttributeColumn& column) {
  ConfigNode node = ConfigNode::Object{{"name", column.name}, {"levels", list_of(column.levels)}};
  if (column.categorical()) return node;
  const auto [least, most] = std::ranges::minmax(column.numbers);
  node.set("least", least);
  node.set("most", most);
  return node;
}

ConfigNode time_node(const datasets::Attributes& attributes) {
  const auto [first, last] = std::ranges::minmax(attributes.time_s);
  ConfigNode node = ConfigNode::Object{{"first_s", first}, {"last_s", last}};
  if (!attributes.times_are_dates) return node;
  node.set("first", datasets::date_text(first));
  node.set("last", datasets::date_text(last));
  return node;
}

}  // namespace

ConfigNode info_node(const std::string& name, const datasets::DataSet& data) {
  const DataSchema& schema = data.train->schema();
  ConfigNode::Array shape, sizes;
  for (const auto size : schema.input) shape.emplace_back(static_cast<std::int64_t>(size));
  for (const auto size : class_sizes(*data.train)) {
    sizes.emplace_back(static_cast<std::int64_t>(size));
  }
  ConfigNode::Array attributes;
  for (const auto& column : data.train_attributes.columns) {
    attributes.push_back(attribute_node(column));
  }
  const std::set<std::uint32_t> makers(data.natural_ids.begin(), data.natural_ids.end());
  const datasets::DataProfile profile = datasets::profile_of(data);
  ConfigNode::Array columns, test_sizes;
  for (const auto& column : profile.columns) columns.push_back(column_node(column));
  for (const auto size : profile.test_classes) test_sizes.push_back(integer_node(size));
  ConfigNode node =
      ConfigNode::Object{{"name", name},
                         {"origin", data.origin},
                         {"hash", hex16(data.content_hash)},
                         {"train", static_cast<std::int64_t>(data.train->size())},
                         {"test", static_cast<std::int64_t>(data.test ? data.test->size() : 0)},
                         {"input", std::move(shape)},
                         {"scale", schema.scale},
                         {"mean", schema.mean},
                         {"deviation", schema.deviation},
                         {"natural_ids", static_cast<std::int64_t>(makers.size())},
                         {"attributes", std::move(attributes)},
                         {"recorded_times", !data.train_attributes.time_s.empty()},
                         {"classes", static_cast<std::int64_t>(schema.classes)},
                         {"class_names", list_of(data.class_names)},
                         {"class_sizes", std::move(sizes)},
                         {"test_class_sizes", std::move(test_sizes)},
                         {"columns", std::move(columns)},
                         {"rows_looked_at", integer_node(profile.rows)},
                         {"repeated", integer_node(profile.repeated)},
                         {"repeated_with_another_class", integer_node(profile.contrary)},
                         {"test_rows_in_training", integer_node(profile.in_both)},
                         {"notes", list_of(profile.notes)},
                         {"remarks", list_of(data.remarks)}};
  if (!data.train_attributes.time_s.empty()) {
    node.set("time", time_node(data.train_attributes));
  }
  ConfigNode::Array targets;
  for (const TargetRange& range : target_ranges(data)) {
    targets.push_back(ConfigNode::Object{
        {"name", range.name}, {"least", range.least}, {"mean", range.mean}, {"most", range.most}});
  }
  if (!targets.empty()) node.set("targets", std::move(targets));
  return node;
}

}  // namespace skerry::experiments

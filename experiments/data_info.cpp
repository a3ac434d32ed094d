#include <algorithm>
#include <cstdio>
#include <numeric>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "experiments/data_info.hpp"

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

/// `country (4 values), age (numbers)`.
std::string attributes_text(const datasets::Attributes& attributes) {
  std::string text;
  for (const datasets::AttributeColumn& column : attributes.columns) {
    text += (text.empty() ? "" : ", ") + column.name +
            (column.categorical() ? " (" + std::to_string(column.levels.size()) + " values)"
                                  : " (numbers)");
  }
  return text;
}

}  // namespace

void print_info(const std::string& name, const datasets::DataSet& data) {
  const DataSchema& schema = data.train->schema();
  const auto sizes = class_sizes(*data.train);
  std::printf("%s\n", name.c_str());
  std::printf("  origin       %s\n", data.origin.c_str());
  std::printf("  hash         %s\n", datasets::hash_text(data.content_hash).c_str());
  std::printf("  samples      %u to train, %u to test\n", data.train->size(),
              data.test ? data.test->size() : 0);
  std::printf("  input        %s\n", shape_text(schema.input).c_str());
  if (schema.scale != 1 || schema.mean != 0 || schema.deviation != 1) {
    std::printf("  normalised   (value / %s - %s) / %s\n", number_text(schema.scale).c_str(),
                number_text(schema.mean).c_str(), number_text(schema.deviation).c_str());
  }
  if (!data.natural_ids.empty()) {
    const std::set<std::uint32_t> makers(data.natural_ids.begin(), data.natural_ids.end());
    std::printf("  made by      %zu (partition by natural_id)\n", makers.size());
  }
  if (!data.train_attributes.columns.empty()) {
    std::printf("  attributes   %s\n", attributes_text(data.train_attributes).c_str());
  }
  if (!data.train_attributes.time_s.empty()) {
    const auto [first, last] = std::ranges::minmax(data.train_attributes.time_s);
    std::printf("  recorded     over %s s\n", number_text(last - first).c_str());
  }
  std::printf("  classes      %u\n", schema.classes);
  constexpr std::size_t kMostShown = 20;
  const std::vector<std::string> names = datasets::class_names_of(data);
  for (std::size_t c = 0; c < std::min(sizes.size(), kMostShown); ++c) {
    std::printf("    %-16s %llu\n", printable(names[c]).c_str(),
                static_cast<unsigned long long>(sizes[c]));
  }
  if (sizes.size() > kMostShown) std::printf("    and %zu more\n", sizes.size() - kMostShown);
}

ConfigNode info_node(const std::string& name, const datasets::DataSet& data) {
  const DataSchema& schema = data.train->schema();
  ConfigNode::Array shape, sizes;
  for (const auto size : schema.input) shape.emplace_back(static_cast<std::int64_t>(size));
  for (const auto size : class_sizes(*data.train)) {
    sizes.emplace_back(static_cast<std::int64_t>(size));
  }
  ConfigNode::Array attributes;
  for (const auto& column : data.train_attributes.columns) {
    attributes.push_back(
        ConfigNode::Object{{"name", column.name}, {"levels", list_of(column.levels)}});
  }
  const std::set<std::uint32_t> makers(data.natural_ids.begin(), data.natural_ids.end());
  return ConfigNode::Object{{"name", name},
                            {"origin", data.origin},
                            {"hash", datasets::hash_text(data.content_hash)},
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
                            {"class_sizes", std::move(sizes)}};
}

}  // namespace skerry::experiments

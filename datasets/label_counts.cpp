#include "datasets/label_counts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace skerry::datasets {

namespace {

PartitionSummary::Range range_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {
      .least = values.front(),
      .median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2,
      .mean = sum / static_cast<double>(values.size()),
      .most = values.back()};
}

std::string line_of(const char* what, const PartitionSummary::Range& range, int digits) {
  char line[160];
  std::snprintf(line, sizeof line, "%-20s least %.*f, median %.*f, mean %.*f, most %.*f\n", what,
                digits, range.least, std::max(digits, 1), range.median, std::max(digits, 1),
                range.mean, digits, range.most);
  return line;
}

}  // namespace

std::uint32_t LabelCounts::of_edge(std::uint32_t edge) const {
  const auto first = counts.begin() + static_cast<std::ptrdiff_t>(std::size_t{edge} * classes);
  return std::accumulate(first, first + classes, 0u);
}

LabelCounts count_labels(const NodeData& data) {
  LabelCounts counts{.edges = data.edges(),
                     .classes = data.data_set().train->schema().classes,
                     .class_names = class_names_of(data.data_set()),
                     .samples_in_all = data.data_set().train->size()};
  counts.counts.reserve(std::size_t{counts.edges} * counts.classes);
  for (std::uint32_t edge = 0; edge < counts.edges; ++edge) {
    const std::vector<std::uint32_t> of_edge = data.class_counts(edge);
    counts.counts.insert(counts.counts.end(), of_edge.begin(), of_edge.end());
  }
  return counts;
}

PartitionSummary summary_of(const LabelCounts& counts) {
  std::vector<double> whole(counts.classes);
  double total = 0;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    whole[i % counts.classes] += counts.counts[i];
    total += counts.counts[i];
  }
  std::vector<double> samples, classes, distance;
  for (std::uint32_t edge = 0; edge < counts.edges; ++edge) {
    const std::uint32_t held = counts.of_edge(edge);
    std::uint32_t present = 0;
    double apart = 0;
    for (std::uint32_t c = 0; c < counts.classes && held > 0; ++c) {
      present += counts.at(edge, c) > 0;
      apart += std::abs(counts.at(edge, c) / static_cast<double>(held) - whole[c] / total);
    }
    samples.push_back(held);
    classes.push_back(present);
    if (held > 0) distance.push_back(apart / 2);
  }
  return {.samples = range_of(samples),
          .classes = range_of(classes),
          .distance = range_of(distance),
          .unused = counts.samples_in_all - static_cast<std::uint32_t>(total)};
}

std::string text_of(const PartitionSummary& summary) {
  return line_of("samples an edge", summary.samples, 0) +
         line_of("classes an edge", summary.classes, 0) +
         line_of("distance from all", summary.distance, 3) + "samples unused       " +
         std::to_string(summary.unused) + "\n";
}

}  // namespace skerry::datasets

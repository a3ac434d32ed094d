#include <algorithm>

#include "datasets/label_counts.hpp"
#include "datasets/label_table.hpp"

namespace skerry::datasets {

namespace {

std::vector<std::uint32_t> row_of(const LabelCounts& counts, std::uint32_t edge) {
  const auto first = counts.counts.begin() + static_cast<std::ptrdiff_t>(edge) * counts.classes;
  return {first, first + counts.classes};
}

}  // namespace

std::string draw_text(const LabelCounts& counts, std::uint32_t most_edges) {
  if (counts.classes == 0) return "the samples have no class labels\n";
  std::uint32_t largest = 0;
  for (std::uint32_t edge = 0; edge < counts.edges; ++edge) {
    largest = std::max(largest, counts.of_edge(edge));
  }
  const LabelTable table({.title = "edge"}, counts.classes, largest);
  std::string text = table.header();
  const std::vector<std::uint32_t> shown = shown_edges(counts.edges, most_edges);
  for (const std::uint32_t edge : shown) {
    text += table.row(to_string(NodeId::edge(edge)), row_of(counts, edge), true);
  }
  if (shown.size() < counts.edges) {
    text +=
        "(" + std::to_string(shown.size()) + " of " + std::to_string(counts.edges) + " edges)\n";
  }
  std::vector<std::uint32_t> all(counts.classes);
  for (std::size_t i = 0; i < counts.counts.size(); ++i)
    all[i % counts.classes] += counts.counts[i];
  text += table.row("all edges", all, false);
  return text + "\n" + text_of(summary_of(counts));
}

}  // namespace skerry::datasets

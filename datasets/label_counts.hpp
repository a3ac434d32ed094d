#pragma once

#include <string>
#include <vector>

#include "datasets/node_data.hpp"

namespace skerry::datasets {

/// How many samples of each class each edge holds.
struct LabelCounts {
  std::uint32_t edges = 0;
  std::uint32_t classes = 0;
  std::vector<std::string> class_names;  // [classes]
  std::vector<std::uint32_t> counts;     // [edges x classes]
  std::uint32_t samples_in_all = 0;      // of the training set, held by an edge or not

  std::uint32_t at(std::uint32_t edge, std::uint32_t c) const {
    return counts[std::size_t{edge} * classes + c];
  }
  std::uint32_t of_edge(std::uint32_t edge) const;
};

/// Counts all splits of every edge together. Cost: O(training samples).
LabelCounts count_labels(const NodeData& data);

/// A partition in a few numbers.
struct PartitionSummary {
  struct Range {
    double least = 0, median = 0, mean = 0, most = 0;
  };
  Range samples;   // of an edge
  Range classes;   // an edge holds
  Range distance;  // total variation between an edge's classes and those of all edges: 0 = the same
                   // mixture, 1 = nothing in common; over edges that hold samples
  std::uint32_t unused = 0;  // training samples that no edge holds
};
PartitionSummary summary_of(const LabelCounts& counts);

/// The summary in four lines of text.
std::string text_of(const PartitionSummary& summary);

/// A drawing for terminals (UTF-8): a line per edge with its number of samples and, for each class,
/// a block that grows with the class's share of the edge and is full from one half on. Of more than
/// `most_edges` edges evenly spaced ones are drawn; many classes share columns. Ends with the total
/// and the summary.
std::string draw_text(const LabelCounts& counts, std::uint32_t most_edges = 24);

/// A self-contained SVG picture: a stacked bar per edge, a colour per class, legend and summary. Of
/// more than `most_edges` edges evenly spaced ones are drawn.
std::string draw_svg(const LabelCounts& counts, const std::string& title,
                     std::uint32_t most_edges = 100);

}  // namespace skerry::datasets

#pragma once

#include <string>
#include <vector>

#include "datasets/node_data.hpp"

namespace skerry::datasets {

/// How many samples of each class come to some nodes with each experience.
struct StreamCounts {
  struct Part {
    Experience experience;
    std::vector<std::uint32_t>
        of_class;  // [classes]: those of the data set, whatever labels become

    std::uint64_t samples() const;
  };
  struct Node {
    NodeId node;
    std::vector<Part> parts;  // [experiences], in the node's order
  };

  std::uint32_t edges = 0;               // there are
  std::vector<std::string> class_names;  // [classes]
  std::vector<Node> nodes;               // edges that were counted: samples to train on
  Node test;                             // the cloud's test set

  std::uint64_t largest() const;  // samples of an edge's experience
  Duration ends() const;          // the last experience of all
};

/// Counts evenly spaced edges, the first and the last among them; all where there are no more than
/// `most_edges`. Cost: O(samples of these edges), times the number of experiences where the stream
/// repeats.
StreamCounts count_stream(const NodeData& data, std::uint32_t most_edges);

/// A drawing for terminals (UTF-8): of each counted edge a line an experience, with the time at
/// which it begins, its number of samples and its classes as in draw_text(LabelCounts).
std::string draw_text(const StreamCounts& counts);

/// A self-contained SVG picture: a lane an edge, time from left to right, in it a stacked bar an
/// experience, a colour a class.
std::string draw_svg(const StreamCounts& counts, const std::string& title);

}  // namespace skerry::datasets

#include "datasets/stream_counts.hpp"

#include <algorithm>
#include <numeric>

#include "datasets/label_table.hpp"

namespace skerry::datasets {

namespace {

StreamCounts::Node counted(const NodeData& data, NodeId node, Split split) {
  StreamCounts::Node counts{.node = node, .parts = {}};
  std::uint32_t k = 0;
  for (Experience& experience : data.experiences(node)) {
    counts.parts.push_back({.experience = std::move(experience),
                            .of_class = data.class_counts(node, split, Slice::experience(k++))});
  }
  return counts;
}

}  // namespace

std::uint64_t StreamCounts::Part::samples() const {
  return std::accumulate(of_class.begin(), of_class.end(), std::uint64_t{0});
}

std::uint64_t StreamCounts::largest() const {
  std::uint64_t most = 0;
  for (const Node& node : nodes) {
    for (const Part& part : node.parts) most = std::max(most, part.samples());
  }
  return most;
}

Duration StreamCounts::ends() const {
  Duration end;
  for (const Node& node : nodes) {
    for (const Part& part : node.parts) {
      end = std::max(end, part.experience.begins + part.experience.lasts);
    }
  }
  return end;
}

StreamCounts count_stream(const NodeData& data, std::uint32_t most_edges) {
  StreamCounts counts{.edges = data.edges(), .class_names = class_names_of(data.data_set())};
  for (const std::uint32_t edge : shown_edges(data.edges(), most_edges)) {
    counts.nodes.push_back(counted(data, NodeId::edge(edge), Split::kTrain));
  }
  counts.test.node = NodeId::cloud();
  if (data.test_set() != nullptr) counts.test = counted(data, NodeId::cloud(), Split::kTest);
  return counts;
}

}  // namespace skerry::datasets

#include <algorithm>

#include "datasets/label_table.hpp"
#include "datasets/stream_counts.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kLongestName = 40;

// As many letters of a name as fit into the column, whole ones of UTF-8.
std::string fitting(std::string name, std::size_t most) {
  if (name.size() <= most) return name;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end);
}

std::string label_of(const Experience& experience, std::size_t number) {
  std::string text = std::to_string(number);
  text.resize(4, ' ');
  std::string begins = to_string(experience.begins);
  begins.resize(std::max<std::size_t>(begins.size(), 12), ' ');
  return "  " + text + begins + experience.name;
}

std::string lines_of(const StreamCounts::Node& node, const LabelTable& table, std::size_t width) {
  std::string text;
  for (std::size_t k = 0; k < node.parts.size(); ++k) {
    const StreamCounts::Part& part = node.parts[k];
    text += table.row(fitting(label_of(part.experience, k), width), part.of_class, true);
  }
  return text;
}

}  // namespace

std::string draw_text(const StreamCounts& counts) {
  if (counts.class_names.empty()) return "the samples have no class labels\n";
  std::size_t width = 0;
  for (const StreamCounts::Node& node : counts.nodes) {
    for (const StreamCounts::Part& part : node.parts) {
      width = std::max(width, label_of(part.experience, 0).size());
    }
  }
  width = std::min(width, 18 + kLongestName);
  const LabelTable table({.title = "node, experience", .width = static_cast<int>(width)},
                         static_cast<std::uint32_t>(counts.class_names.size()), counts.largest());
  std::string text = table.header();
  for (const StreamCounts::Node& node : counts.nodes) {
    text += to_string(node.node) + "\n" + lines_of(node, table, width);
  }
  if (counts.nodes.size() < counts.edges) {
    text += "(" + std::to_string(counts.nodes.size()) + " of " + std::to_string(counts.edges) +
            " edges)\n";
  }
  if (!counts.test.parts.empty()) {
    text += "cloud, test set\n" + lines_of(counts.test, table, width);
  }
  return text + "\nends after " + to_string(counts.ends()) + "\n";
}

}  // namespace skerry::datasets

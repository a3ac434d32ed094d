#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "datasets/label_counts.hpp"

namespace skerry::datasets {

namespace {

constexpr std::array<const char*, 9> kRising = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<const char*, 8> kGrowing = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::uint32_t kMostColumns = 60;
constexpr std::uint32_t kSpacedColumns = 20;  // up to this many have spaces between them
constexpr double kBarCells = 12;

// Evenly spaced edges, the first and the last among them.
std::vector<std::uint32_t> shown_edges(std::uint32_t edges, std::uint32_t most) {
  std::vector<std::uint32_t> shown;
  const std::uint32_t count = std::min(edges, std::max(most, 2u));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t last = count > 1 ? count - 1 : 1;
    shown.push_back(static_cast<std::uint32_t>(std::uint64_t{i} * (edges - 1) / last));
  }
  return shown;
}

std::string line(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

// A bar of `cells` characters, to an eighth of one.
std::string bar(double cells) {
  const auto eighths = static_cast<std::size_t>(std::lround(cells * 8));
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + kGrowing[eighths % 8];
}

class TextTable {
 public:
  explicit TextTable(const LabelCounts& counts)
      : counts_(counts),
        per_column_((counts.classes + kMostColumns - 1) / kMostColumns),
        columns_((counts.classes + per_column_ - 1) / per_column_),
        spaced_(columns_ <= kSpacedColumns) {
    for (std::uint32_t edge = 0; edge < counts.edges; ++edge) {
      largest_ = std::max(largest_, counts.of_edge(edge));
    }
  }

  std::string header() const {
    char begin[64];
    std::snprintf(begin, sizeof begin, "%-12s %9s  ", "edge", "samples");
    if (per_column_ > 1) {
      return std::string(begin) + "classes 0 to " + std::to_string(counts_.classes - 1) + ", " +
             std::to_string(per_column_) + " in a column\n";
    }
    std::string text, above;
    for (std::uint32_t c = 0; c < columns_; ++c) {
      above += c % 10 == 0 && c > 0 ? std::to_string(c / 10 % 10) : " ";
      text += std::to_string(c % 10);
      if (spaced_) above += " ", text += " ";
    }
    if (columns_ > 10) text = above + "\n" + std::string(24, ' ') + text;
    return line(begin + text);
  }

  std::string row(const std::string& name, const std::vector<std::uint32_t>& of_class,
                  bool with_bar) const {
    const auto total = std::accumulate(of_class.begin(), of_class.end(), std::uint64_t{0});
    char begin[64];
    std::snprintf(begin, sizeof begin, "%-12s %9llu  ", name.c_str(),
                  static_cast<unsigned long long>(total));
    std::string text = begin;
    for (std::uint32_t column = 0; column < columns_; ++column) {
      std::uint64_t count = 0;
      for (std::uint32_t c = column * per_column_;
           c < std::min((column + 1) * per_column_, counts_.classes); ++c) {
        count += of_class[c];
      }
      text += block(count, total);
      if (spaced_) text += " ";
    }
    if (with_bar && largest_ > 0)
      text += " " + bar(kBarCells * static_cast<double>(total) / largest_);
    return line(text);
  }

 private:
  // Full height is half of an edge's samples: above that one class dominates anyway.
  static const char* block(std::uint64_t count, std::uint64_t total) {
    if (count == 0) return kRising[0];
    const double share = static_cast<double>(count) / static_cast<double>(total);
    return kRising[static_cast<std::size_t>(std::clamp(std::ceil(share * 16), 1.0, 8.0))];
  }

  const LabelCounts& counts_;
  std::uint32_t per_column_;
  std::uint32_t columns_;
  bool spaced_;
  std::uint32_t largest_ = 0;
};

std::vector<std::uint32_t> row_of(const LabelCounts& counts, std::uint32_t edge) {
  const auto first = counts.counts.begin() + static_cast<std::ptrdiff_t>(edge) * counts.classes;
  return {first, first + counts.classes};
}

}  // namespace

std::string draw_text(const LabelCounts& counts, std::uint32_t most_edges) {
  if (counts.classes == 0) return "the samples have no class labels\n";
  const TextTable table(counts);
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

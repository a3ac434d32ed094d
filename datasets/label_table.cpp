#include "datasets/label_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace skerry::datasets {

namespace {

constexpr std::array<const char*, 9> kRising = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<const char*, 8> kGrowing = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::uint32_t kMostColumns = 60;
constexpr std::uint32_t kSpacedColumns = 20;  // up to this many have spaces between them
constexpr double kBarCells = 12;

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

// Full height is half of a line's samples: above that one class dominates anyway.
const char* block(std::uint64_t count, std::uint64_t total) {
  if (count == 0) return kRising[0];
  const double share = static_cast<double>(count) / static_cast<double>(total);
  return kRising[static_cast<std::size_t>(std::clamp(std::ceil(share * 16), 1.0, 8.0))];
}

}  // namespace

LabelTable::LabelTable(Names names, std::uint32_t classes, std::uint64_t largest)
    : names_(std::move(names)),
      classes_(classes),
      largest_(largest),
      per_column_((classes + kMostColumns - 1) / kMostColumns),
      columns_((classes + per_column_ - 1) / per_column_),
      spaced_(columns_ <= kSpacedColumns) {}

std::string LabelTable::begin(const std::string& name, const std::string& samples) const {
  char text[160];
  std::snprintf(text, sizeof text, "%-*s %9s  ", names_.width, name.c_str(), samples.c_str());
  return text;
}

std::string LabelTable::header() const {
  const std::string start = begin(names_.title, "samples");
  if (per_column_ > 1) {
    return start + "classes 0 to " + std::to_string(classes_ - 1) + ", " +
           std::to_string(per_column_) + " in a column\n";
  }
  std::string text, above;
  for (std::uint32_t c = 0; c < columns_; ++c) {
    above += c % 10 == 0 && c > 0 ? std::to_string(c / 10 % 10) : " ";
    text += std::to_string(c % 10);
    if (spaced_) above += " ", text += " ";
  }
  if (columns_ > 10) text = above + "\n" + std::string(start.size(), ' ') + text;
  return line(start + text);
}

std::string LabelTable::row(const std::string& name, const std::vector<std::uint32_t>& of_class,
                            bool with_bar) const {
  const auto total = std::accumulate(of_class.begin(), of_class.end(), std::uint64_t{0});
  std::string text = begin(name, std::to_string(total));
  for (std::uint32_t column = 0; column < columns_; ++column) {
    std::uint64_t count = 0;
    for (std::uint32_t c = column * per_column_; c < std::min((column + 1) * per_column_, classes_);
         ++c) {
      count += of_class[c];
    }
    text += block(count, total);
    if (spaced_) text += " ";
  }
  if (with_bar && largest_ > 0) {
    text += " " + bar(kBarCells * static_cast<double>(total) / static_cast<double>(largest_));
  }
  return line(text);
}

std::vector<std::uint32_t> shown_edges(std::uint32_t edges, std::uint32_t most) {
  std::vector<std::uint32_t> shown;
  const std::uint32_t count = std::min(edges, std::max(most, 2u));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t last = count > 1 ? count - 1 : 1;
    shown.push_back(static_cast<std::uint32_t>(std::uint64_t{i} * (edges - 1) / last));
  }
  return shown;
}

}  // namespace skerry::datasets

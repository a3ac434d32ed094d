#include <algorithm>
#include <cmath>
#include <cstdio>

#include "algorithms/sdk/printable.hpp"
#include "datasets/label_counts.hpp"
#include "datasets/label_table.hpp"
#include "datasets/svg.hpp"

namespace skerry::datasets {

namespace {

using svg::kLeft;
using svg::kRight;
using svg::kTop;
using svg::kWidth;
using svg::number;
using svg::text_at;

constexpr double kPlotHeight = 270;

// The first of 1, 2, 5, 10, 20, 50 ... that reaches `value` in at most `most` steps.
double tick_step(double value, int most) {
  double step = 1;
  for (int i = 0; value / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

class Picture {
 public:
  Picture(const LabelCounts& counts, std::uint32_t most_edges) : counts_(counts) {
    for (const std::uint32_t edge : shown_edges(counts.edges, most_edges)) {
      edges_.push_back(edge);
      largest_ = std::max(largest_, counts.of_edge(edge));
    }
    slot_ = (kWidth - kLeft - kRight) / std::max<double>(1, static_cast<double>(edges_.size()));
  }

  std::string svg(const std::string& title) const {
    return svg::head(height()) + text_at(kLeft, 28, "start", "title", title) + axes() + bars() +
           names() + svg::legend(counts_.class_names, kTop + kPlotHeight + 52) + summary() +
           "</svg>\n";
  }

 private:
  double y_of(double samples) const {
    return kTop + kPlotHeight * (1 - samples / std::max<double>(1, largest_));
  }

  std::string axes() const {
    std::string text;
    const double step = tick_step(largest_, 5);
    for (double samples = 0; samples <= largest_; samples += step) {
      const std::string y = number(y_of(samples));
      text += "<line class='grid' x1='" + number(kLeft) + "' x2='" + number(kWidth - kRight) +
              "' y1='" + y + "' y2='" + y + "'/>\n";
      text += text_at(kLeft - 8, y_of(samples) + 4, "end", "quiet",
                      std::to_string(static_cast<std::uint64_t>(samples)));
    }
    return text + text_at(kLeft, kTop - 10, "start", "quiet", "samples");
  }

  std::string bars() const {
    std::string text;
    const double width = std::max(slot_ * 0.86, 0.5);
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const double x = kLeft + slot_ * (static_cast<double>(i) + 0.5) - width / 2;
      text += "<g><title>" + svg::escaped(to_string(NodeId::edge(edges_[i]))) + ": " +
              std::to_string(counts_.of_edge(edges_[i])) + " samples</title>\n";
      double below = 0;
      for (std::uint32_t c = 0; c < counts_.classes; ++c) {
        const std::uint32_t count = counts_.at(edges_[i], c);
        if (count == 0) continue;
        const double top = y_of(below + count);
        text += svg::box({x, top, width, y_of(below) - top}, svg::colour(c, counts_.classes));
        below += count;
      }
      text += "</g>\n";
    }
    return text;
  }

  std::string names() const {
    std::string text;
    const auto every = static_cast<std::size_t>(std::ceil(40 / slot_));
    for (std::size_t i = 0; i < edges_.size(); i += every) {
      text += text_at(kLeft + slot_ * (static_cast<double>(i) + 0.5), kTop + kPlotHeight + 17,
                      "middle", "quiet", std::to_string(edges_[i]));
    }
    const std::string shown = edges_.size() < counts_.edges
                                  ? "edge (" + std::to_string(edges_.size()) + " of " +
                                        std::to_string(counts_.edges) + " shown)"
                                  : "edge";
    return text + text_at(kWidth - kRight, kTop + kPlotHeight + 34, "end", "quiet", shown);
  }

  double height() const {
    return kTop + kPlotHeight + 72 + svg::legend_height(counts_.class_names.size());
  }

  std::string summary() const {
    const PartitionSummary numbers = summary_of(counts_);
    char text[200];
    std::snprintf(text, sizeof text,
                  "%u edges, %.0f to %.0f samples (median %s); %.0f to %.0f classes; distance "
                  "from all %.3f on average; %u samples unused",
                  counts_.edges, numbers.samples.least, numbers.samples.most,
                  number_text(numbers.samples.median).c_str(), numbers.classes.least,
                  numbers.classes.most, numbers.distance.mean, numbers.unused);
    return text_at(kLeft, height() - 14, "start", "quiet", text);
  }

  const LabelCounts& counts_;
  std::vector<std::uint32_t> edges_;
  std::uint32_t largest_ = 0;
  double slot_ = 1;
};

}  // namespace

std::string draw_svg(const LabelCounts& counts, const std::string& title,
                     std::uint32_t most_edges) {
  return Picture(counts, most_edges).svg(title);
}

}  // namespace skerry::datasets

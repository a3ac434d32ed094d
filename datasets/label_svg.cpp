#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "datasets/label_counts.hpp"

namespace skerry::datasets {

namespace {

constexpr double kWidth = 960;
constexpr double kLeft = 64, kRight = 24, kTop = 58;
constexpr double kPlotHeight = 270;
constexpr double kLegendStep = 86, kLegendLine = 20;
constexpr std::uint32_t kLegendColumns = 10, kMostInLegend = 30;

// Ten hues that differ in lightness too, so that neighbours can be told apart in grey.
constexpr std::array<const char*, 10> kColours = {"#3f6fb5", "#f0a04b", "#4f9d69", "#d1495b",
                                                  "#8e7cc3", "#a0785a", "#e59fc4", "#7d8597",
                                                  "#c2b740", "#4fb3bf"};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

// At most eleven characters, whole ones of UTF-8.
std::string shortened(const std::string& name) {
  std::size_t at = 0;
  for (int letters = 0; at < name.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(name[at]) & 0xc0) != 0x80;
    if (begins && letters++ == 11) break;
  }
  return name.substr(0, at);
}

std::string colour(std::uint32_t c, std::uint32_t classes) {
  if (classes <= kColours.size()) return kColours[c];
  char text[48];  // around the wheel, light and dark in turn
  std::snprintf(text, sizeof text, "hsl(%u,55%%,%u%%)", c * 360 / classes, c % 2 == 0 ? 46u : 64u);
  return text;
}

// The first of 1, 2, 5, 10, 20, 50 ... that reaches `value` in at most `most` steps.
double tick_step(double value, int most) {
  double step = 1;
  for (int i = 0; value / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& kind,
                    const std::string& text) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "' class='" +
         kind + "'>" + escaped(text) + "</text>\n";
}

class Picture {
 public:
  Picture(const LabelCounts& counts, std::uint32_t most_edges) : counts_(counts) {
    const std::uint32_t shown = std::min(counts.edges, std::max(most_edges, 2u));
    for (std::uint32_t i = 0; i < shown; ++i) {
      edges_.push_back(static_cast<std::uint32_t>(std::uint64_t{i} * (counts.edges - 1) /
                                                  std::max(shown - 1, 1u)));
      largest_ = std::max(largest_, counts.of_edge(edges_.back()));
    }
    slot_ = (kWidth - kLeft - kRight) / std::max<double>(1, shown);
  }

  std::string svg(const std::string& title) const {
    return head() + text_at(kLeft, 28, "start", "title", title) + axes() + bars() + names() +
           legend() + summary() + "</svg>\n";
  }

 private:
  double y_of(double samples) const {
    return kTop + kPlotHeight * (1 - samples / std::max<double>(1, largest_));
  }

  std::string head() const {
    const std::string size = number(kWidth) + " " + number(height());
    return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + size + "' role='img'>\n" +
           "<style>\n"
           "text{font:12px system-ui,sans-serif;fill:#333}\n"
           ".title{font-size:17px;font-weight:600}.quiet{fill:#777}\n"
           ".paper{fill:#fff}.grid{stroke:#e4e4e4}\n"
           "@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#999}"
           ".paper{fill:#1b1d21}.grid{stroke:#34373d}}\n"
           "</style>\n<rect class='paper' width='100%' height='100%'/>\n";
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
      text += "<g><title>" + escaped(to_string(NodeId::edge(edges_[i]))) + ": " +
              std::to_string(counts_.of_edge(edges_[i])) + " samples</title>\n";
      double below = 0;
      for (std::uint32_t c = 0; c < counts_.classes; ++c) {
        const std::uint32_t count = counts_.at(edges_[i], c);
        if (count == 0) continue;
        const double top = y_of(below + count);
        text += "<rect x='" + number(x) + "' y='" + number(top) + "' width='" + number(width) +
                "' height='" + number(y_of(below) - top) + "' fill='" + colour(c, counts_.classes) +
                "'/>\n";
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

  std::uint32_t named_classes() const { return std::min(counts_.classes, kMostInLegend); }

  double height() const {
    const std::uint32_t lines = (named_classes() + kLegendColumns - 1) / kLegendColumns;
    return kTop + kPlotHeight + 72 + kLegendLine * lines;
  }

  std::string legend() const {
    std::string text;
    const std::uint32_t named = named_classes();
    for (std::uint32_t c = 0; c < named; ++c) {
      const double x = kLeft + kLegendStep * (c % kLegendColumns);
      const double y = kTop + kPlotHeight + 52 + kLegendLine * (c / kLegendColumns);
      text += "<rect x='" + number(x) + "' y='" + number(y - 10) +
              "' width='11' height='11' rx='2' fill='" + colour(c, counts_.classes) + "'/>\n";
      const bool last = c + 1 == named && named < counts_.classes;
      text += text_at(x + 16, y, "start", "",
                      last ? "... " + std::to_string(counts_.classes) + " classes"
                           : shortened(counts_.class_names[c]));
    }
    return text;
  }

  std::string summary() const {
    const PartitionSummary numbers = summary_of(counts_);
    char text[200];
    std::snprintf(text, sizeof text,
                  "%u edges, %.0f to %.0f samples (median %g); %.0f to %.0f classes; distance "
                  "from all %.3f on average; %u samples unused",
                  counts_.edges, numbers.samples.least, numbers.samples.most,
                  numbers.samples.median, numbers.classes.least, numbers.classes.most,
                  numbers.distance.mean, numbers.unused);
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

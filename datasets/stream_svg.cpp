#include <algorithm>

#include "datasets/stream_counts.hpp"
#include "datasets/svg.hpp"

namespace skerry::datasets {

namespace {

using svg::kLeft;
using svg::kRight;
using svg::kTop;
using svg::kWidth;
using svg::number;
using svg::text_at;

constexpr double kPlotHeight = 300, kHighestLane = 60, kNarrowestName = 70;

class StreamPicture {
 public:
  explicit StreamPicture(const StreamCounts& counts)
      : counts_(counts),
        lane_(std::min(kHighestLane, kPlotHeight / std::max<double>(1, static_cast<double>(
                                                                           counts.nodes.size())))),
        ends_s_(std::max(counts.ends().in_seconds(), 1e-9)),
        largest_(std::max<double>(1, static_cast<double>(counts.largest()))) {}

  std::string svg(const std::string& title) const {
    std::string text = svg::head(height()) + text_at(kLeft, 28, "start", "title", title) + times();
    for (std::size_t i = 0; i < counts_.nodes.size(); ++i) text += lane(i);
    return text + svg::legend(counts_.class_names, bottom() + 52) + summary() + "</svg>\n";
  }

 private:
  double bottom() const { return kTop + lane_ * static_cast<double>(counts_.nodes.size()); }
  double height() const { return bottom() + 72 + svg::legend_height(counts_.class_names.size()); }
  double x_of(Duration time) const {
    return kLeft + (kWidth - kLeft - kRight) * time.in_seconds() / ends_s_;
  }

  // Where experiences of the first edge begin: those of all, where edges share their order.
  std::string times() const {
    std::string text;
    double last = -kNarrowestName;
    if (counts_.nodes.empty()) return text;
    for (const StreamCounts::Part& part : counts_.nodes.front().parts) {
      const double x = x_of(part.experience.begins);
      text += "<line class='grid' x1='" + number(x) + "' x2='" + number(x) + "' y1='" +
              number(kTop) + "' y2='" + number(bottom()) + "'/>\n";
      if (x - last < kNarrowestName) continue;
      last = x;
      text += text_at(x, bottom() + 17, "start", "quiet", to_string(part.experience.begins));
    }
    return text;
  }

  std::string lane(std::size_t i) const {
    const StreamCounts::Node& node = counts_.nodes[i];
    const double floor = kTop + lane_ * (static_cast<double>(i) + 0.95);
    std::string text = lane_ < 10 && i % 4 != 0 ? ""
                                                : text_at(kLeft - 8, floor - lane_ * 0.45 + 4,
                                                          "end", "quiet", to_string(node.node));
    for (const StreamCounts::Part& part : node.parts) text += bar(node, part, floor);
    return text;
  }

  std::string bar(const StreamCounts::Node& node, const StreamCounts::Part& part,
                  double floor) const {
    if (part.samples() == 0) return "";
    const double x = x_of(part.experience.begins);
    const double end = x_of(part.experience.begins + part.experience.lasts);
    const double width = std::max((end - x) * 0.96, 0.5);
    const auto classes = static_cast<std::uint32_t>(counts_.class_names.size());
    std::string text = "<g><title>" +
                       svg::escaped(to_string(node.node) + ", " + part.experience.name + ", from " +
                                    to_string(part.experience.begins)) +
                       ": " + std::to_string(part.samples()) + " samples</title>\n";
    for (std::uint32_t c = 0; c < classes; ++c) {
      if (part.of_class[c] == 0) continue;
      const double high = lane_ * 0.9 * part.of_class[c] / largest_;
      floor -= high;
      text += svg::box({x, floor, width, high}, svg::colour(c, classes));
    }
    return text + "</g>\n";
  }

  std::string summary() const {
    const std::string shown = counts_.nodes.size() < counts_.edges
                                  ? std::to_string(counts_.nodes.size()) + " of " +
                                        std::to_string(counts_.edges) + " edges"
                                  : std::to_string(counts_.edges) + " edges";
    return text_at(
        kLeft, height() - 14, "start", "quiet",
        shown + ", " +
            std::to_string(counts_.nodes.empty() ? 0 : counts_.nodes.front().parts.size()) +
            " experiences in " + to_string(counts_.ends()) + "; at most " +
            std::to_string(counts_.largest()) + " samples in one");
  }

  const StreamCounts& counts_;
  double lane_;
  double ends_s_;
  double largest_;
};

}  // namespace

std::string draw_svg(const StreamCounts& counts, const std::string& title) {
  return StreamPicture(counts).svg(title);
}

}  // namespace skerry::datasets

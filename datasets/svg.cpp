#include "datasets/svg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets::svg {

namespace {

constexpr double kLegendStep = 86, kLegendLine = 20;
constexpr std::uint32_t kLegendColumns = 10, kMostInLegend = 30;

// Ten hues that differ in lightness too, so that neighbours can be told apart in grey.
constexpr std::array<const char*, 10> kColours = {"#3f6fb5", "#f0a04b", "#4f9d69", "#d1495b",
                                                  "#8e7cc3", "#a0785a", "#e59fc4", "#7d8597",
                                                  "#c2b740", "#4fb3bf"};

// At most eleven characters, whole ones of UTF-8.
std::string shortened(const std::string& name) {
  std::size_t at = 0;
  for (int letters = 0; at < name.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(name[at]) & 0xc0) != 0x80;
    if (begins && letters++ == 11) break;
  }
  return name.substr(0, at);
}

std::uint32_t named_classes(std::size_t classes) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(classes, kMostInLegend));
}

}  // namespace

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char letter : printable(text)) {
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

std::string text_at(double x, double y, const std::string& anchor, const std::string& kind,
                    const std::string& text) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "' class='" +
         kind + "'>" + escaped(text) + "</text>\n";
}

std::string box(const Box& box, const std::string& colour) {
  return "<rect x='" + number(box.x) + "' y='" + number(box.y) + "' width='" + number(box.width) +
         "' height='" + number(box.height) + "' fill='" + colour + "'/>\n";
}

std::string colour(std::uint32_t c, std::uint32_t classes) {
  if (classes <= kColours.size()) return kColours[c];
  char text[48];  // around the wheel, light and dark in turn
  std::snprintf(text, sizeof text, "hsl(%u,55%%,%u%%)", c * 360 / classes, c % 2 == 0 ? 46u : 64u);
  return text;
}

std::string head(double height) {
  const std::string size = number(kWidth) + " " + number(height);
  return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + size + "' role='img'>\n" +
         "<style>\n"
         "text{font:12px system-ui,sans-serif;fill:#333}\n"
         ".title{font-size:17px;font-weight:600}.quiet{fill:#777}\n"
         ".paper{fill:#fff}.grid{stroke:#e4e4e4}\n"
         "@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#999}"
         ".paper{fill:#1b1d21}.grid{stroke:#34373d}}\n"
         "</style>\n<rect class='paper' width='100%' height='100%'/>\n";
}

std::string legend(const std::vector<std::string>& class_names, double y) {
  const auto classes = static_cast<std::uint32_t>(class_names.size());
  std::string text;
  const std::uint32_t named = named_classes(classes);
  for (std::uint32_t c = 0; c < named; ++c) {
    const double x = kLeft + kLegendStep * (c % kLegendColumns);
    const double at = y + kLegendLine * (c / kLegendColumns);
    text += "<rect x='" + number(x) + "' y='" + number(at - 10) +
            "' width='11' height='11' rx='2' fill='" + colour(c, classes) + "'/>\n";
    const bool last = c + 1 == named && named < classes;
    text +=
        text_at(x + 16, at, "start", "",
                last ? "... " + std::to_string(classes) + " classes" : shortened(class_names[c]));
  }
  return text;
}

double legend_height(std::size_t classes) {
  return kLegendLine * ((named_classes(classes) + kLegendColumns - 1) / kLegendColumns);
}

}  // namespace skerry::datasets::svg

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skerry::datasets::svg {

// Pieces of a picture of classes, as self-contained SVG text.

inline constexpr double kWidth = 960;
inline constexpr double kLeft = 64, kRight = 24, kTop = 58;

/// A number of pixels.
std::string number(double value);
/// Printable text, with the characters that XML keeps for itself replaced.
std::string escaped(const std::string& text);
/// One line of text; `anchor` is start, middle or end, `kind` a style: title, quiet or none.
std::string text_at(double x, double y, const std::string& anchor, const std::string& kind,
                    const std::string& text);
/// A filled rectangle.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};
std::string box(const Box& box, const std::string& colour);
/// The colour of class c.
std::string colour(std::uint32_t c, std::uint32_t classes);
/// The begin of a picture kWidth wide: size, styles for light and dark pages, and the paper.
std::string head(double height);
/// The first classes' colours and names, in lines from `y` on; legend_height() is what they take.
std::string legend(const std::vector<std::string>& class_names, double y);
double legend_height(std::size_t classes);

}  // namespace skerry::datasets::svg

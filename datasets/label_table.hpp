#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skerry::datasets {

/// A table for terminals (UTF-8): in each line a name, a number of samples, and for each class a
/// block that grows with the class's share of the line and is full from one half on. Many classes
/// share columns.
class LabelTable {
 public:
  /// The column of names, `width` characters wide.
  struct Names {
    std::string title;
    int width = 12;
  };
  /// @param classes  at least 1.
  /// @param largest  samples of the longest bar behind a line.
  LabelTable(Names names, std::uint32_t classes, std::uint64_t largest);

  std::string header() const;
  /// @param of_class  samples of each class: [classes].
  std::string row(const std::string& name, const std::vector<std::uint32_t>& of_class,
                  bool with_bar) const;

 private:
  std::string begin(const std::string& name, const std::string& samples) const;

  Names names_;
  std::uint32_t classes_;
  std::uint64_t largest_;
  std::uint32_t per_column_;
  std::uint32_t columns_;
  bool spaced_;
};

/// Evenly spaced edges, the first and the last among them; all where there are no more than `most`.
std::vector<std::uint32_t> shown_edges(std::uint32_t edges, std::uint32_t most);

}  // namespace skerry::datasets

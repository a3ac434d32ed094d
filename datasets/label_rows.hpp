#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/ids.hpp"
#include "datasets/class_labels.hpp"

namespace skerry::datasets {

/// What somebody says of an example that came to a node.
struct GivenLabel {
  NodeId node;
  std::uint32_t position = 0;  // among all that came to the node
  std::int32_t label = 0;
};

/// How an example is called where people label: `edge-3:1207`.
std::string example_name(NodeId node, std::uint32_t position);
/// The example that is called so, without a label; nullopt if that is no name of one.
std::optional<GivenLabel> example_called(const std::string& name);

/// Turns rows that people write into labels. A CSV file begins with a header that has the columns
/// "id" (example_name()) and "label" (a class); other columns do not matter.
class LabelRows {
 public:
  explicit LabelRows(std::vector<std::string> classes) : classes_(std::move(classes)) {}

  /// The header of the file from which the next lines come. Errors: what is wrong with it; then
  /// every line is refused with the same words until the next header.
  Status take_header(const std::string& line);
  /// The label in a line; nullopt if its cell is empty: nobody has labelled that row yet.
  /// Errors: why it says no label.
  Result<std::optional<GivenLabel>> read(const std::string& line) const;

 private:
  struct Columns {
    std::size_t id = 0, label = 0, count = 0;
  };
  ClassLabels classes_;
  Result<Columns> columns_ = Failure{"no header has come"};
};

}  // namespace skerry::datasets

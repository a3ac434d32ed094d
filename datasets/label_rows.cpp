#include "datasets/label_rows.hpp"

#include <algorithm>
#include <charconv>

#include "algorithms/sdk/printable.hpp"
#include "datasets/csv.hpp"

namespace skerry::datasets {

std::string example_name(NodeId node, std::uint32_t position) {
  return to_string(node) + ":" + std::to_string(position);
}

std::optional<GivenLabel> example_called(const std::string& name) {
  const auto colon = name.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto node = parse_node(std::string_view(name).substr(0, colon));
  GivenLabel given;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + colon + 1, end, given.position);
  if (!node || !node->is_edge() || parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  given.node = *node;
  return given;
}

Status LabelRows::take_header(const std::string& line) {
  const auto cells = csv_cells(line, ',');
  std::string fault = cells ? "" : cells.message();
  Columns columns;
  const auto find = [&](const char* name, std::size_t& place) {
    if (!fault.empty()) return;
    const auto found = std::ranges::find(*cells, name);
    place = static_cast<std::size_t>(found - cells->begin());
    if (found == cells->end()) {
      fault = "no column " + in_quotes(name) + choices(name, *cells) +
              "; the first line is \"id,label\", and rows follow it";
    }
  };
  find("id", columns.id);
  find("label", columns.label);
  if (!fault.empty()) {
    columns_ = Failure{"the header does not fit: " + fault};
    return columns_.failure();
  }
  columns.count = cells->size();
  columns_ = columns;
  return {};
}

Result<std::optional<GivenLabel>> LabelRows::read(const std::string& line) const {
  if (!columns_) return columns_.failure();
  const auto cells = csv_cells(line, ',', columns_->count);
  if (!cells) return cells.failure();
  const std::string word(trimmed((*cells)[columns_->label]));
  if (word.empty()) return std::optional<GivenLabel>();
  const std::string id(trimmed((*cells)[columns_->id]));
  auto given = example_called(id);
  if (!given) {
    return Failure{in_quotes(id) + " is no name of an example, such as \"edge-0:17\""};
  }
  const auto label = classes_.class_of(word);
  if (!label) return label.failure();
  given->label = *label;
  return given;
}

}  // namespace skerry::datasets

#include "datasets/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/attributes.hpp"
#include "datasets/file_bytes.hpp"
#include "datasets/unicode.hpp"

namespace skerry::datasets {

namespace {

Failure wrong_line(const std::filesystem::path& path, std::size_t line,
                   const std::string& message) {
  return Failure{path.string() + ": line " + std::to_string(line) + ": " + message};
}

// Cuts text into records of cells.
class Records {
 public:
  Records(std::string_view text, char separator)
      : text_(without_byte_order_mark(text)), separator_(separator) {}

  /// Line where the record last read began.
  std::size_t line() const { return line_; }
  /// What stopped the reading before the end; empty when nothing did.
  const std::string& fault() const { return fault_; }

  /// Replaces `cells` by the next record; empty lines are skipped. False at the end or at a fault.
  bool next(std::vector<std::string>& cells) {
    while (!text_.empty() && (text_[0] == '\n' || text_.starts_with("\r\n"))) end_line();
    if (text_.empty()) return false;
    line_ = next_line_;
    cells.clear();
    do {
      if (!read_cell(cells.emplace_back())) return false;
    } while (take_separator());
    end_line();
    return true;
  }

 private:
  bool read_cell(std::string& cell) {
    if (!text_.starts_with('"')) {
      const char ends[] = {separator_, '\n', '\0'};
      cell = text_.substr(0, text_.find_first_of(ends));
      text_.remove_prefix(cell.size());
      if (cell.ends_with('\r')) cell.pop_back();
      return true;
    }
    std::size_t at = 1;
    for (;; ++at) {
      if (at >= text_.size()) return fail("a quoted cell is never closed");
      if (text_[at] == '\n') ++next_line_;
      if (text_[at] == '"') {
        if (at + 1 >= text_.size() || text_[at + 1] != '"') break;
        ++at;  // two quotes stand for one
      }
      cell += text_[at];
    }
    text_.remove_prefix(at + 1);
    if (!text_.empty() && text_[0] != separator_ && text_[0] != '\n' &&
        !text_.starts_with("\r\n")) {
      return fail("something follows a quoted cell");
    }
    return true;
  }
  bool take_separator() {
    if (text_.empty() || text_[0] != separator_) return false;
    text_.remove_prefix(1);
    return true;
  }
  void end_line() {
    if (text_.starts_with('\r')) text_.remove_prefix(1);
    if (text_.empty()) return;
    text_.remove_prefix(1);
    ++next_line_;
  }
  bool fail(const char* fault) {
    fault_ = fault;
    return false;
  }

  std::string_view text_;
  char separator_;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
  std::string fault_;
};

enum class Role { kFeature, kLabel, kMaker, kDropped, kAttribute, kTime };

struct Column {
  Role role = Role::kFeature;
  std::size_t index = 0;  // of an attribute, in the order asked for
};

// What each column is for; a failure without the place.
Result<std::vector<Column>> columns_of(const std::vector<std::string>& header,
                                       const CsvOptions& options) {
  std::vector<Column> columns(header.size());
  std::unordered_map<std::string_view, std::size_t> place;  // only looked up, never iterated
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (place.emplace(header[i], i).second) continue;
    return Failure{"two columns are called " + in_quotes(header[i])};
  }
  const auto assign = [&](const std::string& name, Role role, std::size_t index = 0) -> Status {
    const auto found = place.find(name);
    if (found == place.end()) {
      return Failure{"no column " + in_quotes(name) + choices(name, header)};
    }
    Column& column = columns[found->second];
    const auto beside = [](Role one) { return one == Role::kAttribute || one == Role::kTime; };
    if (column.role != Role::kFeature && (beside(column.role) || beside(role))) {
      return Failure{"column " + in_quotes(name) + " is named twice, as an attribute or time"};
    }
    column = {role, index};
    return {};
  };
  Status status;
  const auto assign_all = [&](const std::vector<std::string>& names, Role role) {
    for (std::size_t i = 0; i < names.size() && status; ++i) status = assign(names[i], role, i);
  };
  const auto assign_one = [&](const std::string& name, Role role) {
    if (status && !name.empty()) status = assign(name, role);
  };
  assign_all(options.drop, Role::kDropped);
  assign_one(options.natural_id, Role::kMaker);
  assign_all(options.attributes, Role::kAttribute);
  assign_one(options.time, Role::kTime);
  assign_one(options.label, Role::kLabel);
  if (!status) return status.failure();
  for (std::size_t i = 0; i < header.size(); ++i) {
    // As pandas writes the index of a data frame, and as it reads that back.
    const bool unnamed = trimmed(header[i]).empty() || header[i].starts_with("Unnamed: ");
    if (!unnamed || columns[i].role != Role::kFeature) continue;
    return Failure{"column " + std::to_string(i + 1) +
                   " has no name: row numbers are nothing to learn from; leave it out with "
                   "\"drop\": [\"" +
                   printable(header[i]) + "\"], or give it a name"};
  }
  return columns;
}

// Adds a cell to the table; the failure says what is wrong with it.
Status add_cell(const std::string& cell, const Column& column, CsvTable& table) {
  if (column.role == Role::kDropped) return {};
  if (column.role == Role::kFeature) {
    const Result<float> value = finite_number(cell);
    if (!value) return value.failure();
    table.inputs.push_back(*value);
    return {};
  }
  std::string word(trimmed(cell));
  if (word.empty()) return Failure{"is missing"};
  if (column.role == Role::kTime) {
    const Result<RecordedTime> time = parse_recorded_time(word);
    if (!time) return time.failure();
    if (!table.time_s.empty() && time->is_date != table.times_are_dates) {
      return Failure{in_quotes(word) + " is " + (time->is_date ? "a date" : "a number") +
                     ", the lines before have " + (time->is_date ? "numbers" : "dates")};
    }
    table.times_are_dates = time->is_date;
    table.time_s.push_back(time->seconds);
    return {};
  }
  std::vector<std::string>& words = column.role == Role::kLabel   ? table.labels
                                    : column.role == Role::kMaker ? table.makers
                                                                  : table.attributes[column.index];
  words.push_back(std::move(word));
  return {};
}

}  // namespace

std::string_view trimmed(std::string_view cell) {
  while (cell.starts_with(' ') || cell.starts_with('\t')) cell.remove_prefix(1);
  while (cell.ends_with(' ') || cell.ends_with('\t')) cell.remove_suffix(1);
  return cell;
}

Result<float> finite_number(std::string_view cell) {
  std::string_view digits = trimmed(cell);
  if (digits.empty()) return Failure{"is missing"};
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || fault == std::errc::invalid_argument) {
    return Failure{in_quotes(cell) + " is not a number"};
  }
  const auto stored = static_cast<float>(value);
  if (fault != std::errc() || !std::isfinite(stored)) {
    return Failure{in_quotes(cell) + " is not a finite float32"};
  }
  return stored;
}

Result<std::vector<std::string>> csv_cells(std::string_view line, char separator) {
  if (is_utf16(std::as_bytes(std::span(line)))) {
    return Failure{"the file is in UTF-16; rows that come during a run must be in UTF-8"};
  }
  Records records(line, separator);
  std::vector<std::string> cells;
  if (!records.next(cells) && !records.fault().empty()) return Failure{records.fault()};
  return cells;
}

Result<CsvTable> parse_csv(std::string_view text, const std::filesystem::path& path,
                           const CsvOptions& options) {
  Records records(text, options.separator);
  std::vector<std::string> header = options.header, cells;
  if (header.empty() && !records.next(header)) {
    return wrong_line(path, 1, records.fault().empty() ? "the file is empty" : records.fault());
  }
  const Result<std::vector<Column>> columns = columns_of(header, options);
  if (!columns) return wrong_line(path, records.line(), columns.message());
  CsvTable table;
  table.attributes.resize(options.attributes.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    if ((*columns)[i].role == Role::kFeature) table.features.push_back(header[i]);
  }
  if (table.features.empty())
    return wrong_line(path, records.line(), "no column is left to learn from");
  while (records.next(cells)) {
    if (cells.size() != header.size()) {
      return wrong_line(
          path, records.line(),
          std::to_string(cells.size()) + " cells, the header has " + std::to_string(header.size()));
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Status added = add_cell(cells[i], (*columns)[i], table);
      if (added) continue;
      return wrong_line(path, records.line(),
                        "column " + in_quotes(header[i]) + ": " + added.message());
    }
    table.lines.push_back(records.line());
  }
  if (!records.fault().empty()) return wrong_line(path, records.line(), records.fault());
  if (table.lines.empty()) return wrong_line(path, records.line(), "no samples follow the header");
  return table;
}

Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  Result<FileBytes> bytes = read_unpacked(path);
  if (bytes) bytes = as_utf8(std::move(*bytes), path);
  if (!bytes) return bytes.failure();
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return parse_csv(text, path, options);
}

}  // namespace skerry::datasets

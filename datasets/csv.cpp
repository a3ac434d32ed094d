#include "datasets/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
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

std::string wrong_count(std::size_t cells, std::size_t header) {
  return std::to_string(cells) + " cells, the header has " + std::to_string(header);
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

enum class Role { kFeature, kLabel, kTarget, kMaker, kDropped, kAttribute, kTime };

struct Column {
  Role role = Role::kFeature;
  std::size_t index = 0;  // of an attribute or target, in the order asked for
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
  assign_all(options.targets, Role::kTarget);
  for (std::size_t i = 0; i < header.size() && !options.features.empty(); ++i) {
    const bool wanted = std::ranges::find(options.features, header[i]) != options.features.end();
    if (!wanted && columns[i].role == Role::kFeature) columns[i].role = Role::kDropped;
  }
  assign_all(options.features, Role::kFeature);
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

std::string not_finite(std::string_view cell) {
  return in_quotes(cell) + " is not a finite float32";
}

enum class Reading { kNumber, kNoNumber, kNotFinite };

Reading read_number(std::string_view digits, float& stored) {
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || fault == std::errc::invalid_argument) {
    return Reading::kNoNumber;
  }
  stored = static_cast<float>(value);
  return fault == std::errc() && std::isfinite(stored) ? Reading::kNumber : Reading::kNotFinite;
}

// Adds records to a table, cell by cell.
class TableBuilder {
 public:
  TableBuilder(const CsvOptions& options, std::vector<std::string> header,
               std::vector<Column> columns, CsvTable& table)
      : options_(options),
        header_(std::move(header)),
        columns_(std::move(columns)),
        table_(table),
        lacking_(header_.size()) {
    table_.attributes.resize(options_.attributes.size());
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (columns_[i].role != Role::kFeature) continue;
      columns_[i].index = table_.features.size();
      table_.features.push_back(header_[i]);
      const bool categorical =
          std::ranges::find(options_.categorical, header_[i]) != options_.categorical.end();
      categorical_.push_back(categorical);
    }
    if (!options_.loose) return;
    table_.odd.resize(table_.features.size());
    place_of_word_.resize(table_.features.size());
  }

  /// Adds a row, or leaves it out. Errors: the column and what is wrong in it.
  Status add(const std::vector<std::string>& cells, std::size_t line) {
    if (lacks_something(cells)) return {};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Status added = add_cell(cells[i], columns_[i]);
      if (!added) return Failure{"column " + in_quotes(header_[i]) + ": " + added.message()};
    }
    table_.lines.push_back(line);
    return {};
  }

  /// To be called when all rows were added.
  void finish() {
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (lacking_[i] > 0) table_.lacks.emplace_back(header_[i], lacking_[i]);
    }
  }

 private:
  bool is_gap(std::string_view word) const {
    return word.empty() || stands_for_gap(word, options_.missing);
  }
  bool may_lack(Role role) const {
    if (role == Role::kLabel || role == Role::kTarget) {
      return options_.drop_incomplete || options_.drop_unlabelled;
    }
    return options_.drop_incomplete && role != Role::kDropped;
  }
  // Besides inputs and the label, where NA may be a word, only an empty cell lacks its value.
  bool lacks(std::string_view word, Role role) const {
    if (word.empty() || role == Role::kFeature || role == Role::kTarget) return is_gap(word);
    if (role != Role::kLabel || !is_gap(word)) return false;
    return std::ranges::find(options_.classes, word) == options_.classes.end();
  }
  bool lacks_something(const std::vector<std::string>& cells) {
    bool lacking = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!may_lack(columns_[i].role) || !lacks(trimmed(cells[i]), columns_[i].role)) continue;
      lacking = true;
      ++lacking_[i];
    }
    if (lacking) ++table_.dropped;
    return lacking;
  }

  Status add_feature(const std::string& cell, std::size_t feature) {
    if (!options_.loose) {
      const Result<float> value = finite_number(cell);
      if (!value) return value.failure();
      table_.inputs.push_back(*value);
      return {};
    }
    const std::string_view word = trimmed(cell);
    OddCells& odd = table_.odd[feature];
    const auto row = static_cast<std::uint32_t>(table_.lines.size());
    float value = NAN;
    if (is_gap(word)) {
      odd.gaps.push_back(row);
    } else if (categorical_[feature]) {
      odd.cells.push_back({row, place_of(word, feature)});
    } else if (const Reading reading = read_number(word, value); reading != Reading::kNumber) {
      if (reading == Reading::kNotFinite) return Failure{not_finite(cell)};
      odd.cells.push_back({row, place_of(word, feature)});
      value = NAN;
    }
    table_.inputs.push_back(value);
    return {};
  }

  std::uint32_t place_of(std::string_view word, std::size_t feature) {
    std::vector<std::string>& words = table_.odd[feature].words;
    const auto [found, fresh] = place_of_word_[feature].emplace(
        std::string(word), static_cast<std::uint32_t>(words.size()));
    if (fresh) words.emplace_back(word);
    return found->second;
  }

  Status add_cell(const std::string& cell, const Column& column) {
    if (column.role == Role::kDropped) return {};
    if (column.role == Role::kFeature) return add_feature(cell, column.index);
    std::string word(trimmed(cell));
    if (word.empty()) return Failure{"is missing"};
    if (column.role == Role::kTarget) return add_target(word, column.index);
    if (column.role == Role::kTime) return add_time(word);
    std::vector<std::string>& words = column.role == Role::kLabel ? table_.labels
                                      : column.role == Role::kMaker
                                          ? table_.makers
                                          : table_.attributes[column.index];
    words.push_back(std::move(word));
    return {};
  }

  Status add_target(const std::string& word, std::size_t target) {
    const Result<float> value = finite_number(word);
    if (!value) return value.failure();
    const std::size_t wide = options_.targets.size();
    table_.targets.resize((table_.lines.size() + 1) * wide);
    table_.targets[table_.lines.size() * wide + target] = *value;
    return {};
  }

  Status add_time(const std::string& word) {
    const Result<RecordedTime> time = parse_recorded_time(word);
    if (!time) return time.failure();
    if (!table_.time_s.empty() && time->is_date != table_.times_are_dates) {
      return Failure{in_quotes(word) + " is " + (time->is_date ? "a date" : "a number") +
                     ", the lines before have " + (time->is_date ? "numbers" : "dates")};
    }
    table_.times_are_dates = time->is_date;
    table_.time_s.push_back(time->seconds);
    return {};
  }

  const CsvOptions& options_;
  std::vector<std::string> header_;
  std::vector<Column> columns_;  // of a feature, the index among features
  CsvTable& table_;
  std::vector<bool> categorical_;                                              // [features]
  std::vector<std::unordered_map<std::string, std::uint32_t>> place_of_word_;  // only looked up
  std::vector<std::size_t> lacking_;                                           // [columns]
};

}  // namespace

std::string_view trimmed(std::string_view cell) {
  while (cell.starts_with(' ') || cell.starts_with('\t')) cell.remove_prefix(1);
  while (cell.ends_with(' ') || cell.ends_with('\t')) cell.remove_suffix(1);
  return cell;
}

bool stands_for_gap(std::string_view word, const std::vector<std::string>& missing) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::any_of(missing, [&](const std::string& one) {
    return one.size() == word.size() && std::ranges::equal(one, word, {}, lower, lower);
  });
}

Result<float> finite_number(std::string_view cell) {
  const std::string_view digits = trimmed(cell);
  if (digits.empty()) return Failure{"is missing"};
  float value = 0;
  switch (read_number(digits, value)) {
    case Reading::kNoNumber:
      return Failure{in_quotes(cell) + " is not a number"};
    case Reading::kNotFinite:
      return Failure{not_finite(cell)};
    case Reading::kNumber:
      break;
  }
  return value;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

Result<std::vector<std::string>> csv_cells(std::string_view line, char separator,
                                           std::optional<std::size_t> count) {
  if (is_utf16(std::as_bytes(std::span(line)))) {
    return Failure{"the file is in UTF-16; rows that come during a run must be in UTF-8"};
  }
  Records records(line, separator);
  std::vector<std::string> cells;
  if (!records.next(cells) && !records.fault().empty()) return Failure{records.fault()};
  if (count && cells.size() != *count) return Failure{wrong_count(cells.size(), *count)};
  return cells;
}

Result<CsvTable> parse_csv(std::string_view text, const std::filesystem::path& path,
                           const CsvOptions& options) {
  Records records(text, options.separator);
  std::vector<std::string> header = options.header, cells;
  if (header.empty() && !records.next(header)) {
    return wrong_line(path, 1, records.fault().empty() ? "the file is empty" : records.fault());
  }
  Result<std::vector<Column>> columns = columns_of(header, options);
  if (!columns) return wrong_line(path, records.line(), columns.message());
  CsvTable table;
  const std::size_t width = header.size();
  TableBuilder builder(options, std::move(header), std::move(*columns), table);
  if (table.features.empty())
    return wrong_line(path, records.line(), "no column is left to learn from");
  while (records.next(cells)) {
    if (cells.size() != width) {
      return wrong_line(path, records.line(), wrong_count(cells.size(), width));
    }
    const Status added = builder.add(cells, records.line());
    if (!added) return wrong_line(path, records.line(), added.message());
  }
  if (!records.fault().empty()) return wrong_line(path, records.line(), records.fault());
  builder.finish();
  if (!table.lines.empty()) return table;
  return wrong_line(path, records.line(),
                    table.dropped == 0 ? "no samples follow the header"
                                       : "no row is left: something is missing in each of " +
                                             std::to_string(table.dropped));
}

Result<CsvTable> read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  Result<FileBytes> bytes = read_unpacked(path);
  if (bytes) bytes = as_utf8(std::move(*bytes), path);
  if (!bytes) return bytes.failure();
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return parse_csv(text, path, options);
}

}  // namespace skerry::datasets

#include "experiments/results/tidy_csv.hpp"

#include <charconv>
#include <optional>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/csv.hpp"

namespace skerry::experiments {

namespace {

constexpr std::string_view kMetricHeader = "name,node,step,time_s,value";
constexpr std::string_view kSpanHeader = "node,step,what,begin_s,end_s";

/// Splits the next row off `text`. Nothing if the row is cut or a quote is out of place.
std::optional<std::vector<std::string>> take_row(std::string_view& text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  bool closed = false;  // right after a closing quote
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        fields.back() += text[++i];
      } else {
        quoted = false;
        closed = true;
      }
      continue;
    }
    if (c == '\n') {
      text.remove_prefix(i + 1);
      return fields;
    }
    if (c == ',') {
      fields.emplace_back();
      closed = false;
    } else if (c == '"' && fields.back().empty() && !closed) {
      quoted = true;
    } else if (c == '"' || closed) {
      return std::nullopt;
    } else {
      fields.back() += c;
    }
  }
  return std::nullopt;
}

std::optional<SimTime> parse_seconds(std::string_view text) {
  const auto dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  std::string fraction(dot == std::string_view::npos ? "" : text.substr(dot + 1));
  if (fraction.size() > 9) return std::nullopt;
  fraction.resize(9, '0');
  const std::string digits = std::string(whole) + fraction;
  std::int64_t ns = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ns);
  const bool all = error == std::errc{} && end == digits.data() + digits.size();
  if (whole.empty() || !all || ns < 0) return std::nullopt;
  return SimTime::at(Duration::nanoseconds(ns));
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// Hands the fields of each row of a file to `take`, which returns an error text or an empty one.
template <class Take>
Status each_row(std::string_view text, std::string_view header, Take take) {
  const std::size_t columns = 5;
  text = without_byte_order_mark(text);
  for (std::size_t line = 1; line == 1 || !text.empty(); ++line) {
    const std::string place = "line " + std::to_string(line) + ": ";
    const auto fields = take_row(text);
    if (!fields) return Failure{place + "is cut short or misquoted"};
    if (line == 1) {
      std::string first;
      for (const std::string& field : *fields) first += (first.empty() ? "" : ",") + field;
      if (first != header) return Failure{place + "must be " + std::string(header)};
      continue;
    }
    if (fields->size() != columns) {
      return Failure{place + "has " + std::to_string(fields->size()) + " columns, not 5"};
    }
    const std::string fault = take(*fields);
    if (!fault.empty()) return Failure{place + fault};
  }
  return {};
}

std::string wrong(std::string_view column, const std::string& text, std::string_view what) {
  return std::string(column) + ": " + in_quotes(text) + " is not " + std::string(what);
}

}  // namespace

std::string seconds_text(SimTime time) {
  const std::int64_t ns = time.count();
  std::string text = std::to_string(ns / 1'000'000'000);
  std::string fraction = std::to_string(ns % 1'000'000'000);
  fraction.insert(0, 9 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return fraction.empty() ? text : text + "." + fraction;
}

std::string metrics_csv(const std::vector<host::MetricRow>& rows) {
  std::string out = std::string(kMetricHeader) + "\n";
  for (const host::MetricRow& row : rows) out += metric_row_csv(row);
  return out;
}

std::string metric_row_csv(const host::MetricRow& row) {
  return datasets::csv_field(row.name) + "," + to_string(row.node) + "," +
         std::to_string(row.step) + "," + seconds_text(row.time) + "," + number_text(row.value) +
         "\n";
}

std::string spans_csv(const std::vector<host::Span>& spans) {
  std::string out = std::string(kSpanHeader) + "\n";
  for (const host::Span& span : spans) {
    out += to_string(span.node) + "," + std::to_string(span.step) + "," +
           datasets::csv_field(span.what) + "," + seconds_text(span.begin) + "," +
           seconds_text(span.end) + "\n";
  }
  return out;
}

Result<std::vector<host::MetricRow>> parse_metrics_csv(std::string_view text) {
  std::vector<host::MetricRow> rows;
  const Status status = each_row(text, kMetricHeader, [&](const auto& fields) -> std::string {
    const auto node = parse_node(fields[1]);
    const auto step = parse_number<std::uint64_t>(fields[2]);
    const auto time = parse_seconds(fields[3]);
    const auto value = parse_number<double>(fields[4]);
    if (!node) return wrong("node", fields[1], "cloud or edge-N");
    if (!step) return wrong("step", fields[2], "a whole number");
    if (!time) return wrong("time_s", fields[3], "a time in seconds");
    if (!value) return wrong("value", fields[4], "a number");
    rows.push_back({fields[0], *node, *time, *step, *value});
    return {};
  });
  if (!status) return status.failure();
  return rows;
}

Result<std::vector<host::Span>> parse_spans_csv(std::string_view text) {
  std::vector<host::Span> spans;
  const Status status = each_row(text, kSpanHeader, [&](const auto& fields) -> std::string {
    const auto node = parse_node(fields[0]);
    const auto step = parse_number<std::uint64_t>(fields[1]);
    const auto begin = parse_seconds(fields[3]);
    const auto end = parse_seconds(fields[4]);
    if (!node) return wrong("node", fields[0], "cloud or edge-N");
    if (!step) return wrong("step", fields[1], "a whole number");
    if (!begin) return wrong("begin_s", fields[3], "a time in seconds");
    if (!end) return wrong("end_s", fields[4], "a time in seconds");
    spans.push_back({*node, *step, fields[2], *begin, *end});
    return {};
  });
  if (!status) return status.failure();
  return spans;
}

}  // namespace skerry::experiments

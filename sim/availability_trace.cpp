#include "sim/availability_trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::sim {
namespace {

constexpr std::string_view kHeading = "node,start_s,end_s";
constexpr std::size_t kMostProblems = 10;
constexpr std::string_view kBlank = " \t\r";
constexpr std::size_t kDecimals = 9;
constexpr std::int64_t kMostSeconds = 9'000'000'000;  // 285 years

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// The three fields of a row, or nothing.
std::optional<std::array<std::string_view, 3>> fields_of(std::string_view row) {
  if (std::count(row.begin(), row.end(), ',') != 2) return std::nullopt;
  const std::size_t first = row.find(',');
  const std::size_t second = row.find(',', first + 1);
  return std::array{trimmed(row.substr(0, first)),
                    trimmed(row.substr(first + 1, second - first - 1)),
                    trimmed(row.substr(second + 1))};
}

template <class Integer>
std::optional<Integer> parse_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  Integer value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// Decimal seconds, exactly: `12` or `12.000000001`.
std::optional<SimTime> parse_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto seconds = parse_digits<std::int64_t>(text.substr(0, point));
  if (!seconds || *seconds > kMostSeconds) return std::nullopt;
  std::int64_t ns = 0;
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    if (decimals.size() > kDecimals) return std::nullopt;
    std::string padded(decimals);
    padded.resize(kDecimals, '0');
    const auto parsed = parse_digits<std::int64_t>(padded);
    if (decimals.empty() || !parsed) return std::nullopt;
    ns = *parsed;
  }
  return SimTime::at(Duration::seconds(*seconds) + Duration::nanoseconds(ns));
}

std::optional<NodeId> parse_edge(std::string_view text) {
  if (const auto index = parse_digits<std::uint32_t>(text)) return NodeId::edge(*index);
  return parse_node(text);
}

}  // namespace

/// Collects rows and what is wrong with them.
class AvailabilityTrace::Reader {
 public:
  Reader(std::string_view name, const Options& options)
      : name_(name), options_(options), last_row_(options.edges) {}

  void take_line(std::string_view line) {
    if (++line_ == 1) line = without_byte_order_mark(line);
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line == kHeading) return;
    if (auto wrong = take_row(line)) {
      problems_.push_back(name_ + ':' + std::to_string(line_) + ": " + std::move(*wrong));
    }
  }
  bool gives_up() const { return problems_.size() >= kMostProblems; }

  Outcome finish() {
    if (!problems_.empty()) return {.trace = std::nullopt, .problems = std::move(problems_)};
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& x, const Row& y) { return x.edge < y.edge; });
    AvailabilityTrace trace;
    trace.unnamed_available_ = options_.unnamed_available;
    trace.repeat_every_ = options_.repeat_every;
    auto row = rows_.begin();
    for (std::uint32_t edge = 0; edge < options_.edges; ++edge) {
      trace.first_.push_back(static_cast<std::uint32_t>(trace.intervals_.size()));
      for (; row != rows_.end() && row->edge == edge; ++row) append(trace, row->interval);
    }
    trace.first_.push_back(static_cast<std::uint32_t>(trace.intervals_.size()));
    return {.trace = std::move(trace), .problems = {}};
  }

 private:
  struct Row {
    std::uint32_t edge;
    Interval interval;
  };
  /// The last row of one edge so far; line 0 when there is none.
  struct LastRow {
    std::size_t line = 0;
    Interval interval;
  };

  /// What is wrong with the row, if anything is.
  std::optional<std::string> take_row(std::string_view row) {
    const auto fields = fields_of(row);
    if (!fields) return "a row is `" + std::string(kHeading) + "`, not " + in_quotes(row);
    const auto [node_text, start_text, end_text] = *fields;
    const auto edge = parse_edge(node_text);
    if (!edge || !edge->is_edge() || edge->index() >= options_.edges) {
      const bool heading = node_text == kHeading.substr(0, kHeading.find(','));
      return "no edge " + in_quotes(node_text) + "; the edges are edge-0 to edge-" +
             std::to_string(options_.edges - 1) +
             (heading ? "; a header is \"" + std::string(kHeading) + "\"" : "");
    }
    for (const std::string_view text : {start_text, end_text}) {
      if (text.starts_with('-')) return "time " + in_quotes(text) + " is negative";
      if (!parse_seconds(text)) {
        return in_quotes(text) + " is not a time in seconds, like 90 or 90.25 (up to 9 decimals)";
      }
    }
    const Interval interval{*parse_seconds(start_text), *parse_seconds(end_text)};
    if (interval.end <= interval.start) return "the end is not after the start";
    if (options_.repeat_every && interval.end.since_start() > *options_.repeat_every) {
      return "the end is after the trace starts over, at " + to_string(*options_.repeat_every);
    }
    return take_interval(*edge, interval);
  }

  std::optional<std::string> take_interval(NodeId edge, const Interval& interval) {
    LastRow& last = last_row_[edge.index()];
    if (last.line != 0 && interval.start < last.interval.end) {
      const bool overlaps = interval.end > last.interval.start;
      return to_string(edge) + (overlaps ? " overlaps with line " : " starts before line ") +
             std::to_string(last.line);
    }
    last = {.line = line_, .interval = interval};
    rows_.push_back({edge.index(), interval});
    return std::nullopt;
  }

  /// Intervals that touch become one, so that the end of each is a change.
  static void append(AvailabilityTrace& trace, const Interval& interval) {
    const bool first_of_edge = trace.intervals_.size() == trace.first_.back();
    if (!first_of_edge && trace.intervals_.back().end == interval.start) {
      trace.intervals_.back().end = interval.end;
    } else {
      trace.intervals_.push_back(interval);
    }
  }

  std::string name_;
  Options options_;
  std::size_t line_ = 0;
  std::vector<Row> rows_;
  std::vector<LastRow> last_row_;  // by edge
  std::vector<std::string> problems_;
};

AvailabilityTrace::Outcome AvailabilityTrace::read(std::istream& csv, std::string_view name,
                                                   const Options& options) {
  SKERRY_CHECK(options.edges > 0, "a trace is that of at least one edge");
  SKERRY_CHECK(!options.repeat_every || *options.repeat_every > Duration(),
               "a trace starts over after a positive time");
  Reader reader(name, options);
  std::string line;
  while (!reader.gives_up() && std::getline(csv, line)) reader.take_line(line);
  if (csv.bad()) return {.trace = {}, .problems = {std::string(name) + ": cannot be read"}};
  return reader.finish();
}

std::span<const AvailabilityTrace::Interval> AvailabilityTrace::intervals_of(NodeId edge) const {
  SKERRY_CHECK(edge.is_edge() && edge.index() + 1 < first_.size(),
               "availability is that of an edge");
  const std::uint32_t begin = first_[edge.index()];
  return std::span(intervals_).subspan(begin, first_[edge.index() + 1] - begin);
}

Availability::State AvailabilityTrace::at(NodeId edge, SimTime now) {
  const auto intervals = intervals_of(edge);
  if (intervals.empty()) return {.available = unnamed_available_};
  const Duration period = repeat_every_.value_or(SimTime::never().since_start());
  const SimTime start_over = SimTime::at(Duration::nanoseconds(now.count() % period.count()));
  const Duration passed = now - start_over;
  const auto next =
      std::upper_bound(intervals.begin(), intervals.end(), start_over,
                       [](SimTime time, const Interval& interval) { return time < interval.end; });
  const SimTime first_start = intervals.front().start;
  if (next == intervals.end()) {
    return {.available = false,
            .until = repeat_every_ ? first_start + passed + period : SimTime::never()};
  }
  if (start_over < next->start) return {.available = false, .until = next->start + passed};
  const bool runs_on =
      repeat_every_ && next->end.since_start() == period && first_start == SimTime();
  if (!runs_on) return {.available = true, .until = next->end + passed};
  if (intervals.size() == 1) return {.available = true};
  return {.available = true, .until = intervals.front().end + passed + period};
}

SimTime AvailabilityTrace::away_since(NodeId edge, SimTime now) {
  const auto intervals = intervals_of(edge);
  if (intervals.empty()) return {};
  const Duration period = repeat_every_.value_or(SimTime::never().since_start());
  const Duration in_period = Duration::nanoseconds(now.count() % period.count());
  const Duration began = now.since_start() - in_period;  // the period
  const auto after =
      std::upper_bound(intervals.begin(), intervals.end(), SimTime::at(in_period),
                       [](SimTime time, const Interval& interval) { return time < interval.end; });
  if (after != intervals.begin()) return std::prev(after)->end + began;
  if (began == Duration()) return {};
  return intervals.back().end + (began - period);
}

}  // namespace skerry::sim

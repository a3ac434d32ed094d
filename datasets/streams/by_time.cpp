// Rows come in the order in which they were recorded, cut into experiences.
//
// Definition: with `experiences` = n, the border before experience k is the time of the training
// row in place floor(N k / n) of all N, sorted by time; rows of the same time stay together. With
// `span`, experience k holds the times [first + k span, first + (k + 1) span). Borders are those of
// the whole training set, the same for all nodes (the cloud's, where nodes have data of their own);
// a test row goes by the same borders, one from before the first or after the last with the first
// or the last experience. Within an experience rows are sorted by time, rows of the same time in
// the node's order.

#include <algorithm>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/stream.hpp"

namespace skerry::datasets {

namespace {

constexpr double kMostExperiences = 100'000;

struct ByTimeConfig {
  std::optional<std::uint32_t> experiences;
  std::optional<Duration> span;
  Pace pace;
  template <class V>
  void fields(V& v) {
    v("experiences", experiences,
      {.meaning = "number of experiences with the same number of training samples each", .min = 1});
    v("span", span, {.meaning = "or: how much of the recording each experience holds"});
    pace.fields(v);
  }
  void check(FieldReader& reader) const {
    pace.check(reader);
    if (experiences.has_value() == span.has_value()) {
      reader.error("", "says exactly one of \"experiences\" and \"span\"");
    }
    if (span && *span <= Duration()) reader.error("span", "must be more than 0 s");
  }
};

class ByTimePlan final : public StreamPlan {
 public:
  using StreamPlan::StreamPlan;

  void deal(const StreamRows& rows, RowLists& lists) const override {
    const std::vector<double>& times = rows.attributes.time_s;
    const auto inner = std::span(tasks().borders_s).subspan(1, tasks().names.size() - 1);
    lists.assign(tasks().names.size(), {});
    for (const std::uint32_t row : rows.rows) {
      const auto after = std::ranges::upper_bound(inner, times[row]);
      lists[static_cast<std::size_t>(after - inner.begin())].push_back(row);
    }
    for (std::vector<std::uint32_t>& list : lists) {
      std::ranges::stable_sort(list, {}, [&](std::uint32_t row) { return times[row]; });
    }
  }
};

class ByTime final : public Stream {
 public:
  using Config = ByTimeConfig;
  explicit ByTime(const Config& config) : config_(config) {}

  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    if (request.train.time_s.empty()) {
      return Failure{"needs recorded times, which this data does not have"};
    }
    if (request.test_rows > 0 && request.test.time_s.empty()) {
      return Failure{"the test set has no recorded times"};
    }
    std::vector<double> sorted = request.train.time_s;
    std::ranges::sort(sorted);
    const std::vector<double>& agreed = request.agreed.borders_s;
    if (agreed.size() == 1 || !std::ranges::is_sorted(agreed)) {
      return Failure{"the borders that were agreed on do not ascend"};
    }
    Result<std::vector<double>> borders = !agreed.empty()       ? Result(agreed)
                                          : config_.experiences ? equal_counts(sorted)
                                                                : equal_spans(sorted);
    if (!borders) return borders.failure();
    StreamTasks tasks{.ordered = true, .borders_s = std::move(*borders)};
    for (std::size_t k = 0; k + 1 < tasks.borders_s.size(); ++k) {
      // Seconds since the first one: a recording's own origin may be far away.
      const auto text = [&](std::size_t i) {
        return ConfigNode(tasks.borders_s[i] - tasks.borders_s[0]).text();
      };
      tasks.names.push_back("from " + text(k) + " s to " + text(k + 1) + " s");
    }
    return std::unique_ptr<StreamPlan>(std::make_unique<ByTimePlan>(std::move(tasks)));
  }

 private:
  Result<std::vector<double>> equal_counts(const std::vector<double>& sorted) const {
    const std::uint32_t pieces = *config_.experiences;
    const auto count = static_cast<std::uint32_t>(sorted.size());
    std::vector<double> borders;
    for (std::uint32_t k = 0; k < pieces; ++k) {
      borders.push_back(sorted[std::min(piece_begin(count, pieces, k), count - 1)]);
      if (k == 0 || borders[k] > borders[k - 1]) continue;
      return Failure{"too few different times for " + std::to_string(pieces) +
                     " experiences of equal counts: two would begin at the same time"};
    }
    borders.push_back(sorted.back());
    return borders;
  }

  Result<std::vector<double>> equal_spans(const std::vector<double>& sorted) const {
    const double spans = (sorted.back() - sorted.front()) / config_.span->in_seconds();
    if (!(spans < kMostExperiences)) {
      return Failure{"spans of " + quantity_text(*config_.span) +
                     " make more than 100000 experiences"};
    }
    const auto count = static_cast<std::size_t>(spans) + 1;
    std::vector<double> borders;
    for (std::size_t k = 0; k <= count; ++k) {
      borders.push_back(sorted.front() + static_cast<double>(k) * config_.span->in_seconds());
    }
    return borders;
  }

  Config config_;
};

SKERRY_PLUGIN(Stream, ByTime, "by_time", "experiences in the order in which rows were recorded")

}  // namespace

}  // namespace skerry::datasets

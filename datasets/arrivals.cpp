#include "datasets/arrivals.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::datasets {

namespace {

constexpr double kLongest_s = 9.2e9;  // 292 years

// span * i / count without overflow, for i < count < 2^32.
Duration part_of(Duration span, std::uint64_t i, std::uint64_t count) {
  const auto ns = static_cast<std::uint64_t>(span.count());
  return Duration::nanoseconds(static_cast<std::int64_t>(ns / count * i + ns % count * i / count));
}

Duration seconds_of(double seconds) {
  return Duration::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace

Result<std::shared_ptr<const Arrivals>> Arrivals::make(const Stream& stream, const DataSet& data,
                                                       std::uint64_t seed,
                                                       const StreamAgreement& agreed) {
  Result<std::unique_ptr<StreamPlan>> plan =
      stream.plan({.schema = data.train->schema(),
                   .class_names = data.class_names,
                   .train_rows = data.train->size(),
                   .test_rows = data.test ? data.test->size() : 0,
                   .train = data.train_attributes,
                   .test = data.test_attributes,
                   .seed = seed,
                   .agreed = agreed});
  if (!plan) return plan.failure();
  std::shared_ptr<Arrivals> made(
      new Arrivals(std::move(*plan), stream.pace(), stream.needs_labels(), seed));
  if (Status checked = made->check_times(data); !checked) return checked.failure();
  if (made->pace_.arrival == Arrival::kRecorded) {
    if (agreed.periods_s.empty()) made->find_periods(data);
    if (Status taken = made->take_periods(agreed.periods_s); !taken) return taken.failure();
    double total_s = 0;
    for (const Period& period : made->periods_) total_s += period.end_s - period.begin_s;
    if (!(total_s / made->pace_.speed.value_or(1) < kLongest_s)) {
      return Failure{"its recorded times span more than 292 years; raise `speed`"};
    }
  }
  return std::shared_ptr<const Arrivals>(std::move(made));
}

StreamAgreement Arrivals::agreement() const {
  StreamAgreement agreed{
      .levels = plan_->tasks().levels, .borders_s = plan_->tasks().borders_s, .periods_s = {}};
  for (const Period& period : periods_) {
    agreed.periods_s.insert(agreed.periods_s.end(), {period.begin_s, period.end_s});
  }
  return agreed;
}

Status Arrivals::take_periods(const std::vector<double>& agreed) {
  if (agreed.empty()) return {};
  if (agreed.size() != 2 * std::size_t{experiences()}) {
    return Failure{"the periods agreed on are those of another number of experiences"};
  }
  periods_.resize(experiences());
  for (std::size_t t = 0; t < periods_.size(); ++t) {
    periods_[t] = {agreed[2 * t], agreed[2 * t + 1]};
    if (periods_[t].begin_s <= periods_[t].end_s) continue;
    return Failure{"a period that was agreed on ends before it begins"};
  }
  return {};
}

Status Arrivals::check_times(const DataSet& data) const {
  if (pace_.arrival == Arrival::kRecorded && data.train_attributes.time_s.empty()) {
    return Failure{"arrival \"recorded\" needs recorded times, which this data does not have"};
  }
  if (pace_.every.in_seconds() * experiences() > kLongest_s) {
    return Failure{std::to_string(experiences()) + " experiences would last more than 292 years"};
  }
  if (!pace_.join) return {};
  const std::uint32_t last = pace_.join->until.value_or(pace_.join->from);
  if (last < experiences()) return {};
  return Failure{"edges join with experience " + std::to_string(last) + ", but there are only " +
                 std::to_string(experiences()) + ", counted from 0"};
}

void Arrivals::find_periods(const DataSet& data) {
  const std::vector<double>& borders = plan_->tasks().borders_s;
  const std::vector<double>& times = data.train_attributes.time_s;
  periods_.resize(experiences());
  if (!borders.empty()) {
    for (std::size_t t = 0; t < periods_.size(); ++t) periods_[t] = {borders[t], borders[t + 1]};
    return;
  }
  std::vector<std::uint32_t> rows(times.size());
  std::iota(rows.begin(), rows.end(), 0u);
  const RowLists lists = plan_->tasks().repeats ? RowLists(periods_.size(), rows)
                                                : dealt(NodeId::cloud(), Split::kTrain,
                                                        {*data.train, data.train_attributes}, rows);
  for (std::size_t t = 0; t < lists.size(); ++t) {
    if (lists[t].empty()) continue;
    const auto by_time = [&](std::uint32_t row) { return times[row]; };
    const auto [first, last] = std::ranges::minmax_element(lists[t], {}, by_time);
    periods_[t] = {times[*first], times[*last]};
  }
}

Arrivals::Timetable Arrivals::timetable(NodeId node) const {
  Timetable table;
  table.tasks.resize(experiences());
  std::iota(table.tasks.begin(), table.tasks.end(), 0u);
  if (!pace_.shared && !plan_->tasks().ordered && node.is_edge()) {
    RandomStream(seed_, "stream.order", node).shuffle(std::span(table.tasks));
  }
  Duration at;
  for (const std::uint32_t task : table.tasks) {
    table.begins.push_back(at);
    if (periods_.empty()) {
      at = at + pace_.every;
    } else {
      // One nanosecond more, so that the last row comes before the next experience.
      const Period& period = periods_[task];
      at = at + seconds_of((period.end_s - period.begin_s) / pace_.speed.value_or(1)) +
           Duration::nanoseconds(1);
    }
  }
  table.begins.push_back(at);
  return table;
}

std::vector<Experience> Arrivals::experiences_of(NodeId node) const {
  const Timetable table = timetable(node);
  std::vector<Experience> all;
  for (std::size_t e = 0; e < table.tasks.size(); ++e) {
    all.push_back({.task = table.tasks[e],
                   .name = plan_->tasks().names[table.tasks[e]],
                   .begins = table.begins[e],
                   .lasts = table.begins[e + 1] - table.begins[e]});
  }
  return all;
}

std::uint32_t Arrivals::joins_with(NodeId node) const {
  if (!pace_.join || node.is_cloud()) return 0;
  RandomStream random(seed_, "stream.join", node);
  if (random.uniform() >= pace_.join->share) return 0;
  const std::uint32_t from = pace_.join->from;
  const std::uint32_t until = pace_.join->until.value_or(from);
  return from + static_cast<std::uint32_t>(random.below(std::uint64_t{until} - from + 1));
}

RowLists Arrivals::dealt(NodeId node, Split split, const Set& set,
                         std::span<const std::uint32_t> rows) const {
  std::vector<std::int32_t> labels(needs_labels_ ? rows.size() : 0);
  if (needs_labels_) set.samples.labels(rows, labels);
  RowLists lists;
  plan_->deal({.rows = rows,
               .labels = labels,
               .attributes = set.attributes,
               .split = split,
               .of_test_set = set.is_test,
               .node = pace_.shared ? NodeId::cloud() : node},
              lists);
  return lists;
}

void Arrivals::arrange(NodeId node, Split split, const Set& set,
                       std::span<const std::uint32_t> rows, ArrivedRows& out) const {
  const StreamTasks& tasks = plan_->tasks();
  RowLists lists;
  if (!tasks.repeats) lists = dealt(node, split, set, rows);
  const std::vector<double>& times = set.attributes.time_s;
  const std::uint32_t joins = joins_with(node);
  out.rows.clear();
  out.first.assign(1, 0);
  std::uint32_t experience = 0;
  for (const std::uint32_t task : timetable(node).tasks) {
    const std::size_t begin = out.rows.size();
    if (experience++ >= joins) {
      const std::span<const std::uint32_t> in_task = tasks.repeats ? rows : std::span(lists[task]);
      out.rows.insert(out.rows.end(), in_task.begin(), in_task.end());
    }
    const auto added = std::span(out.rows).subspan(begin);
    if (!periods_.empty() && !times.empty()) {
      std::ranges::stable_sort(added, {}, [&](std::uint32_t row) { return times[row]; });
    }
    if (tasks.repeats) {
      for (std::uint32_t& row : added) row += task * set.samples.size();
    }
    out.first.push_back(out.rows.size());
  }
}

Duration Arrivals::arrival(const Timetable& table, const Arranged& arranged,
                           std::size_t position) const {
  const std::size_t at = arranged.first[0] + position;
  const auto next = std::ranges::upper_bound(arranged.first, at);
  const auto e = static_cast<std::size_t>(next - arranged.first.begin()) - 1;
  const Duration begins = table.begins[e], lasts = table.begins[e + 1] - begins;
  const std::vector<double>& times = arranged.set.attributes.time_s;
  if (pace_.arrival == Arrival::kAtOnce) return begins;
  if (periods_.empty() || times.empty()) {
    return begins +
           part_of(lasts, at - arranged.first[e], arranged.first[e + 1] - arranged.first[e]);
  }
  // Rows that no training row was recorded before or after come with the first or the last.
  const Period& period = periods_[table.tasks[e]];
  const double time = times[arranged.rows[position] % arranged.set.samples.size()];
  const double inside = std::clamp(time, period.begin_s, period.end_s) - period.begin_s;
  return begins +
         std::min(seconds_of(inside / pace_.speed.value_or(1)), lasts - Duration::nanoseconds(1));
}

Duration Arrivals::arrival(const Arranged& arranged, std::size_t position) const {
  SKERRY_CHECK(position < arranged.rows.size(), "a row that comes");
  return arrival(timetable(arranged.node), arranged, position);
}

std::pair<std::size_t, std::size_t> Arrivals::range(const Arranged& arranged,
                                                    const Slice& slice) const {
  const std::size_t last = arranged.first.size() - 1;
  const auto border = [&](std::size_t e) {
    return arranged.first[std::min(e, last)] - arranged.first[0];
  };
  const std::size_t next = std::size_t{slice.experience()} + 1;
  switch (slice.kind()) {
    case Slice::Kind::kEverything:
      return {0, arranged.rows.size()};
    case Slice::Kind::kExperience:
      return {border(slice.experience()), border(next)};
    case Slice::Kind::kUpTo:
      return {0, border(next)};
    case Slice::Kind::kBetween:
      break;
  }
  const Timetable table = timetable(arranged.node);
  const auto before = [&](Duration time) {
    std::size_t low = 0, high = arranged.rows.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (arrival(table, arranged, middle) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  const std::size_t begin = before(slice.from());
  return {begin, std::max(begin, before(slice.to()))};
}

}  // namespace skerry::datasets

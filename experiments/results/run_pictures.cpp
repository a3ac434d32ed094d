#include "experiments/results/run_pictures.hpp"

#include <algorithm>
#include <map>

#include "experiments/results/evenly_spread.hpp"

namespace skerry::experiments {

RunPictures::RunPictures(const host::RunRecord& record) : traffic_(record) {
  for (const host::MetricRow& row : record.metrics) {
    if (row.node.is_cloud()) rows_[row.name].push_back(&row);
  }
  for (auto& [metric, rows] : rows_) {
    std::ranges::stable_sort(rows, {}, [](const host::MetricRow* row) { return row->time; });
  }
}

const RunPictures::Rows& RunPictures::rows_of(const std::string& metric) const {
  static const Rows kNone;
  const auto found = rows_.find(metric);
  return found == rows_.end() ? kNone : found->second;
}

Recorded RunPictures::recorded(const std::string& metric, std::size_t most) const {
  const Rows& rows = rows_of(metric);
  Recorded found;
  found.all = rows.size();
  for (const host::MetricRow* row : evenly_spread(rows, most)) {
    found.step.push_back(row->step);
    found.time_s.push_back(row->time.in_seconds());
    found.bytes.push_back(traffic_.at(row->step));
    found.value.push_back(row->value);
  }
  return found;
}

std::vector<PhasesOfStep> RunPictures::phases(const std::vector<std::string>& metrics,
                                              std::size_t most) const {
  std::map<std::uint64_t, PhasesOfStep> by_step;
  for (const std::string& metric : metrics) {
    for (const host::MetricRow* row : rows_of(metric)) {
      const double end_s = row->time.in_seconds();
      by_step[row->step].bars.push_back({metric, end_s - row->value, end_s});
    }
  }
  std::vector<PhasesOfStep> found;
  for (auto& [step, phases] : by_step) {
    phases.step = step;
    std::ranges::stable_sort(phases.bars, {}, &PhasesOfStep::Bar::begin_s);
    found.push_back(std::move(phases));
  }
  return evenly_spread(std::move(found), most);
}

Layers RunPictures::layers(const std::string& metric, std::size_t most) const {
  std::map<SimTime, std::map<std::uint64_t, double>> moments;
  std::map<std::uint64_t, double> heights;
  for (const host::MetricRow* row : rows_of(metric)) {
    heights[row->step] = row->value;
    if (row->value == 0) heights.erase(row->step);
    moments[row->time] = heights;
  }
  std::vector<SimTime> times;
  for (const auto& [time, all] : moments) times.push_back(time);
  Layers found;
  for (const SimTime time : evenly_spread(std::move(times), most)) {
    found.time_s.push_back(time.in_seconds());
    auto& list = found.layers.emplace_back();
    for (const auto& [number, height] : moments[time]) list.push_back({number, height});
  }
  return found;
}

std::vector<double> RunPictures::parts_between(const std::string& metric,
                                               const std::string& events) const {
  const Rows& values = rows_of(metric);
  std::vector<double> parts;
  if (values.empty()) return parts;
  double before = 0;
  auto value = values.begin();
  double last = 0;
  for (const host::MetricRow* event : rows_of(events)) {
    while (value != values.end() && (*value)->time <= event->time) last = (*value++)->value;
    parts.push_back(last - before);
    before = last;
  }
  parts.push_back(values.back()->value - before);
  return parts;
}

}  // namespace skerry::experiments

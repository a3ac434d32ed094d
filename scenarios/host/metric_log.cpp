#include "scenarios/host/metric_log.hpp"

#include <algorithm>

namespace skerry::host {

void MetricLog::add(MetricRow row) { places_.push_back({std::move(row)}); }

std::size_t MetricLog::reserve() {
  open_.push_back(places_.size());
  places_.emplace_back();
  return places_.size() - 1;
}

void MetricLog::fill(std::size_t place, std::vector<MetricRow> rows) {
  places_[place] = std::move(rows);
  const auto open = std::lower_bound(open_.begin(), open_.end(), place);
  if (open != open_.end() && *open == place) open_.erase(open);
}

std::size_t MetricLog::settled() const {
  return open_.empty() ? places_.size() : static_cast<std::size_t>(open_.front());
}

void MetricLog::save(ByteWriter& writer, std::size_t from, std::size_t to) const {
  writer(std::uint64_t{to - from});
  for (; from < to; ++from) writer(places_[from]);
}

void MetricLog::load_more(ByteReader& reader) {
  std::uint64_t count = 0;
  reader(count);
  for (; count > 0 && reader.ok(); --count) reader(places_.emplace_back());
}

void MetricLog::save_open(ByteWriter& writer) const {
  save(writer, settled(), places_.size());
  writer(open_);
}

void MetricLog::load_open(ByteReader& reader) {
  load_more(reader);
  reader(open_);
}

std::vector<MetricRow> MetricLog::rows() const {
  std::vector<MetricRow> rows;
  for (const auto& place : places_) rows.insert(rows.end(), place.begin(), place.end());
  return rows;
}

double MetricLog::last(std::string_view name, double otherwise) const {
  for (auto place = places_.rbegin(); place != places_.rend(); ++place) {
    for (auto row = place->rbegin(); row != place->rend(); ++row) {
      if (row->name == name) return row->value;
    }
  }
  return otherwise;
}

}  // namespace skerry::host

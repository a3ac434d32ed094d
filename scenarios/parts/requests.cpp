#include "scenarios/parts/requests.hpp"

#include "algorithms/sdk/random.hpp"

namespace skerry::parts {

void RequestsConfig::check(FieldReader& reader) const {
  if (count.has_value() == duration.has_value()) {
    reader.error("", "says exactly one of \"count\" and \"duration\"");
  }
  if (duration && *duration <= Duration()) {
    reader.error("duration", "must be longer than nothing: no request would come");
  }
  if (interval <= Duration()) return reader.error("interval", "must be longer than nothing");
  if (duration && duration->in_seconds() / interval.in_seconds() > kMostRequests) {
    reader.error("duration", "brings more than 10 million requests to each edge, one every " +
                                 to_string(interval));
  }
}

std::optional<Duration> ArrivalTimes::next(NodeId edge, std::uint32_t index,
                                           Duration before) const {
  if (config_.count && index >= *config_.count) return std::nullopt;
  RandomStream random(seed_, "requests", edge, index);
  const double interval = config_.interval.in_seconds();
  Duration gap = config_.interval;
  if (config_.arrivals == Arrivals::kPoisson) {
    gap = Duration::ceil_seconds(interval * random.exponential());
  } else if (index == 0) {
    gap = Duration::ceil_seconds(interval * random.uniform());
  }
  const Duration at = before + gap;
  if (config_.duration && at > *config_.duration) return std::nullopt;
  return at;
}

std::uint32_t ArrivalTimes::count(NodeId edge) const {
  if (config_.count) return *config_.count;
  std::uint32_t requests = 0;
  for (auto at = next(edge, 0, {}); at; at = next(edge, requests, *at)) ++requests;
  return requests;
}

std::uint32_t requested_row(NodeId edge, std::uint32_t edges, std::uint32_t index,
                            std::size_t size) {
  if (size == 0) return 0;
  const std::uint64_t first = std::uint64_t{edge.index()} * size / edges;
  return static_cast<std::uint32_t>((first + index) % size);
}

bool Requests::has_own_rows(NodeId edge) const {
  return edge.index() < data_.edges() && data_.size(edge, Split::kTest) > 0;
}

View Requests::view(NodeId edge, std::vector<std::uint32_t>& scratch) const {
  return data_.view(has_own_rows(edge) ? edge : NodeId::cloud(), Split::kTest, scratch);
}

std::size_t Requests::rows(NodeId edge) const {
  return data_.size(has_own_rows(edge) ? edge : NodeId::cloud(), Split::kTest);
}

void RequestClock::begin(SimTime now, role::Effects& effects) {
  drawn_ = 0;
  began_ = now;
  last_ = {};
  await_next(effects);
}

std::optional<std::uint32_t> RequestClock::take(std::uint64_t timer) {
  if (timer != timer_ || !more_) return std::nullopt;
  return drawn_++;
}

void RequestClock::await_next(role::Effects& effects) {
  const auto next =
      requests_.rows(edge_) == 0 ? std::nullopt : requests_.times().next(edge_, drawn_, last_);
  more_ = next.has_value();
  if (!next) return effects.cancel_timer(timer_);
  last_ = *next;
  effects.set_timer(timer_, began_ + *next);
}

}  // namespace skerry::parts

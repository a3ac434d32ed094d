#include "sim/world.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "sim/availability_trace.hpp"
#include "sim/diurnal.hpp"
#include "sim/on_off.hpp"

namespace skerry::sim {

namespace {

Rate rate_of(DataRate rate) {
  return Rate::bytes_per_second(std::max<std::int64_t>(1, std::llround(rate.bytes_per_second)));
}

Result<std::unique_ptr<Availability>> read_trace(const AvailabilityConfig& config,
                                                 std::uint32_t edges) {
  std::istringstream csv(std::string(reinterpret_cast<const char*>(config.trace.bytes.data()),
                                     config.trace.bytes.size()));
  AvailabilityTrace::Outcome outcome =
      AvailabilityTrace::read(csv, config.trace.path.empty() ? "trace" : config.trace.path,
                              {.edges = edges,
                               .unnamed_available = config.unnamed_available.value_or(true),
                               .repeat_every = config.repeat_every});
  if (!outcome.trace) {
    std::string text;
    for (const std::string& problem : outcome.problems)
      text += (text.empty() ? "" : "; ") + problem;
    return Failure{text};
  }
  return std::unique_ptr<Availability>(
      std::make_unique<AvailabilityTrace>(std::move(*outcome.trace)));
}

}  // namespace

Result<std::unique_ptr<Availability>> make_availability(const AvailabilityConfig& config,
                                                        std::uint32_t edges, std::uint64_t seed) {
  switch (config.model) {
    case AvailabilityModel::kAlways:
      return std::unique_ptr<Availability>(std::make_unique<AlwaysAvailable>());
    case AvailabilityModel::kOnOff:
      return std::unique_ptr<Availability>(
          std::make_unique<OnOff>(OnOff::Config{config.mean_on.value_or(Duration::seconds(1)),
                                                config.mean_off.value_or(Duration::seconds(1))},
                                  seed, edges));
    case AvailabilityModel::kDiurnal: {
      const Diurnal::Config usual;
      return std::unique_ptr<Availability>(std::make_unique<Diurnal>(
          Diurnal::Config{config.period.value_or(usual.period), config.peak.value_or(usual.peak),
                          config.fraction.value_or(usual.fraction),
                          config.spread.value_or(usual.spread)},
          seed));
    }
    case AvailabilityModel::kTrace:
      return read_trace(config, edges);
  }
  return Failure{"no such model"};
}

World::World(const WorldConfig& config, std::uint32_t edges, std::uint64_t seed)
    : config_(config),
      edges_(edges),
      seed_(seed),
      order_(seed, "world/profiles", edges),
      attack_order_(seed, "world/attackers", edges) {
  bounds_ = config_.bounds(edges);
  if (config_.attack) {
    for (const std::string& name : config_.attack->nodes) {
      if (const auto node = parse_node(name)) named_attackers_.push_back(*node);
    }
  }
}

const EdgeProfile& World::profile(NodeId edge) const {
  if (config_.edges.size() == 1) return config_.edges.front();
  const auto place = order_(edge.index());
  const auto bound = std::upper_bound(bounds_.begin(), bounds_.end(), place);
  return config_.edges[static_cast<std::size_t>(bound - bounds_.begin())];
}

const DeviceConfig& World::device(NodeId node) const {
  return node.is_cloud() ? config_.cloud.device : profile(node).device;
}

Rate World::cap(NodeId edge, bool up) const {
  const LinkConfig& link = profile(edge).link;
  return rate_of(up ? link.up : link.down);
}

Rate World::shared(bool up) const {
  const auto& rate = up ? config_.cloud.down : config_.cloud.up;
  return rate ? rate_of(*rate) : Rate::unlimited();
}

bool World::tells_messages_apart() const {
  const MessageFaultsConfig& faults = config_.messages;
  return faults.loss + faults.duplication + faults.corruption + faults.reordering > 0 ||
         std::any_of(config_.edges.begin(), config_.edges.end(),
                     [](const EdgeProfile& profile) { return profile.link.jitter.count() > 0; });
}

Duration World::latency(NodeId edge, bool up, std::uint64_t message) const {
  const LinkConfig& link = profile(edge).link;
  if (link.jitter.count() == 0) return link.latency;
  RandomStream random(seed_, up ? "world/jitter up" : "world/jitter down", edge,
                      static_cast<Round>(message));
  return link.latency + Duration::ceil_seconds(link.jitter.in_seconds() * random.exponential());
}

std::uint32_t World::attackers() const {
  return config_.attack ? config_.attack->count(edges_) : 0;
}

bool World::attacked_at(SimTime now) const {
  if (!config_.attack) return false;
  const auto& [begins, ends] = std::pair(config_.attack->begins, config_.attack->ends);
  return (!begins || now >= SimTime::at(*begins)) && (!ends || now < SimTime::at(*ends));
}

bool World::attacks(NodeId node) const {
  if (!config_.attack || node.is_cloud()) return false;
  if (!named_attackers_.empty()) {
    return std::find(named_attackers_.begin(), named_attackers_.end(), node) !=
           named_attackers_.end();
  }
  return attack_order_(node.index()) < attackers();
}

}  // namespace skerry::sim

#include "sim/world_config.hpp"

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/printable.hpp"
#include "scenarios/schema/scenario.hpp"
#include "sim/world.hpp"

namespace skerry::sim {

namespace {

/// Edges that came and went more often would make a run of nothing else.
constexpr Duration kShortestSpell = Duration::milliseconds(1);

}  // namespace

void AvailabilityConfig::check(FieldReader& reader) const {
  if (model == AvailabilityModel::kOnOff && (!mean_on || !mean_off)) {
    reader.error("model", "\"on_off\" needs \"mean_on\" and \"mean_off\"");
  }
  if (model == AvailabilityModel::kTrace && trace.empty()) {
    reader.error("trace", "is missing: the model \"trace\" needs its file");
  }
  for (const auto& [key, mean] : {std::pair("mean_on", mean_on), std::pair("mean_off", mean_off)}) {
    if (mean && (*mean < kShortestSpell || mean->count() > std::int64_t{1} << 56)) {
      reader.error(key, "is not between 1 ms and two years");
    }
  }
  constexpr std::int64_t kLongestPeriod = std::int64_t{1} << 60;
  if (period && (*period < kShortestSpell || period->count() > kLongestPeriod)) {
    reader.error("period", "is not between 1 ms and 36 years");
  }
  const auto belongs_to = [&](const char* key, bool given, AvailabilityModel owner,
                              const char* name) {
    if (!given || model == owner) return;
    reader.error(key, "means nothing without \"model\": \"" + std::string(name) + "\"");
  };
  belongs_to("mean_on", mean_on.has_value(), AvailabilityModel::kOnOff, "on_off");
  belongs_to("mean_off", mean_off.has_value(), AvailabilityModel::kOnOff, "on_off");
  belongs_to("period", period.has_value(), AvailabilityModel::kDiurnal, "diurnal");
  belongs_to("peak", peak.has_value(), AvailabilityModel::kDiurnal, "diurnal");
  belongs_to("fraction", fraction.has_value(), AvailabilityModel::kDiurnal, "diurnal");
  belongs_to("spread", spread.has_value(), AvailabilityModel::kDiurnal, "diurnal");
  belongs_to("trace", !trace.empty(), AvailabilityModel::kTrace, "trace");
  belongs_to("repeat_every", repeat_every.has_value(), AvailabilityModel::kTrace, "trace");
  belongs_to("unnamed_available", unnamed_available.has_value(), AvailabilityModel::kTrace,
             "trace");
  if (repeat_every && *repeat_every < kShortestSpell) {
    reader.error("repeat_every", "is shorter than 1 ms");
  }
}

void MessageFaultsConfig::check(FieldReader& reader) const {
  if (max_delay && reordering == 0 && duplication == 0) {
    reader.error("max_delay", "means nothing without \"reordering\" or \"duplication\"");
  } else if (max_delay && *max_delay == Duration() && duplication == 0) {
    reader.error("max_delay", "is 0 s: nothing would be reordered");
  }
}

std::uint32_t AttackersConfig::count(std::uint32_t edges) const {
  if (!nodes.empty()) return static_cast<std::uint32_t>(nodes.size());
  return static_cast<std::uint32_t>(std::floor(share.value_or(kShare) * edges + 0.5));
}

void AttackersConfig::check(FieldReader& reader) const {
  if (share && !nodes.empty()) {
    reader.error("nodes", "contradict \"share\": give one of them, or say null for the other");
  }
  if (begins && *begins < Duration()) reader.error("begins", "is negative");
  if (ends && *ends <= begins.value_or(Duration())) reader.error("ends", "is not after \"begins\"");
}

void CommandConfig::check(FieldReader& reader) const {
  if (at < Duration()) reader.error("at", "is negative");
  if (command.find_first_not_of(' ') == std::string::npos) reader.error("command", "is empty");
}

void FaultConfig::check(FieldReader& reader) const {
  for (const std::string& node : nodes) {
    if (!parse_node(node)) {
      reader.error("nodes", "\"" + node + "\" is not a node; nodes are \"cloud\" and \"edge-0\" …");
    }
  }
  if (nodes.empty()) reader.error("nodes", "names no node");
  const bool lasts = kind == FaultKind::kSlowDown || kind == FaultKind::kPartition;
  if (lasts && !until) reader.error("until", "is missing: when it is over");
  if (!lasts && until) reader.error("until", "has no meaning for a crash or a restart");
  if (kind != FaultKind::kSlowDown && factor) {
    reader.error("factor", "has no meaning except for a slow_down");
  }
}

namespace {

// Beyond these, the length of a job or the time after a delay does not fit a time.
constexpr const char* kComputes = "a device computes between 1 kFLOP/s and 1e24 FLOP/s";
constexpr const char* kMoves = "a device's memory moves between 1 kB/s and 1e18 B/s";
constexpr const char* kCalls = "a call of a device takes between nothing and one hour";
constexpr Duration kLongestDelay = Duration::seconds(365 * 86'400);

bool computes(const DeviceConfig& device) {
  return device.flops.flops >= 1e3 && device.flops.flops <= 1e24;
}

void check_device(const DeviceConfig& device, const char* key, FieldReader& reader) {
  if (!computes(device)) reader.error(key, kComputes);
  const double memory = device.memory ? device.memory->bytes_per_second : 1e9;
  if (!(memory >= 1e3 && memory <= 1e18)) reader.error(key, kMoves);
  if (device.call < Duration() || device.call > Duration::seconds(3600)) reader.error(key, kCalls);
}

}  // namespace

void WorldConfig::check(FieldReader& reader) const {
  double sum = 0;
  for (const EdgeProfile& profile : edges) {
    sum += profile.share;
    const bool moves =
        profile.link.up.bytes_per_second >= 1 && profile.link.down.bytes_per_second >= 1 &&
        profile.link.up.bytes_per_second < 1e15 && profile.link.down.bytes_per_second < 1e15;
    if (!moves) reader.error("edges", "a link carries between 1 B/s and 1e15 B/s each way");
    check_device(profile.device, "edges", reader);
    for (const Duration delay : {profile.link.latency, profile.link.jitter}) {
      if (delay > kLongestDelay) reader.error("edges", "a delay is at most 365 days");
    }
  }
  if (std::fabs(sum - 1) > 1e-9) {
    reader.error("edges", "the shares add up to " + ConfigNode(sum).text() + ", not to 1");
  }
  check_device(cloud.device, "cloud", reader);
  if (messages.max_delay && *messages.max_delay > kLongestDelay) {
    reader.error("messages", "a delay is at most 365 days");
  }
  if (detection > kLongestDelay) reader.error("detection", "is more than 365 days");
  for (const auto& rate : {cloud.up, cloud.down}) {
    if (rate && (rate->bytes_per_second < 1 || rate->bytes_per_second > 1e15)) {
      reader.error("cloud", "a link carries between 1 B/s and 1e15 B/s");
    }
  }
}

namespace {

/// The fault for each of its nodes, or for all at once, as it strikes.
std::vector<Fault> faults_of(const FaultConfig& fault) {
  const SimTime at = SimTime::at(fault.at);
  const SimTime until = SimTime::at(fault.until.value_or(Duration()));
  std::vector<NodeId> nodes;
  for (const std::string& name : fault.nodes) {
    if (const auto node = parse_node(name)) nodes.push_back(*node);
  }
  if (fault.kind == FaultKind::kPartition) return {Partition{nodes, at, until}};
  std::vector<Fault> list;
  for (const NodeId node : nodes) {
    if (fault.kind == FaultKind::kCrash) list.push_back(Crash{node, at});
    if (fault.kind == FaultKind::kRestart) list.push_back(Restart{node, at});
    if (fault.kind == FaultKind::kSlowDown) {
      list.push_back(SlowDown{node, at, until, fault.factor.value_or(FaultConfig::kUsualSlowDown)});
    }
  }
  return list;
}

std::string pointer_of_fault(std::size_t index) { return "/world/faults/" + std::to_string(index); }

/// Reports crashes of nodes that are down, and restarts of nodes that are up: neither has an
/// effect.
void check_lives(const std::vector<Fault>& faults, const std::vector<std::size_t>& places,
                 Problems& problems) {
  std::set<NodeId> down;
  for (const FaultMoment& moment : timeline_of(faults)) {
    const Fault& fault = faults[moment.fault];
    const std::string pointer = pointer_of_fault(places[moment.fault]);
    if (const Crash* crash = std::get_if<Crash>(&fault)) {
      if (down.insert(crash->node).second) continue;
      problems.add(pointer, to_string(crash->node) + " is down already at " + to_string(crash->at) +
                                ": the crash would do nothing");
    } else if (const Restart* restart = std::get_if<Restart>(&fault)) {
      if (down.erase(restart->node) > 0) continue;
      problems.add(pointer, to_string(restart->node) + " has not crashed before " +
                                to_string(restart->at) + ": the restart would do nothing");
    }
  }
}

void check_faults(const std::vector<FaultConfig>& configs, std::uint32_t edges,
                  Problems& problems) {
  std::vector<Fault> faults;
  std::vector<std::size_t> places;  // of each fault in the scenario's list
  const std::size_t before = problems.size();
  for (std::size_t i = 0; i < configs.size(); ++i) {
    for (Fault& fault : faults_of(configs[i])) {
      if (const auto problem = problem_of(fault, edges)) {
        problems.add(pointer_of_fault(i), *problem);
      }
      faults.push_back(std::move(fault));
      places.push_back(i);
    }
  }
  if (problems.size() == before) check_lives(faults, places, problems);
}

}  // namespace

std::vector<Fault> WorldConfig::fault_list() const {
  std::vector<Fault> list;
  for (const FaultConfig& config : faults) {
    for (Fault& fault : faults_of(config)) list.push_back(std::move(fault));
  }
  return list;
}

std::vector<std::string> WorldConfig::command_words() const {
  std::vector<std::string> words;
  for (const CommandConfig& one : commands) words.push_back(one.command);
  return words;
}

std::vector<std::uint32_t> WorldConfig::bounds(std::uint32_t nodes) const {
  std::vector<std::uint32_t> bounds;
  double sum = 0;
  for (const EdgeProfile& profile : edges) {
    sum += profile.share;
    bounds.push_back(static_cast<std::uint32_t>(std::floor(sum * nodes + 0.5)));
  }
  bounds.back() = nodes;
  return bounds;
}

void check_world(const WorldConfig& world, std::uint32_t edges, Problems& problems) {
  check_faults(world.faults, edges, problems);
  const std::vector<std::uint32_t> bounds = world.bounds(edges);
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < world.edges.size(); ++i) {
    if (std::exchange(begin, bounds[i]) < bounds[i]) continue;
    problems.add(
        "/world/edges/" + std::to_string(i) + "/share",
        number_text(world.edges[i].share) + " of " + std::to_string(edges) + " edges is nobody");
  }
  if (world.attack) {
    if (world.attack->count(edges) == 0) {
      problems.add("/world/attack/share",
                   ConfigNode(world.attack->share.value_or(AttackersConfig::kShare)).text() +
                       " of " + std::to_string(edges) + " edges is nobody");
    }
    std::set<std::string> named;
    for (const std::string& name : world.attack->nodes) {
      if (!named.insert(name).second) {
        problems.add("/world/attack/nodes", "names " + name + " twice");
      }
      const auto node = parse_node(name);
      if (!node || node->is_cloud() || node->index() >= edges) {
        problems.add("/world/attack/nodes",
                     "\"" + name + "\" is not one of the " + std::to_string(edges) + " edges");
      }
    }
  }
  if (auto made = make_availability(world.availability, edges, 0); !made) {
    problems.add("/world/availability/trace", made.message());
  }
}

namespace {

/// Registers the field list of `world` with the scenario reader; nothing is ever made of it.
struct SimulatedWorld final : schema::WorldSection {
  using Config = WorldConfig;
  explicit SimulatedWorld(const Config&) {}
};

}  // namespace

}  // namespace skerry::sim

namespace skerry {
using schema::WorldSection;
using sim::SimulatedWorld;
SKERRY_PLUGIN(WorldSection, SimulatedWorld, "simulated",
              "devices, links, availability, faults and attackers of a simulated run")
}  // namespace skerry

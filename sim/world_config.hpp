#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/fields.hpp"
#include "scenarios/role/paradigm.hpp"
#include "sim/availability.hpp"
#include "sim/device_model.hpp"
#include "sim/faults.hpp"
#include "sim/message_faults.hpp"

namespace skerry::sim {

/// A node's own end of the network.
struct LinkConfig {
  DataRate up{1.25e6};
  DataRate down{6.25e6};
  Duration latency = Duration::milliseconds(20);
  Duration jitter;

  template <class V>
  void fields(V& v) {
    v("up", up, {.meaning = "rate from the node"});
    v("down", down, {.meaning = "rate to the node"});
    v("latency", latency, {.meaning = "delay of every message, one way"});
    v("jitter", jitter, {.meaning = "mean of an exponential delay on top"});
  }
};

enum class AvailabilityModel : std::uint8_t { kAlways, kOnOff, kDiurnal, kTrace };

/// When edges can be reached.
struct AvailabilityConfig {
  AvailabilityModel model = AvailabilityModel::kAlways;
  std::optional<Duration> mean_on;
  std::optional<Duration> mean_off;
  std::optional<Duration> period;
  std::optional<Duration> peak;
  std::optional<double> fraction;
  std::optional<double> spread;
  FileContent trace;
  std::optional<Duration> repeat_every;
  std::optional<bool> unnamed_available;

  template <class V>
  void fields(V& v) {
    v("model", model, {.meaning = "which model"});
    v("mean_on", mean_on, {.meaning = "on_off: mean length of a spell of availability"});
    v("mean_off", mean_off, {.meaning = "on_off: mean length of an absence"});
    v("period", period, {.meaning = "diurnal: length of a day, by default 24 h"});
    v("peak", peak,
      {.meaning = "diurnal: when the middle of the population peaks, by default at once"});
    v("fraction", fraction,
      {.meaning = "diurnal: part of the day an edge is available, by default 0.5",
       .min = 0,
       .max = 1,
       .above_min = true});
    v("spread", spread,
      {.meaning = "diurnal: part of the day over which peaks spread, by default 0.5",
       .min = 0,
       .max = 1});
    v("trace", trace, {.meaning = "trace: CSV file with rows node,start_s,end_s"});
    v("repeat_every", repeat_every, {.meaning = "trace: start over after this long"});
    v("unnamed_available", unnamed_available,
      {.meaning = "trace: whether edges without a row are always available, by default true"});
  }
  void check(FieldReader& reader) const;
};

/// A kind of edge: what share of the edges has this device and this link.
struct EdgeProfile {
  double share = 1;
  DeviceConfig device;
  LinkConfig link;

  template <class V>
  void fields(V& v) {
    v("share", share, {.meaning = "part of the edges", .min = 0, .max = 1, .above_min = true});
    v("device", device, {.meaning = "what it computes with"});
    v("link", link, {.meaning = "its end of the network"});
  }
};

struct CloudProfile {
  DeviceConfig device{
      // the preset "server"
      ComputeRate{40e9}, 16, Power{8}, Power{0}, Duration::nanoseconds(20'000), DataRate{10e9}};
  std::optional<DataRate> up;
  std::optional<DataRate> down;

  template <class V>
  void fields(V& v) {
    v("device", device, {.meaning = "what the cloud computes with"});
    v("up", up, {.meaning = "what all transfers to edges share; without: no limit"});
    v("down", down, {.meaning = "what all transfers from edges share; without: no limit"});
  }
};

/// Faults of single messages, drawn from the seed.
struct MessageFaultsConfig {
  double loss = 0;
  double duplication = 0;
  double corruption = 0;
  double reordering = 0;
  std::optional<Duration> max_delay;

  template <class V>
  void fields(V& v) {
    v("loss", loss, {.meaning = "probability that a message never arrives", .min = 0, .max = 1});
    v("duplication", duplication,
      {.meaning = "probability that it arrives twice", .min = 0, .max = 1});
    v("corruption", corruption,
      {.meaning = "probability that values of its payload are altered", .min = 0, .max = 1});
    v("reordering", reordering, {.meaning = "probability that it is delayed", .min = 0, .max = 1});
    v("max_delay", max_delay,
      {.meaning = "longest such delay, and of the second copy of a message; by default 1 s"});
  }
  void check(FieldReader& reader) const;
};

enum class FaultKind : std::uint8_t { kCrash, kRestart, kSlowDown, kPartition };

/// A fault at a given time.
struct FaultConfig {
  static constexpr double kUsualSlowDown = 2;

  FaultKind kind = FaultKind::kCrash;
  std::vector<std::string> nodes;
  Duration at;
  std::optional<Duration> until;
  std::optional<double> factor;

  template <class V>
  void fields(V& v) {
    v("kind", kind, {.meaning = "what happens", .required = true});
    v("nodes", nodes, {.meaning = "to whom: \"cloud\", \"edge-3\"", .required = true});
    v("at", at, {.meaning = "when", .required = true});
    v("until", until, {.meaning = "slow_down, partition: until when"});
    v("factor", factor,
      {.meaning = "slow_down: times as long, by default 2", .min = 1, .max = 1e9});
  }
  void check(FieldReader& reader) const;
};

/// What an operator tells the cloud at a given time.
struct CommandConfig {
  Duration at;
  std::string command;

  template <class V>
  void fields(V& v) {
    v("at", at, {.meaning = "when", .required = true});
    v("command", command,
      {.meaning = "what: \"stop\", \"rollback\", \"tag 2 good\" …", .required = true});
  }
  void check(FieldReader& reader) const;
};

/// Who attacks, and how.
struct AttackersConfig {
  static constexpr double kShare = 0.1;  // where neither a share nor nodes are given
  Choice<Attack> attack;
  std::optional<double> share;
  std::vector<std::string> nodes;
  std::optional<Duration> begins, ends;

  template <class V>
  void fields(V& v) {
    v("share", share,
      {.meaning = "part of the edges that attack, by default 0.1", .min = 0, .max = 1});
    v("nodes", nodes, {.meaning = "the attackers by name, instead of a share"});
    v("begins", begins, {.meaning = "updates before then are honest; default: the beginning"});
    v("ends", ends, {.meaning = "updates from then on are honest; default: the end"});
    v.beside("name", attack);
  }
  void check(FieldReader& reader) const;
  /// How many of so many edges attack.
  std::uint32_t count(std::uint32_t edges) const;
};

/// `world` of a scenario: everything that is only simulated.
struct WorldConfig {
  CloudProfile cloud;
  std::vector<EdgeProfile> edges{EdgeProfile{}};
  AvailabilityConfig availability;
  MessageFaultsConfig messages;
  std::vector<FaultConfig> faults;
  Duration detection = Duration::seconds(10);
  std::optional<AttackersConfig> attack;
  std::vector<CommandConfig> commands;

  template <class V>
  void fields(V& v) {
    v("cloud", cloud, {.meaning = "the cloud's device and its end of the network"});
    v("edges", edges, {.meaning = "kinds of edges"});
    v("availability", availability, {.meaning = "when edges can be reached"});
    v("messages", messages, {.meaning = "faults of messages"});
    v("faults", faults, {.meaning = "faults of nodes"});
    v("detection", detection, {.meaning = "how long until the cloud notices that an edge is gone"});
    v("attack", attack, {.meaning = "malicious edges"});
    v("commands", commands, {.meaning = "what an operator tells the cloud"});
  }
  void check(FieldReader& reader) const;

  role::Hazards hazards() const {
    return {.loses_messages = messages.loss > 0,
            .loses_all = messages.loss == 1,
            .attacks = attack.has_value(),
            .commands = command_words()};
  }
  std::vector<std::string> command_words() const;
  /// Of so many nodes in the order of their draw, those of kind i end here: [edges.size()].
  std::vector<std::uint32_t> bounds(std::uint32_t nodes) const;
  /// The faults with nodes looked up; check_world() has accepted them.
  std::vector<Fault> fault_list() const;
};

/// Reports what only shows with the number of edges known: nodes that do not exist, faults that
/// would do nothing, a broken trace.
void check_world(const WorldConfig& world, std::uint32_t edges, Problems& problems);

}  // namespace skerry::sim

namespace skerry {
template <>
struct EnumNames<sim::AvailabilityModel> {
  static constexpr std::pair<sim::AvailabilityModel, std::string_view> names[] = {
      {sim::AvailabilityModel::kAlways, "always"},
      {sim::AvailabilityModel::kOnOff, "on_off"},
      {sim::AvailabilityModel::kDiurnal, "diurnal"},
      {sim::AvailabilityModel::kTrace, "trace"}};
};
template <>
struct EnumNames<sim::FaultKind> {
  static constexpr std::pair<sim::FaultKind, std::string_view> names[] = {
      {sim::FaultKind::kCrash, "crash"},
      {sim::FaultKind::kRestart, "restart"},
      {sim::FaultKind::kSlowDown, "slow_down"},
      {sim::FaultKind::kPartition, "partition"}};
};
}  // namespace skerry

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "scenarios/host/executor.hpp"
#include "scenarios/role/role.hpp"
#include "sim/alarm.hpp"
#include "sim/processor.hpp"

namespace skerry::sim {

/// A job under way on a node: computed by the executor, timed by the node's device.
struct RunningJob {
  std::uint64_t number = 0;
  std::uint16_t kind = 0;
  Round round = 0;         // of its key
  std::uint64_t step = 0;  // of its spans
  SimTime began;
  Duration work;                 // alone on the device
  bool on_device = true;         // false: takes no time, or is over and held (attackers)
  host::Executor::TaskRef task;  // null once restored from a checkpoint
  std::vector<role::PayloadRef> outputs;
  ByteVector report;                  // known once the task is over
  std::optional<JobFailure> failure;  // likewise: in place of outputs and report
  role::PayloadRef down;              // of a training: what it starts from, for attackers
  role::PayloadId origin;  // what its first input was when it came from the cloud, for attackers

  template <class A>
  void archive(A& a) {
    a(number, kind, round, step, began, work, on_device, outputs, report, failure, down, origin);
  }
};

/// Modelled energy drawn above idle, by what drew it.
struct Joules {
  double edges = 0;
  double cloud = 0;
  double network = 0;

  double total() const { return edges + cloud + network; }
  template <class A>
  void archive(A& a) {
    a(edges, cloud, network);
  }
};

/// What was recorded of it last.
struct EnergyRecord {
  SimTime at;
  std::uint64_t step = 0;
  double total = -1;
  bool operator==(const EnergyRecord&) const = default;
  template <class A>
  void archive(A& a) {
    a(at, step, total);
  }
};

/// One simulated node: its role, its device, its jobs. Made when something happens to it.
struct Node {
  std::unique_ptr<role::Role> role;
  std::unique_ptr<Processor> device;  // made with its first charged job
  Alarm device_alarm;
  std::map<std::uint64_t, RunningJob> jobs;  // by number
  std::uint32_t life = 0;                    // restarts so far
  ByteVector persisted;                      // what survives a crash
  std::vector<std::shared_ptr<void>> persisted_payloads;

  /// Nothing is under way: what its role saves and the count of its alarm are all there is to it.
  bool idle() const {
    return role && role->idle() && jobs.empty() && persisted.empty() && life == 0;
  }
};

/// An idle node, packed into tens of bytes: most of a large population, most of the time.
class PackedNode {
 public:
  PackedNode() = default;
  explicit PackedNode(const Node& node);
  /// @param role  a new role of that node, to be brought to where the packed one was.
  Node unpack(std::unique_ptr<role::Role> role) const;

  template <class A>
  void archive(A& a) {
    ByteVector copy(bytes().begin(), bytes().end());
    a(copy);
    if constexpr (A::kReading) assign(copy);
  }

 private:
  std::span<const std::byte> bytes() const;
  void assign(std::span<const std::byte> bytes);

  std::unique_ptr<std::byte[]> block_;  // a size, then that many bytes: one pointer a node
};

}  // namespace skerry::sim

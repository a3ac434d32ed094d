#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
  Round round = 0;
  SimTime began;
  Duration work;                 // alone on the device
  bool on_device = true;         // false: takes no time, or is over and held (attackers)
  host::Executor::TaskRef task;  // null once restored from a checkpoint
  std::vector<role::PayloadRef> outputs;
  ByteVector report;      // where restored
  role::PayloadRef down;  // first input, for attackers

  template <class A>
  void archive(A& a) {
    a(number, kind, round, began, work, on_device, outputs, report, down);
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

/// One simulated node: its role, its device, its jobs. Made when something first happens to it.
struct Node {
  std::unique_ptr<role::Role> role;
  std::unique_ptr<Processor> device;  // made with its first charged job
  Alarm device_alarm;
  std::map<std::uint64_t, RunningJob> jobs;  // by number
  ByteVector persisted;                      // what survives a crash
  std::vector<std::shared_ptr<void>> persisted_payloads;
};

}  // namespace skerry::sim

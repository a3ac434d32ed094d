#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/role/message.hpp"

namespace skerry::joint_inference {

/// What one edge (or all of them together) counted in one phase. A request whose inference failed
/// on the edge is over without an answer: it has no latency, and is right nowhere.
struct Tally {
  std::uint64_t requests = 0;              // over: answered, or failed
  std::uint64_t edge_correct = 0;          // the edge's own answer is right, given or not
  std::uint64_t joint_correct = 0;         // the answer given is right
  std::uint64_t hard = 0;                  // scored above the threshold
  std::uint64_t offloaded = 0;             // sent to the cloud, whether it answered in time or not
  std::uint64_t fallbacks = 0;             // hard, and yet answered by the edge
  std::uint64_t late = 0;                  // answers of the cloud that nobody waited for any more
  std::uint64_t refused = 0;               // messages that made no sense
  role::MessageBytes bytes_up;             // of examples sent
  std::vector<std::int64_t> latencies_ns;  // one per answer, in their order

  std::uint64_t answered() const { return latencies_ns.size(); }
  std::uint64_t failed() const { return requests - answered(); }
  std::uint64_t from_cloud() const { return hard - fallbacks; }  // answered by the cloud
  Tally& operator+=(const Tally& other);
  template <class A>
  void archive(A& a) {
    a(requests, edge_correct, joint_correct, hard, offloaded, fallbacks, late, refused, bytes_up,
      latencies_ns);
  }
};

/// Whether an edge can have counted that. Must be asked for every tally from a peer.
bool plausible(const Tally& tally);

/// The least of `values` that a share of them does not exceed (nearest rank).
/// @param values  sorted, not empty.
/// @param share   in (0, 1].
std::int64_t percentile(const std::vector<std::int64_t>& values, double share);

/// The metrics of a phase that follow from its tally: `joint/accuracy`, `joint/latency_mean_s`, and
/// so on. Shares are shares of all requests, including those that failed. Shares are left out if
/// there were no requests, latencies if there were no answers, `joint/failed` if nothing failed.
std::vector<std::pair<std::string, double>> describe(Tally tally);

}  // namespace skerry::joint_inference

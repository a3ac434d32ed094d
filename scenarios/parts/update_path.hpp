#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/server_stage.hpp"
#include "algorithms/sdk/transform.hpp"
#include "scenarios/parts/server_config.hpp"
#include "scenarios/parts/training.hpp"
#include "scenarios/parts/transform_list.hpp"
#include "scenarios/parts/update_jobs.hpp"
#include "scenarios/role/job_kind.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::parts {

/// An update's way from the training on an edge into the next model:
///
///   plain update -> (attack) -> transforms -> the wire -> opened -> reducer over whole updates
///     -> [opened once, where encoded records add] -> server stages -> server optimiser -> model
///
/// and the model's way back through the transforms of the downlink. Only what is learnt goes this
/// way. The model's buffers cross the wire as they are, and the cloud takes their mean over the
/// accepted updates, with the weights of a linear reducer, or else weighted by examples. So a
/// robust reducer does not guard buffers, and attacks leave them alone. Frozen tensors never
/// change, and do not travel where edges know the first model (Origin).
///
/// The class holds the plugins of this way and makes the kinds of job that take an update along it.
/// The machines of rounds (SyncRounds, AsyncRounds) and the edge's Trainee decide when. The attack
/// belongs to the simulation: it changes what a kind with JobKind::trains makes, before that is
/// encoded.
///
/// Outlives the kinds that it makes. Const calls may run concurrently.
class UpdatePath {
 public:
  /// Where the first model comes from, if no job brings one.
  struct Origin {
    std::vector<float> parameters;  // in the order of the layout; empty: drawn from `seeds.init`
    /// Edges know it too, so that frozen tensors, which keep its values, do not travel.
    bool known_on_edges = false;
  };
  struct Options {
    const Registry& registry;
    const Learner& learner;
    std::uint32_t population = 1;  // nodes of the whole federation
    std::uint32_t rounds = 0;      // after which the run is over; 0 = nobody knows
    role::RunSeeds seeds;
    Origin origin = {};
    /// Where noise that must stay secret is seeded from: the operating system. Empty in a
    /// simulation, which draws it from the scenario's seed.
    std::function<std::uint64_t()> entropy;
  };
  UpdatePath(const ServerConfig& server, const UpdateConfig& update, const Training& training,
             Options options);

  /// Reports problems of the lists, and of how their plugins fit each other.
  static void check(const ServerConfig& server, const UpdateConfig& update,
                    const Registry& registry, Problems& problems);

  const Reducer& reducer() const { return *reducer_; }
  const TransformList& up() const { return up_; }
  const TransformList& down() const { return down_; }
  bool sends_changes() const { return update_.down_sends == DownSends::kChange; }
  /// Whether the model looks different on the wire, so that the cloud must encode it.
  bool encodes_down() const { return sends_changes() || !down_.empty() || !frozen_.empty(); }
  /// How many changes are kept for edges that are behind.
  std::size_t down_versions() const { return update_.down_versions.value_or(8); }
  /// Whether the cloud keeps whole updates until the end of the round instead of summing them.
  bool gathers() const { return reducer_->traits().form == ReducerTraits::Form::kGather; }
  /// The fewest accepted updates that change the model. 0 if a stage acts on an empty cohort.
  std::uint32_t minimum(std::uint32_t wanted) const;

  /// Shape of an update as training makes it, as it crosses the wire, and as it reaches the
  /// reducer.
  std::vector<RecordSpec> plain_shape(Exchange exchange) const;
  std::vector<RecordSpec> wire_shape(Exchange exchange) const;
  std::vector<RecordSpec> opened_shape(Exchange exchange) const;
  /// The records that an edge's transforms keep between updates; empty if they keep none.
  std::vector<RecordSpec> codec_state() const;
  /// Shape of the model that an edge is sent, as it crosses the wire.
  std::vector<RecordSpec> wire_down_shape() const {
    return encodes_down() ? down_.wire(coded_shape(), 0) : down_shape();
  }
  /// Shape of the downlink as edges train from it.
  const std::vector<RecordSpec>& down_shape() const { return training_.down_shape(); }

  // The kinds of job, in the order of the way. See update_jobs.hpp.
  role::JobKind initialise() const;  // [model] -> server, down
  role::JobKind encode() const;
  role::JobKind decode() const;
  role::JobKind accumulate() const;
  role::JobKind finish() const;
  /// down -> down as it crosses the wire; or, if changes are sent: down, W -> change, W. Without an
  /// input W the change is empty.
  role::JobKind encode_down() const;
  /// The way back: encoded down -> down; or, if changes are sent: W, changes -> W.
  role::JobKind decode_down() const;

 private:
  bool keeps_apart(const std::vector<RecordSpec>& opened) const;
  struct Accepted;  // what the finishing job knows of the accepted updates
  role::JobResult run_initialise(const role::Job& job) const;
  role::JobResult run_encode(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_decode(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_accumulate(role::Job& job, Workspace& workspace) const;
  role::JobResult run_finish(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_encode_down(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_decode_down(const role::Job& job, Workspace& workspace) const;
  Payload encode_model(const Payload& model, const StreamKey& key, Workspace& workspace) const;
  Payload open_model(const Payload& wire, Workspace& workspace) const;
  void first_model(std::span<float> parameters) const;
  std::vector<RecordSpec> coded_shape() const;
  Payload split_model(const Payload& down) const;
  Payload join_model(const Payload& coded) const;
  Payload without_model(const Payload& down, const std::vector<RecordSpec>& model) const;

  Payload downlink(const Payload& server) const;
  Payload reduce_sums(const role::Content& sums, Exchange exchange, Workspace& workspace) const;
  Payload gather(const role::Job& job, const FinishBody& body, Accepted& accepted,
                 std::vector<Verdict>& verdicts, Workspace& workspace) const;
  void add_mean_buffers(const Accepted& accepted, const FinishBody& body, Payload& reduced) const;
  bool step_server(const FinishBody& body, const Accepted& accepted, Payload& reduced,
                   Payload& server, Payload& ask, Workspace& workspace) const;
  void act_stages(const FinishBody& body, const Accepted& accepted, Payload& reduced,
                  Payload& server, Workspace& workspace) const;
  double parameters() const { return static_cast<double>(options_.learner.layout()->size()); }

  ServerConfig server_;
  UpdateConfig update_;
  const Training& training_;
  Options options_;
  std::unique_ptr<Reducer> reducer_;
  std::vector<std::unique_ptr<ServerStage>> stages_;
  std::unique_ptr<Optimizer> optimizer_;
  TransformList up_;
  TransformList down_;
  std::vector<float> frozen_;  // values that both sides know; empty if there are none
};

}  // namespace skerry::parts

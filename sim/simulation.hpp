#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/node_set.hpp"
#include "scenarios/host/executor.hpp"
#include "scenarios/host/failure_log.hpp"
#include "scenarios/host/metric_log.hpp"
#include "scenarios/host/run_fault.hpp"
#include "scenarios/host/run_record.hpp"
#include "scenarios/host/undelivered.hpp"
#include "scenarios/role/paradigm.hpp"
#include "sim/attendance.hpp"
#include "sim/event_queue.hpp"
#include "sim/network.hpp"
#include "sim/node.hpp"
#include "sim/world.hpp"

namespace skerry::sim {

/// The simulated world around the roles of one paradigm: turns their effects into events and the
/// events into their inputs, in the order of (time, priority, sequence).
///
/// Virtual time comes from the world's models. The real computation of a job runs on a worker
/// thread meanwhile. It is awaited at the virtual time at which the job finishes, since the role is
/// told then whether the job succeeded. So threads have no influence on any result. A job that
/// fails takes the time and the energy that it would have taken.
///
/// An optimistic simulation does not wait: it tells the role that the job finished, and waits for
/// the bits where they are first read. So threads compute in advance, whatever the world looks
/// like. If such a job fails after all, nothing that the simulation did since then counts: it is
/// disproved, and its owner starts again from what was saved, no longer optimistic. Results are
/// those of a simulation that waited from the beginning.
///
/// A run that can no longer be right is ended: see fault().
class Simulation {
 public:
  struct Options {
    unsigned threads = 1;
    bool optimistic = false;
    /// Where jobs run besides these threads; null for nowhere.
    host::Places* places = nullptr;
    /// Told what is computed, for a watchdog; null for nobody. Outlives the simulation.
    host::JobsUnderWay* watch = nullptr;
    /// Spans are kept for the timeline until there are this many.
    std::size_t spans = 4000;
    /// Called now and then between events, with the metrics there are.
    std::function<void(const Simulation&)> progress;
    /// Set from a signal handler: the run stops between two events.
    const std::atomic<bool>* interrupted = nullptr;
    /// Called after each of the cloud's steps that recorded metrics (rounds); may save the run.
    std::function<void(Simulation&)> checkpoint;
    /// Called with the models that the cloud's role knows of, after each of its steps; the
    /// parameters of all that it holds are there. May be empty.
    std::function<void(const role::Catalogue&)> catalogue;
    /// Called with a line for people: what became of a command of the world's operator. May be
    /// empty.
    std::function<void(const std::string& line)> say;
  };
  /// @param paradigm  built on the data that poisoned() made for this world (poisoned_data.hpp).
  Simulation(const role::Paradigm& paradigm, const World& world, const Registry& registry,
             Options options);
  ~Simulation();

  /// Starts all roles. Not after load().
  void start();
  /// Runs until the cloud stops, nothing is left to happen, the run is interrupted, or a fault ends
  /// it. True when the cloud stopped and everything was measured.
  bool run();

  /// The simulation was optimistic, and a job failed: it has no result and cannot be saved.
  bool disproved() const { return executor_.disproved(); }
  /// Why the run was ended by a fault, whether or not its cloud had stopped it: a measurement
  /// failed, or a plugin that was called outside of a job. Such a run has no result, and its state
  /// must not be saved.
  const std::optional<host::RunFault>& fault() const { return fault_; }

  /// After run(), if nothing is left to happen though the cloud has not stopped: why, in words.
  std::string standstill() const;
  /// The same, and ends the run as failed for that reason: its cloud is told to stop, so that
  /// record() has the model and what was measured of it. There may be a fault afterwards.
  void give_up();

  SimTime now() const { return queue_.now(); }
  std::uint64_t events() const { return events_; }
  std::uint64_t steps() const { return last_step_; }
  const host::MetricLog& metrics() const { return metrics_; }
  /// The models that the cloud's role knows of; null if it keeps no account of them.
  const role::Catalogue* catalogue() const;
  /// What the run leaves behind; waits for measurements still being computed.
  host::RunRecord record();
  /// The metrics that a simulation records for every paradigm.
  static void declare(role::Results& results);

  /// The whole state of the run. Everything being computed is waited for and saved, failures too:
  /// a run that goes on from here computes no job again that was started before. While it waits
  /// the run may turn out to be disproved, or to have a fault: then what is written is of no use.
  void save(ByteWriter& writer);
  /// Fails the reader if the bytes are of another run. There may be a fault afterwards.
  void load(ByteReader& reader);
  /// The same where metrics(), which only grow, are kept apart. All their places are filled.
  void save_without_metrics(ByteWriter& writer);
  void load(ByteReader& reader, host::MetricLog metrics);

 private:
  enum EventKind : std::uint16_t {
    kDeliver,       // a: message
    kTimer,         // a: timer slot
    kLinkFinish,    // a: way, b: generation
    kDeviceFinish,  // node, b: generation
    kInstantJob,    // a: job slot
    kFault,         // a: moment
    kAvailability,  // node
    kNoticed,       // node; a: 1 = back, 0 = gone
    kCommand,       // a: place in the world's list
  };
  struct Timer {
    NodeId node;
    std::uint64_t number = 0;
    bool cancelled = false;
    bool overdue = false;  // its time came while the node was down
    template <class A>
    void archive(A& a) {
      a(node, number, cancelled, overdue);
    }
  };
  struct HonestUpdates {  // that were trained, or are being trained, from one model
    role::PayloadId model;
    std::map<NodeId, role::PayloadRef> updates;
    template <class A>
    void archive(A& a) {
      a(model, updates);
    }
  };
  struct Opened {  // by a job of an edge, in the step that hears of it
    role::PayloadId content;
    role::PayloadId origin;
  };
  struct Detached {
    host::Executor::TaskRef task;
    std::uint16_t kind;
    std::size_t place;
    NodeId node;
    SimTime time;
    std::uint64_t step;
  };

  // The world's events (simulation.cpp).
  template <class Call>
  void calling_plugins(const Call& call);
  void begin();
  bool run_events();
  void handle(const Event& event);
  void push(SimTime time, Priority priority, EventKind kind, NodeId node, std::uint32_t a = 0,
            std::uint32_t b = 0);
  Node& node(NodeId id);
  void pack_if_idle(NodeId id);
  /// Makes the role of a node to which something happens for the first time.
  Node& wake(NodeId id);
  void step(NodeId id, role::Event event);
  void show_catalogue();
  void on_link_finish(Way way, std::uint32_t generation);
  void on_device_finish(NodeId id, std::uint32_t generation);
  void on_instant_job(std::uint32_t slot);
  void on_timer(std::uint32_t slot);
  void on_deliver(std::uint32_t slot);
  void on_command(const CommandConfig& command);
  void watch_link(Way way);
  void watch_device(NodeId id);

  // What roles want (effects.cpp).
  void perform(NodeId id, role::Effects& effects);
  void send(NodeId id, role::Message message);
  void set_out(NodeId edge, Way way, std::uint32_t slot);
  void set_timer(NodeId id, const role::SetTimer& timer);
  void cancel_timer(NodeId id, std::uint64_t timer);
  void start_job(NodeId id, role::Job job);
  void cancel_job(NodeId id, std::uint64_t number);
  void await(RunningJob& job);
  bool assume(const RunningJob& job);
  void finish_job(NodeId id, RunningJob& job);
  void record_metric(NodeId id, const role::RecordMetric& metric);
  void record_energy(std::uint64_t step);
  void note_span(NodeId id, std::uint64_t step, std::string_view what, SimTime begin);
  void collect_detached(bool all);
  void save_state(ByteWriter& writer);
  void load_state(ByteReader& reader);
  void end_with(host::RunFault fault);
  bool over() const { return stop_ || fault_ || disproved(); }
  role::Message corrupted(const role::Message& message, std::uint64_t number);

  // Malicious edges (attackers.cpp).
  bool attackers_act_last() const;
  void note_honest(NodeId id, const RunningJob& job);
  void forget_failed_updates();
  role::PayloadId origin_of(const role::Job& job) const;
  /// Whether a training may follow on what the job makes: it may open a model that was encoded.
  bool may_open(const RunningJob& job) const;
  bool must_wait(role::PayloadId model) const;
  void hold(NodeId id, RunningJob job);
  void release_attackers();
  role::PayloadRef attacked(NodeId id, const RunningJob& job, const role::PayloadRef& update);

  // What strikes nodes (faults_applied.cpp).
  void on_fault(const FaultMoment& moment);
  bool gone_for_good(NodeId id) const;
  void crash(NodeId id);
  void restart(NodeId id);
  /// Makes an edge's comings and goings events from now on.
  void follow(NodeId id);
  void on_availability(NodeId id);
  void went(NodeId id);
  void came_back(NodeId id);
  void wait_for(NodeId edge, const std::vector<std::uint32_t>& messages);
  void put_off(NodeId edge, std::uint32_t message);
  void drop_orders(NodeId edge);
  std::vector<std::uint32_t> cut_off(NodeId edge, Way way);
  void charge_computing(NodeId id, Duration work);
  void charge_radio(NodeId edge, Duration sending);
  void stop_computing(NodeId id);
  bool only_leads(NodeId id) const;
  void send_again(NodeId edge, const std::vector<std::uint32_t>& messages);
  void on_noticed(NodeId id, bool back);
  void tell_cloud(NodeId edge, bool is_back);
  void tell_edge(NodeId id, bool reaches_cloud);
  void cloud_is_back();
  bool reachable(NodeId id) const;
  host::Undelivered cause(NodeId unreachable) const;
  void drop(const std::vector<std::uint32_t>& messages, host::Undelivered cause);
  bool separated(NodeId edge) const;

  const role::Paradigm& paradigm_;
  const World& world_;
  Options options_;
  std::unique_ptr<Attack> attack_;          // null where nobody changes updates
  std::unique_ptr<Attendance> attendance_;  // null where every edge is always available
  MessageFaults message_faults_;
  std::vector<Fault> faults_;
  std::vector<FaultMoment> moments_;

  EventQueue queue_;
  Network network_;
  std::unordered_map<NodeId, Node> nodes_;       // to which something is happening
  std::unordered_map<NodeId, PackedNode> idle_;  // to which something has happened
  std::map<std::uint32_t, role::Message> flights_;
  std::uint32_t next_flight_ = 0;
  std::map<std::uint32_t, Timer> timers_;
  std::map<std::pair<NodeId, std::uint64_t>, std::uint32_t> timer_slots_;
  std::uint32_t next_timer_ = 0;
  std::map<std::uint32_t, std::pair<NodeId, std::uint64_t>> instant_jobs_;
  std::uint32_t next_instant_ = 0;
  std::map<std::pair<NodeId, bool>, std::uint64_t>
      messages_sent_;                  // where faults or jitter count them
  std::uint64_t forged_ = 0;           // payloads made by the world
  std::vector<HonestUpdates> honest_;  // of the newest models, for attackers
  std::map<role::PayloadId, std::vector<std::pair<NodeId, std::uint64_t>>>
      held_;  // attackers' jobs that wait for honest ones, by RunningJob::origin
  Opened opened_;
  FaultsInForce in_force_;
  std::set<NodeId> down_;        // crashed
  NodeSet owed_return_;          // of which the cloud must hear when they are back: it knows that
                                 // they left, or they lost what they had
  std::set<NodeId> unreported_;  // edges that came or went while the cloud was down
  std::map<NodeId, std::vector<std::uint32_t>>
      waiting_;  // to and from an edge, to be sent when it is back
  Joules energy_;
  EnergyRecord energy_recorded_;
  host::MetricLog metrics_;
  std::deque<Detached> detached_;
  host::FailureLog failures_;
  host::UndeliveredCounts undelivered_;
  std::uint64_t corrupted_ = 0;      // messages
  std::uint64_t bytes_cut_off_ = 0;  // that passed before their transfers were cut off
  std::vector<host::Span> spans_;
  RunningHash schedule_;
  RunningHash numerics_;
  std::uint64_t events_ = 0;
  std::uint64_t last_step_ = 0;       // the highest of the cloud's metrics
  bool metrics_recorded_ = false;     // in the step being performed
  std::size_t shown_ = 0;             // models of the catalogue whose parameters are there
  std::optional<role::Reply> reply_;  // to the command of this step
  std::optional<role::Stop> stop_;
  std::optional<host::RunFault> fault_;
  host::Executor executor_;  // last: its threads end before what they use
};

}  // namespace skerry::sim

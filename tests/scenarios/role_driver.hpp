#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/role/paradigm.hpp"
#include "tests/catch.hpp"

namespace skerry::role {

/// Drives the roles of a paradigm in virtual time: one event after another, jobs inline, messages
/// with the delays that a test gives them. A job that throws has failed; the role is told so at the
/// moment at which the job would have finished. A detached job may not fail.
///
/// Before every step the role's state is written to bytes and read into a fresh role. Both take the
/// step. Their effects and their states afterwards must be the same bytes, and the fresh role goes
/// on. Every run of every test therefore also tests saving and loading between any two steps.
class RoleDriver {
 public:
  struct Answered {
    NodeId node;
    SimTime at;
    Answer answer;
  };
  struct Sent {
    SimTime at;
    Message message;
  };

  RoleDriver(const Paradigm& paradigm, std::uint32_t edges) : paradigm_(paradigm), edges_(edges) {}

  /// When copies of a message arrive, counted from now: none = lost, two = duplicated. May alter
  /// the message. Measurements arrive at once unless `measurements_too`.
  std::function<std::vector<Duration>(Message&)> fate = [](Message&) {
    return std::vector{Duration::milliseconds(10)};
  };
  bool measurements_too = false;
  /// Called when people are asked for labels.
  std::function<void(const AskLabels&)> on_ask;
  /// How long a charged job takes.
  std::function<Duration(const Job&)> duration = [](const Job&) {
    return Duration::milliseconds(100);
  };

  void start(bool all_joined = true) {
    step(NodeId::cloud(), Start{edges_, all_joined});
    for (std::uint32_t k = 0; k < edges_; ++k) step(NodeId::edge(k), Start{edges_, all_joined});
  }
  /// Makes something happen to a node at a given time.
  void at(Duration since_start, NodeId node, Event event) {
    push(SimTime::at(since_start), kGiven, [this, node, e = std::move(event)] { step(node, e); });
  }
  void at(Duration since_start, std::function<void()> what) {
    push(SimTime::at(since_start), kGiven, std::move(what));
  }
  /// Runs until the cloud stops or no event is left. True if the cloud stopped.
  bool run(std::uint64_t most_events = 1'000'000) {
    while (!stopped && !events_.empty()) {
      REQUIRE(most_events-- > 0);
      const auto next = events_.begin();
      now_ = std::get<0>(next->first);
      const auto act = std::move(next->second);
      events_.erase(next);
      act();
    }
    return stopped.has_value();
  }

  /// The node stops: it loses its jobs and timers, and what is sent to it, until it restarts.
  void crash(NodeId node) {
    Node& mine = nodes_[node];
    mine.down = true;
    mine.jobs.clear();
    for (auto& [timer, generation] : mine.timers) ++generation;
  }
  /// Restarts the node, which loses everything except what it persisted.
  void restart(NodeId node) {
    nodes_[node].down = false;
    Node& mine = nodes_[node];
    mine.role = paradigm_.make_role(node);
    mine.jobs.clear();
    mine.numbers.clear();
    for (auto& [timer, generation] : mine.timers) ++generation;
    if (!mine.persisted.empty()) load(*mine.role, mine.persisted, mine.persisted_handles);
    step(node, Start{edges_, true});
  }

  /// Reads every proper prefix of a node's state into a fresh role, which must refuse it.
  /// @param step  by how many bytes the prefixes differ.
  void check_damaged_states(NodeId node, std::size_t step = 1) {
    ByteWriter whole;
    nodes_[node].role->save(whole);
    const Held held(whole.held());
    REQUIRE(whole.bytes().size() > 8);
    for (std::size_t size = 0; size < whole.bytes().size(); size += step) {
      ByteReader reader(std::span(whole.bytes()).first(size), &held);
      const auto fresh = paradigm_.make_role(node);
      fresh->load(reader);
      CHECK_FALSE(reader.finished());
    }
  }

  SimTime now() const { return now_; }
  /// To look at; the node must have been stepped.
  const Role& role(NodeId node) const { return *nodes_.at(node).role; }
  /// Every value a metric had, in order.
  std::vector<double> values(std::string_view name) const {
    std::vector<double> found;
    for (const RecordMetric& metric : metrics) {
      if (metric.name == name) found.push_back(metric.value);
    }
    return found;
  }
  std::optional<double> last(std::string_view name) const {
    const auto all = values(name);
    return all.empty() ? std::nullopt : std::optional(all.back());
  }
  /// Messages of one kind from one side.
  template <class Kind>
  std::size_t count(Kind kind, bool from_cloud) const {
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [&](const Sent& s) {
      return s.message.kind == static_cast<std::uint16_t>(kind) &&
             s.message.from.is_cloud() == from_cloud;
    }));
  }

  // What happened.
  std::vector<RecordMetric> metrics;
  std::vector<Answered> answers;
  std::vector<Sent> sent;
  std::vector<Job> jobs;              // as they were started
  std::map<NodeId, Deploy> deployed;  // the last one of each node
  std::vector<Reply> replies;         // to commands
  std::vector<AskLabels> asked;
  std::vector<LabelsHeard> heard;
  std::vector<std::string> remarks;
  std::optional<Stop> stopped;
  std::uint64_t steps = 0;

 private:
  enum Priority { kGiven, kDelivery, kJobFinished, kTimer, kUncharged };
  using Handles = std::vector<std::shared_ptr<void>>;
  struct Node {
    std::unique_ptr<Role> role;
    bool down = false;
    std::map<std::uint64_t, bool> jobs;             // running
    std::set<std::uint64_t> numbers;                // of all jobs there ever were
    std::map<std::uint64_t, std::uint64_t> timers;  // generation
    ByteVector persisted;
    Handles persisted_handles;
  };
  struct Held final : HandleTable {
    const Handles& handles;
    explicit Held(const Handles& h) : handles(h) {}
    std::shared_ptr<void> find(std::uint64_t origin, std::uint64_t number) const override {
      for (const auto& one : handles) {
        const auto cell = std::static_pointer_cast<PayloadCell>(one);
        if (cell->id() == PayloadId{origin, number}) return one;
      }
      return nullptr;
    }
  };

  void push(SimTime time, Priority priority, std::function<void()> act) {
    events_[{time, priority, sequence_++}] = std::move(act);
  }

  static void load(Role& role, const ByteVector& bytes, const Handles& handles) {
    const Held held(handles);
    ByteReader reader(bytes, &held);
    role.load(reader);
    REQUIRE(reader.finished());
  }
  static ByteVector state_of(const Role& role) {
    ByteWriter writer;
    role.save(writer);
    return writer.take();
  }

  void step(NodeId id, Event event) {
    if (stopped) return;
    Node& mine = nodes_[id];
    if (mine.down) return;
    if (!mine.role) mine.role = paradigm_.make_role(id);
    ByteWriter before;
    mine.role->save(before);
    auto reloaded = paradigm_.make_role(id);
    load(*reloaded, before.bytes(), before.held());
    REQUIRE(state_of(*reloaded) == before.bytes());

    const Input input{now_, std::move(event)};
    Effects effects, again;
    mine.role->step(input, effects);
    reloaded->step(input, again);
    REQUIRE(bytes_of_effects(effects) == bytes_of_effects(again));
    REQUIRE(state_of(*mine.role) == state_of(*reloaded));
    again.clear();
    mine.role = std::move(reloaded);
    ++steps;
    for (Effect& effect : effects.list()) {
      std::visit([&](auto& e) { perform(id, e); }, effect);
    }
  }

  static ByteVector bytes_of_effects(Effects& effects) {
    ByteWriter writer;
    for (const Effect& effect : effects.list()) {
      writer(static_cast<std::uint8_t>(effect.index()));
      std::visit([&](const auto& e) { write(writer, e); }, effect);
    }
    return writer.take();
  }
  static void write(ByteWriter& w, const Send& e) { w(e.message); }
  static void write(ByteWriter& w, const SetTimer& e) { w(e.timer, e.at); }
  static void write(ByteWriter& w, const CancelTimer& e) { w(e.timer); }
  static void write(ByteWriter& w, const StartJob& e) { w(e.job); }
  static void write(ByteWriter& w, const CancelJob& e) { w(e.number); }
  static void write(ByteWriter& w, const RecordMetric& e) { w(e.name, e.step.number, e.value); }
  static void write(ByteWriter& w, const Answer& e) { w(e); }
  static void write(ByteWriter& w, const Deploy& e) { w(e.version, e.model); }
  static void write(ByteWriter& w, const Reply& e) { w(e.done, e.text); }
  static void write(ByteWriter&, const Persist&) {}
  static void write(ByteWriter& w, const Stop& e) { w(e.reason, e.model); }
  static void write(ByteWriter& w, const AskLabels& e) { w(e); }
  static void write(ByteWriter& w, const LabelsHeard& e) {
    w(e.taken, e.again);
    for (const auto& objection : e.objections) w(objection.line, objection.why);
  }
  static void write(ByteWriter& w, const Remark& e) { w(e.text); }

  void perform(NodeId id, Send& e) {
    REQUIRE(e.message.from == id);
    sent.push_back({now_, e.message});
    Message message = std::move(e.message);
    std::vector<Duration> delays{Duration()};
    if (!message.measurement || measurements_too) delays = fate(message);
    for (const Duration delay : delays) {
      push(now_ + delay, kDelivery, [this, message] { step(message.to, MessageArrived{message}); });
    }
  }
  void perform(NodeId id, SetTimer& e) {
    const std::uint64_t generation = ++nodes_[id].timers[e.timer];
    push(std::max(e.at, now_), kTimer, [this, id, timer = e.timer, generation] {
      if (nodes_[id].timers[timer] == generation) step(id, TimerFired{timer});
    });
  }
  void perform(NodeId id, CancelTimer& e) { ++nodes_[id].timers[e.timer]; }
  void perform(NodeId id, StartJob& e) {
    REQUIRE(e.job.node == id);
    REQUIRE(nodes_[id].numbers.insert(e.job.number).second);
    jobs.push_back(e.job);
    const Work work = paradigm_.jobs().work(e.job);
    const Duration takes = work.charged && !e.job.detached ? duration(e.job) : Duration();
    const auto kind = e.job.kind;
    const auto number = e.job.number;
    const bool detached = e.job.detached;
    const auto shapes = paradigm_.jobs().shapes(e.job);
    Made made = run(std::move(e.job));
    if (detached) return measured(made);
    Event ended = JobFailed{number, made.failure.value_or(JobFailure{})};
    if (!made.failure) {
      JobFinished finished{number, outputs(id, number, shapes, std::move(made.result)), {}};
      if (paradigm_.jobs().of(kind).reports) finished.report = std::move(made.result.report);
      ended = std::move(finished);
    }
    nodes_[id].jobs[number] = true;
    push(now_ + takes, work.charged ? kJobFinished : kUncharged, [this, id, number, ended] {
      if (nodes_[id].jobs.erase(number) > 0) step(id, ended);
    });
  }
  /// A job's result, or why it has none.
  struct Made {
    JobResult result;
    std::optional<JobFailure> failure;
  };
  Made run(Job job) {
    try {
      return {paradigm_.jobs().run(std::move(job), workspace_), std::nullopt};
    } catch (...) {
      return {{}, current_failure()};
    }
  }
  void measured(const Made& made) {
    INFO("a measurement: " << made.failure.value_or(JobFailure{}).message());
    REQUIRE_FALSE(made.failure.has_value());
    const auto values = from_bytes<Metrics>(made.result.report);
    REQUIRE(values.has_value());
    for (const auto& [name, value] : *values) metrics.push_back({name, jobs.back().step, value});
  }
  std::vector<PayloadRef> outputs(NodeId id, std::uint64_t number,
                                  const std::vector<std::vector<RecordSpec>>& shapes,
                                  JobResult&& result) {
    REQUIRE(result.outputs.size() == shapes.size());
    std::vector<PayloadRef> made;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const PayloadId payload{std::uint64_t{id.number()} << 32 | number, i};
      auto cell = std::make_shared<PayloadCell>(payload, shapes[i]);
      cell->fulfil(std::move(result.outputs[i]));
      std::vector<RecordSpec> actual;
      for (const auto& record : cell->wait().payload.records()) actual.push_back(record->spec());
      REQUIRE(same_shape(cell->shape(), actual));
      made.emplace_back(std::move(cell));
    }
    return made;
  }
  void perform(NodeId id, CancelJob& e) { nodes_[id].jobs.erase(e.number); }
  void perform(NodeId, RecordMetric& e) { metrics.push_back(e); }
  void perform(NodeId id, Answer& e) { answers.push_back({id, now_, e}); }
  void perform(NodeId id, Deploy& e) { deployed[id] = e; }
  void perform(NodeId, Reply& e) { replies.push_back(e); }
  void perform(NodeId id, Persist&) {
    ByteWriter writer;
    nodes_[id].role->save(writer);
    nodes_[id].persisted_handles = writer.held();
    nodes_[id].persisted = writer.take();
  }
  void perform(NodeId, Stop& e) { stopped = e; }
  void perform(NodeId, LabelsHeard& e) { heard.push_back(std::move(e)); }
  void perform(NodeId, AskLabels& e) {
    asked.push_back(e);
    if (on_ask) on_ask(e);
  }
  void perform(NodeId, Remark& e) { remarks.push_back(e.text); }

  const Paradigm& paradigm_;
  std::uint32_t edges_;
  SimTime now_;
  std::map<std::tuple<SimTime, Priority, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t sequence_ = 0;
  std::map<NodeId, Node> nodes_;
  Workspace workspace_;
};

}  // namespace skerry::role

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "algorithms/sdk/time.hpp"
#include "scenarios/role/job.hpp"
#include "scenarios/role/message.hpp"

namespace skerry::role {

/// Sends a message in the node's own name along a route that refused_route() allows. The message
/// may be lost; the role is not told.
struct Send {
  Message message;
};
/// TimerFired follows at that time, or at once if it is past. Replaces a timer of the same number.
struct SetTimer {
  std::uint64_t timer;
  SimTime at;
};
/// No TimerFired will come. Does nothing if the timer is not set.
struct CancelTimer {
  std::uint64_t timer;
};
/// Starts a job of the node's own. One JobFinished or JobFailed follows, unless the job is detached
/// or cancelled.
struct StartJob {
  Job job;
};
/// The result is no longer wanted: neither JobFinished nor JobFailed will come.
struct CancelJob {
  std::uint64_t number;
};
/// The step that a metric belongs to: a number, of the run's steps (Results::step) or of others
/// (MetricInfo::step).
struct MetricStep {
  std::uint64_t number = 0;
  bool of_run = true;
  MetricStep(std::uint64_t step, bool is_of_run = true) : number(step), of_run(is_of_run) {}
};
/// A driver adds its own metrics, such as energy, to the steps of the run alone.
struct RecordMetric {
  std::string name;
  MetricStep step;
  double value;
};
/// What a node says about one example: the answer to a Request (input.hpp), or to a request that
/// the role drew by itself because the scenario says so. Each request must get exactly one answer.
///
/// The answer holds if `refusal` is empty; otherwise `refusal` says why there is none. If the
/// number has the bit kFromOutside, the driver hands the answer to whoever asked.
struct Answer {
  /// Request::number, or the role's own number.
  std::uint64_t request = 0;
  /// The class, in [0, classes); -1 if there is none: a refusal, or an answer that is no class.
  std::int32_t label = -1;
  /// The cloud's model gave the answer, not the node's own.
  bool from_cloud = false;
  /// One record "prediction": float32 [classes], the scores of the model that gave the answer, or
  /// the record that the paradigm declares instead. Null in a refusal. May be null for a role's own
  /// requests, and for the cloud's model if its scores were not sent.
  PayloadRef prediction = {};
  /// Why there is no answer, as a sentence for whoever asked; empty if there is one.
  std::string refusal = {};

  template <class A>
  void archive(A& a) {
    a(request, label, from_cloud, prediction, refusal);
  }
};
/// From now on the node answers with this model, one record "model". For whoever watches the node
/// or copies what it serves; the role goes on by itself.
struct Deploy {
  std::uint32_t version = 0;  // in the registry of the run
  PayloadRef model;
};
/// What became of the operator's command of this step. A role gives one for each command that it
/// knows, in the step of the command.
struct Reply {
  bool done = false;
  std::string text;  // what was done, or why it was refused: a sentence for the operator
};
/// People are to say of which classes these examples are; they do with a LabelsArrived. After a
/// recovery a question may be asked once more, in the same words.
struct AskLabels {
  /// (node, position) names an example for the whole run.
  struct Question {
    NodeId node;
    std::uint32_t position = 0;
    std::uint32_t place = 0;     // in `inputs`
    std::int32_t answered = -1;  // what the node has said
    template <class A>
    void archive(A& a) {
      a(node, position, place, answered);
    }
  };
  std::vector<Question> questions;
  PayloadRef inputs;  // examples as SamplesArrived has them, one after another
  template <class A>
  void archive(A& a) {
    a(questions, inputs);
  }
};
/// What became of the labels of this step (LabelsArrived): a role that takes labels says so of
/// each.
struct LabelsHeard {
  struct Objection {
    std::uint64_t line = 0;  // LabelsArrived::Label::line
    std::string why;         // in words for people, with the name of the example
  };
  std::uint64_t taken = 0;            // answered a question
  std::uint64_t again = 0;            // said what was known
  std::vector<Objection> objections;  // to all others, in their order
};
/// A sentence for whoever looks after the run. No result depends on it.
struct Remark {
  std::string text;
};
/// The role's state must be durable before any later effect leaves the node. A simulated node that
/// restarts has this state.
struct Persist {};
/// The run is over (later effects are ignored), or a task inside it is. `model` is its result, null
/// if there is none.
struct Stop {
  std::string reason;
  PayloadRef model;
  bool failed = false;  // the run could not go on, for that reason
  /// Why the result is no better than what the run began with, in words for people. Empty if
  /// something was learnt, or if nothing was meant to be.
  std::string nothing_learnt;
  template <class A>
  void archive(A& a) {
    a(reason, model, failed, nothing_learnt);
  }
};

using Effect = std::variant<Send, SetTimer, CancelTimer, StartJob, CancelJob, RecordMetric, Answer,
                            Deploy, Reply, Persist, Stop, AskLabels, LabelsHeard, Remark>;

/// The effects of one step. The driver carries them out in order, after the step has returned. Used
/// by one thread.
class Effects {
 public:
  void send(Message message) { list_.emplace_back(Send{std::move(message)}); }
  void set_timer(std::uint64_t timer, SimTime at) { list_.emplace_back(SetTimer{timer, at}); }
  void cancel_timer(std::uint64_t timer) { list_.emplace_back(CancelTimer{timer}); }
  void start(Job job) { list_.emplace_back(StartJob{std::move(job)}); }
  void cancel(std::uint64_t number) { list_.emplace_back(CancelJob{number}); }
  void metric(std::string name, MetricStep step, double value) {
    list_.emplace_back(RecordMetric{std::move(name), step, value});
  }
  void answer(Answer answer) { list_.emplace_back(std::move(answer)); }
  void deploy(std::uint32_t version, PayloadRef model) {
    list_.emplace_back(Deploy{version, std::move(model)});
  }
  void reply(Reply reply) { list_.emplace_back(std::move(reply)); }
  void ask(AskLabels questions) { list_.emplace_back(std::move(questions)); }
  void heard(LabelsHeard labels) { list_.emplace_back(std::move(labels)); }
  void remark(std::string text) { list_.emplace_back(Remark{std::move(text)}); }
  void persist() { list_.emplace_back(Persist{}); }
  void stop(Stop how) { list_.emplace_back(std::move(how)); }
  void stop(std::string reason, PayloadRef model, bool failed = false) {
    stop({std::move(reason), std::move(model), failed, {}});
  }

  std::vector<Effect>& list() { return list_; }
  void clear() { list_.clear(); }

 private:
  std::vector<Effect> list_;
};

}  // namespace skerry::role

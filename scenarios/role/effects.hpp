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

struct Send {
  Message message;
};
struct SetTimer {
  std::uint64_t timer;
  SimTime at;
};
struct CancelTimer {
  std::uint64_t timer;
};
struct StartJob {
  Job job;
};
/// The result is no longer wanted: no JobFinished will come.
struct CancelJob {
  std::uint64_t number;
};
struct RecordMetric {
  std::string name;
  std::uint64_t step;  // round, or request number
  double value;
};
/// What a node says of one example: the answer to a Request (input.hpp), or to a request that the
/// role drew by itself because the scenario asks it to. A request gets one answer.
///
/// Either the label holds, or the refusal says why there is none. A driver hands it to whoever
/// asked where the number has the bit kFromOutside.
struct Answer {
  /// Request::number, or the role's own number.
  std::uint64_t request = 0;
  /// The class, in [0, classes); -1 where there is none: a refusal, or an answer that is no class.
  std::int32_t label = -1;
  /// The cloud's model gave it, not the node's own.
  bool from_cloud = false;
  /// One record "prediction": float32 [classes], the scores of the model that gave the answer, or
  /// what the paradigm declares in its place. Null in a refusal. May be null for a role's own
  /// requests, and where the model is the cloud's and its scores did not travel.
  PayloadRef prediction = {};
  /// Why there is no answer, as a sentence for whoever asked; empty where there is one.
  std::string refusal = {};

  template <class A>
  void archive(A& a) {
    a(request, label, from_cloud, prediction, refusal);
  }
};
/// What the node keeps must be durable before anything after this leaves the node.
struct Persist {};
/// The run is over, or a task inside it. `model` is its result, null where there is none.
struct Stop {
  std::string reason;
  PayloadRef model;
  bool failed = false;  // it could not go on, for that reason
  /// Why the result is no better than what the run began with, in words for people; empty where
  /// something was learnt, or nothing was to be.
  std::string nothing_learnt;
  template <class A>
  void archive(A& a) {
    a(reason, model, failed, nothing_learnt);
  }
};

using Effect = std::variant<Send, SetTimer, CancelTimer, StartJob, CancelJob, RecordMetric, Answer,
                            Persist, Stop>;

/// What a step wants done, in order.
class Effects {
 public:
  void send(Message message) { list_.emplace_back(Send{std::move(message)}); }
  void set_timer(std::uint64_t timer, SimTime at) { list_.emplace_back(SetTimer{timer, at}); }
  void cancel_timer(std::uint64_t timer) { list_.emplace_back(CancelTimer{timer}); }
  void start(Job job) { list_.emplace_back(StartJob{std::move(job)}); }
  void cancel(std::uint64_t number) { list_.emplace_back(CancelJob{number}); }
  void metric(std::string name, std::uint64_t step, double value) {
    list_.emplace_back(RecordMetric{std::move(name), step, value});
  }
  void answer(Answer answer) { list_.emplace_back(std::move(answer)); }
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

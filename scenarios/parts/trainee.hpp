#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/parts/arrived_samples.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::parts {

/// An edge's side of Rounds: trains or evaluates when it is asked to, encodes and returns its
/// update, and keeps the edge's own state. A newer order replaces one that is still under way.
class Trainee {
 public:
  Trainee(const Federation& federation, JobBook& book) : federation_(federation), book_(book) {}

  /// What trainings learn from that are ordered after this; at first, all that the node has.
  void learn_from(Lesson lesson) { state_.learns_from = std::move(lesson); }

  // Each says whether the input was for this part.
  bool on_message(const role::Message& message, role::Effects& effects);
  bool on_job(const role::JobFinished& finished, role::Effects& effects);
  /// A failed step of an order (decode, train, encode) is tried again as often as the scenario
  /// says; then the cloud is told. A failed evaluation is told at once.
  bool on_job_failed(const role::JobFailed& failed, role::Effects& effects);

  /// Whether nothing is under way and no handle is held.
  bool idle() const {
    return !state_.work && state_.evaluating.empty() && !state_.kept && !state_.codec &&
           !state_.plain && !state_.held && state_.learns_from.arrived.empty();
  }

  template <class A>
  void archive(A& a) {
    a(state_);
  }

 private:
  /// Orders taken later are greater.
  struct Age {
    std::uint32_t dispatch = 0;
    Exchange exchange;
    auto operator<=>(const Age&) const = default;
    template <class A>
    void archive(A& a) {
      a(dispatch, exchange);
    }
  };
  enum class Step : std::uint8_t { kDecode, kTrain, kEncode };
  struct Work {  // on an order
    std::uint64_t job = 0;
    Step step{};
    TrainOrder order;
    role::PayloadRef down;
    std::vector<role::PayloadRef> changes;  // lead to the model from what the node holds
    std::uint64_t version = 0;              // of it, if changes are sent
    std::optional<Settlement> settlement;   // of the update before this one
    std::uint32_t failures = 0;             // of this step
    Lesson lesson;                          // what it trains on
    template <class A>
    void archive(A& a) {
      a(job, step, order, down, changes, version, settlement, failures, lesson);
    }
  };
  struct Evaluating {
    AskOrder order;
    bool measurement = false;
    bool decodes = false;  // decodes the model first
    bool trains = false;   // trains for the asker instead
    template <class A>
    void archive(A& a) {
      a(order, measurement, decodes, trains);
    }
  };
  struct State {
    std::optional<Work> work;
    Age newest;  // the last order taken: older and repeated ones are dropped
    std::map<std::uint64_t, Evaluating> evaluating;  // by job
    role::PayloadRef kept;   // the method's records, with `pending` not yet settled
    role::PayloadRef codec;  // those of the transforms
    role::PayloadRef held;   // the model that changes start from, and its version
    std::uint64_t held_version = 0;
    role::PayloadRef plain;     // the last update, if it may have to be encoded once more
    std::uint32_t pending = 0;  // dispatch of the update whose fate is unknown; 0 = none
    Lesson learns_from;
    template <class A>
    void archive(A& a) {
      a(work, newest, evaluating, kept, codec, held, held_version, plain, pending, learns_from);
    }
  };

  void take_order(const role::Message& message, role::Effects& effects);
  void take_change(const role::Message& message, role::Effects& effects);
  bool begin_work(const TrainOrder& order, role::Effects& effects);
  void train_or_encode(role::Effects& effects);
  void start(Step step, role::Effects& effects);
  void step_done(const role::JobFinished& finished, role::Effects& effects);
  void send_update(const role::PayloadRef& update, role::Effects& effects);
  void answer(const role::Message& message, bool trains, role::Effects& effects);
  void start_answer(const Evaluating& what, const role::PayloadRef& down, role::Effects& effects);
  void evaluated(const Evaluating& what, const role::JobFinished& finished, role::Effects& effects);
  void tell_failure(const Failed& failed, bool measurement, role::Effects& effects);

  const Federation& federation_;
  JobBook& book_;
  State state_;
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "scenarios/federated/messages.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::federated {

class Federated;

/// An edge: trains when it is asked to, returns its update, keeps its own state.
/// A newer order replaces one that is still being trained for.
class EdgeRole final : public role::Role {
 public:
  EdgeRole(const Federated& federated, NodeId self) : federated_(federated), self_(self) {}

  bool idle() const override {
    return !state_.training && state_.evaluating.empty() && !state_.kept;
  }
  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;

  void train(const role::Message& message, role::Effects& effects);
  void evaluate(const role::Message& message, role::Effects& effects);

  /// Orders taken later are greater.
  struct Age {
    std::uint32_t dispatch = 0;
    std::uint32_t exchange = 0;
    auto operator<=>(const Age&) const = default;
    template <class A>
    void archive(A& a) {
      a(dispatch, exchange);
    }
  };
  struct Training {
    std::uint64_t job = 0;
    TrainOrder order;
    template <class A>
    void archive(A& a) {
      a(job, order);
    }
  };
  struct Evaluating {
    EvaluateOrder order;
    bool measurement = false;
    template <class A>
    void archive(A& a) {
      a(order, measurement);
    }
  };
  struct State {
    std::uint64_t jobs = 0;
    std::optional<Training> training;
    Age newest;  // the last order taken: older and repeated ones are dropped
    std::map<std::uint64_t, Evaluating> evaluating;  // by job
    role::PayloadRef kept;      // the method's records, with `pending` not yet settled
    std::uint32_t pending = 0;  // dispatch of the update whose fate is unknown; 0 = none
    template <class A>
    void archive(A& a) {
      a(jobs, training, newest, evaluating, kept, pending);
    }
  };

  const Federated& federated_;
  NodeId self_;
  State state_;
};

}  // namespace skerry::federated

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scenarios/joint_inference/jobs.hpp"
#include "scenarios/joint_inference/messages.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::joint_inference {

class JointInference;

/// An edge: draws when it is asked (and may be asked from outside), scores one example at a time
/// with its own model, sends the hard ones to the cloud, and answers.
///
/// It always answers: with the cloud's label where that came in time, else with its own.
class EdgeRole final : public role::Role {
 public:
  EdgeRole(const JointInference& joint, NodeId self) : joint_(joint), self_(self) {}

  void save(ByteWriter& writer) const override { writer(state_); }
  void load(ByteReader& reader) override { reader(state_); }

 private:
  struct Request {
    std::uint64_t ticket = 0;  // our own number for it, never used twice
    std::uint64_t number = 0;  // what the asker calls it
    std::uint32_t phase = 0;   // 0: asked from outside
    std::uint32_t row = 0;     // of the node's own test view
    role::PayloadRef example;  // from outside, in place of the row
    std::uint32_t stream = 0;  // keys the miner's draws: the same in every phase
    SimTime arrived;
    template <class A>
    void archive(A& a) {
      a(ticket, number, phase, row, example, stream, arrived);
    }
  };
  struct Scoring {
    std::uint64_t job = 0;
    Request request;
    template <class A>
    void archive(A& a) {
      a(job, request);
    }
  };
  struct Scored {
    Request request;
    Inference own;
    template <class A>
    void archive(A& a) {
      a(request, own);
    }
  };
  struct State {
    std::uint64_t jobs = 0;
    std::uint64_t tickets = 0;
    role::PayloadRef model;
    bool cloud_lost = false;
    std::uint32_t phase = 0;  // being served, or served last
    bool serving = false;
    std::uint32_t arrived = 0;  // requests drawn in this phase
    SimTime began;              // of the phase
    Duration last_arrival;      // since the phase began
    bool more_to_come = false;
    std::vector<Request> waiting;  // for the model, first come first served
    std::optional<Scoring> scoring;
    std::map<std::uint64_t, Scored> offloaded;  // by ticket
    Tally tally;                                // of the phase
    std::uint64_t late = 0;                     // since the last report
    std::uint64_t refused = 0;
    template <class A>
    void archive(A& a) {
      a(jobs, tickets, model, cloud_lost, phase, serving, arrived, began, last_arrival,
        more_to_come, waiting, scoring, offloaded, tally, late, refused);
    }
  };

  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void on_request(const role::Request& request, SimTime now, role::Effects& effects) override;

  void take_model(const role::Message& message, role::Effects& effects);
  void serve(const role::Message& message, SimTime now, role::Effects& effects);
  void take_label(const role::Message& message, SimTime now, role::Effects& effects);
  void drop_older_phases(SimTime now, role::Effects& effects);
  void await_next_arrival(role::Effects& effects);
  void accept(const Request& request, role::Effects& effects);
  void score_next(role::Effects& effects);
  void decide(const Scored& scored, const role::PayloadRef& input, SimTime now,
              role::Effects& effects);
  void answer(const Scored& scored, std::optional<std::int32_t> from_cloud, SimTime now,
              role::Effects& effects);
  void finish_phase_if_done(role::Effects& effects);
  void report(role::Effects& effects);
  double threshold(std::uint32_t phase) const;

  const JointInference& joint_;
  NodeId self_;
  State state_;
};

}  // namespace skerry::joint_inference

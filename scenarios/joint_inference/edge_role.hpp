#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/joint_inference/jobs.hpp"
#include "scenarios/joint_inference/messages.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/requests.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::joint_inference {

class JointInference;

/// An edge of joint inference. It draws when it is asked, and may also be asked from outside. It
/// scores one example at a time with its own model, sends hard examples to the cloud, and answers.
///
/// The answer to a request is the cloud's label if that came in time, else the edge's own. If the
/// edge's own model failed, the request is refused in words. If the cloud begins a phase while
/// requests of an earlier one have not been scored, the edge forgets these.
///
/// A request from outside is refused at once if its example does not fit the scenario, if the edge
/// has no model yet, or if as many are under way as the scenario allows. Otherwise it takes the
/// same way, with the threshold of the phase under way, and is counted nowhere. Its answer carries
/// the scores that led to the label.
class EdgeRole final : public role::Role {
 public:
  EdgeRole(const JointInference& joint, NodeId self);

  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;

 private:
  struct Asked {
    std::uint64_t ticket = 0;  // our own number for it, never used twice
    std::uint64_t number = 0;  // what the asker calls it
    std::uint32_t phase = 0;   // 0: asked from outside
    std::uint32_t row = 0;     // of our view
    role::PayloadRef example;  // from outside, in place of the row
    std::uint32_t stream = 0;  // keys the miner's draws: the same in every phase
    SimTime arrived;
    bool from_outside() const { return phase == 0; }
    template <class A>
    void archive(A& a) {
      a(ticket, number, phase, row, example, stream, arrived);
    }
  };
  struct Scored {
    Asked asked;
    Inference own;
    role::PayloadRef prediction;  // of our model; from outside only
    template <class A>
    void archive(A& a) {
      a(asked, own, prediction);
    }
  };
  /// What the cloud's model said.
  struct Label {
    std::int32_t label = 0;
    role::PayloadRef prediction;  // from outside only
  };
  struct State {
    std::uint64_t tickets = 0;
    role::PayloadRef model;
    bool model_wanted = false;  // the cloud has been told that we lack it
    bool cloud_lost = false;
    std::uint32_t phase = 0;  // being served, or served last
    bool serving = false;
    std::vector<Asked> waiting;                 // for the model, first come first served
    std::map<std::uint64_t, Scored> offloaded;  // by ticket
    std::uint32_t from_outside = 0;             // requests under way
    Tally tally;                                // of the phase
    std::set<std::uint64_t> given_up;           // tickets that the cloud may still answer
    std::uint64_t late = 0;                     // since the last report
    std::uint64_t refused = 0;
    template <class A>
    void archive(A& a) {
      std::vector<std::uint64_t> open(given_up.begin(), given_up.end());
      a(tickets, model, model_wanted, cloud_lost, phase, serving, waiting, offloaded, from_outside,
        tally, open, late, refused);
      if constexpr (A::kReading) given_up = {open.begin(), open.end()};
    }
  };

  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void on_request(const role::Request& request, SimTime now, role::Effects& effects) override;

  void take_model(const role::Message& message, role::Effects& effects);
  void serve(const role::Message& message, SimTime now, role::Effects& effects);
  void take_label(const role::Message& message, SimTime now, role::Effects& effects);
  void take_no_label(const role::Message& message, SimTime now, role::Effects& effects);
  void drop_older_phases(SimTime now, role::Effects& effects);
  void want_model(role::Effects& effects);
  std::string why_not(const role::Request& request) const;
  void accept(Asked asked, role::Effects& effects);
  void score_next(role::Effects& effects);
  void decide(const Scored& scored, const role::PayloadRef& example, SimTime now,
              role::Effects& effects);
  void answer(const Scored& scored, const std::optional<Label>& label, SimTime now,
              role::Effects& effects);
  void answer_open(std::uint64_t ticket, const std::optional<Label>& label, SimTime now,
                   role::Effects& effects);
  void refuse(const Asked& asked, std::string why, role::Effects& effects);
  bool counts(const Asked& asked) const;
  void finish_phase_if_done(role::Effects& effects);
  void report(role::Effects& effects);
  double threshold(std::uint32_t phase) const;

  const JointInference& joint_;
  parts::JobBook book_;
  parts::RequestClock clock_;
  parts::JobNotes<Asked> scoring_;  // one at a time
  State state_;
};

}  // namespace skerry::joint_inference

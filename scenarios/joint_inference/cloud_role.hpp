#pragma once

#include <cstdint>
#include <string>

#include "scenarios/joint_inference/messages.hpp"
#include "scenarios/joint_inference/phase_board.hpp"
#include "scenarios/joint_inference/preparation.hpp"
#include "scenarios/parts/batch_queue.hpp"
#include "scenarios/parts/fruitless.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::joint_inference {

/// The cloud of joint inference. It makes both models, hands the edges theirs, answers in batches
/// what they send, leads all edges through one phase per threshold, and adds up what they counted.
///
/// The cloud does not wait for an edge that is lost, and counts its requests as lost. An edge that
/// comes back takes part again from the phase under way. The cloud repeats orders that get no
/// answer, after a longer wait each time; once a model was sent kMostInVain times in a row without
/// any answer, the run stops as failed. So it does if a model cannot be made. If a batch fails, its
/// edges are told that there is no label. If the cloud is gone for good, it leads the edges that
/// hold the model through the phases that are left, and neither answers nor hands out models.
class CloudRole final : public role::Role {
 public:
  explicit CloudRole(const JointInference& joint);

  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;

 private:
  static constexpr std::uint32_t kMostInVain = 1000;
  struct Offloaded {
    NodeId from;
    Offload offload;
    template <class A>
    void archive(A& a) {
      a(from, offload);
    }
  };
  /// What was counted in the phase under way.
  struct Count {
    Tally tally;                      // of the edges that reported
    std::uint64_t cloud_correct = 0;  // their requests that the cloud's model would answer right
    std::uint64_t cloud_requests = 0;
    std::uint64_t refused = 0;
    parts::Traffic labels;
    template <class A>
    void archive(A& a) {
      a(tally, cloud_correct, cloud_requests, refused, labels);
    }
  };

  void on_start(const role::Start& start, SimTime now, role::Effects& effects) override;
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override;
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) override;
  void on_peer_lost(NodeId node, SimTime now, role::Effects& effects) override;
  void on_request(const role::Request& request, SimTime now, role::Effects& effects) override;
  void on_command(const role::Command& command, SimTime now, role::Effects& effects) override;

  bool serving() const { return !stopped_ && preparation_.done(); }
  bool is_awaited(NodeId edge) const;
  void set_resend_timer(SimTime now, role::Effects& effects);
  void take_leave(SimTime now, role::Effects& effects);
  std::string how_it_ended() const;
  void order(NodeId edge, role::Effects& effects);
  void order_all(role::Effects& effects);
  void begin_phase(std::uint32_t phase, SimTime now, role::Effects& effects);
  bool phase_complete() const;
  void advance(SimTime now, role::Effects& effects);
  void record_phase(role::Effects& effects);
  void take_report(const role::Message& message, SimTime now, role::Effects& effects);
  void take_example(const role::Message& message, SimTime now, role::Effects& effects);
  void start_batch(SimTime now, role::Effects& effects);
  void answer_batch(const std::vector<Offloaded>& batch, const role::JobFinished& finished,
                    role::Effects& effects);
  bool cut_short() const;
  void stop(const std::string& reason, bool failed, role::Effects& effects);

  const JointInference& joint_;
  parts::JobBook book_;
  parts::Membership membership_;
  Preparation preparation_;
  PhaseBoard board_;
  parts::BatchQueue<Offloaded> queue_;
  Count count_;
  std::uint32_t resends_ = 0;  // in this phase
  bool resending_ = false;     // the timer is set
  parts::Fruitless in_vain_;   // models sent again
  std::uint64_t asked_ = 0;    // requests that are over, or lost
  std::uint64_t lost_ = 0;     // requests of all phases that are over
  std::uint64_t failed_ = 0;   // likewise
  bool gone_ = false;          // for good
  bool stopped_ = false;
};

}  // namespace skerry::joint_inference

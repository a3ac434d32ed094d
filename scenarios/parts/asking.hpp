#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "algorithms/sdk/ask.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/round_messages.hpp"
#include "scenarios/parts/traffic.hpp"

namespace skerry::parts {

/// Work that a plugin of the cloud asks for before it answers. Has edges or the cloud do the work,
/// which costs its time and bytes, and collects the replies.
class Asking {
 public:
  /// @param asker  tells replies to this part from others on the same channel.
  Asking(const Federation& federation, JobBook& book, Membership& membership, Traffic& traffic,
         Asker asker)
      : federation_(federation),
        book_(book),
        membership_(membership),
        traffic_(traffic),
        asker_(asker) {}

  struct From {
    Round round = 0;
    role::PayloadRef down;       // the model to work from, on the cloud
    role::PayloadRef wire_down;  // the same as edges get it
  };
  /// Forgets earlier replies, and sends the orders and starts the jobs of `ask`.
  void begin(const Ask& ask, const From& from, role::Effects& effects);
  void clear();
  /// Whether a reply is still awaited.
  bool waits() const { return !awaited_.empty(); }

  // Each says whether the input was an awaited reply, or the loss of one.
  bool on_evaluated(NodeId from, const Evaluated& evaluated);
  /// The update of a training. An update of a wrong shape counts as no answer.
  bool on_asked(const role::Message& message);
  bool on_job(const role::JobFinished& finished);
  bool on_job_failed(std::uint64_t job) { return jobs_.take(job).has_value(); }
  bool no_answer_from(NodeId node) { return awaited_.erase(node) > 0; }
  /// Waits for no more replies.
  void give_up() { awaited_.clear(); }

  const std::vector<Reply>& replies() const { return replies_; }
  /// The update of reply i, or null if it has none.
  const std::vector<role::PayloadRef>& results() const { return results_; }

  template <class A>
  void archive(A& a) {
    a(round_, awaited_, jobs_, replies_, results_);
  }

 private:
  void ask_edge(NodeId node, Ask::Work work, const From& from, role::Effects& effects);
  void ask_cloud(Ask::Work work, const From& from, role::Effects& effects);

  const Federation& federation_;
  JobBook& book_;
  Membership& membership_;
  Traffic& traffic_;
  Asker asker_;

  Round round_ = 0;
  std::map<NodeId, bool> awaited_;
  JobNotes<Ask::Work> jobs_;  // of the cloud
  std::vector<Reply> replies_;
  std::vector<role::PayloadRef> results_;
};

}  // namespace skerry::parts

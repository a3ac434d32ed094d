#pragma once

#include <cstdint>
#include <optional>

#include "datasets/node_data.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/rollout_messages.hpp"
#include "scenarios/role/input.hpp"
#include "scenarios/role/job_kind.hpp"

namespace skerry::parts {

/// Tries a model out before it answers anybody: whether all its parameters are finite numbers, and
/// so are its scores of the first examples of the node. Outlives the kind that it makes.
class SelfCheck {
 public:
  SelfCheck(const Learner& learner, const datasets::NodeData& data)
      : learner_(learner), data_(data) {}
  /// "check a model": the model -> ; std::string, what is wrong with it.
  role::JobKind kind() const;
  bool fits(const std::vector<RecordSpec>& shape) const;

 private:
  static constexpr std::size_t kExamples = 32;
  std::size_t examples(NodeId node) const;
  std::string fault_of(const role::Job& job, Workspace& workspace) const;
  const Learner& learner_;
  const datasets::NodeData& data_;
};

/// The models on an edge: the one that answers, the one before it, and one that only watches. A new
/// one is loaded beside the others, checked, and swapped in between two requests; what is under way
/// then ends with the old one.
class InstalledModels {
 public:
  /// @param kind  number of SelfCheck::kind().
  InstalledModels(const SelfCheck& check, std::uint16_t kind, Channel channel, JobBook& book)
      : check_(check), kind_(kind), channel_(channel), book_(book) {}

  /// Null before the first one.
  const NumberedModel* serving() const { return serving_.version ? &serving_ : nullptr; }
  const NumberedModel* shadow() const { return shadow_.version ? &shadow_ : nullptr; }

  enum class Heard : std::uint8_t {
    kNotMine,
    kNothing,  // it was for this part, and changed nothing yet
    kChanged,  // another model answers, or watches
    kRefused,  // a message that makes no sense
  };
  Heard on_message(const role::Message& message, role::Effects& effects);
  Heard on_job(const role::JobFinished& finished, role::Effects& effects);
  Heard on_job_failed(const role::JobFailed& failed, role::Effects& effects);
  /// The node begins again: a check that was under way is gone.
  void restarted() { coming_.reset(); }

  template <class A>
  void archive(A& a) {
    a(serving_, before_, shadow_, coming_, job_, newest_);
  }

 private:
  struct Coming {
    InstallOrder order;
    role::PayloadRef model;
    template <class A>
    void archive(A& a) {
      a(order, model);
    }
  };
  Heard take(const role::Message& message, role::Effects& effects);
  Heard go_back(const role::Message& message, role::Effects& effects);
  Heard ended(const std::string& fault, role::Effects& effects);
  void answer(std::uint64_t number, std::string fault, role::Effects& effects) const;

  const SelfCheck& check_;
  std::uint16_t kind_;
  Channel channel_;
  JobBook& book_;
  NumberedModel serving_, before_, shadow_;
  std::optional<Coming> coming_;  // being checked as job_
  std::uint64_t job_ = 0;
  std::uint64_t newest_ = 0;  // the last order taken: older and repeated ones only get an answer
};

}  // namespace skerry::parts

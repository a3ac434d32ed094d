#pragma once

#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/trainee.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::federated {

/// An edge of federated learning: one trainee and nothing else.
class EdgeRole final : public role::Role {
 public:
  EdgeRole(const parts::Federation& federation, NodeId self)
      : book_(self, federation.seeds().sampling), trainee_(federation, book_) {}

  bool idle() const override { return trainee_.idle(); }
  void save(ByteWriter& writer) const override { writer(book_, trainee_); }
  void load(ByteReader& reader) override { reader(book_, trainee_); }

 private:
  void on_message(const role::Message& message, SimTime, role::Effects& effects) override {
    trainee_.on_message(message, effects);
  }
  void on_job(const role::JobFinished& finished, SimTime, role::Effects& effects) override {
    trainee_.on_job(finished, effects);
  }
  void on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) override {
    trainee_.on_job_failed(failed, effects);
  }

  parts::JobBook book_;
  parts::Trainee trainee_;
};

}  // namespace skerry::federated

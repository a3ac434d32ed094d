#pragma once

#include <optional>

#include "scenarios/parts/edge_service.hpp"
#include "scenarios/parts/trainee.hpp"
#include "scenarios/role/role.hpp"

namespace skerry::incremental {

class Incremental;

/// An edge of incremental learning: it answers, and trains where that happens on edges.
class EdgeRole final : public role::Role {
 public:
  EdgeRole(const Incremental& incremental, NodeId self);

  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader) override;
  std::size_t backlog() const override { return service_.backlog(); }

 private:
  void on_start(const role::Start&, SimTime now, role::Effects& effects) override {
    service_.start(now, effects);
  }
  void on_message(const role::Message& message, SimTime now, role::Effects& effects) override;
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) override {
    service_.on_timer(timer, now, effects);
  }
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) override;
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) override;
  void on_request(const role::Request& request, SimTime now, role::Effects& effects) override {
    service_.on_request(request, now, effects);
  }
  void on_samples(const role::SamplesArrived& samples, SimTime now,
                  role::Effects& effects) override {
    service_.on_samples(samples, now, effects);
  }

  const Incremental& incremental_;
  parts::JobBook book_;
  parts::EdgeService service_;
  std::optional<parts::Trainee> trainee_;
};

}  // namespace skerry::incremental

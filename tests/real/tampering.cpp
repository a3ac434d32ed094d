#include "tests/real/tampering.hpp"

namespace skerry {

namespace {

using namespace role;

class TamperingRole final : public Role {
 public:
  TamperingRole(std::unique_ptr<Role> honest, const Tampering& tampering)
      : honest_(std::move(honest)), tampering_(tampering) {}

  void save(ByteWriter& writer) const override { honest_->save(writer); }
  void load(ByteReader& reader) override { honest_->load(reader); }

 private:
  void on_start(const Start& event, SimTime now, Effects& out) override { pass(event, now, out); }
  void on_message(const Message& message, SimTime now, Effects& out) override {
    if (tampering_.heard) tampering_.heard(message);
    pass(MessageArrived{message}, now, out);
  }
  void on_timer(std::uint64_t timer, SimTime now, Effects& out) override {
    pass(TimerFired{timer}, now, out);
  }
  void on_job(const JobFinished& event, SimTime now, Effects& out) override {
    pass(event, now, out);
  }
  void on_peer_joined(const PeerJoined& event, SimTime now, Effects& out) override {
    pass(event, now, out);
  }
  void on_peer_lost(NodeId node, SimTime now, Effects& out) override {
    pass(PeerLost{node}, now, out);
  }

  void pass(Event event, SimTime now, Effects& out) {
    Effects effects;
    honest_->step({now, std::move(event)}, effects);
    for (Effect& effect : effects.list()) {
      const Send* send = std::get_if<Send>(&effect);
      if (send == nullptr || !tampering_.resend) {
        out.list().push_back(std::move(effect));
        continue;
      }
      for (Message& message : tampering_.resend(send->message)) out.send(std::move(message));
    }
  }

  std::unique_ptr<Role> honest_;
  const Tampering& tampering_;
};

class TamperingParadigm final : public Paradigm {
 public:
  TamperingParadigm(std::shared_ptr<const Paradigm> honest, Tampering tampering)
      : honest_(std::move(honest)), tampering_(std::move(tampering)) {}

  std::unique_ptr<Role> make_role(NodeId node) const override {
    return std::make_unique<TamperingRole>(honest_->make_role(node), tampering_);
  }
  std::vector<std::vector<RecordSpec>> output_shapes(const Job& job) const override {
    std::vector<std::vector<RecordSpec>> shapes = honest_->output_shapes(job);
    if (tampering_.spoil) {  // known when they are made
      for (auto& shape : shapes) shape.clear();
    }
    return shapes;
  }
  bool reports(std::uint16_t kind) const override { return honest_->reports(kind); }
  Work work(const Job& job) const override { return honest_->work(job); }
  JobResult run(Job job, Workspace& workspace) const override {
    JobResult result = honest_->run(std::move(job), workspace);
    if (tampering_.spoil) tampering_.spoil(result);
    return result;
  }
  std::string_view job_name(std::uint16_t kind) const override { return honest_->job_name(kind); }
  std::string_view numerics() const override { return honest_->numerics(); }

 private:
  std::shared_ptr<const Paradigm> honest_;
  Tampering tampering_;
};

}  // namespace

std::unique_ptr<Paradigm> tampered(std::shared_ptr<const Paradigm> honest, Tampering tampering) {
  return std::make_unique<TamperingParadigm>(std::move(honest), std::move(tampering));
}

}  // namespace skerry

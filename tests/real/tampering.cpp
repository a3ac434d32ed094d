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
  void on_job_failed(const JobFailed& event, SimTime now, Effects& out) override {
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
      : honest_(std::move(honest)), tampering_(std::move(tampering)) {
    for (std::uint16_t kind = 0; kind < honest_->jobs().size(); ++kind) {
      jobs_.add(tampering_.spoil ? spoilt(honest_->jobs().of(kind)) : honest_->jobs().of(kind));
    }
  }

  std::unique_ptr<Role> make_role(NodeId node) const override {
    return std::make_unique<TamperingRole>(honest_->make_role(node), tampering_);
  }
  const JobKinds& jobs() const override { return jobs_; }
  std::string_view numerics() const override { return honest_->numerics(); }

 private:
  JobKind spoilt(JobKind kind) const {
    const auto shapes = kind.shapes;
    const auto run = kind.run;
    kind.shapes = [shapes](const Job& job) {  // known when they are made
      return shapes ? OutputShapes(shapes(job).size()) : OutputShapes();
    };
    kind.run = [this, run](Job job, Workspace& workspace) {
      JobResult result = run(std::move(job), workspace);
      tampering_.spoil(result);
      return result;
    };
    return kind;
  }

  std::shared_ptr<const Paradigm> honest_;
  Tampering tampering_;
  JobKinds jobs_;
};

}  // namespace

std::unique_ptr<Paradigm> tampered(std::shared_ptr<const Paradigm> honest, Tampering tampering) {
  return std::make_unique<TamperingParadigm>(std::move(honest), std::move(tampering));
}

}  // namespace skerry

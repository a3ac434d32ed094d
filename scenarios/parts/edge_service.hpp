#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/parts/arrived_samples.hpp"
#include "scenarios/parts/installed_models.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/labelled_examples.hpp"
#include "scenarios/parts/serving.hpp"
#include "scenarios/role/effects.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::parts {

/// An edge that answers what comes to it with the model that is deployed on it, sends to the cloud
/// what is worth a label, and takes new models. Harvest and Rollout are its other side.
///
/// What comes is the node's own stream and, once on_samples() was called, samples from outside.
/// Both are answered at the same moments, the stream first. While a batch is under way, the next
/// one waits for its end. Whoever asks from outside is answered by the same model, and counted
/// nowhere.
class EdgeService {
 public:
  struct Wiring {
    const Serving& serving;
    const SelfCheck& check;
    Channel reports, rollout, clock;
    std::uint16_t serve, answer, check_model;  // numbers of kinds of job
    Duration begins;                           // where in the stream the run begins
    Duration step;                             // of the metrics' steps
    std::uint32_t keeps = 0;  // samples from outside that are kept to be learnt from
  };
  EdgeService(const Wiring& wiring, JobBook& book)
      : wiring_(wiring),
        book_(book),
        models_(wiring.check, wiring.check_model, wiring.rollout, book),
        clock_(wiring.serving, book.node(), wiring.clock, wiring.begins),
        arrived_(wiring.keeps) {}

  /// Begins, or begins again with what was persisted: what was under way is gone, and nobody
  /// answers what came meanwhile.
  void start(SimTime now, role::Effects& effects);
  // What is not for this part has no effect.
  void on_message(const role::Message& message, SimTime now, role::Effects& effects);
  void on_timer(std::uint64_t timer, SimTime now, role::Effects& effects);
  void on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects);
  void on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects);
  void on_request(const role::Request& request, SimTime now, role::Effects& effects);
  void on_samples(const role::SamplesArrived& samples, SimTime now, role::Effects& effects);
  std::uint64_t backlog() const { return arrived_.waiting(); }

  /// What a training of that policy on this edge learns from, at this moment: what has arrived,
  /// since the model that answers was installed where it is to be fine-tuned. Samples from outside
  /// count as newer than the stream.
  Lesson to_learn(Policy policy, std::uint32_t window, SimTime now) const;

  template <class A>
  void archive(A& a) {
    a(models_, installed_, clock_, under_, asked_, from_outside_, detector_, missed_, over_told_,
      arrived_, live_);
  }

 private:
  /// What is being answered.
  struct Under {
    std::uint64_t job = 0;
    ModelVersion version = 0, shadow = 0;
    std::uint32_t count = 0;
    bool live = false;
    std::uint32_t unknown = 0;  // of these, nobody knows the true class
    template <class A>
    void archive(A& a) {
      a(job, version, shadow, count, live, unknown);
    }
  };
  /// Samples from outside.
  struct Live {
    bool open = false;  // some may come
    bool told = false;  // the cloud knows
    std::uint32_t taken = 0;
    std::uint64_t due = 0;  // waited at the last moment, and are answered one batch after another
    std::uint32_t missed = 0;  // not told yet
    std::uint32_t faulty = 0;  // not told yet
    template <class A>
    void archive(A& a) {
      a(open, told, taken, due, missed, faulty);
    }
  };

  void heard(InstalledModels::Heard heard, SimTime now, role::Effects& effects);
  void serve(SimTime now, role::Effects& effects);
  void served(const role::JobFinished& finished, SimTime now, role::Effects& effects);
  void go_on(SimTime now, role::Effects& effects);
  bool over() const { return clock_.over() && !live_.open; }
  void serve_live(SimTime now, role::Effects& effects);
  void start(Serving::Body body, const role::PayloadRef& samples, SimTime now,
             role::Effects& effects);
  void miss(const Under& under);
  bool sound(const role::SamplesArrived& samples) const;
  void tell(const Under& done, const ServedBatch& batch, role::Effects& effects);
  std::string why_not(const role::Request& request) const;
  std::uint64_t step_of(SimTime now) const {
    return static_cast<std::uint64_t>(now.count() / wiring_.step.count() + 1);
  }

  Wiring wiring_;
  JobBook& book_;
  InstalledModels models_;
  SimTime installed_;  // when the one that answers was
  StreamClock clock_;
  std::optional<Under> under_;
  JobNotes<std::uint64_t> asked_;  // from outside, with their numbers
  std::uint32_t from_outside_ = 0;
  ByteVector detector_;  // its state
  std::uint32_t missed_ = 0;
  bool over_told_ = false;
  ArrivedSamples arrived_;
  Live live_;
};

}  // namespace skerry::parts

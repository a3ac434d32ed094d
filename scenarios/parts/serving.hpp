#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/parts/example_format.hpp"
#include "scenarios/parts/job_book.hpp"
#include "scenarios/parts/model_registry.hpp"
#include "scenarios/role/input.hpp"
#include "scenarios/role/job_kind.hpp"

namespace skerry::parts {

/// `serve` of a scenario: how an edge answers what comes to it, and what it sends to be labelled.
struct ServeConfig {
  Duration every = Duration::seconds(60);
  Choice<HardSampleMiner> mine{.name = "cross_entropy"};
  std::optional<double> threshold;
  double sample = 0.05;
  std::uint32_t most = 1000;
  std::uint32_t waiting = 64;

  template <class V>
  void fields(V& v) {
    v("every", every,
      {.meaning = "an edge answers what has come since the last time all at once, this often"});
    v("mine", mine, {.meaning = "scores how hard an example was for the model"});
    v("threshold", threshold,
      {.meaning = "examples that score above it go to the cloud, to be learnt from; default: 0.5",
       .min = 0,
       .max = 1});
    v("sample", sample,
      {.meaning = "chance of each example to go to the cloud, hard or not, to judge models by; no "
                  "model learns from these",
       .min = 0,
       .max = 1});
    v("most", most, {.meaning = "examples sent each time at most; the first are taken", .min = 1});
    v("waiting", waiting,
      {.meaning = "requests from outside that an edge works on at a time; more are refused",
       .min = 1});
  }
  void check(FieldReader& reader) const;
  float hard_above() const { return static_cast<float>(threshold.value_or(0.5)); }
};

/// An example that was answered and is worth a label.
struct Mined {
  std::uint32_t position = 0;  // among all that came to the node, in the order of its answers
  std::int32_t predicted = 0;  // what was answered
  std::int32_t shadow = -1;    // what a model in the shadow would have answered
  std::int32_t truth = -1;     // for the oracle that is asked; -1: not known
  bool sampled = false;        // to judge models by, not to learn from
  bool operator==(const Mined&) const = default;
  template <class A>
  void archive(A& a) {
    a(position, predicted, shadow, truth, sampled);
  }
};

/// What became of the requests of one moment.
struct ServedBatch {
  std::uint32_t requests = 0;
  std::uint32_t correct = 0;
  std::uint32_t hard = 0;
  std::vector<Mined> mined;  // in order of arrival; their inputs are the job's output
  Drift drift = Drift::kNone;
  ByteVector detector;  // its state
  template <class A>
  void archive(A& a) {
    a(requests, correct, hard, mined, drift, detector);
  }
};

/// Answers that an edge gives to what comes to it: the only definition of their jobs. Outlives the
/// kinds that it makes. Const calls may run concurrently.
class Serving {
 public:
  /// @param detector  looks at the inputs of each example; null: nobody does.
  Serving(const ServeConfig& config, const Registry& registry, const Learner& learner,
          const datasets::NodeData& data, const Choice<DriftDetector>* detector);

  const ServeConfig& config() const { return config_; }
  const ExampleFormat& examples() const { return examples_; }
  const datasets::NodeData& data() const { return data_; }

  /// Body of "serve": what is answered, and what the node's detector has seen.
  struct Body {
    std::uint32_t first = 0;  // Mined::position of the first one
    std::uint32_t count = 0;
    std::uint32_t row = 0;             // of the node's training view, or place in the samples
    bool shadow = false;               // a model watches
    std::vector<std::int32_t> labels;  // of samples from outside; empty: rows of the view
    ByteVector detector;
    template <class A>
    void archive(A& a) {
      a(first, count, row, shadow, labels, detector);
    }
  };
  /// "serve": the model that answers [, a model in its shadow] [, samples from outside] -> inputs
  /// of what is mined (no records where nothing is); ServedBatch.
  role::JobKind serve() const;
  /// "answer": the model, one example -> record "prediction"; the label, -1 where the example has a
  /// value that is not finite.
  role::JobKind answer() const;

 private:
  /// What a job is asked.
  struct Asked {
    std::span<const float> inputs;
    std::span<const std::int32_t> truths;
    View view;        // empty: they came from outside, as
    Payload samples;  // these
  };
  Asked asked(const role::Job& job, const Body& body, Workspace& workspace) const;
  Payload examples_of(const Asked& asked, const Body& body,
                      std::span<const std::uint32_t> which) const;
  role::JobResult run_serve(const role::Job& job, Workspace& workspace) const;
  role::JobResult run_answer(const role::Job& job, Workspace& workspace) const;
  void watch_inputs(const role::Job& job, std::uint32_t first, std::span<const float> inputs,
                    ServedBatch& served) const;

  ServeConfig config_;
  const Registry& registry_;
  const Learner& learner_;
  const datasets::NodeData& data_;
  std::optional<Choice<DriftDetector>> detector_;
  std::unique_ptr<HardSampleMiner> miner_;
  ExampleFormat examples_;
  RecordSpec prediction_;
};

/// When what comes to an edge is answered: at multiples of `serve.every`, of what has arrived by
/// then. The edge's training view is what comes to it, in its order.
///
/// What arrived before `begins` is history, and is not answered.
class StreamClock {
 public:
  /// @param channel  of its timer, and of nothing else.
  /// @param begins   of the stream; the run begins there.
  StreamClock(const Serving& serving, NodeId node, Channel channel, Duration begins)
      : serving_(serving), node_(node), timer_(channel.timer(0)), begins_(begins) {}

  /// The node begins, or begins again: then what came since its last take() is gone. Returns how
  /// much that is.
  std::uint32_t start(SimTime now);
  bool owns(std::uint64_t timer) const { return timer == timer_; }
  /// Sets the timer for the next moment at which there is something to answer, or none.
  /// @param more  something waits that does not come from the stream.
  void await_next(SimTime now, bool more, role::Effects& effects) const;
  /// How much of the stream was taken, or is gone.
  std::uint32_t position() const { return position_; }
  struct Range {
    std::uint32_t first = 0, count = 0;
  };
  /// What has arrived and was not taken yet, at most `kMost` of it.
  Range take(SimTime now);
  /// The newest `count` that have arrived, as a range of time; fewer where there are not so many.
  datasets::Slice newest(std::uint32_t count, SimTime now) const;
  /// What has arrived since a moment of the run; everything, history too, where it is nullopt.
  datasets::Slice since(std::optional<SimTime> from, SimTime now) const;
  /// Nothing more will come.
  bool over() const { return position_ >= total_; }

  static constexpr std::uint32_t kMost = 4096;

  template <class A>
  void archive(A& a) {
    a(position_, total_, started_);
  }

 private:
  std::uint32_t arrived(SimTime now) const;

  const Serving& serving_;
  NodeId node_;
  std::uint64_t timer_;
  Duration begins_;
  std::uint32_t position_ = 0;
  std::uint32_t total_ = 0;
  bool started_ = false;
};

}  // namespace skerry::parts

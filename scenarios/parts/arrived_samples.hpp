#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "datasets/slice.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::parts {

/// Samples from outside that are neighbours in one payload.
struct SampleRun {
  role::PayloadRef inputs;
  std::uint32_t place = 0;           // of the first one
  std::vector<std::int32_t> labels;  // of each; -1: nobody knows
  template <class A>
  void archive(A& a) {
    a(inputs, place, labels);
  }
};

/// What a training on an edge learns from.
struct Lesson {
  datasets::Slice slice;           // of its training view
  std::vector<SampleRun> arrived;  // from outside; what nobody knows the class of is left out
  template <class A>
  void archive(A& a) {
    a(slice, arrived);
  }
};

/// Samples that came to an edge from outside the run: those that wait to be answered, in their
/// order, and the newest of the others, if the edge learns from them.
///
/// Memory: the payloads of what waits and of what is kept.
class ArrivedSamples {
 public:
  using Run = SampleRun;
  /// @param keeps  so many samples that were answered are kept to be learnt from.
  explicit ArrivedSamples(std::uint32_t keeps) : keeps_(keeps) {}

  void add(const role::SamplesArrived& samples, SimTime now);
  /// The oldest ones, of one payload: `most` at most, none only where none wait.
  Run take(std::uint32_t most);
  std::uint64_t waiting() const { return waiting_; }
  /// Samples that were taken and are kept, the newest `most` at most; of these, what came at or
  /// after `since`.
  std::vector<Run> kept(std::uint32_t most, std::optional<SimTime> since) const;

  template <class A>
  void archive(A& a) {
    std::vector<Batch> batches(batches_.begin(), batches_.end());
    std::vector<Kept> kept(kept_.begin(), kept_.end());
    a(batches, kept, waiting_, kept_samples_);
    if constexpr (A::kReading) {
      batches_.assign(batches.begin(), batches.end());
      kept_.assign(kept.begin(), kept.end());
    }
  }

 private:
  struct Batch {
    role::PayloadRef inputs;
    std::vector<std::int32_t> labels;
    SimTime came;
    std::uint32_t taken = 0;
    template <class A>
    void archive(A& a) {
      a(inputs, labels, came, taken);
    }
  };
  struct Kept {
    Run run;
    SimTime came;
    template <class A>
    void archive(A& a) {
      a(run, came);
    }
  };
  void keep(const Run& run, SimTime came);

  std::uint32_t keeps_;
  std::deque<Batch> batches_;
  std::deque<Kept> kept_;
  std::uint64_t waiting_ = 0;
  std::uint64_t kept_samples_ = 0;
};

}  // namespace skerry::parts

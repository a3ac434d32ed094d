#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/parallel.hpp"

namespace skerry {

/// Scratch of one worker thread: buffers and tapes that live across jobs, so that a step allocates
/// nothing. Never shared between threads; what is in it is unspecified when a job begins.
class Workspace {
 public:
  Workspace() = default;
  /// @param parallel  runs parts of a job; outlives the workspace.
  explicit Workspace(Parallel& parallel) : parallel_(&parallel) {}

  /// Calls part(i, workspace) once for every i < parts, on idle threads too; returns when all are
  /// done. A part takes its scratch from the workspace it is given, which may be this one.
  void each(std::size_t parts, const Parallel::Part& part);
  /// How many other threads have nothing to do at this moment: more parts than these threads and
  /// this one are of no use.
  std::size_t spare() const { return parallel_ ? parallel_->spare() : 0; }
  /// A buffer of `size` floats kept under `name`; two names never overlap. Valid until the same
  /// name is asked for with a larger size.
  std::span<float> floats(std::string_view name, std::size_t size);
  std::vector<std::uint32_t>& rows(std::string_view name);
  std::span<std::int32_t> labels(std::size_t size);
  /// The examples of these rows, in buffers kept under `name`. Valid until the name's next use.
  Batch gather(std::string_view name, const Samples& samples, std::span<const std::uint32_t> rows);

  /// The worker's tape for a learner; `which` tells apart several in use at once.
  Tape& tape(const Learner& learner, std::size_t which = 0);
  /// The worker's fused path for a learner, or null where the learner has none.
  FusedSgd* fused(const Learner& learner);

 private:
  template <class T>
  struct Named {
    std::string name;
    std::unique_ptr<T> held;
    Named(std::string n, std::unique_ptr<T> h) : name(std::move(n)), held(std::move(h)) {}
  };
  struct LearnerScratch {
    const Learner* learner;
    std::vector<std::unique_ptr<Tape>> tapes;
    std::unique_ptr<FusedSgd> fused;
    bool fused_made = false;
  };
  LearnerScratch& scratch(const Learner& learner);

  Parallel* parallel_ = nullptr;
  std::vector<Named<std::vector<float>>> floats_;
  std::vector<Named<std::vector<std::uint32_t>>> rows_;
  std::vector<std::int32_t> labels_;
  std::vector<Named<BatchBuffer>> batches_;
  std::vector<std::unique_ptr<LearnerScratch>> learners_;
};

}  // namespace skerry

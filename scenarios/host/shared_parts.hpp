#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>

#include "algorithms/sdk/parallel.hpp"

namespace skerry::host {

/// The parts of one job (Workspace::each), which several threads take one by one. The thread that
/// runs the job owns them: it takes parts like the others, then waits until none is under way.
class SharedParts {
 public:
  /// @param part  outlives every call of run_one() that finds a part to take.
  SharedParts(const Parallel::Part& part, std::size_t count)
      : part_(part), count_(count), left_(count) {}

  /// Takes the next part and runs it; false if all have been taken. From any thread. A part that
  /// throws counts as run.
  bool run_one(Workspace& workspace);
  /// Whether no part is left to take and none is under way. From any thread.
  bool done() const { return left_ == 0; }
  /// Only once done(). Throws what a part threw, if one did. If several threw, it is the first in
  /// their order, so that the text does not depend on the threads.
  void rethrow() const;

 private:
  void note_exception(std::size_t which);

  const Parallel::Part& part_;
  const std::size_t count_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> left_;  // parts not run to their end
  std::mutex throwing_;
  std::size_t thrown_by_ = 0;
  std::exception_ptr thrown_;
};

}  // namespace skerry::host

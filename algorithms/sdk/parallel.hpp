#pragma once

#include <cstddef>
#include <functional>

namespace skerry {

class Workspace;

/// Threads that run parts of one computation at once. Parts do not depend on each other, so their
/// order and their threads cannot change a bit. Jobs reach them through Workspace::each().
class Parallel {
 public:
  /// One part, with the workspace of the thread that runs it.
  using Part = std::function<void(std::size_t part, Workspace& workspace)>;

  virtual ~Parallel() = default;
  /// Calls part(i) once for every i < parts; returns when all are done.
  /// @param own  the caller's workspace.
  virtual void each(std::size_t parts, const Part& part, Workspace& own) = 0;
  /// How many threads besides the caller's have nothing to do at this moment.
  virtual std::size_t spare() const = 0;
};

}  // namespace skerry

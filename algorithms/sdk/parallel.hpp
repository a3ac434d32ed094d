#pragma once

#include <cstddef>
#include <functional>

namespace skerry {

/// Runs the parts of one computation, several at once where threads are idle. Parts do not depend
/// on each other, so their order and their threads cannot change a bit.
class Parallel {
 public:
  virtual ~Parallel() = default;
  /// Calls part(i) once for every i < parts; returns when all are done. This one: in order, here.
  virtual void each(std::size_t parts, const std::function<void(std::size_t)>& part) {
    for (std::size_t i = 0; i < parts; ++i) part(i);
  }
};

}  // namespace skerry

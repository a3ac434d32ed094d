#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "algorithms/sdk/workspace.hpp"

namespace skerry {

/// Three threads that are always idle. Every part runs on a thread of its own; the last part's
/// thread starts first.
class Threads final : public Parallel {
 public:
  void each(std::size_t parts, const Part& part, Workspace&) override {
    std::vector<std::thread> threads;
    for (std::size_t i = parts; i-- > 0;) {
      threads.emplace_back([&part, i] {
        Workspace own;
        part(i, own);
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (parts > 1) ++shared;
  }
  std::size_t spare() const override { return 3; }

  int shared = 0;  // calls with more than one part
};

}  // namespace skerry

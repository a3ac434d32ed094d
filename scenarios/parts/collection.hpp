#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenarios/parts/update_jobs.hpp"
#include "scenarios/role/input.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::parts {

/// Updates on their way into the next model: those that arrived and wait, the running sums, and the
/// job that adds to the sums. Several waiting updates are added in one pass; for a reducer that
/// gathers, all updates are kept.
class Collection {
 public:
  /// Begins a new, empty collection.
  /// @param gathers  keep every update until the end instead of summing.
  void begin(bool gathers, Exchange exchange);
  /// Adds an update. Once the collection is closed, the update belongs to the next one and is
  /// staler by one model version.
  void add(const UpdateEntry& entry, role::PayloadRef update);
  /// No more updates belong to this collection.
  void close() { closed_ = true; }
  bool closed() const { return closed_; }

  /// The job of kind "accumulate" that must run now, if any. Its inputs and body are set; the
  /// caller sets the rest and starts it.
  std::optional<role::Job> next_job();
  /// The verdicts of the job that next_job() gave. No other job may be passed.
  std::vector<Verdict> finished(const role::JobFinished& job);
  /// Whether the collection is closed and all its updates are summed (or kept).
  bool complete() const { return closed_ && !running_ && (gathers_ || waiting_.empty()); }
  /// Updates of the collection, except those that were refused when looked into.
  std::uint32_t count() const {
    return accepted_ + static_cast<std::uint32_t>(waiting_.size()) + running_updates_;
  }
  std::uint32_t accepted() const { return accepted_; }
  Exchange exchange() const { return exchange_; }
  /// The job of kind "finish". The caller sets its first input. A new collection begins with what
  /// came after close().
  role::Job finish_job(FinishBody body);

  template <class A>
  void archive(A& a) {
    a(gathers_, exchange_, closed_, running_, running_updates_, accepted_, waiting_, next_, sums_);
  }

 private:
  struct Waiting {
    UpdateEntry entry;
    role::PayloadRef update;
    template <class A>
    void archive(A& a) {
      a(entry, update);
    }
  };
  /// One pass over the sums serves this many updates best.
  static constexpr std::size_t kPass = 8;
  /// The most updates of one job: the job waits for all of them, and they are kept until it ends.
  static constexpr std::size_t kMost = 64;

  bool gathers_ = false;
  Exchange exchange_;
  bool closed_ = false;
  bool running_ = false;
  std::uint32_t running_updates_ = 0;
  std::uint32_t accepted_ = 0;
  std::vector<Waiting> waiting_;
  std::vector<Waiting> next_;  // came after closing
  role::PayloadRef sums_;
};

}  // namespace skerry::parts

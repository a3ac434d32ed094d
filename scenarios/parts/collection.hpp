#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenarios/parts/update_jobs.hpp"
#include "scenarios/role/input.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::parts {

/// Updates on their way into the next model: those that arrived and wait, the running sums, and the
/// job that adds to them. Several waiting updates are added in one pass; a rule that gathers keeps
/// them all.
class Collection {
 public:
  /// @param gathers  keep every update until the end instead of summing.
  void begin(bool gathers, Exchange exchange);
  /// Once closed, what is added belongs to the next collection, one model version staler.
  void add(const UpdateEntry& entry, role::PayloadRef update);
  /// No update comes any more.
  void close() { closed_ = true; }
  bool closed() const { return closed_; }

  /// The job of kind "accumulate" to run now, if any: its inputs and body are set, the rest is the
  /// caller's.
  std::optional<role::Job> next_job();
  /// What the job found. The caller knows that the job is ours.
  std::vector<Verdict> finished(const role::JobFinished& job);
  /// Everything that came is summed (or kept) and nothing more will come.
  bool complete() const { return closed_ && !running_ && (gathers_ || waiting_.empty()); }
  /// Updates that came and were not refused when looked into.
  std::uint32_t count() const {
    return accepted_ + static_cast<std::uint32_t>(waiting_.size()) + running_updates_;
  }
  std::uint32_t accepted() const { return accepted_; }
  Exchange exchange() const { return exchange_; }
  /// The job of kind "finish". Its first input is the caller's. The collection begins anew
  /// with what came after it was closed.
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
  /// No job takes more: it waits for all of them, and they are kept until then.
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

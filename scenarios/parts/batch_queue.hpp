#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/time.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

/// How examples are gathered into batches.
struct BatchConfig {
  std::uint32_t batch_size = 32;
  Duration max_wait = Duration::milliseconds(5);

  template <class V>
  void fields(V& v) {
    v("batch_size", batch_size, {.meaning = "examples scored at a time", .min = 1});
    v("max_wait", max_wait, {.meaning = "how long an example waits for a batch to fill"});
  }
};

/// Examples that wait for a model. One batch runs at a time. The next batch starts when
/// `batch_size` examples wait, or when the first of them has waited for `max_wait`. First come,
/// first served.
///
/// The queue starts no job itself. Its owner must call start() whenever an example was added, a
/// batch has ended or the time next_start() has come, and must run what start() returns.
/// @tparam Entry  what the owner remembers of an example; has archive().
template <class Entry>
class BatchQueue {
 public:
  /// @param input  one example; held until its batch starts.
  void add(Entry entry, role::PayloadRef input, SimTime now) {
    waiting_.push_back({std::move(entry), std::move(input), now});
  }

  /// The inputs of the batch that must start now, in the order in which they came; nullopt if none
  /// is due. The batch then runs as job number `job`, until take() of that number.
  std::optional<std::vector<role::PayloadRef>> start(const BatchConfig& config, SimTime now,
                                                     std::uint64_t job) {
    const auto due = next_start(config);
    if (!due || *due > now) return std::nullopt;
    const auto size =
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(config.batch_size, waiting_.size()));
    std::vector<role::PayloadRef> inputs;
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      Waiting& next = waiting_[static_cast<std::size_t>(i)];
      running_.push_back(std::move(next.entry));
      inputs.push_back(std::move(next.input));
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + size);
    job_ = job;
    return inputs;
  }
  /// The entries of the running batch, in the order of its inputs.
  const std::vector<Entry>& running() const { return running_; }

  /// When a batch would start if no more examples came; nullopt while one runs or none waits.
  std::optional<SimTime> next_start(const BatchConfig& config) const {
    if (job_ != 0 || waiting_.empty()) return std::nullopt;
    const std::size_t place = std::min<std::size_t>(config.batch_size, waiting_.size()) - 1;
    const SimTime patience_ends = waiting_.front().arrived + config.max_wait;
    if (waiting_.size() < config.batch_size) return patience_ends;
    return std::min(patience_ends, waiting_[place].arrived);
  }

  /// A job has finished or failed: the entries of its batch, in the order of its inputs; nullopt if
  /// the job is no batch of this queue.
  std::optional<std::vector<Entry>> take(std::uint64_t job) {
    if (job_ == 0 || job != job_) return std::nullopt;
    job_ = 0;
    return std::exchange(running_, {});
  }

  /// Forgets the waiting entries for which `stale` is true. If it is true for all entries of the
  /// running batch, forgets the batch too and returns its job, which the owner must cancel.
  template <class Predicate>
  std::optional<std::uint64_t> drop(Predicate stale) {
    std::erase_if(waiting_, [&](const Waiting& w) { return stale(w.entry); });
    if (job_ == 0 || !std::all_of(running_.begin(), running_.end(), stale)) return std::nullopt;
    running_.clear();
    return std::exchange(job_, 0);
  }

  template <class A>
  void archive(A& a) {
    a(waiting_, running_, job_);
  }

 private:
  struct Waiting {
    Entry entry;
    role::PayloadRef input;
    SimTime arrived;
    template <class A>
    void archive(A& a) {
      a(entry, input, arrived);
    }
  };
  std::vector<Waiting> waiting_;
  std::vector<Entry> running_;
  std::uint64_t job_ = 0;  // 0: none runs
};

}  // namespace skerry::parts

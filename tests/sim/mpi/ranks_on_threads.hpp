// Ranks as threads of one process, so that a test can watch what they send to each other.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/mpi/messages.hpp"
#include "sim/mpi/remote_ranks.hpp"
#include "sim/mpi/serving.hpp"

namespace skerry {

/// What all ranks sent so far.
class Post {
 public:
  explicit Post(unsigned ranks) : boxes_(ranks) {}

  void send(unsigned from, unsigned to, mpi::Parcel parcel) {
    const std::lock_guard lock(mutex_);
    if (watch) watch(to, parcel);
    boxes_[to].push_back({from, std::move(parcel)});
  }
  std::optional<mpi::Channel::Received> receive(unsigned rank) {
    const std::lock_guard lock(mutex_);
    if (boxes_[rank].empty()) return std::nullopt;
    auto received = std::move(boxes_[rank].front());
    boxes_[rank].pop_front();
    return received;
  }
  unsigned ranks() const { return static_cast<unsigned>(boxes_.size()); }

  /// Called with every parcel, one at a time. Must be set before anything is sent.
  std::function<void(unsigned to, const mpi::Parcel&)> watch;

 private:
  std::mutex mutex_;
  std::vector<std::deque<mpi::Channel::Received>> boxes_;
};

class ThreadChannel final : public mpi::Channel {
 public:
  ThreadChannel(Post& post, unsigned rank) : post_(post), rank_(rank) {}
  unsigned rank() const override { return rank_; }
  unsigned ranks() const override { return post_.ranks(); }
  std::string name(unsigned rank) const override { return "thread " + std::to_string(rank); }
  void send(unsigned to, mpi::Parcel parcel) override { post_.send(rank_, to, std::move(parcel)); }
  std::optional<Received> receive() override { return post_.receive(rank_); }
  void rest() override { std::this_thread::yield(); }

 private:
  Post& post_;
  unsigned rank_;
};

/// Rank 0 is the test. The others serve one paradigm, for as many runs as the test begins.
class RanksOnThreads {
 public:
  RanksOnThreads(unsigned ranks, unsigned threads, const role::Paradigm& paradigm)
      : post(ranks), threads_(threads), channel_(post, 0), remote_(channel_) {
    for (unsigned rank = 1; rank < ranks; ++rank) {
      serving_.emplace_back([this, rank, &paradigm] {
        ThreadChannel channel(post, rank);
        mpi::serve(channel, [&](std::span<const std::byte>) {
          const std::shared_ptr<const role::Paradigm> shared(std::shared_ptr<void>(), &paradigm);
          return mpi::Prepared{.answer = {}, .paradigm = shared, .threads = threads_};
        });
      });
    }
  }
  /// Uses the ranks as places, in one run.
  template <class Run>
  auto during(const Run& run) {
    remote_.begin({}, threads_);
    remote_.answers();
    auto result = run(static_cast<host::Places*>(&remote_));
    remote_.end();
    return result;
  }

 private:
  struct Joined {
    std::vector<std::thread> threads;
    template <class F>
    void emplace_back(F f) {
      threads.emplace_back(std::move(f));
    }
    ~Joined() {
      for (std::thread& thread : threads) thread.join();
    }
  };

 public:
  Post post;

 private:
  unsigned threads_;
  ThreadChannel channel_;
  Joined serving_;  // ends once the ranks were told to
  mpi::RemoteRanks remote_;
};

}  // namespace skerry

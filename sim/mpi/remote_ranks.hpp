#pragma once

#include <string>
#include <vector>

#include "scenarios/host/places.hpp"
#include "sim/mpi/channel.hpp"
#include "sim/mpi/messages.hpp"

namespace skerry::mpi {

/// Rank 0's side: the other ranks as places where jobs run, for one run after another. They quit
/// when this is destroyed.
class RemoteRanks final : public host::Places {
 public:
  explicit RemoteRanks(Channel& channel) : channel_(channel) {}
  ~RemoteRanks() override;
  RemoteRanks(const RemoteRanks&) = delete;
  RemoteRanks& operator=(const RemoteRanks&) = delete;

  /// Tells all what is to be run. @param threads  jobs that each of them runs at a time.
  void begin(const ByteVector& run, unsigned threads);
  /// Waits for what each answers to begin(); rank 1's comes first.
  std::vector<ByteVector> answers();
  /// Ends the run: jobs under way are waited for and forgotten. Only after the executor that used
  /// the places is gone.
  void end();
  std::string name(unsigned rank) const { return channel_.name(rank); }

  unsigned count() const override { return channel_.ranks() - 1; }
  unsigned threads() const override { return threads_; }
  void start(unsigned place, host::Order order) override;
  void lend(unsigned place, host::PayloadKey key, const role::Content& content) override;
  void ask(unsigned place, host::PayloadKey key) override;
  void drop(unsigned place, host::PayloadKey key) override;
  void start_over() override;
  std::optional<News> news() override;

 private:
  void tell(unsigned rank, Told message);
  void tell_all(const Told& message);
  Channel::Received await();

  Channel& channel_;
  unsigned threads_ = 1;
  ByteVector run_;  // as it was begun
};

}  // namespace skerry::mpi

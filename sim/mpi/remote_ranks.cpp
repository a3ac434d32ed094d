#include "sim/mpi/remote_ranks.hpp"

#include "sim/mpi/content_parcel.hpp"

namespace skerry::mpi {

RemoteRanks::~RemoteRanks() { tell_all(Quit{}); }

void RemoteRanks::tell(unsigned rank, Told message) {
  channel_.send(rank, {to_bytes(message), {}});
}

void RemoteRanks::tell_all(const Told& message) {
  for (unsigned rank = 1; rank < channel_.ranks(); ++rank) tell(rank, message);
}

Channel::Received RemoteRanks::await() {
  while (true) {
    if (auto received = channel_.receive()) return std::move(*received);
    channel_.rest();
  }
}

void RemoteRanks::begin(const ByteVector& run, unsigned threads) {
  threads_ = threads;
  run_ = run;
  tell_all(Begin{run_});
}

std::vector<ByteVector> RemoteRanks::answers() {
  std::vector<ByteVector> answers(count());
  for (unsigned left = count(); left > 0; --left) {
    const Channel::Received received = await();
    answers[received.from - 1] = std::get<Ready>(read_message<Answer>(received.parcel)).answer;
  }
  return answers;
}

void RemoteRanks::end() {
  tell_all(End{});
  for (unsigned left = count(); left > 0;) {
    if (std::holds_alternative<Ended>(read_message<Answer>(await().parcel))) --left;
  }
}

void RemoteRanks::start_over() {
  end();
  tell_all(Begin{run_});
  answers();  // what they prepared before
}

void RemoteRanks::start(unsigned place, host::Order order) { tell(place, std::move(order)); }

void RemoteRanks::lend(unsigned place, host::PayloadKey key, const role::Content& content) {
  channel_.send(place, content_parcel<Told>(key, content));
}

void RemoteRanks::ask(unsigned place, host::PayloadKey key) { tell(place, Ask{key}); }

void RemoteRanks::drop(unsigned place, host::PayloadKey key) { tell(place, Drop{key}); }

std::optional<host::Places::News> RemoteRanks::news() {
  auto received = channel_.receive();
  if (!received) return std::nullopt;
  Answer answer = read_message<Answer>(received->parcel);
  if (auto* finished = std::get_if<mpi::Finished>(&answer)) {
    Finished news{finished->task, std::move(finished->report), std::nullopt};
    if (finished->failed) news.failure = std::move(finished->failure);
    return news;
  }
  const auto& lend = std::get<Lend>(answer);
  return Returned{lend.key, content_of(lend, std::move(received->parcel.payload))};
}

}  // namespace skerry::mpi

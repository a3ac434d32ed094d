#include "sim/mpi/serving.hpp"

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "scenarios/host/executor.hpp"
#include "sim/mpi/content_parcel.hpp"

namespace skerry::mpi {

namespace {

using host::Executor;
using host::PayloadKey;
using role::PayloadRef;

void answer(Channel& channel, const Answer& message) { channel.send(0, {to_bytes(message), {}}); }

/// One run on a rank that serves.
class ServedRun {
 public:
  ServedRun(Channel& channel, const Prepared& prepared)
      : channel_(channel), paradigm_(*prepared.paradigm), executor_(paradigm_, prepared.threads) {
    executor_.on_finished([this](const Executor::TaskRef& task) {
      const std::lock_guard lock(mutex_);
      finished_.push_back(task);
    });
  }

  /// Runs jobs until rank 0 says that it is over.
  void run() {
    executor_.serve([this] {
      report_finished();
      while (!over_) {
        auto received = channel_.receive();
        if (!received) break;
        take(std::move(received->parcel));
      }
      return over_;
    });
  }

 private:
  struct Names {
    std::uint64_t task = 0;
    std::vector<PayloadKey> outputs;
  };

  void take(Parcel parcel) {
    Told told = read_message<Told>(parcel);
    if (auto* order = std::get_if<host::Order>(&told)) {
      start(std::move(*order));
    } else if (const auto* lend = std::get_if<Lend>(&told)) {
      payloads_[lend->key] = PayloadRef::of({}, content_of(*lend, std::move(parcel.payload)));
    } else if (const auto* ask = std::get_if<Ask>(&told)) {
      if (payloads_.at(ask->key).ready()) {
        give(ask->key);
      } else {
        asked_.insert(ask->key);
      }
    } else if (const auto* drop = std::get_if<Drop>(&told)) {
      payloads_.erase(drop->key);
      asked_.erase(drop->key);
    } else {
      SKERRY_CHECK(std::holds_alternative<End>(told), "runs do not overlap");
      over_ = true;
    }
  }

  void start(host::Order order) {
    for (const PayloadKey key : order.inputs) {
      order.job.inputs.push_back(key == 0 ? PayloadRef() : payloads_.at(key));
    }
    const role::Work work = paradigm_.jobs().work(order.job);
    const Executor::TaskRef task = executor_.submit(std::move(order.job), order.wanted, work);
    const auto& outputs = executor_.outputs(task);
    for (std::size_t i = 0; i < outputs.size(); ++i) payloads_[order.outputs[i]] = outputs[i];
    names_[task.get()] = {order.task, std::move(order.outputs)};
  }

  void give(PayloadKey key) {
    channel_.send(0, content_parcel<Answer>(key, payloads_.at(key).content()));
  }

  void report_finished() {
    std::vector<Executor::TaskRef> finished;
    {
      const std::lock_guard lock(mutex_);
      finished.swap(finished_);
    }
    for (const Executor::TaskRef& task : finished) {
      const auto names = names_.extract(task.get());
      const auto& failure = executor_.failure(task);
      for (const PayloadKey key : names.mapped().outputs) {
        if (asked_.erase(key) > 0 && !failure) give(key);
      }
      answer(channel_, Finished{names.mapped().task, executor_.await(task), failure.has_value(),
                                failure.value_or(JobFailure{})});
    }
  }

  Channel& channel_;
  const role::Paradigm& paradigm_;
  std::map<PayloadKey, PayloadRef> payloads_;
  std::set<PayloadKey> asked_;  // not made yet
  std::map<const Executor::Task*, Names> names_;
  bool over_ = false;
  std::mutex mutex_;
  std::vector<Executor::TaskRef> finished_;
  Executor executor_;  // last: its threads end before what they use
};

}  // namespace

void serve(Channel& channel, const std::function<Prepared(std::span<const std::byte>)>& prepare) {
  Prepared prepared;
  while (true) {
    const auto received = channel.receive();
    if (!received) {
      channel.rest();
      continue;
    }
    const Told told = read_message<Told>(received->parcel);
    if (std::holds_alternative<Quit>(told)) return;
    if (std::holds_alternative<End>(told)) {  // of a run that could not be prepared
      answer(channel, Ended{});
      continue;
    }
    prepared = prepare(std::get<Begin>(told).run);
    answer(channel, Ready{prepared.answer});
    if (!prepared.paradigm) continue;
    ServedRun(channel, prepared).run();
    answer(channel, Ended{});
  }
}

}  // namespace skerry::mpi

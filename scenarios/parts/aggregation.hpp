#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/parts/collection.hpp"
#include "scenarios/parts/downlink.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/parts/job_book.hpp"

namespace skerry::parts {

/// The cloud's models and what turns updates into the next one: the jobs of the update path, in
/// their order. Knows nothing of rounds: its owner says when a collection begins, when nothing more
/// comes, and when to finish.
class Aggregation {
 public:
  Aggregation(const Federation& federation, JobBook& book) : federation_(federation), book_(book) {}

  /// Makes the first model: `model` (a payload with record "model") where there is one, else a
  /// fresh one. Ready follows.
  void initialise(role::PayloadRef model, role::Effects& effects);
  /// A new, empty collection.
  void begin(Exchange exchange);
  /// Takes in an update as it came over the wire.
  void add(const UpdateEntry& entry, role::PayloadRef update, Round round, role::Effects& effects);
  /// No update comes any more: what is added from now on belongs to the next collection.
  void close();
  /// Starts the next pass over the sums, if one is worthwhile.
  void accumulate(Round round, role::Effects& effects);
  /// Updates that came and were not refused when looked into.
  std::uint32_t count() const { return collection_.count() + awaited_decodings(); }
  /// Everything that came is summed (or kept) and nothing more will come.
  bool complete() const { return collection_.complete(); }

  /// Starts the job that makes the next model. Finished follows. The collection begins anew with
  /// what came after it was closed.
  struct Finish {
    Round round = 0;
    std::uint32_t minimum = 1;
    std::vector<AskedReply> replies;
    std::vector<role::PayloadRef> results;  // of those replies that have one
  };
  void finish(Finish how, role::Effects& effects);

  /// What a job's end brought.
  struct Ready {};  // the first model is there
  struct NotOpened {
    UpdateEntry update;
    std::string why;
  };
  using Verdicts = std::vector<Verdict>;
  using Finished = FinishReport;  // the next model is there
  struct Nothing {};
  using News = std::variant<Nothing, Ready, NotOpened, Verdicts, Finished>;
  /// The news, or nothing where the job is not one of these.
  std::optional<News> on_job(const role::JobFinished& finished, role::Effects& effects);
  /// Whether the job that failed was one of these.
  bool on_job_failed(std::uint64_t job) { return notes_.take(job).has_value(); }

  /// What edges train from, and the same as it crosses the wire. Null before Ready.
  const role::PayloadRef& down() const { return down_; }
  const role::PayloadRef& wire_down() const { return downlink_.whole(); }
  const Downlink& downlink() const { return downlink_; }

  template <class A>
  void archive(A& a) {
    a(collection_, notes_, closing_, decoding_, decoded_late_, server_, down_, downlink_,
      finished_);
  }

 private:
  enum class Step : std::uint8_t { kInitialise, kDecode, kAccumulate, kFinish, kEncodeDown };
  struct Note {
    Step step{};
    Round round = 0;
    template <class A>
    void archive(A& a) {
      a(step, round);
    }
  };
  struct Decoding {
    UpdateEntry entry;
    bool late = false;  // came after close()
    template <class A>
    void archive(A& a) {
      a(entry, late);
    }
  };
  std::uint32_t awaited_decodings() const;
  void close_when_decoded();
  void decoded(const Decoding& what, const role::PayloadRef& update);
  std::uint64_t start(Step step, role::Job job, Round round, role::Effects& effects);
  std::optional<News> made_down(const Note& note, role::Effects& effects);
  News announce();

  const Federation& federation_;
  JobBook& book_;
  Collection collection_;
  JobNotes<Note> notes_;
  bool closing_ = false;                        // once what came before is decoded
  std::map<std::uint64_t, Decoding> decoding_;  // by job
  std::vector<std::pair<UpdateEntry, role::PayloadRef>> decoded_late_;
  role::PayloadRef server_;
  role::PayloadRef down_;
  Downlink downlink_;
  std::optional<FinishReport> finished_;  // until the model is encoded for the edges
};

}  // namespace skerry::parts

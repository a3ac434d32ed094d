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

/// The cloud's models, and the jobs of the update path that turn updates into the next model. It
/// knows nothing of rounds: its owner says when a collection begins, when no more updates come, and
/// when to finish.
class Aggregation {
 public:
  Aggregation(const Federation& federation, JobBook& book) : federation_(federation), book_(book) {}

  /// Starts to make the first model, from `model` (a payload with record "model") if it is not
  /// null, else a fresh one. Ready follows.
  void initialise(role::PayloadRef model, role::Effects& effects);
  /// Begins a new, empty collection.
  void begin(Exchange exchange);
  /// Adds an update to the collection, as it came over the wire.
  void add(const UpdateEntry& entry, role::PayloadRef update, Round round, role::Effects& effects);
  /// Closes the collection: updates that are added from now on belong to the next one.
  void close();
  /// Starts the next pass over the sums, if one is worthwhile.
  void accumulate(Round round, role::Effects& effects);
  /// Updates of the collection, except those that were refused when looked into.
  std::uint32_t count() const { return collection_.count() + awaited_decodings(); }
  /// Whether the collection is closed and all its updates are summed (or kept).
  bool complete() const { return collection_.complete(); }

  /// How finish() makes the next model.
  struct Finish {
    Round round = 0;
    std::uint32_t minimum = 1;
    std::vector<AskedReply> replies;
    std::vector<role::PayloadRef> results;  // of those replies that have one
  };
  /// Starts the job that makes the next model. Finished follows. Only once complete(). A new
  /// collection begins with what came after close().
  void finish(Finish how, role::Effects& effects);

  /// What the end of a job brought.
  struct Ready {};  // the first model is there
  struct NotOpened {
    UpdateEntry update;
    std::string why;
  };
  using Verdicts = std::vector<Verdict>;
  using Finished = FinishReport;  // the next model is there
  struct Nothing {};
  using News = std::variant<Nothing, Ready, NotOpened, Verdicts, Finished>;
  /// The news; nullopt if the job is not one of this part's.
  std::optional<News> on_job(const role::JobFinished& finished, role::Effects& effects);
  /// Whether the job that failed was one of this part's.
  bool on_job_failed(std::uint64_t job) { return notes_.take(job).has_value(); }

  /// The model that edges train from, and the same as it crosses the wire. Null before Ready.
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
  bool closing_ = false;                        // closes once earlier updates are decoded
  std::map<std::uint64_t, Decoding> decoding_;  // by job
  std::vector<std::pair<UpdateEntry, role::PayloadRef>> decoded_late_;
  role::PayloadRef server_;
  role::PayloadRef down_;
  Downlink downlink_;
  std::optional<FinishReport> finished_;  // until the model is encoded for the edges
};

}  // namespace skerry::parts

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "datasets/data_source.hpp"
#include "datasets/slice.hpp"
#include "datasets/stream.hpp"

namespace skerry::datasets {

/// One experience of a node: a task of the stream, at its time.
struct Experience {
  std::uint32_t task = 0;  // index into StreamTasks
  std::string name;
  Duration begins;  // from the start of the run
  Duration lasts;
};

/// Rows of one node and split in the order in which they come.
struct ArrivedRows {
  std::vector<std::uint32_t> rows;  // of the samples as the stream shows them
  std::vector<std::size_t> first;   // experience e: rows[first[e]] to rows[first[e + 1] - 1]

  std::size_t size() const { return rows.size(); }
};

/// What a stream makes of the rows of each node: their order, experiences and times. Immutable;
/// called from many threads at once. Holds no rows: its memory does not grow with the data.
class Arrivals {
 public:
  /// The training or test set that rows belong to.
  struct Set {
    const Samples& samples;  // the original ones
    const Attributes& attributes;
    bool is_test = false;
  };

  /// @param agreed  what is taken from there, and not from the data; empty: nothing.
  /// Errors: those of the stream; what was agreed on does not suit it; recorded times are asked for
  /// and the training set has none; edges join with an experience that there is not; the stream
  /// would last longer than 292 years. Cost: that of the stream's plan; with recorded times also
  /// O(training rows).
  static Result<std::shared_ptr<const Arrivals>> make(const Stream& stream, const DataSet& data,
                                                      std::uint64_t seed,
                                                      const StreamAgreement& agreed = {});

  /// What others need to divide their data the same way.
  StreamAgreement agreement() const;

  const StreamPlan& plan() const { return *plan_; }
  std::uint32_t experiences() const {
    return static_cast<std::uint32_t>(plan_->tasks().names.size());
  }
  /// All experiences of a node, those too that are over when it joins.
  std::vector<Experience> experiences_of(NodeId node) const;
  /// The first experience that a node has: 0 unless it joins in mid-stream.
  std::uint32_t joins_with(NodeId node) const;

  /// Replaces `out`. Each row comes once (in every task, where the stream repeats), but for what a
  /// node that joins in mid-stream has missed.
  /// Cost: O(rows), times the number of tasks where the stream repeats; O(n log n) with recorded
  /// times.
  void arrange(NodeId node, Split split, const Set& set, std::span<const std::uint32_t> rows,
               ArrivedRows& out) const;

  /// Arranged rows, wherever they are held.
  struct Arranged {
    NodeId node;
    Set set;
    std::span<const std::uint32_t> rows;
    std::span<const std::size_t> first;  // [experiences + 1], counted from first[0]
  };
  /// When the row at `position` of arranged rows arrives. Ascends with the position.
  Duration arrival(const Arranged& arranged, std::size_t position) const;
  /// Which positions belong to a slice: [first, second).
  std::pair<std::size_t, std::size_t> range(const Arranged& arranged, const Slice& slice) const;

 private:
  // Of the node's experiences, in its order.
  struct Timetable {
    std::vector<std::uint32_t> tasks;
    std::vector<Duration> begins;  // [tasks + 1]
  };
  struct Period {
    double begin_s = 0, end_s = 0;
  };

  Arrivals(std::unique_ptr<StreamPlan> plan, const Pace& pace, bool needs_labels,
           std::uint64_t seed)
      : plan_(std::move(plan)), pace_(pace), needs_labels_(needs_labels), seed_(seed) {}
  Status check_times(const DataSet& data) const;
  void find_periods(const DataSet& data);
  Status take_periods(const std::vector<double>& agreed);
  Timetable timetable(NodeId node) const;
  Duration arrival(const Timetable& table, const Arranged& arranged, std::size_t position) const;
  RowLists dealt(NodeId node, Split split, const Set& set,
                 std::span<const std::uint32_t> rows) const;

  std::unique_ptr<StreamPlan> plan_;
  Pace pace_;
  bool needs_labels_;
  std::uint64_t seed_;
  std::vector<Period> periods_;  // [tasks], where times are recorded
};

}  // namespace skerry::datasets

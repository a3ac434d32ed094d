#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/result.hpp"
#include "datasets/attributes.hpp"
#include "datasets/pace.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

/// What a stream takes from the data that it was planned for. Nodes with data of their own take it
/// from the cloud, so that an experience is the same everywhere.
struct StreamAgreement {
  std::vector<std::string> levels;  // of the attribute that makes the tasks
  std::vector<double> borders_s;    // StreamTasks::borders_s
  std::vector<double> periods_s;    // first and last recorded time of each task: [2 tasks]

  template <class V>
  void fields(V& v) {
    v("levels", levels, {.meaning = "of the attribute that makes the experiences"});
    v("borders_s", borders_s, {.meaning = "recorded times between experiences"});
    v("periods_s", periods_s, {.meaning = "first and last recorded time of each experience"});
  }
};

/// A data set that is to come as a stream.
struct StreamRequest {
  const DataSchema& schema;
  std::span<const std::string> class_names;  // [classes] or empty
  std::uint32_t train_rows = 0;
  std::uint32_t test_rows = 0;  // 0: there is no test set
  const Attributes& train;
  const Attributes& test;
  std::uint64_t seed = 0;
  const StreamAgreement& agreed;  // empty where the data itself decides
};

/// Rows of one node and split.
struct StreamRows {
  std::span<const std::uint32_t> rows;   // of the training or the test set
  std::span<const std::int32_t> labels;  // [rows.size()]; empty unless the stream needs_labels()
  const Attributes& attributes;          // of the set
  Split split = Split::kTrain;
  bool of_test_set = false;       // otherwise `rows` are of the training set
  NodeId node = NodeId::cloud();  // whose draws these are: the cloud's where all share them
};

/// What a stream is made of: the same for all nodes. A node's experiences are these tasks, one
/// after another, in its order.
struct StreamTasks {
  /// What each task is: "classes 3 and 7", "country DE". At least one.
  std::vector<std::string> names;
  /// Whether each task has its place in the stream, so that no node has another order.
  bool ordered = false;
  /// Whether every row comes in every task, with other inputs; otherwise it comes in one task.
  /// Then task t shows row r as row t * rows + r of StreamPlan::shown().
  bool repeats = false;
  /// Recorded time at which each task begins, ascending, and at which the last ends: [names + 1],
  /// or empty where tasks are no stretches of time.
  std::vector<double> borders_s;
  /// Of the attribute that makes the tasks, or empty.
  std::vector<std::string> levels = {};
  /// Outputs that a task uses, [names][classes] of 0 and 1; empty: all, in every task.
  std::vector<std::vector<std::uint8_t>> active;
  /// Hash of what shown() does to samples; 0 where it does nothing.
  std::uint64_t content_hash = 0;
};

/// A stream over one data set. Immutable; called from many threads at once.
class StreamPlan {
 public:
  explicit StreamPlan(StreamTasks tasks) : tasks_(std::move(tasks)) {}
  virtual ~StreamPlan() = default;

  const StreamTasks& tasks() const { return tasks_; }
  /// Replaces `tasks` by one list a task of the rows that come in it, in order of arrival: each row
  /// of `rows` in one list. Not called for a stream that repeats.
  /// Determinism: a function of the plan and `rows`.
  virtual void deal(const StreamRows& rows, RowLists& tasks) const = 0;
  /// The samples as nodes see them; `original` itself where nothing changes. Called with the
  /// training set, the test set, and sets that replace them (same rows, same schema).
  virtual std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const {
    return original;
  }

 private:
  StreamTasks tasks_;
};

/// The `data.stream` of a scenario: in which order a node's rows come, and in which experiences.
class Stream {
 public:
  static constexpr const char* kSlot = "stream";
  virtual ~Stream() = default;
  virtual bool needs_labels() const { return false; }
  /// When experiences come.
  virtual const Pace& pace() const = 0;
  /// Errors: what the data lacks, or what cannot be made of it, with the numbers.
  /// Determinism: a function of the configuration and the request.
  virtual Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const = 0;
};

/// See algorithms/sdk/checked.hpp. The plan is checked, too: it deals every row once.
std::unique_ptr<Stream> checked(std::unique_ptr<Stream> plugin, const PluginEntry& entry);

/// `count` rows dealt into `pieces` runs of nearly equal size: where run k begins.
constexpr std::uint32_t piece_begin(std::uint32_t count, std::uint32_t pieces, std::uint32_t k) {
  return static_cast<std::uint32_t>(std::uint64_t{count} * k / pieces);
}

}  // namespace skerry::datasets

#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/registry.hpp"
#include "datasets/arrivals.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/partitioner.hpp"
#include "datasets/slice.hpp"
#include "datasets/stream.hpp"

namespace skerry::datasets {

/// Which part of the data is held back from training, and by whom. A part of n samples is
/// floor(fraction * n).
struct SplitConfig {
  double client_test = 0;
  double client_validation = 0;
  double server_validation = 0;

  template <class V>
  void fields(V& v) {
    v("client_test", client_test,
      {.meaning = "part of each edge's samples that it tests on",
       .min = 0,
       .max = 1,
       .below_max = true});
    v("client_validation", client_validation,
      {.meaning = "part of each edge's samples that it validates on",
       .min = 0,
       .max = 1,
       .below_max = true});
    v("server_validation", server_validation,
      {.meaning = "part of the training set that the cloud keeps to validate on, before the rest "
                  "is spread",
       .min = 0,
       .max = 1,
       .below_max = true});
  }
  void check(FieldReader& reader) const {
    if (client_test + client_validation >= 1) {
      reader.error("client_test", "and client_validation must leave something to train on");
    }
  }
};

/// What every node's data must have in common besides its shape. The cloud fills in what its own
/// data has, for edges that bring theirs.
struct DataAgreement {
  std::vector<std::string> features;
  std::vector<std::string> classes;
  std::vector<std::string> targets;
  TableAgreement table;
  StreamAgreement stream;

  template <class V>
  void fields(V& v) {
    v("features", features, {.meaning = "names of a table's columns, in order; empty: any"});
    v("classes", classes, {.meaning = "names of the classes, in order; empty: any"});
    v("targets", targets, {.meaning = "names of the numbers to predict, in order; empty: any"});
    v("table", table, {.meaning = "what the cells of a table become; empty: as its own are"});
    v("stream", stream, {.meaning = "what the stream takes from the data; empty: from its own"});
  }
  void check(FieldReader& reader) const {
    if (const std::string fault = fault_in_names(classes); !fault.empty()) {
      reader.error("classes", fault);
    }
  }
};

/// Whether a data set has what was agreed on. Of a data set without names of its own only the
/// numbers of features and classes are compared. The failure names what differs.
Status keeps(const DataSet& data, const DataAgreement& agreed);
/// Loads a source that must have what was agreed on, where anything was: it takes the classes, and
/// what the cells of a table become, from there. Errors: those of the source, prefixed with
/// `data.source`; what differs, with `data.agreed`.
Result<DataSet> load_agreed(const DataSource& source, DataEnvironment environment,
                            const std::optional<DataAgreement>& agreed);

/// `data` of a scenario.
struct DataConfig {
  Choice<DataSource> source;
  Choice<Partitioner> partition{"iid"};
  SplitConfig split;
  Choice<Stream> stream;
  std::optional<DataAgreement> agreed;

  template <class V>
  void fields(V& v) {
    v("source", source, {.meaning = "where samples come from", .required = true});
    v("partition", partition, {.meaning = "how the training set is spread over the edges"});
    v("split", split, {.meaning = "what is held back from training"});
    v("stream", stream,
      {.meaning = "in which order and experiences a node's samples come; default: all at once"});
    v("agreed", agreed, {.meaning = "names that every node's data has; default: the cloud's"});
  }
};

/// Fails, before data is there, where NodeData::make() would fail to spread it.
/// @param known  what the source's extent() says.
Status can_spread(const DataConfig& config, const Registry& registry,
                  const std::optional<Extent>& known, std::uint32_t edges);

/// The data of all nodes of a run, in which jobs look up their samples. Immutable; called from many
/// threads at once.
///
/// The cloud sees the source's test set (test) and its own part of the training set (validation).
/// Edge k sees partition k, cut into train, validation and test.
///
/// Where the scenario has a stream, every view is in order of arrival, of the samples as the stream
/// shows them, and may be cut into slices. Without one, everything is one experience that is there
/// from the start.
class NodeData {
 public:
  /// Loads the source, spreads it and makes it come as the stream says. The seed of the environment
  /// feeds generated data, `partition_seed` everything drawn here. Errors: those of the source, the
  /// partitioner or the stream, prefixed with `data.source`, `data.partition` or `data.stream`.
  static Result<std::shared_ptr<const NodeData>> make(const DataConfig& config,
                                                      const Registry& registry,
                                                      const DataEnvironment& environment,
                                                      std::uint32_t edges,
                                                      std::uint64_t partition_seed);

  struct Spread {
    std::uint32_t edges = 0;
    SplitConfig split;
    std::uint64_t seed = 0;
  };
  /// Spreads a loaded data set.
  static Result<std::shared_ptr<const NodeData>> make(DataSet data, const Partitioner& partitioner,
                                                      const Spread& spread);

  struct Own {
    NodeId node;
    SplitConfig split;
    std::uint64_t seed = 0;
  };
  /// A data set that belongs to one live node as a whole. An edge trains on all of its training
  /// set, less what `split` holds back; its test view is the source's test set unless client_test
  /// is given. The cloud has its usual views. No other node may be asked for.
  static std::shared_ptr<const NodeData> own(DataSet data, const Own& own);

  /// A training set that some edges see in place of the honest one.
  struct Poison {
    std::shared_ptr<const Samples> train;          // not null
    std::function<bool(NodeId edge)> is_poisoned;  // called from many threads at once
  };
  /// The same data, spread the same way, but poisoned edges train on other samples: their training
  /// view has the same rows of `poison.train`. Their other views, the training pool, the class
  /// counts and data_set() stay honest, so that whatever is measured is measured on honest data.
  /// A poison of another size or schema than the training set is a bug and stops the program.
  /// Cost: a copy of the kept rows; samples are shared.
  std::shared_ptr<const NodeData> with(Poison poison) const;

  /// The same data, coming as a stream. Neither has a poison been added yet nor another stream.
  /// Errors: those of Arrivals::make().
  /// Cost: a copy of the kept rows. Arranged rows are kept, too, where they and the borders of
  /// experiences are at most four million numbers each: 4 bytes a row that comes (a stream that
  /// repeats counts a row once a task), 8 bytes an edge, split and experience. Otherwise they are
  /// arranged anew in each call of view(), and of size() for a slice or an edge that joins in
  /// mid-stream. Those of the cloud are always kept.
  Result<std::shared_ptr<const NodeData>> with(const Stream& stream,
                                               const StreamAgreement& agreed = {}) const;

  /// What other nodes' data must have in common with this.
  DataAgreement agreement() const;

  /// What learners see: a stream may change the number of classes. data_set() stays as it was read.
  const DataSchema& schema() const { return training_set().schema(); }
  const DataSet& data_set() const { return data_; }
  /// All training or test samples as the stream shows them; the test set is null where there is
  /// none.
  const Samples& training_set() const { return *train_; }
  const Samples* test_set() const { return test_.get(); }
  std::uint32_t edges() const { return edges_; }
  /// Whether it is one live node's own, and no other node may be asked for.
  bool is_own() const { return owner_.has_value(); }
  /// Whether samples come as a stream.
  bool streams() const { return arrivals_ != nullptr; }

  /// Rows of one node, always in the same order. They are held here or, where partitions are
  /// computed, in `scratch`, which must outlive the view and serves one view at a time.
  /// Cost: O(1) where rows are kept (training sets of up to four million samples), else O(rows).
  View view(NodeId node, Split split, std::vector<std::uint32_t>& scratch) const {
    return view(node, split, Slice::everything(), scratch);
  }
  std::size_t size(NodeId node, Split split) const {
    return size(node, split, Slice::everything());
  }
  /// A part of them. Rows of validation and test sets come in experiences by the same rule as those
  /// to train on.
  /// Cost: also O(log rows) steps for a range of time; see with(Stream) for rows that are not kept.
  View view(NodeId node, Split split, const Slice& slice,
            std::vector<std::uint32_t>& scratch) const;
  std::size_t size(NodeId node, Split split, const Slice& slice) const;

  /// The experiences of a node, in its order; the cloud's are the tasks of the stream in their own
  /// order. A node that joins in mid-stream has nothing in the first ones.
  std::vector<Experience> experiences(NodeId node) const;
  /// When the row at this position of the whole view arrives. Ascends with the position.
  Duration arrival(NodeId node, Split split, std::size_t position) const;
  /// Which outputs a task uses, [classes] of 0 and 1; empty: all of them. See Batch::active.
  std::span<const std::uint8_t> active_outputs(std::uint32_t task) const;

  /// What all edges train on together, ascending: for a model that is trained in one place. On a
  /// live cloud, all of its own training set except what it validates on. Rows are in `scratch`.
  /// Cost: O(rows log rows).
  View training_pool(std::vector<std::uint32_t>& scratch) const {
    return training_pool(Slice::everything(), scratch);
  }
  std::size_t training_pool_size() const;
  /// What of it comes to the edges in a slice: each edge's slice is of its own order.
  View training_pool(const Slice& slice, std::vector<std::uint32_t>& scratch) const;

  /// Number of samples of each class that an edge holds, all its splits together, stream or not:
  /// [classes of data_set()]; empty where it has none.
  std::vector<std::uint32_t> class_counts(std::uint32_t edge) const;
  /// The same for what a view shows. A row that comes several times counts as often.
  std::vector<std::uint32_t> class_counts(NodeId node, Split split, const Slice& slice) const;

 private:
  struct Cut {
    std::uint32_t train = 0, validation = 0, test = 0;
  };

  static constexpr std::size_t kSplits = 3;

  NodeData(DataSet data, const SplitConfig& split, std::uint64_t seed);
  NodeData(const NodeData&) = default;
  PartitionRequest request(const Partitioner& partitioner, std::uint32_t edges,
                           std::vector<std::int32_t>& labels,
                           std::vector<std::uint32_t>& natural_ids) const;
  void keep_rows();
  void fill(std::uint32_t edge, std::vector<std::uint32_t>& out) const;
  std::uint32_t pool_row(std::uint32_t index) const;
  std::uint32_t slot(NodeId node) const;
  std::uint32_t held(std::uint32_t edge) const;
  Cut cut(std::uint32_t rows) const;
  View plain_view(NodeId node, Split split, std::vector<std::uint32_t>& scratch) const;
  std::size_t plain_size(NodeId node, Split split) const;
  /// Fails where a share that is to be held back is less than one sample, on the cloud or
  /// everywhere.
  Status check_split() const;
  View cloud_view(Split split) const;
  bool has_own_test(NodeId node, Split split) const;
  const Samples& samples_of(NodeId edge, Split split) const;
  Arrivals::Set set_of(NodeId node, Split split) const;
  void arrange(NodeId node, Split split, ArrivedRows& out) const;
  Arrivals::Arranged arranged(NodeId node, Split split, ArrivedRows& computed) const;
  bool in_cloud_view(NodeId node, Split split) const {
    return node.is_cloud() || has_own_test(node, split);
  }
  void keep_arranged();
  static std::vector<std::uint32_t> counts_of(const Samples& samples,
                                              std::span<const std::uint32_t> rows);

  DataSet data_;
  SplitConfig split_;
  std::uint64_t seed_;
  std::uint32_t edges_ = 0;
  std::optional<NodeId> owner_;                 // of a data set that is not spread
  std::uint32_t pool_ = 0;                      // training rows that are spread
  std::optional<KeyedPermutation> shuffle_;     // pool index -> row, where the cloud keeps a part
  std::shared_ptr<const Partition> partition_;  // of pool indices; null once rows are kept
  std::vector<std::uint32_t> rows_;             // of all edges, each train, validation, test
  std::vector<std::size_t> first_;              // edge k: rows_[first_[k] .. first_[k + 1])
  std::vector<std::uint32_t> cloud_validation_;
  std::vector<std::uint32_t> test_rows_;         // 0, 1, 2 ... of the test set
  std::optional<Poison> poison_;                 // as the stream shows it
  std::shared_ptr<const Samples> train_, test_;  // as the stream shows them
  std::shared_ptr<const Arrivals> arrivals_;     // null: no stream
  ArrivedRows arrived_;  // of all edges and splits, where kept: `first` is [edges x 3 x tasks + 1]
  std::array<ArrivedRows, kSplits> of_cloud_;
};

}  // namespace skerry::datasets

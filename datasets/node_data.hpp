#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/registry.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/partitioner.hpp"

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

  template <class V>
  void fields(V& v) {
    v("features", features, {.meaning = "names of a table's columns, in order; empty: any"});
    v("classes", classes, {.meaning = "names of the classes, in order; empty: any"});
  }
  void check(FieldReader& reader) const {
    if (const std::string fault = fault_in_names(classes); !fault.empty()) {
      reader.error("classes", fault);
    }
  }
};

/// What a data set has: its features and classes.
DataAgreement agreement_of(const DataSet& data);
/// Whether a data set has what was agreed on. A data set without names of its own passes. The
/// failure names what differs.
Status keeps(const DataSet& data, const DataAgreement& agreed);
/// Loads a source that must have what was agreed on, where anything was: it takes the classes from
/// there. Errors: those of the source, prefixed with `data.source`; what differs, with
/// `data.agreed`.
Result<DataSet> load_agreed(const DataSource& source, DataEnvironment environment,
                            const std::optional<DataAgreement>& agreed);

/// `data` of a scenario.
struct DataConfig {
  Choice<DataSource> source;
  Choice<Partitioner> partition{"iid"};
  SplitConfig split;
  std::optional<DataAgreement> agreed;

  template <class V>
  void fields(V& v) {
    v("source", source, {.meaning = "where samples come from", .required = true});
    v("partition", partition, {.meaning = "how the training set is spread over the edges"});
    v("split", split, {.meaning = "what is held back from training"});
    v("agreed", agreed, {.meaning = "names that every node's data has; default: the cloud's"});
  }
};

/// The data of all nodes of a run, in which jobs look up their samples. Immutable; called from many
/// threads at once.
///
/// The cloud sees the source's test set (test) and its own part of the training set (validation).
/// Edge k sees partition k, cut into train, validation and test.
class NodeData {
 public:
  /// Loads the source and spreads it. The seed of the environment feeds generated data,
  /// `partition_seed` everything drawn here.
  /// Errors: those of the source or the partitioner, prefixed with `data.source` or
  /// `data.partition`.
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

  const DataSchema& schema() const { return data_.train->schema(); }
  const DataSet& data_set() const { return data_; }
  std::uint32_t edges() const { return edges_; }

  /// Rows of one node, always in the same order. They are held here or, where partitions are
  /// computed, in `scratch`, which must outlive the view and serves one view at a time.
  /// Cost: O(1) where rows are kept (training sets of up to four million samples), else O(rows).
  View view(NodeId node, Split split, std::vector<std::uint32_t>& scratch) const;
  std::size_t size(NodeId node, Split split) const;

  /// What all edges train on together, ascending: for a model that is trained in one place. On a
  /// live cloud, all of its own training set except what it validates on. Rows are in `scratch`.
  /// Cost: O(rows log rows).
  View training_pool(std::vector<std::uint32_t>& scratch) const;
  std::size_t training_pool_size() const;

  /// Number of samples of each class that an edge holds, all its splits together: [classes].
  std::vector<std::uint32_t> class_counts(std::uint32_t edge) const;

 private:
  struct Cut {
    std::uint32_t train = 0, validation = 0, test = 0;
  };

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
  View cloud_view(Split split) const;
  bool has_own_test(NodeId node, Split split) const;
  const Samples& samples_of(NodeId edge, Split split) const;

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
  std::vector<std::uint32_t> test_rows_;  // 0, 1, 2 ... of the test set
  std::optional<Poison> poison_;
};

}  // namespace skerry::datasets

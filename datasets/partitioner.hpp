#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/sdk/random.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {
struct PluginEntry;
}

namespace skerry::datasets {

/// Which rows each edge holds. Immutable; called from many threads. No row belongs to two edges.
class Partition {
 public:
  virtual ~Partition() = default;
  virtual std::uint32_t edges() const = 0;
  virtual std::uint32_t size(std::uint32_t edge) const = 0;
  /// Replaces `out` with the rows of one edge, always in the same order.
  virtual void rows(std::uint32_t edge, std::vector<std::uint32_t>& out) const = 0;
};

using RowLists = std::vector<std::vector<std::uint32_t>>;

/// A partition held as one list of rows, edge after edge.
class StoredPartition final : public Partition {
 public:
  explicit StoredPartition(const RowLists& rows_of_edges);

  std::uint32_t edges() const override { return static_cast<std::uint32_t>(first_.size() - 1); }
  std::uint32_t size(std::uint32_t edge) const override;
  void rows(std::uint32_t edge, std::vector<std::uint32_t>& out) const override;

 private:
  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> first_;
};

/// What is known of data that is to be spread over edges, perhaps before it is there.
struct PartitionOutline {
  std::uint32_t edges = 0;
  std::optional<std::uint32_t> rows = {};
  std::optional<std::uint32_t> classes = {};
  std::optional<std::uint32_t> makers = {};  // at most so many different natural ids; 0: none
};

/// What is to be spread over edges.
struct PartitionRequest {
  std::uint32_t rows = 0;
  std::uint32_t edges = 0;
  /// Class of each row; empty for a partitioner that does not need labels.
  std::span<const std::int32_t> labels;
  std::uint32_t classes = 0;
  std::span<const std::uint32_t> natural_ids;  // [rows] or empty
  std::uint64_t seed = 0;
};

/// The `data.partition` of a scenario: spreads the rows of a data set over edges. Names and
/// parameters are those of Flower Datasets where it has the same method.
class Partitioner {
 public:
  static constexpr const char* kSlot = "partitioner";
  virtual ~Partitioner() = default;
  virtual bool needs_labels() const { return true; }
  virtual bool needs_natural_ids() const { return false; }
  /// Fails if no data of that outline can be spread so. Callers go through datasets::suits().
  /// Errors: what makes it impossible, with the numbers and what to change.
  virtual Status suits(const PartitionOutline&) const { return {}; }
  /// Callers go through datasets::partition(), which asks suits() first.
  /// Errors: what makes the request impossible, with the numbers and what to change.
  /// Determinism: a function of the configuration and the request.
  virtual Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const = 0;
};

/// See algorithms/sdk/checked.hpp.
std::unique_ptr<Partitioner> checked(std::unique_ptr<Partitioner> plugin, const PluginEntry& entry);

/// Checks what all partitioners need (at least one edge, at least one row per edge, labels and
/// natural ids where needed), as far as it is known, and what this one needs.
Status suits(const Partitioner& partitioner, const PartitionOutline& outline);

/// Checks the request as suits() does and partitions.
Result<std::unique_ptr<Partition>> partition(const Partitioner& partitioner,
                                             const PartitionRequest& request);

/// Rows of each class, ascending: [classes][...].
RowLists rows_by_class(const PartitionRequest& request);

/// The partition of rows assigned edge by edge; `shuffle` first mixes the order within each edge.
std::unique_ptr<Partition> stored_partition(RowLists rows_of_edges, const PartitionRequest& request,
                                            bool shuffle);

}  // namespace skerry::datasets

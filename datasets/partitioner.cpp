#include "datasets/partitioner.hpp"

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/checked.hpp"

namespace skerry::datasets {

namespace {

class CheckedPartitioner final : public Checked<Partitioner> {
 public:
  using Checked::Checked;

  bool needs_labels() const override {
    return named("needs_labels()", [&] { return plugin().needs_labels(); });
  }
  bool needs_natural_ids() const override {
    return named("needs_natural_ids()", [&] { return plugin().needs_natural_ids(); });
  }
  Status suits(const PartitionOutline& outline) const override {
    return named("suits()", [&] { return plugin().suits(outline); });
  }
  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    return named("partition()", [&] {
      auto made = plugin().partition(request);
      if (made && (*made == nullptr || (*made)->edges() != request.edges)) {
        refuse("it returns no partition, or one for another number of edges");
      }
      return made;
    });
  }
};

}  // namespace

std::unique_ptr<Partitioner> checked(std::unique_ptr<Partitioner> plugin,
                                     const PluginEntry& entry) {
  return std::make_unique<CheckedPartitioner>(std::move(plugin), entry);
}

StoredPartition::StoredPartition(const RowLists& rows_of_edges) {
  first_.push_back(0);
  for (const std::vector<std::uint32_t>& rows : rows_of_edges) {
    first_.push_back(first_.back() + rows.size());
  }
  rows_.reserve(first_.back());
  for (const std::vector<std::uint32_t>& rows : rows_of_edges) {
    rows_.insert(rows_.end(), rows.begin(), rows.end());
  }
}

std::uint32_t StoredPartition::size(std::uint32_t edge) const {
  return static_cast<std::uint32_t>(first_[edge + 1] - first_[edge]);
}

void StoredPartition::rows(std::uint32_t edge, std::vector<std::uint32_t>& out) const {
  const std::uint32_t* begin = rows_.data() + first_[edge];
  out.assign(begin, begin + size(edge));
}

Status suits(const Partitioner& partitioner, const PartitionOutline& outline) {
  if (outline.edges == 0) return Failure{"there must be at least one edge"};
  if (outline.rows && outline.edges > *outline.rows) {
    return Failure{std::to_string(outline.edges) + " edges cannot share " +
                   std::to_string(*outline.rows) + " training samples: at most one edge a sample"};
  }
  if (partitioner.needs_labels() && outline.classes == 0u) {
    return Failure{"needs class labels, which this data does not have"};
  }
  if (partitioner.needs_natural_ids() && outline.makers == 0u) {
    return Failure{"needs natural ids (who made each sample), which this data does not have"};
  }
  return partitioner.suits(outline);
}

Result<std::unique_ptr<Partition>> partition(const Partitioner& partitioner,
                                             const PartitionRequest& request) {
  PartitionOutline outline{
      .edges = request.edges, .rows = request.rows, .classes = request.classes};
  if (request.natural_ids.size() != request.rows) outline.makers = 0;
  if (const Status suited = suits(partitioner, outline); !suited) return suited.failure();
  SKERRY_CHECK(!partitioner.needs_labels() || request.labels.size() == request.rows,
               "one label a row");
  Result<std::unique_ptr<Partition>> made = partitioner.partition(request);
  SKERRY_CHECK(!made || (*made)->edges() == request.edges, "a partition for every edge");
  return made;
}

RowLists rows_by_class(const PartitionRequest& request) {
  RowLists rows(request.classes);
  for (std::uint32_t row = 0; row < request.rows; ++row) {
    rows[static_cast<std::size_t>(request.labels[row])].push_back(row);
  }
  return rows;
}

std::unique_ptr<Partition> stored_partition(RowLists rows_of_edges, const PartitionRequest& request,
                                            bool shuffle) {
  for (std::uint32_t edge = 0; shuffle && edge < rows_of_edges.size(); ++edge) {
    RandomStream random(request.seed, "partition.shuffle", NodeId::edge(edge));
    random.shuffle(std::span(rows_of_edges[edge]));
  }
  return std::make_unique<StoredPartition>(rows_of_edges);
}

}  // namespace skerry::datasets

// Sizes as given: edge k gets partition_sizes[k] samples, drawn at random. What is left over stays
// unused.
//
// Reference: Flower Datasets' SizePartitioner.
// Differences: Flower takes contiguous runs of a data set that it shuffled beforehand.

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

namespace {

class SizePartition final : public Partition {
 public:
  SizePartition(const PartitionRequest& request, const std::vector<std::uint32_t>& sizes)
      : permutation_(request.seed, "size", request.rows), first_(1, 0u) {
    for (const std::uint32_t size : sizes) first_.push_back(first_.back() + size);
  }

  std::uint32_t edges() const override { return static_cast<std::uint32_t>(first_.size() - 1); }
  std::uint32_t size(std::uint32_t edge) const override { return first_[edge + 1] - first_[edge]; }
  void rows(std::uint32_t edge, std::vector<std::uint32_t>& out) const override {
    out.resize(size(edge));
    for (std::uint32_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint32_t>(permutation_(first_[edge] + i));
    }
  }

 private:
  KeyedPermutation permutation_;
  std::vector<std::uint32_t> first_;
};

class Size final : public Partitioner {
 public:
  struct Config {
    std::vector<std::uint32_t> partition_sizes;
    template <class V>
    void fields(V& v) {
      v("partition_sizes", partition_sizes,
        {.meaning = "samples of each edge, in order", .required = true});
    }
  };
  explicit Size(const Config& config) : config_(config) {}

  bool needs_labels() const override { return false; }

  Status suits(const PartitionOutline& outline) const override {
    const std::vector<std::uint32_t>& sizes = config_.partition_sizes;
    if (sizes.size() != outline.edges) {
      return Failure{"partition_sizes lists " + std::to_string(sizes.size()) + " sizes for " +
                     std::to_string(outline.edges) + " edges"};
    }
    std::uint64_t total = 0;
    for (const std::uint32_t size : sizes) total += size;
    if (!outline.rows || total <= *outline.rows) return {};
    return Failure{"partition_sizes add up to " + std::to_string(total) + " samples, there are " +
                   std::to_string(*outline.rows)};
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    return std::unique_ptr<Partition>(
        std::make_unique<SizePartition>(request, config_.partition_sizes));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Partitioner, Size, "size", "a given number of samples for each edge")

}  // namespace

}  // namespace skerry::datasets

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

  Status suits(std::uint32_t edges) const override {
    const std::size_t sizes = config_.partition_sizes.size();
    if (sizes == edges) return {};
    return Failure{"partition_sizes lists " + std::to_string(sizes) + " sizes for " +
                   std::to_string(edges) + " edges"};
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    if (const Status suited = suits(request.edges); !suited) return suited.failure();
    const std::vector<std::uint32_t>& sizes = config_.partition_sizes;
    std::uint64_t total = 0;
    for (const std::uint32_t size : sizes) total += size;
    if (total > request.rows) {
      return Failure{"partition_sizes add up to " + std::to_string(total) + " samples, there are " +
                     std::to_string(request.rows)};
    }
    return std::unique_ptr<Partition>(std::make_unique<SizePartition>(request, sizes));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Partitioner, Size, "size", "a given number of samples for each edge")

}  // namespace

}  // namespace skerry::datasets

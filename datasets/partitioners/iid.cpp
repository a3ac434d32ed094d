// Equal shares drawn at random: edge k holds the k-th run of one random permutation of the rows;
// sizes differ by at most one. The permutation is computed where it is asked for, so that a million
// edges cost nothing.
//
// Reference: McMahan et al. 2017, "Communication-Efficient Learning of Deep Networks from
// Decentralized Data", sec. 3 (IID); Flower Datasets' IidPartitioner.
// Differences: Flower takes contiguous runs of a data set that it shuffled beforehand.

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

namespace {

class IidPartition final : public Partition {
 public:
  explicit IidPartition(const PartitionRequest& request)
      : permutation_(request.seed, "iid", request.rows),
        edges_(request.edges),
        share_(request.rows / request.edges),
        larger_(request.rows % request.edges) {}

  std::uint32_t edges() const override { return edges_; }
  std::uint32_t size(std::uint32_t edge) const override { return share_ + (edge < larger_); }
  void rows(std::uint32_t edge, std::vector<std::uint32_t>& out) const override {
    const std::uint32_t first = edge * share_ + std::min(edge, larger_);
    out.resize(size(edge));
    for (std::uint32_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint32_t>(permutation_(first + i));
    }
  }

 private:
  KeyedPermutation permutation_;
  std::uint32_t edges_;
  std::uint32_t share_;
  std::uint32_t larger_;  // this many edges hold one row more
};

class Iid final : public Partitioner {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Iid(const Config&) {}

  bool needs_labels() const override { return false; }
  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    return std::unique_ptr<Partition>(std::make_unique<IidPartition>(request));
  }
};

SKERRY_PLUGIN(Partitioner, Iid, "iid", "equal shares of the samples, drawn at random")

}  // namespace

}  // namespace skerry::datasets

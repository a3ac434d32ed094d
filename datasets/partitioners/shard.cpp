// Label skew: rows sorted by class are cut into shards; every edge gets some at random.
//
// Reference: McMahan et al. 2017, "Communication-Efficient Learning of Deep Networks from
// Decentralized Data", sec. 3 (2 shards of 300 for each of 100 clients); Flower Datasets'
// ShardPartitioner.
// Differences: with neither num_shards_per_partition nor shard_size given, two shards an edge, as
// in the paper (Flower refuses); an edge that would get no shard is an error.

#include <algorithm>
#include <numeric>
#include <optional>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

namespace {

constexpr std::uint32_t kShardsOfThePaper = 2;

class Shard final : public Partitioner {
 public:
  struct Config {
    std::optional<std::uint32_t> num_shards_per_partition;
    std::optional<std::uint32_t> shard_size;
    bool keep_incomplete_shard = false;
    bool shuffle = true;
    template <class V>
    void fields(V& v) {
      v("num_shards_per_partition", num_shards_per_partition,
        {.meaning =
             "shards of an edge; default: 2, or all shards shared out when shard_size is given",
         .min = 1});
      v("shard_size", shard_size,
        {.meaning = "samples of a shard; default: as large as the data allows", .min = 1});
      v("keep_incomplete_shard", keep_incomplete_shard,
        {.meaning = "deal out the last, smaller shard too"});
      v("shuffle", shuffle, {.meaning = "mix the order of an edge's samples"});
    }
  };
  explicit Shard(const Config& config) : config_(config) {}

  Status suits(const PartitionOutline& outline) const override {
    if (!outline.rows) return {};
    const Result<Plan> plan = plan_of(*outline.rows, outline.edges);
    return plan ? Status() : Status(plan.failure());
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    const Result<Plan> plan = plan_of(request.rows, request.edges);
    if (!plan) return plan.failure();
    std::vector<std::uint32_t> sorted;
    for (const std::vector<std::uint32_t>& of_class : rows_by_class(request)) {
      sorted.insert(sorted.end(), of_class.begin(), of_class.end());
    }
    std::vector<std::uint64_t> shards(plan->shards);
    std::iota(shards.begin(), shards.end(), std::uint64_t{0});
    RandomStream(request.seed, "shard").shuffle(std::span(shards));
    RowLists rows_of_edges(request.edges);
    auto next = shards.begin();
    for (std::uint32_t edge = 0; edge < request.edges; ++edge) {
      for (std::uint64_t i = plan->least_each + (edge < plan->one_more); i > 0; --i, ++next) {
        const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(*next * plan->size);
        const auto size = std::min<std::ptrdiff_t>(plan->size, sorted.end() - first);
        rows_of_edges[edge].insert(rows_of_edges[edge].end(), first, first + size);
      }
    }
    return stored_partition(std::move(rows_of_edges), request, config_.shuffle);
  }

 private:
  struct Plan {
    std::uint32_t size = 0;        // of a shard
    std::uint64_t shards = 0;      // there are
    std::uint64_t least_each = 0;  // shards that every edge gets
    std::uint64_t one_more = 0;    // the first this many edges get one more
  };

  std::uint64_t shards_of_size(std::uint32_t size, std::uint32_t rows) const {
    return rows / size + (config_.keep_incomplete_shard && rows % size != 0);
  }

  Result<Plan> plan_of(std::uint32_t rows, std::uint32_t edges) const {
    PartitionRequest request;
    request.rows = rows;
    request.edges = edges;
    return config_.shard_size && !config_.num_shards_per_partition ? share_out_all(request)
                                                                   : fixed_number(request);
  }

  Result<Plan> fixed_number(const PartitionRequest& request) const {
    const std::uint64_t each = config_.num_shards_per_partition.value_or(kShardsOfThePaper);
    const std::uint64_t wanted = each * request.edges;
    if (wanted * config_.shard_size.value_or(1) > request.rows) {
      return Failure{std::to_string(each) + " shards of " +
                     std::to_string(config_.shard_size.value_or(1)) + " for " +
                     std::to_string(request.edges) + " edges need " +
                     std::to_string(wanted * config_.shard_size.value_or(1)) +
                     " samples, there are " + std::to_string(request.rows)};
    }
    const std::uint32_t size =
        config_.shard_size.value_or(static_cast<std::uint32_t>(request.rows / wanted));
    const std::uint64_t shards =
        config_.shard_size ? request.rows / size : shards_of_size(size, request.rows);
    return Plan{.size = size, .shards = shards, .least_each = each};
  }

  Result<Plan> share_out_all(const PartitionRequest& request) const {
    const std::uint64_t shards = shards_of_size(*config_.shard_size, request.rows);
    if (shards < request.edges) {
      return Failure{"shard_size " + std::to_string(*config_.shard_size) + " cuts " +
                     std::to_string(request.rows) + " samples into " + std::to_string(shards) +
                     " shards, too few for " + std::to_string(request.edges) + " edges"};
    }
    return Plan{.size = *config_.shard_size,
                .shards = shards,
                .least_each = shards / request.edges,
                .one_more = shards % request.edges};
  }

  Config config_;
};

SKERRY_PLUGIN(Partitioner, Shard, "shard", "random shards of the samples sorted by class")

}  // namespace

}  // namespace skerry::datasets

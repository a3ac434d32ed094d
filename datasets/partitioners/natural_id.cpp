// Samples go by who made them: every writer, device or site is one edge. With fewer edges than
// makers, neighbouring ids are grouped.
//
// Reference: Caldas et al. 2018, "LEAF: A Benchmark for Federated Settings"; Flower Datasets'
// NaturalIdPartitioner and GroupedNaturalIdPartitioner.
// Differences: groups follow from the number of edges (Flower: from group_size); sizes of groups,
// counted in ids, differ by at most one, the larger ones first.

#include <algorithm>
#include <unordered_map>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

namespace {

class NaturalId final : public Partitioner {
 public:
  struct Config {
    bool sort_unique_ids = false;
    template <class V>
    void fields(V& v) {
      v("sort_unique_ids", sort_unique_ids,
        {.meaning = "edges take ids in ascending order; otherwise in order of appearance"});
    }
  };
  explicit NaturalId(const Config& config) : config_(config) {}

  bool needs_labels() const override { return false; }
  bool needs_natural_ids() const override { return true; }

  Status suits(const PartitionOutline& outline) const override {
    return outline.makers ? enough(*outline.makers, outline.edges) : Status();
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    std::vector<std::uint32_t> ids;
    std::unordered_map<std::uint32_t, std::uint32_t> place;  // only looked up, never iterated
    for (const std::uint32_t id : request.natural_ids) {
      if (place.emplace(id, 0).second) ids.push_back(id);
    }
    if (const Status there = enough(ids.size(), request.edges); !there) return there.failure();
    if (config_.sort_unique_ids) std::sort(ids.begin(), ids.end());
    for (std::uint32_t i = 0; i < ids.size(); ++i) place[ids[i]] = i;
    const std::uint32_t least = static_cast<std::uint32_t>(ids.size()) / request.edges;
    const std::uint32_t larger = static_cast<std::uint32_t>(ids.size()) % request.edges;
    RowLists rows_of_edges(request.edges);
    for (std::uint32_t row = 0; row < request.rows; ++row) {
      const std::uint32_t i = place[request.natural_ids[row]];
      const std::uint32_t in_larger = larger * (least + 1);  // ids of the larger groups
      const std::uint32_t edge = i < in_larger ? i / (least + 1) : larger + (i - in_larger) / least;
      rows_of_edges[edge].push_back(row);
    }
    return stored_partition(std::move(rows_of_edges), request, false);
  }

 private:
  static Status enough(std::size_t makers, std::uint32_t edges) {
    if (edges <= makers) return {};
    return Failure{std::to_string(edges) + " edges, but the samples come from only " +
                   std::to_string(makers) + " makers"};
  }

  Config config_;
};

SKERRY_PLUGIN(Partitioner, NaturalId, "natural_id", "an edge for everyone who made samples")

}  // namespace

}  // namespace skerry::datasets

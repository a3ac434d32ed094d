// Label skew: every edge has a fixed number of classes; a class is cut evenly among its edges.
//
// Reference: Li, Diao, Chen, He 2022, "Federated Learning on Non-IID Data Silos: An Experimental
// Study", sec. 4.1 (#C = k); Flower Datasets' PathologicalPartitioner.
// Differences: none in the rule. Classes that no edge chose stay unused, as in Flower.

#include <algorithm>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry {

namespace datasets {
enum class ClassAssignment : std::uint8_t { kRandom, kDeterministic, kFirstDeterministic };
}

template <>
struct EnumNames<datasets::ClassAssignment> {
  static constexpr std::pair<datasets::ClassAssignment, std::string_view> names[] = {
      {datasets::ClassAssignment::kRandom, "random"},
      {datasets::ClassAssignment::kDeterministic, "deterministic"},
      {datasets::ClassAssignment::kFirstDeterministic, "first-deterministic"}};
};

namespace datasets {

namespace {

class Pathological final : public Partitioner {
 public:
  struct Config {
    std::uint32_t num_classes_per_partition = 2;
    ClassAssignment class_assignment_mode = ClassAssignment::kRandom;
    bool shuffle = true;
    template <class V>
    void fields(V& v) {
      v("num_classes_per_partition", num_classes_per_partition,
        {.meaning = "classes of an edge", .min = 1});
      v("class_assignment_mode", class_assignment_mode,
        {.meaning = "random; deterministic: edge k has classes k, k + 1, ... (wrapping around); "
                    "first-deterministic: edge k has class k (wrapping around), the others are "
                    "random"});
      v("shuffle", shuffle, {.meaning = "mix the order of an edge's samples"});
    }
  };
  explicit Pathological(const Config& config) : config_(config) {}

  Status suits(const PartitionOutline& outline) const override {
    return outline.classes ? enough(*outline.classes) : Status();
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    const RowLists rows = rows_by_class(request);
    std::vector<std::uint32_t> present;
    for (std::uint32_t c = 0; c < request.classes; ++c) {
      if (!rows[c].empty()) present.push_back(c);
    }
    if (const Status there = enough(present.size()); !there) return there.failure();
    std::vector<std::vector<std::uint32_t>> edges_of_class(request.classes);
    for (std::uint32_t edge = 0; edge < request.edges; ++edge) {
      for (const std::uint32_t c : classes_of(edge, present, request.seed)) {
        edges_of_class[c].push_back(edge);
      }
    }
    RowLists rows_of_edges(request.edges);
    for (const std::uint32_t c : present) {
      const std::vector<std::uint32_t>& takers = edges_of_class[c];
      if (takers.size() > rows[c].size()) {
        return Failure{"class " + std::to_string(c) + " was given to " +
                       std::to_string(takers.size()) + " edges but has only " +
                       std::to_string(rows[c].size()) +
                       " samples; use fewer edges or classes an edge, or the mode "
                       "\"deterministic\", which spreads classes evenly"};
      }
      deal(rows[c], takers, rows_of_edges);
    }
    return stored_partition(std::move(rows_of_edges), request, config_.shuffle);
  }

 private:
  Status enough(std::size_t classes) const {
    if (config_.num_classes_per_partition <= classes) return {};
    return Failure{"num_classes_per_partition is " +
                   std::to_string(config_.num_classes_per_partition) + ", but the data has only " +
                   std::to_string(classes) + " classes"};
  }

  std::vector<std::uint32_t> classes_of(std::uint32_t edge,
                                        const std::vector<std::uint32_t>& present,
                                        std::uint64_t seed) const {
    const std::size_t first = edge % present.size();
    std::vector<std::uint32_t> classes = present;
    std::rotate(classes.begin(), classes.begin() + static_cast<std::ptrdiff_t>(first),
                classes.end());
    RandomStream random(seed, "pathological", NodeId::edge(edge));
    switch (config_.class_assignment_mode) {
      case ClassAssignment::kDeterministic:
        break;
      case ClassAssignment::kFirstDeterministic:
        random.shuffle(std::span(classes).subspan(1));
        break;
      case ClassAssignment::kRandom:
        random.shuffle(std::span(classes));
        break;
    }
    classes.resize(config_.num_classes_per_partition);
    return classes;
  }

  // Runs of nearly equal length, the longer ones first.
  static void deal(const std::vector<std::uint32_t>& rows, const std::vector<std::uint32_t>& takers,
                   RowLists& rows_of_edges) {
    auto next = rows.begin();
    for (std::size_t i = 0; i < takers.size(); ++i) {
      const auto size = static_cast<std::ptrdiff_t>(rows.size() / takers.size() +
                                                    (i < rows.size() % takers.size()));
      rows_of_edges[takers[i]].insert(rows_of_edges[takers[i]].end(), next, next + size);
      next += size;
    }
  }

  Config config_;
};

SKERRY_PLUGIN(Partitioner, Pathological, "pathological", "a fixed number of classes an edge")

}  // namespace

}  // namespace datasets

}  // namespace skerry

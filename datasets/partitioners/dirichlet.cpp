// Label skew: each class is divided over the edges in proportions drawn from a Dirichlet.
//
// Definition: for each class c, p_c ~ Dirichlet(alpha, ..., alpha) over the N edges; edge k takes
// the rows of c between floor(n_c * sum_{i<k} p_ci) and floor(n_c * sum_{i<=k} p_ci). Everything is
// drawn again while some edge has fewer than min_partition_size rows.
// Reference: Yurochkin et al. 2019, "Bayesian Nonparametric Federated Learning of Neural Networks",
// sec. 4; Hsu, Qi, Brown 2019, "Measuring the Effects of Non-Identical Data Distribution";
// Flower Datasets' DirichletPartitioner.
// Differences: classes are taken in ascending order (Flower: in order of appearance), at most 100
// draws (Flower: 11), and self_balancing draws again where no edge may take any more. Where more
// than a hundred edges are short of rows in each of the first draws, no later one is tried: if
// edges fall short independently, a draw in which none does has a probability below exp(-100).

#include <algorithm>
#include <numeric>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/partitioner.hpp"

namespace skerry::datasets {

namespace {

constexpr Round kDraws = 100;
constexpr Round kFirstDraws = 3;
constexpr std::size_t kHopeless = 100;  // edges that are short of rows

class Dirichlet final : public Partitioner {
 public:
  struct Config {
    double alpha = 0.5;
    std::uint32_t min_partition_size = 10;
    bool self_balancing = false;
    bool shuffle = true;
    template <class V>
    void fields(V& v) {
      v("alpha", alpha,
        {.meaning = "concentration: small is skewed, large is even", .min = 0, .above_min = true});
      v("min_partition_size", min_partition_size, {.meaning = "fewest samples of an edge"});
      v("self_balancing", self_balancing,
        {.meaning = "an edge with more than the average takes no further class"});
      v("shuffle", shuffle, {.meaning = "mix the order of an edge's samples"});
    }
  };
  explicit Dirichlet(const Config& config) : config_(config) {}

  Status suits(const PartitionOutline& outline) const override {
    const std::uint64_t least = std::uint64_t{config_.min_partition_size} * outline.edges;
    if (!outline.rows || least <= *outline.rows) return {};
    return Failure{"min_partition_size " + std::to_string(config_.min_partition_size) + " for " +
                   std::to_string(outline.edges) + " edges needs " + std::to_string(least) +
                   " samples, there are " + std::to_string(*outline.rows)};
  }

  Result<std::unique_ptr<Partition>> partition(const PartitionRequest& request) const override {
    const RowLists rows = rows_by_class(request);
    std::uint32_t best = 0;
    bool hopeless = true;
    Round draws = 0;
    for (; draws < (hopeless ? kFirstDraws : kDraws); ++draws) {
      const Borders borders = draw_borders(request, rows, draws);
      const std::vector<std::uint32_t> held = sizes_of(borders, request.edges);
      const auto smallest = *std::min_element(held.begin(), held.end());
      if (!borders.empty() && smallest >= config_.min_partition_size) {
        return stored_partition(assign(borders, rows, request.edges), request, config_.shuffle);
      }
      best = std::max(best, smallest);
      const auto few = [this](std::uint32_t size) { return size < config_.min_partition_size; };
      hopeless = hopeless && !borders.empty() &&
                 std::count_if(held.begin(), held.end(), few) > std::ptrdiff_t{kHopeless};
    }
    return Failure{
        "in " + std::to_string(draws) + " draws with alpha " + ConfigNode(config_.alpha).text() +
        " some of the " + std::to_string(request.edges) + " edges always had fewer than " +
        std::to_string(config_.min_partition_size) + " samples (best: " + std::to_string(best) +
        "); raise alpha, or lower min_partition_size or the number of edges"};
  }

 private:
  using Borders = std::vector<std::vector<std::uint32_t>>;  // [classes][edges + 1]

  // Empty where self-balancing left no edge to take a class.
  Borders draw_borders(const PartitionRequest& request, const RowLists& rows, Round draw) const {
    RandomStream random(request.seed, "dirichlet", NodeId::cloud(), draw);
    const std::vector<double> alpha(request.edges, config_.alpha);
    std::vector<double> part(request.edges);
    std::vector<std::uint32_t> held(request.edges);
    const double average = static_cast<double>(request.rows) / request.edges;
    Borders borders;
    for (const std::vector<std::uint32_t>& of_class : rows) {
      random.dirichlet(alpha, part);
      for (std::uint32_t k = 0; config_.self_balancing && k < request.edges; ++k) {
        if (held[k] > average) part[k] = 0;
      }
      const double total = std::accumulate(part.begin(), part.end(), 0.0);
      if (!(total > 0)) return {};
      std::vector<std::uint32_t>& border = borders.emplace_back(1, 0u);
      const auto size = static_cast<std::uint32_t>(of_class.size());
      double sum = 0;
      for (std::uint32_t k = 0; k < request.edges; ++k) {
        sum += part[k] / total;
        border.push_back(std::clamp(static_cast<std::uint32_t>(sum * size), border.back(), size));
      }
      border.back() = size;
      for (std::uint32_t k = 0; k < request.edges; ++k) held[k] += border[k + 1] - border[k];
    }
    return borders;
  }

  static std::vector<std::uint32_t> sizes_of(const Borders& borders, std::uint32_t edges) {
    std::vector<std::uint32_t> held(edges);
    for (const std::vector<std::uint32_t>& border : borders) {
      for (std::uint32_t k = 0; k < edges; ++k) held[k] += border[k + 1] - border[k];
    }
    return held;
  }

  static RowLists assign(const Borders& borders, const RowLists& rows, std::uint32_t edges) {
    RowLists rows_of_edges(edges);
    for (std::size_t c = 0; c < rows.size(); ++c) {
      for (std::uint32_t k = 0; k < edges; ++k) {
        rows_of_edges[k].insert(rows_of_edges[k].end(), rows[c].begin() + borders[c][k],
                                rows[c].begin() + borders[c][k + 1]);
      }
    }
    return rows_of_edges;
  }

  Config config_;
};

SKERRY_PLUGIN(Partitioner, Dirichlet, "dirichlet", "class proportions of an edge from a Dirichlet")

}  // namespace

}  // namespace skerry::datasets

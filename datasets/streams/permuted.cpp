// The same rows in every experience, their inputs in another order each time.
//
// Reference: Goodfellow, Mirza, Xiao, Courville, Bengio 2013, "An Empirical Investigation of
// Catastrophic Forgetting in Gradient-Based Neural Networks", sec. 4 (permuted MNIST).
// Definition: in experience k, input j of a row is input s_k(j) of the original, where s_k is a
// permutation of all inputs drawn from the seed, and s_0 changes nothing unless `keep_first` is
// false. Every row comes once in each experience.
// Differences: none. (Some later work pads images first, or draws the first permutation too.)
// Memory: 4 bytes an input and experience.

#include <numeric>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/repeated_samples.hpp"
#include "datasets/stream.hpp"

namespace skerry::datasets {

namespace {

struct PermutedConfig {
  std::uint32_t experiences = 10;
  bool keep_first = true;
  Pace pace;
  template <class V>
  void fields(V& v) {
    v("experiences", experiences, {.meaning = "how many permutations", .min = 1, .max = 10'000});
    v("keep_first", keep_first, {.meaning = "the first shows inputs as they are"});
    pace.shared_field(v);
    pace.fields(v);
  }
  void check(FieldReader& reader) const { pace.check(reader); }
};

using Permutations = std::vector<std::vector<std::uint32_t>>;  // [tasks][inputs]

class PermutedSamples final : public RepeatedSamples {
 public:
  PermutedSamples(std::shared_ptr<const Samples> original,
                  std::shared_ptr<const Permutations> permutations)
      : RepeatedSamples(std::move(original), static_cast<std::uint32_t>(permutations->size())),
        permutations_(std::move(permutations)) {}

 protected:
  void show(std::uint32_t task, std::span<const float> original,
            std::span<float> out) const override {
    const std::vector<std::uint32_t>& from = (*permutations_)[task];
    for (std::size_t j = 0; j < out.size(); ++j) out[j] = original[from[j]];
  }

 private:
  std::shared_ptr<const Permutations> permutations_;
};

class PermutedPlan final : public StreamPlan {
 public:
  PermutedPlan(StreamTasks tasks, std::shared_ptr<const Permutations> permutations)
      : StreamPlan(std::move(tasks)), permutations_(std::move(permutations)) {}

  void deal(const StreamRows&, RowLists&) const override {}
  std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const override {
    return std::make_shared<PermutedSamples>(std::move(original), permutations_);
  }

 private:
  std::shared_ptr<const Permutations> permutations_;
};

class Permuted final : public Stream {
 public:
  using Config = PermutedConfig;
  explicit Permuted(const Config& config) : config_(config) {}

  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    if (!can_repeat(config_.experiences, std::max(request.train_rows, request.test_rows))) {
      return Failure{std::to_string(config_.experiences) +
                     " experiences of so many rows make more than 2^32"};
    }
    auto permutations = std::make_shared<Permutations>();
    StreamTasks tasks{.repeats = true};
    RunningHash hash;
    for (std::uint32_t k = 0; k < config_.experiences; ++k) {
      std::vector<std::uint32_t>& order = permutations->emplace_back(request.schema.input_size());
      std::iota(order.begin(), order.end(), 0u);
      if (k > 0 || !config_.keep_first) {
        RandomStream(request.seed, "permuted", NodeId::cloud(), k).shuffle(std::span(order));
      }
      hash.add(std::as_bytes(std::span(order)));
      tasks.names.push_back("permutation " + std::to_string(k));
    }
    tasks.content_hash = hash.value();
    return std::unique_ptr<StreamPlan>(
        std::make_unique<PermutedPlan>(std::move(tasks), std::move(permutations)));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, Permuted, "permuted", "all rows in each experience, inputs in another order")

}  // namespace

}  // namespace skerry::datasets

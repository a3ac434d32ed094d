#include <random>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "tests/algorithms/threads.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

constexpr std::size_t kSize = 100000;
constexpr std::uint32_t kSeed = 5;

TEST_CASE("a sum whose parts run on several threads has the same bits") {
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> updates(20, std::vector<float>(kSize));
  std::vector<ExactSum::Term> terms;
  for (auto& update : updates) {
    for (float& x : update) x = normal(random) * (random() % 9 == 0 ? 1e-12f : 1.0f);
    terms.push_back({update.data(), normal(random), 1});
  }
  Threads threads;
  Workspace workspace(threads);
  ExactSum alone(kSize), shared(kSize);
  alone.add(terms);
  shared.add(terms, workspace);
  CHECK(threads.shared == 1);
  CHECK(shared.save() == alone.save());
  std::vector<float> one(kSize), many(kSize);
  alone.mean(one);
  shared.mean(many, workspace);
  CHECK(threads.shared == 2);
  CHECK(one == many);
}

}  // namespace
}  // namespace skerry

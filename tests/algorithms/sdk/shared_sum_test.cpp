#include <random>
#include <thread>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

constexpr std::size_t kSize = 100000;
constexpr std::uint32_t kSeed = 5;

/// Every part on a thread of its own, the last part's first.
class Threads final : public Parallel {
 public:
  void each(std::size_t parts, const std::function<void(std::size_t)>& part) override {
    std::vector<std::thread> threads;
    for (std::size_t i = parts; i-- > 0;) threads.emplace_back([&part, i] { part(i); });
    for (std::thread& thread : threads) thread.join();
    seen = parts;
  }
  std::size_t seen = 0;
};

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
  ExactSum alone(kSize), shared(kSize);
  alone.add(terms);
  shared.add(terms, threads);
  CHECK(threads.seen > 1);
  CHECK(shared.save() == alone.save());
  std::vector<float> one(kSize), many(kSize);
  alone.mean(one);
  threads.seen = 0;
  shared.mean(many, threads);
  CHECK(threads.seen > 1);
  CHECK(one == many);
}

}  // namespace
}  // namespace skerry

// Laws that every reducer keeps, by the traits it declares.

#include <algorithm>
#include <limits>
#include <numeric>

#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

using Form = ReducerTraits::Form;
using Bound = ReducerTraits::Bound;

struct Update {
  UpdateInfo info;
  std::vector<float> delta;
};

/// Values over many binades, of either sign.
std::vector<float> wide_values(std::size_t size, RandomStream& random) {
  std::vector<float> values(size);
  for (float& value : values) {
    const int exponent = static_cast<int>(random.below(40)) - 30;
    value = std::ldexp(static_cast<float>(random.normal()), exponent);
  }
  return values;
}

std::vector<Update> updates(std::size_t count, std::size_t size, RandomStream& random) {
  std::vector<Update> all(count);
  for (std::size_t k = 0; k < count; ++k) {
    all[k].info.node = NodeId::edge(static_cast<std::uint32_t>(k));
    all[k].info.samples = 1 + random.below(1000);
    all[k].info.staleness = static_cast<std::uint32_t>(random.below(5));
    all[k].delta = wide_values(size, random);
  }
  return all;
}

void add_to(ExactSum& sum, const Reducer& reducer, const Update& update) {
  const Share share = reducer.share(update.info);
  const ExactSum::Term term{update.delta.data(), share.weight, share.divisor};
  sum.add({&term, 1});
}

/// As the cloud does it: an exact sum of shares, or all at once; then finish().
std::vector<float> reduce(const Reducer& reducer, const std::vector<Update>& all) {
  const std::size_t size = all[0].delta.size();
  const LayoutRef layout = flat_layout(size);
  Payload reduced, state, ask;
  const std::span<float> out = reduced.add(delta_record(layout)).f32();
  if (reducer.traits().form == Form::kLinear) {
    ExactSum sum(size);
    for (const Update& update : all) add_to(sum, reducer, update);
    sum.mean(out);
  } else {
    std::vector<std::span<const float>> values;
    std::vector<UpdateInfo> infos;
    for (const Update& update : all) {
      values.push_back(update.delta);
      infos.push_back(update.info);
    }
    reducer.gather(values, infos, out);
  }
  for (RecordSpec& spec : reducer.state(layout)) state.add(std::move(spec));
  std::vector<float> delta(size);
  FinishContext context{0, reduced, state, delta, ask};
  CHECK(reducer.finish(context) == Finish::kDone);
  return delta;
}

/// Runs a law on every reducer, and says which one broke it.
template <class Law>
void for_every_reducer(const Law& law) {
  const auto names = plugins().names(Reducer::kSlot);
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    INFO("reducer " << name << ", seed " << 11);
    RandomStream random(11, "reducers " + name);
    law(*plugin<Reducer>(name), random);
  }
}

TEST_CASE("every reducer gives v back, bit for bit, when all updates are v and none is stale") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    auto all = updates(7, 300, random);
    for (Update& update : all) {
      update.delta = all[0].delta;
      update.info.staleness = 0;
    }
    CHECK(bits(reduce(reducer, all)) == bits(all[0].delta));
  });
}

TEST_CASE("no reducer's bits depend on the order of the updates") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    auto all = updates(8, 200, random);
    for (Update& update : all) update.delta[0] = random.bits32() % 2 ? 0.0f : -0.0f;
    const auto expected = bits(reduce(reducer, all));
    for (int i = 0; i < 5; ++i) {
      random.shuffle(std::span(all));
      CHECK(bits(reduce(reducer, all)) == expected);
    }
  });
}

TEST_CASE("linear reducers give the same bits when partial sums are merged") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    if (reducer.traits().form != Form::kLinear) return;
    const auto all = updates(9, 200, random);
    ExactSum parts[3] = {ExactSum(200), ExactSum(200), ExactSum(200)};
    for (std::size_t k = 0; k < all.size(); ++k) add_to(parts[k % 3], reducer, all[k]);
    parts[2].merge(parts[0]);
    parts[2].merge(parts[1]);
    std::vector<float> merged(200);
    parts[2].mean(merged);
    CHECK(bits(merged) == bits(reduce(reducer, all)));
  });
}

TEST_CASE("reducers stay in the range of the honest whatever the wild updates they withstand") {
  constexpr float kHuge = std::numeric_limits<float>::max();
  for_every_reducer([&](const Reducer& reducer, RandomStream& random) {
    if (reducer.traits().bound != Bound::kHonestRange) return;
    for (std::uint32_t n : {1, 2, 3, 6, 9, 10}) {
      for (std::uint32_t wild = 0; wild < n && reducer.withstands(n, wild); ++wild) {
        auto all = updates(n, 50, random);
        for (std::size_t k = 0; k < wild; ++k) {
          for (float& value : all[k].delta) value = random.bits32() % 3 ? kHuge : -kHuge;
        }
        const auto delta = reduce(reducer, all);
        for (std::size_t i = 0; i < delta.size(); ++i) {
          const auto less = [i](const Update& a, const Update& b) {
            return a.delta[i] < b.delta[i];
          };
          const auto [low, high] = std::minmax_element(all.begin() + wild, all.end(), less);
          INFO(n << " updates, " << wild << " wild, coordinate " << i);
          REQUIRE(delta[i] >= low->delta[i]);
          REQUIRE(delta[i] <= high->delta[i]);
        }
      }
    }
  });
}

TEST_CASE("every reducer works with the fewest updates it asks for") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    const ReducerTraits traits = reducer.traits();
    CHECK(traits.minimum >= 1);
    for (float value : reduce(reducer, updates(traits.minimum, 20, random))) {
      CHECK(std::isfinite(value));
    }
  });
}

TEST_CASE("mean weighs by examples, or all alike") {
  std::vector<Update> all{{{.samples = 1}, {4, -1}}, {{.samples = 3}, {8, 1}}};
  CHECK(reduce(*plugin<Reducer>("mean"), all) == std::vector<float>{7, 0.5f});
  const ConfigNode::Object uniform{{"weight", "uniform"}};
  CHECK(reduce(*plugin<Reducer>("mean", uniform), all) == std::vector<float>{6, 0});
  CHECK(problems_of(Reducer::kSlot, "mean", {{"weight", "sample"}}) ==
        "x.json: /weight: no choice \"sample\"; nearest \"samples\"; all: \"samples\" and "
        "\"uniform\"\n");
}

TEST_CASE("median takes the middle value, of an even number the mean of the middle two") {
  const auto median = plugin<Reducer>("median");
  std::vector<Update> all{{{}, {5, 1}}, {{}, {-2, 1}}, {{}, {3, -9}}};
  CHECK(reduce(*median, all) == std::vector<float>{3, 1});
  all.push_back({{}, {4, 2}});
  CHECK(reduce(*median, all) == std::vector<float>{3.5f, 1});
}

TEST_CASE("median of huge values does not overflow") {
  constexpr float kHuge = std::numeric_limits<float>::max();
  const std::vector<Update> all{{{}, {kHuge}}, {{}, {kHuge}}};
  CHECK(reduce(*plugin<Reducer>("median"), all) == std::vector<float>{kHuge});
}

TEST_CASE("buffered weighs by one over the root of one plus staleness and divides by the count") {
  const auto buffered = plugin<Reducer>("buffered", {{"size", 3}});
  CHECK(buffered->traits().buffer == 3);
  CHECK(buffered->share({.staleness = 3, .samples = 500}).weight == 0.5f);
  CHECK(buffered->share({.staleness = 8}).weight == Approx(1.0 / 3).epsilon(1e-7));
  CHECK(buffered->share({.staleness = 8}).divisor == 1);
  const std::vector<Update> all{{{.staleness = 3}, {8}}, {{.staleness = 0}, {2}}};
  CHECK(reduce(*buffered, all) == std::vector<float>{3});
  const auto linear = plugin<Reducer>("buffered", {{"staleness_exponent", 1}});
  CHECK(linear->share({.staleness = 3}).weight == 0.25f);
  const auto blind = plugin<Reducer>("buffered", {{"staleness_exponent", 0}});
  CHECK(blind->share({.staleness = 3}).weight == 1);
  CHECK(problems_of(Reducer::kSlot, "buffered", {{"size", 0}}) ==
        "x.json: /size: 0 is outside [1, 4294967295]\n");
}

}  // namespace
}  // namespace skerry

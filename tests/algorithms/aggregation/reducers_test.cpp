// Laws that every reducer keeps, by the traits it declares.

#include <algorithm>
#include <limits>
#include <numeric>

#include "algorithms/aggregation/whole_updates.hpp"
#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

using Form = ReducerTraits::Form;
using Bound = ReducerTraits::Bound;
constexpr float kHuge = std::numeric_limits<float>::max();

/// An update of up to three records: "delta" and "extra" are averaged, "total" is summed.
struct Update {
  UpdateInfo info;
  std::vector<float> delta;
  std::vector<float> extra = {};
  std::vector<float> total = {};

  Payload payload() const {
    Payload all;
    add_record(all, {"delta", flat_layout(delta.size())}, delta);
    if (!extra.empty()) add_record(all, {"extra", flat_layout(extra.size())}, extra);
    if (!total.empty()) add_record(all, {"total", flat_layout(total.size()), Reduce::kSum}, total);
    return all;
  }
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
    all[k].extra = wide_values(size / 3, random);
    all[k].total = wide_values(size / 5, random);
  }
  return all;
}

/// Equal updates without staleness.
std::vector<Update> same_updates(std::size_t count, std::size_t size, RandomStream& random) {
  auto all = updates(count, size, random);
  for (Update& update : all) {
    const UpdateInfo info{.node = update.info.node, .samples = update.info.samples};
    update = all[0];
    update.info = info;
  }
  return all;
}

/// Exact sums, as the cloud keeps them.
std::vector<float> summed(const Reducer* weigh, const std::vector<Update>& all,
                          const std::vector<Payload>& payloads, const RecordSpec& spec) {
  ExactSum sum(spec.layout->size());
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Share share = weigh ? weigh->share(all[k].info) : Share{1, 1};
    const ExactSum::Term term{payloads[k].at(spec.name).f32().data(), share.weight, share.divisor};
    sum.add({&term, 1});
  }
  std::vector<float> out(sum.size());
  weigh ? sum.mean(out) : sum.scaled(1, out);
  return out;
}

/// Reduces as the cloud does: exact sums of shares, or all updates at once.
/// @param root  what the cloud trained, if the rule asks for it; by default the update of the node
///              with the largest number.
Payload reduce_all(const Reducer& reducer, const std::vector<Update>& all,
                   const Update* root = nullptr) {
  std::vector<Payload> payloads;
  std::vector<const Payload*> rows;
  std::vector<UpdateInfo> infos;
  for (const Update& update : all) payloads.push_back(update.payload());
  for (std::size_t k = 0; k < all.size(); ++k) {
    rows.push_back(&payloads[k]);
    infos.push_back(all[k].info);
  }
  Payload reduced;
  const bool linear = reducer.traits().form == Form::kLinear;
  for (const auto& record : payloads[0].records()) {
    const RecordSpec& spec = record->spec();
    const bool sums = spec.reduce == Reduce::kSum;
    if (sums || linear) {
      add_record(reduced, spec, summed(sums ? nullptr : &reducer, all, payloads, spec));
    } else {
      reduced.add(spec);
    }
  }
  if (linear) return reduced;
  const auto last = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.info.node < b.info.node;
  });
  const Payload trained = (root ? *root : *last).payload();
  std::vector<Reply> replies;
  if (const auto ask = reducer.ask()) {
    CHECK(ask->work == Ask::Work::kTrain);
    for (NodeId node : ask->nodes) replies.push_back({.node = node, .result = &trained});
  }
  Workspace workspace;
  GatherContext context{rows, infos, replies, reduced, workspace};
  reducer.reduce(context);
  return reduced;
}

/// The delta that finish() makes from it.
std::vector<float> reduce(const Reducer& reducer, const std::vector<Update>& all,
                          const Update* root = nullptr) {
  const Payload reduced = reduce_all(reducer, all, root);
  Payload state, ask;
  const LayoutRef layout = flat_layout(all[0].delta.size());
  for (RecordSpec& spec : reducer.state(layout)) state.add(std::move(spec));
  std::vector<float> delta(layout->size());
  FinishContext context{0, reduced, state, delta, ask};
  CHECK(reducer.finish(context) == Finish::kDone);
  return delta;
}

/// The bits of all records.
std::vector<std::uint32_t> all_bits(const Payload& payload) {
  std::vector<std::uint32_t> all;
  for (const auto& record : payload.records()) {
    const auto more = bits(record->f32());
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

/// Runs a law on every reducer, and says which one broke it. A few rules run with more than their
/// default parameters.
template <class Law>
void for_every_reducer(const Law& law) {
  const auto names = plugins().names(Reducer::kSlot);
  REQUIRE(names.size() >= 6);
  std::vector<std::pair<std::string, ConfigNode::Object>> rows;
  for (const std::string& name : names) rows.emplace_back(name, ConfigNode::Object{});
  rows.emplace_back("krum", ConfigNode::Object{{"byzantine", 2}, {"multi", 3}});
  rows.emplace_back("krum", ConfigNode::Object{{"byzantine", 0}});
  rows.emplace_back("trimmed_mean", ConfigNode::Object{{"beta", 0.35}});
  for (const auto& [name, parameters] : rows) {
    INFO("reducer " << name << " " << parameters.size() << ", seed " << 11);
    RandomStream random(11, "reducers " + name);
    law(*plugin<Reducer>(name, parameters), random);
  }
}

TEST_CASE("every reducer gives v back, bit for bit, when all updates are v and none is stale") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    const auto all = same_updates(8, 300, random);  // 8 v is a float32
    const Payload reduced = reduce_all(reducer, all);
    CHECK(bits(reduce(reducer, all)) == bits(all[0].delta));
    CHECK(bits(reduced.at("extra").f32()) == bits(all[0].extra));
    auto total = all[0].total;
    for (float& value : total) value *= 8;
    CHECK(bits(reduced.at("total").f32()) == bits(total));
  });
}

TEST_CASE("no reducer's bits depend on the order of the updates") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    auto all = updates(8, 200, random);
    for (Update& update : all) update.delta[0] = random.bits32() % 2 ? 0.0f : -0.0f;
    const auto expected = all_bits(reduce_all(reducer, all));
    for (int i = 0; i < 5; ++i) {
      random.shuffle(std::span(all));
      CHECK(all_bits(reduce_all(reducer, all)) == expected);
    }
  });
}

TEST_CASE("no reducer's bits depend on how the values of an update are cut into records") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    auto whole = updates(9, 210, random);
    for (Update& update : whole) update.extra = update.total = {};
    const auto expected = bits(reduce(reducer, whole));
    for (std::size_t cut : {1, 16, 103, 209}) {
      auto parts = whole;
      for (Update& update : parts) {
        const auto at = update.delta.begin() + static_cast<std::ptrdiff_t>(cut);
        update.extra.assign(at, update.delta.end());
        update.delta.erase(at, update.delta.end());
      }
      CHECK(all_bits(reduce_all(reducer, parts)) == expected);
    }
  });
}

TEST_CASE("linear reducers give the same bits when partial sums are merged") {
  for_every_reducer([](const Reducer& reducer, RandomStream& random) {
    if (reducer.traits().form != Form::kLinear) return;
    const auto all = updates(9, 200, random);
    ExactSum parts[3] = {ExactSum(200), ExactSum(200), ExactSum(200)};
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Share share = reducer.share(all[k].info);
      const ExactSum::Term term{all[k].delta.data(), share.weight, share.divisor};
      parts[k % 3].add({&term, 1});
    }
    parts[2].merge(parts[0]);
    parts[2].merge(parts[1]);
    std::vector<float> merged(200);
    parts[2].mean(merged);
    CHECK(bits(merged) == bits(reduce(reducer, all)));
  });
}

double length(std::span<const float> values) {
  double sum = 0;
  for (float value : values) sum += double{value} * value;
  return std::sqrt(sum);
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return std::sqrt(sum);
}

/// Updates of one record. The first `wild` are those of an adversary that knows the others.
std::vector<Update> attacked(std::uint32_t n, std::uint32_t wild, RandomStream& random) {
  auto all = updates(n, 50, random);
  const std::uint64_t kind = random.below(4);
  const float scale = std::ldexp(1.0f, static_cast<int>(random.below(60)) - 30);
  for (Update& update : all) update.extra = update.total = {};
  for (std::size_t k = 0; k < wild; ++k) {
    for (std::size_t i = 0; i < 50; ++i) {
      float& value = all[k].delta[i];
      if (kind == 0) value = random.bits32() % 3 ? kHuge : -kHuge;
      if (kind == 1) value = -scale * all[n - 1].delta[i];
      if (kind == 2) value = all[0].delta[i];  // they agree with each other
      if (kind == 3) value = all[n - 1].delta[i] + scale * static_cast<float>(random.normal());
    }
  }
  return all;
}

void check_honest_range(const std::vector<float>& delta, std::span<const Update> honest) {
  for (std::size_t i = 0; i < delta.size(); ++i) {
    const auto less = [i](const Update& a, const Update& b) { return a.delta[i] < b.delta[i]; };
    const auto [low, high] = std::minmax_element(honest.begin(), honest.end(), less);
    INFO("coordinate " << i);
    REQUIRE(delta[i] >= low->delta[i]);
    REQUIRE(delta[i] <= high->delta[i]);
  }
}

void check_honest_update(const std::vector<float>& delta, std::span<const Update> honest,
                         std::size_t n) {
  double diameter = 0, nearest = std::numeric_limits<double>::infinity();
  for (const Update& a : honest) {
    nearest = std::min(nearest, distance(delta, a.delta));
    for (const Update& b : honest) diameter = std::max(diameter, distance(a.delta, b.delta));
  }
  REQUIRE(nearest <= (1 + std::sqrt(static_cast<double>(n) / 2)) * diameter + 1e-6);
}

TEST_CASE("every reducer keeps its declared bound whatever the wild updates it withstands send") {
  for_every_reducer([&](const Reducer& reducer, RandomStream& random) {
    const Bound bound = reducer.traits().bound;
    std::size_t attacks = 0;
    for (std::uint32_t n : {1, 2, 3, 5, 6, 9, 10, 10, 11, 11}) {
      for (std::uint32_t wild = 0; wild <= n && reducer.withstands(n, wild); ++wild) {
        const auto all = attacked(n, wild, random);
        const Update root{.info = {}, .delta = wide_values(50, random)};
        const auto delta = reduce(reducer, all, &root);
        INFO(n << " updates, " << wild << " wild");
        const auto honest = std::span(all).subspan(wild);
        if (bound == Bound::kHonestRange) check_honest_range(delta, honest);
        if (bound == Bound::kHonestUpdate) check_honest_update(delta, honest, n);
        if (bound == Bound::kTrustedLength) {
          REQUIRE(length(delta) <= length(root.delta) * (1 + 1e-6));
        }
        attacks += wild > 0;
      }
    }
    CHECK((attacks > 0) == (bound != Bound::kNone && reducer.withstands(11, 1)));
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

/// Updates of two values, by hand.
struct Value {
  const char* name;
  ConfigNode::Object parameters;
  std::vector<std::vector<float>> updates;
  std::vector<float> expected;
};

TEST_CASE("robust rules give the values worked out by hand") {
  const std::vector<std::vector<float>> square{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {10, 10}};
  const std::vector<std::vector<float>> line{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  const std::vector<Value> table{
      {"median", {}, square, {1, 1}},
      {"trimmed_mean", {{"beta", 0.2}}, square, {2.0f / 3, 2.0f / 3}},
      {"trimmed_mean", {{"beta", 0.19}}, square, {2.4f, 2.4f}},  // 0.95 rounds down to no update
      {"trimmed_mean", {{"beta", 0.34}}, line, {4, 5, 6}},
      {"trimmed_mean", {{"beta", 0.499}}, {{1}, {2}, {30}, {7}}, {4.5f}},
      // Scores over the two closest: 2, 2, 2, 2, 343; the first node wins the tie.
      {"krum", {}, square, {0, 0}},
      {"krum", {{"multi", 3}}, square, {1.0f / 3, 1.0f / 3}},
      {"krum", {{"multi", 4}}, square, {0.5f, 0.5f}},
      // Scores over the closest: 27, 27, 27.
      {"krum", {{"byzantine", 0}}, line, {1, 2, 3}},
      {"krum", {{"byzantine", 0}, {"multi", 2}}, line, {2.5f, 3.5f, 4.5f}},
  };
  for (const Value& row : table) {
    INFO(row.name << ", " << row.parameters.size() << " parameters");
    std::vector<Update> all;
    for (std::size_t k = 0; k < row.updates.size(); ++k) {
      const NodeId node = NodeId::edge(static_cast<std::uint32_t>(k));
      all.push_back({{.node = node}, row.updates[k]});
    }
    std::swap(all.front(), all.back());  // the order must not matter
    const auto delta = reduce(*plugin<Reducer>(row.name, row.parameters), all);
    for (std::size_t i = 0; i < delta.size(); ++i) {
      CHECK(delta[i] == Approx(row.expected[i]).epsilon(1e-6));
    }
  }
}

TEST_CASE("krum takes all records of an update from one and the same edge") {
  // Two neighbours count. By "delta" alone edge 0 has the closest, by "extra" alone edge 1.
  std::vector<Update> all{{{}, {0}, {100}, {0}},
                          {{}, {100}, {0}, {0.125f}},
                          {{}, {1.5f}, {1.5f}, {0.25f}},
                          {{}, {-1.5f}, {-1.5f}, {0}},
                          {{}, {5}, {5}, {0.125f}}};
  for (std::size_t k = 0; k < all.size(); ++k) {
    all[k].info.node = NodeId::edge(static_cast<std::uint32_t>(k));
  }
  const auto krum = plugin<Reducer>("krum");
  const auto without = [&](std::vector<float> Update::*record) {
    auto seen = all;
    for (Update& update : seen) update.*record = {7};
    return reduce_all(*krum, seen);
  };
  const Payload by_delta = without(&Update::extra), by_extra = without(&Update::delta);
  CHECK(values_of(by_delta.at("delta")) == std::vector{0.0f});
  CHECK(values_of(by_extra.at("extra")) == std::vector{0.0f});
  const Payload reduced = reduce_all(*krum, all);
  CHECK(values_of(reduced.at("delta")) == std::vector{1.5f});
  CHECK(values_of(reduced.at("extra")) == std::vector{1.5f});
  CHECK(values_of(reduced.at("total")) == std::vector{5 * 0.25f});  // as if all five had sent it
}

TEST_CASE("krum needs two more honest updates than wild ones, and says so") {
  CHECK(plugin<Reducer>("krum")->traits().minimum == 5);
  CHECK(plugin<Reducer>("krum", {{"byzantine", 2}, {"multi", 6}})->traits().minimum == 8);
  CHECK(plugin<Reducer>("krum")->withstands(5, 1));
  CHECK(!plugin<Reducer>("krum")->withstands(4, 1));
  CHECK(!plugin<Reducer>("krum")->withstands(9, 2));
  CHECK(problems_of(Reducer::kSlot, "krum", {{"multi", 0}}) ==
        "x.json: /multi: 0 is outside [1, 1000000]\n");
}

TEST_CASE("distances have the same bits in blocks of any size") {
  RandomStream random(4, "distances");
  std::vector<Payload> payloads;
  std::vector<const Payload*> rows;
  for (const Update& update : updates(4, 500, random)) payloads.push_back(update.payload());
  for (const Payload& payload : payloads) rows.push_back(&payload);
  Workspace workspace;
  const auto whole = squared_distances(rows, 100'000, workspace);
  for (std::size_t block : {1, 7, 16, 64, 499}) {
    CHECK(squared_distances(rows, block, workspace) == whole);
  }
}

TEST_CASE("fltrust follows its equations on vectors worked out by hand") {
  // TS = 1, 0, 0, 1/sqrt(2): (1 + 1/2, 1/2) / (1 + 1/sqrt(2)).
  const Update root{.info = {}, .delta = {1, 0}};
  std::vector<Update> all{{{}, {2, 0}}, {{}, {0, 3}}, {{}, {-5, 0}}, {{}, {1, 1}}};
  const auto fltrust = plugin<Reducer>("fltrust");
  const auto delta = reduce(*fltrust, all, &root);
  CHECK(delta[0] == Approx(0.8786797).epsilon(1e-6));
  CHECK(delta[1] == Approx(0.2928932).epsilon(1e-6));
  REQUIRE(fltrust->ask().has_value());
  CHECK(fltrust->ask()->nodes == std::vector<NodeId>{NodeId::cloud()});
}

TEST_CASE("fltrust moves nothing where nobody points the way of the cloud") {
  const auto fltrust = plugin<Reducer>("fltrust");
  const std::vector<Update> all{
      {{}, {-1, 0}, {}, {4}}, {{}, {0, 0}, {}, {0}}, {{}, {-3, 1}, {}, {9}}};
  const Update root{.info = {}, .delta = {1, 0}, .extra = {}, .total = {0}};
  const Payload reduced = reduce_all(*fltrust, all, &root);
  CHECK(values_of(reduced.at("delta")) == std::vector<float>{0, 0});
  CHECK(values_of(reduced.at("total")) == std::vector<float>{0});
  const Update still{.info = {}, .delta = {0, 0}, .extra = {}, .total = {0}};
  CHECK(reduce(*fltrust, all, &still) == std::vector<float>{0, 0});
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

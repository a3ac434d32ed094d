// Laws that every selector keeps, and the frequencies the definitions imply.

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "algorithms/sdk/selector.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 31;

class Nodes final : public Population {
 public:
  explicit Nodes(std::vector<std::uint64_t> samples)
      : samples_(std::move(samples)), eligible_(samples_.size(), true) {}
  std::uint32_t size() const override { return static_cast<std::uint32_t>(samples_.size()); }
  bool eligible(NodeId node) const override { return eligible_[node.index()]; }
  std::uint32_t eligible_at_most() const override {
    if (asks) return size();  // nobody knows without asking
    return static_cast<std::uint32_t>(std::count(eligible_.begin(), eligible_.end(), true));
  }
  std::uint64_t samples(NodeId node) const override { return samples_[node.index()]; }
  void remove(std::uint32_t index) { eligible_[index] = false; }

  bool asks = false;

 private:
  std::vector<std::uint64_t> samples_;
  std::vector<bool> eligible_;
};

Nodes nodes(std::uint32_t count) {
  std::vector<std::uint64_t> samples(count);
  for (std::uint32_t i = 0; i < count; ++i) samples[i] = 1 + i % 7;
  return Nodes(std::move(samples));
}

/// A made-up loss, the same at every call.
double loss_of(NodeId node) { return (node.index() * 37 % 11) / 4.0; }

struct Draw {
  Round round = 1;
  std::uint32_t wanted = 5;
  std::uint64_t seed = kSeed;
};

/// The cohort of a round, with every question of the selector answered.
Cohort choose(Selector& selector, const Population& population, Draw draw) {
  const RandomStream random(draw.seed, "select", NodeId::cloud(), draw.round);
  SelectContext first{population, draw.round, draw.wanted, random, {}, false};
  auto answer = selector.select(first);
  if (const Ask* ask = std::get_if<Ask>(&answer)) {
    CHECK(selector.asks());
    std::vector<Reply> replies;
    std::set<NodeId> different(ask->nodes.begin(), ask->nodes.end());
    CHECK(different.size() == ask->nodes.size());
    for (NodeId node : ask->nodes) {
      CHECK(population.eligible(node));
      replies.push_back({node, population.samples(node), loss_of(node), 0});
    }
    SelectContext second{population, draw.round, draw.wanted, random, replies, true};
    answer = selector.select(second);
  }
  REQUIRE(std::holds_alternative<Cohort>(answer));
  return std::get<Cohort>(answer);
}

std::vector<NodeId> members(const Cohort& cohort) {
  std::vector<NodeId> list;
  for (const Pick& pick : cohort) list.push_back(pick.node);
  return list;
}

template <class Law>
void for_every_selector(const Law& law) {
  const auto names = plugins().names(Selector::kSlot);
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    INFO("selector " << name << ", seed " << kSeed);
    law(name);
  }
}

TEST_CASE("every selector picks different eligible nodes, as many as wanted or all there are") {
  for_every_selector([](const std::string& name) {
    const auto selector = plugin<Selector>(name);
    for (std::uint32_t available : {0u, 3u, 40u, 100u}) {
      Nodes population = nodes(100);
      for (std::uint32_t i = available; i < 100; ++i) population.remove(i * 17 % 100);
      population.asks = available % 2 == 1;
      for (std::uint32_t wanted : {1u, 5u, 60u}) {
        const auto picked = members(choose(*selector, population, {.wanted = wanted}));
        const std::set<NodeId> different(picked.begin(), picked.end());
        CHECK(different.size() == picked.size());
        for (NodeId node : picked) CHECK(population.eligible(node));
        CHECK(picked.size() == (name == "all" ? available : std::min(wanted, available)));
      }
    }
  });
}

TEST_CASE("nodes are drawn alike however much is known of who is eligible") {
  constexpr std::uint32_t kNodes = 200;
  for (const std::uint32_t available : {4u, 60u, 190u}) {
    Nodes population = nodes(kNodes);
    for (std::uint32_t i = available; i < kNodes; ++i) population.remove(i);
    population.asks = true;
    std::map<NodeId, int> drawn;
    constexpr int kDraws = 4000;
    for (int i = 0; i < kDraws; ++i) {
      RandomStream random(kSeed, "draw", NodeId::cloud(), static_cast<Round>(i));
      for (const NodeId node : sample_eligible(population, 2, random)) ++drawn[node];
    }
    CHECK(drawn.size() == available);
    // Off by more than 5 standard deviations: less than once in 1,000 seeds for all nodes.
    const double p = 2.0 / available, expected = kDraws * p;
    for (const auto& [node, count] : drawn) {
      CHECK(std::abs(count - expected) < 5 * std::sqrt(expected * (1 - p)) + 1e-9);
    }
  }
}

TEST_CASE("every selector gives the same cohort from the same stream") {
  for_every_selector([](const std::string& name) {
    const Nodes population = nodes(100);
    const auto one = plugin<Selector>(name), two = plugin<Selector>(name);
    for (Round round = 1; round <= 5; ++round) {
      CHECK(members(choose(*one, population, {.round = round})) ==
            members(choose(*two, population, {.round = round})));
    }
  });
}

TEST_CASE("a selector that was saved and loaded goes on as if nothing had happened") {
  for_every_selector([](const std::string& name) {
    const Nodes population = nodes(100);
    const auto original = plugin<Selector>(name), restored = plugin<Selector>(name);
    for (Round round = 1; round <= 3; ++round) {
      for (const Pick& pick : choose(*original, population, {.round = round})) {
        original->observe({.node = pick.node, .round = round, .loss = loss_of(pick.node)});
      }
    }
    ByteWriter writer;
    original->save(writer);
    const ByteVector saved = writer.bytes();
    ByteReader reader(saved);
    restored->load(reader);
    CHECK(reader.finished());
    for (Round round = 4; round <= 6; ++round) {
      CHECK(members(choose(*original, population, {.round = round})) ==
            members(choose(*restored, population, {.round = round})));
    }
  });
}

TEST_CASE("uniform picks every node equally often") {
  constexpr int kRounds = 2000, kNodes = 50, kWanted = 10;
  const Nodes population = nodes(kNodes);
  const auto selector = plugin<Selector>("uniform");
  std::vector<double> picked(kNodes);
  for (Round round = 1; round <= kRounds; ++round) {
    for (NodeId node :
         members(choose(*selector, population, {.round = round, .wanted = kWanted}))) {
      ++picked[node.index()];
    }
  }
  // Without replacement each count has variance R f (1 - f), and the scaled squares add up to a
  // chi-square of 49 degrees; it lies in [13.5, 111.5] but for 2 seeds in a million.
  const double share = double{kWanted} / kNodes;
  double statistic = 0;
  for (double count : picked) {
    const double off = count - kRounds * share;
    statistic += off * off / (kRounds * share * (1 - share)) * (kNodes - 1) / kNodes;
  }
  INFO("seed " << kSeed << ", statistic " << statistic);
  CHECK(statistic > 13.5);
  CHECK(statistic < 111.5);
}

TEST_CASE("all ignores how many are wanted and lists nodes in order") {
  const Nodes population = nodes(4);
  CHECK(members(choose(*plugin<Selector>("all"), population, {.wanted = 2})) ==
        std::vector{NodeId::edge(0), NodeId::edge(1), NodeId::edge(2), NodeId::edge(3)});
}

TEST_CASE("power of choice keeps the highest losses, equal ones in the order of the nodes") {
  const Nodes population = nodes(6);
  const auto selector = plugin<Selector>("power_of_choice", {{"candidates", 6}});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Reply> replies{{NodeId::edge(4), 1, 2.0, 0},
                                   {NodeId::edge(1), 1, 2.0, 0},
                                   {NodeId::edge(0), 1, nan, 0},
                                   {NodeId::edge(5), 1, 0.5, 0},
                                   {NodeId::edge(2), 1, 7.0, 0}};
  SelectContext context{population, 1, 3, RandomStream(1, "select"), replies, true};
  CHECK(members(std::get<Cohort>(selector->select(context))) ==
        std::vector{NodeId::edge(2), NodeId::edge(1), NodeId::edge(4)});
}

TEST_CASE("power of choice asks for losses, of no fewer nodes than it will pick") {
  const Nodes population = nodes(50);
  const auto selector = plugin<Selector>("power_of_choice", {{"candidates", 8}});
  for (std::uint32_t wanted : {2u, 20u}) {
    SelectContext context{population, 1, wanted, RandomStream(1, "select"), {}, false};
    const auto answer = selector->select(context);
    const Ask& ask = std::get<Ask>(answer);
    CHECK(ask.work == Ask::Work::kEvaluate);
    CHECK(ask.nodes.size() == std::max(8u, wanted));
  }
}

TEST_CASE("power of choice draws candidates in proportion to their examples") {
  const Nodes population({1, 2, 3, 0, 4});
  const auto selector = plugin<Selector>("power_of_choice", {{"candidates", 1}});
  constexpr int kRounds = 10000;
  std::vector<double> drawn(5);
  for (Round round = 1; round <= kRounds; ++round) {
    const RandomStream random(kSeed, "select", NodeId::cloud(), round);
    SelectContext context{population, round, 1, random, {}, false};
    const auto answer = selector->select(context);
    ++drawn[std::get<Ask>(answer).nodes.at(0).index()];
  }
  CHECK(drawn[3] == 0);
  // A multinomial's chi-square of 3 degrees is below 30.7 but for one seed in a million.
  double statistic = 0;
  for (std::uint32_t i : {0u, 1u, 2u, 4u}) {
    const double expected = kRounds * static_cast<double>(population.samples(NodeId::edge(i))) / 10;
    statistic += (drawn[i] - expected) * (drawn[i] - expected) / expected;
  }
  INFO("seed " << kSeed << ", statistic " << statistic);
  CHECK(statistic < 30.7);
}

}  // namespace
}  // namespace skerry

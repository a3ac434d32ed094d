#include "sim/on_off.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::sim {
namespace {

// No exponential draw is above 37 means, so no spell is too long for a Duration.
constexpr Duration kLongestMean = Duration::nanoseconds(std::int64_t{1} << 56);

bool is_mean(Duration mean) { return mean > Duration() && mean <= kLongestMean; }

}  // namespace

OnOff::OnOff(const Config& config, std::uint64_t seed, std::uint32_t edges)
    : config_(config), seed_(seed), spells_(edges) {
  SKERRY_CHECK(is_mean(config.mean_on) && is_mean(config.mean_off),
               "mean times on and off lie between 1 ns and 2^56 ns");
}

const OnOff::Spell& OnOff::spell_at(NodeId edge, SimTime now) {
  SKERRY_CHECK(edge.is_edge() && edge.index() < spells_.size(), "availability is that of an edge");
  Spell& spell = spells_[edge.index()];
  while (spell.until <= now) draw_next(edge, spell);
  return spell;
}

Availability::State OnOff::at(NodeId edge, SimTime now) {
  const Spell& spell = spell_at(edge, now);
  return {.available = spell.available, .until = spell.until};
}

SimTime OnOff::away_since(NodeId edge, SimTime now) { return spell_at(edge, now).since; }

void OnOff::draw_next(NodeId edge, Spell& spell) const {
  RandomStream random(seed_, "availability", edge, spell.number);
  const auto on = static_cast<double>(config_.mean_on.count());
  const auto off = static_cast<double>(config_.mean_off.count());
  // What remains of a spell that began before the run is distributed like a whole one.
  spell.available = spell.number == 0 ? random.uniform() * (on + off) < on : !spell.available;
  const double ns = std::ceil(random.exponential() * (spell.available ? on : off));
  spell.since = spell.until;
  const auto length = static_cast<std::int64_t>(std::max(1.0, ns));
  spell.until = change_in(spell.until, Duration::nanoseconds(length));
  ++spell.number;
}

}  // namespace skerry::sim

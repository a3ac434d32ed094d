#include "scenarios/parts/rounds_config.hpp"

#include <algorithm>
#include <cmath>

namespace skerry::parts {

void SelectConfig::check(FieldReader& reader) const {
  if (fraction && count) {
    reader.error("count", "contradicts \"fraction\": give one of them, or say null for the other");
  }
}

void RoundsConfig::check(FieldReader& reader) const {
  if (deadline && deadline->count() == 0) {
    reader.error("deadline", "is 0: no edge could answer in time");
  }
  if (mode == Mode::kSync && concurrency) {
    reader.error("concurrency", "means nothing without \"mode\": \"async\"");
  }
  if (mode == Mode::kAsync && over_select > 0) {
    reader.error("over_select", "means nothing with \"mode\": \"async\"");
  }
}

std::uint32_t SelectConfig::cohort(std::uint32_t edges) const {
  if (count) return std::min(*count, edges);  // of a part of the scenario's edges, too
  const double wanted = fraction.value_or(1.0) * edges;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::floor(wanted + 0.5)));
}

}  // namespace skerry::parts

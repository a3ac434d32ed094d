#include "scenarios/parts/rounds_config.hpp"

#include <algorithm>
#include <cmath>

namespace skerry::parts {

std::uint32_t SelectConfig::cohort(std::uint32_t edges) const {
  if (count) return std::min(*count, edges);
  const double wanted = fraction.value_or(1.0) * edges;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::floor(wanted + 0.5)));
}

}  // namespace skerry::parts

#pragma once

#include <algorithm>
#include <vector>

#include "scenarios/role/payload_ref.hpp"

namespace skerry {

/// A payload with one record "model" of those values.
inline role::PayloadRef payload_of(std::uint64_t number, const std::vector<float>& values) {
  role::Content content;
  Record& record = content.payload.add(
      {"model", std::make_shared<const Layout>(Layout::flat("w", values.size()))});
  std::copy(values.begin(), values.end(), record.f32().begin());
  return role::PayloadRef::of({1, number}, std::move(content));
}

inline std::vector<float> values_of(const role::PayloadRef& payload) {
  const Payload content = payload.payload();
  const auto values = content.at("model").f32();
  return {values.begin(), values.end()};
}

}  // namespace skerry

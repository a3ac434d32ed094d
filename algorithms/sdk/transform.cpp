#include "algorithms/sdk/transform.hpp"

namespace skerry {

Cost Transform::cost(std::span<const RecordSpec> plain) const {
  Cost cost;
  for (const RecordSpec& spec : plain) {
    if (!spec.real()) continue;
    cost.flops += static_cast<double>(spec.layout->size());
    cost.bytes += 2 * static_cast<double>(spec.layout->bytes());
  }
  return cost;
}

Payload started_from(const Payload& source, std::span<const RecordSpec> shapes) {
  Payload payload;
  for (const RecordSpec& spec : shapes) {
    Payload::RecordRef same = source.share(spec.name);
    const bool passes =
        same && same->spec().reduce == spec.reduce && same->layout() == *spec.layout;
    passes ? payload.add(std::move(same)) : static_cast<void>(payload.add(spec));
  }
  return payload;
}

}  // namespace skerry

#include "algorithms/sdk/reducer.hpp"

#include <algorithm>

namespace skerry {

void Reducer::reduce(GatherContext& context) const {
  std::vector<std::span<const float>> values(context.updates.size());
  for (std::size_t r = 0; r < context.reduced.records().size(); ++r) {
    const RecordSpec spec = context.reduced.records()[r]->spec();
    if (spec.reduce != Reduce::kMean || !spec.real()) continue;
    for (std::size_t k = 0; k < values.size(); ++k) {
      values[k] = context.updates[k]->at(spec.name).f32();
    }
    gather(values, context.infos, context.reduced.open(spec.name).f32());
  }
}

Finish Reducer::finish(FinishContext& context) const {
  const auto delta = context.reduced.at("delta").f32();
  std::copy(delta.begin(), delta.end(), context.delta.begin());
  return Finish::kDone;
}

}  // namespace skerry

#include "scenarios/parts/traffic.hpp"

#include <string>

namespace skerry::parts {

void Traffic::record(std::uint64_t step, role::Effects& effects) const {
  const std::pair<const char*, const role::MessageBytes&> ways[] = {{"up", up_}, {"down", down_}};
  for (const auto& [way, bytes] : ways) {
    effects.metric(std::string("bytes/tensor_") + way, step, static_cast<double>(bytes.tensor));
    effects.metric(std::string("bytes/encoded_") + way, step, static_cast<double>(bytes.encoded));
    effects.metric(std::string("bytes/wire_") + way, step, static_cast<double>(bytes.wire));
  }
}

}  // namespace skerry::parts

#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "algorithms/sdk/transform.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {

/// The shapes of a payload's records.
inline std::vector<RecordSpec> shapes_of(const Payload& payload) {
  std::vector<RecordSpec> shapes;
  for (const auto& record : payload.records()) shapes.push_back(record->spec());
  return shapes;
}

/// One node's end of a transform, and the cloud that opens its updates, both driven by hand.
/// Neither time nor messages are simulated.
class HandLink {
 public:
  HandLink(const Transform& transform, std::vector<RecordSpec> plain)
      : transform_(transform), plain_(std::move(plain)) {
    for (const RecordSpec& spec : transform.state(plain_)) state.add(spec);
  }

  Payload encode(const Payload& plain, StreamKey key = {}) {
    const Payload down;
    Payload wire = started_from(plain, transform_.wire(plain_, 0));
    EncodeContext context{.plain = plain,
                          .down = down,
                          .state = state,
                          .wire = wire,
                          .info = {.node = key.node, .round = key.round},
                          .key = key,
                          .workspace = workspace_};
    transform_.encode(context);
    return wire;
  }

  Result<Payload> open(const Payload& wire) {
    Payload plain = started_from(wire, plain_);
    if (transform_.traits().opens == TransformTraits::Opens::kNever) return plain;
    const UpdateInfo info;
    OpenContext context{
        .wire = wire, .plain = plain, .infos = {&info, 1}, .each = {}, .workspace = workspace_};
    const Status opened = transform_.open(context);
    if (!opened) return opened.failure();
    return plain;
  }

  void settle(Settlement outcome) { transform_.settle(state, outcome); }
  const std::vector<RecordSpec>& plain() const { return plain_; }

  Payload state;

 private:
  const Transform& transform_;
  std::vector<RecordSpec> plain_;
  Workspace workspace_;
};

}  // namespace skerry

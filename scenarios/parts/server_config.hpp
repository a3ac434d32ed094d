#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/rate_schedule.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/server_stage.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry::parts {

/// `server` of a scenario: how the cloud makes the next model from a round's updates.
struct ServerConfig {
  Choice<Reducer> reduce{.name = "mean"};
  std::vector<Choice<ServerStage>> stages;
  Choice<Optimizer> optimizer{.name = "sgd"};
  RateSchedule schedule;

  template <class V>
  void fields(V& v) {
    v("reduce", reduce, {.meaning = "how one delta is made of many updates", .required = true});
    v("stages", stages, {.meaning = "what is done to the reduced records, in order"});
    v("optimizer", optimizer,
      {.meaning = "the step with that delta; of \"sgd\" a whole one unless it says otherwise, of "
                  "\"adam\", \"yogi\" and \"adagrad\" that of FedAdam, FedYogi and FedAdagrad",
       .required = true,
       .defaults = &optimizer_defaults()});
    v("schedule", schedule,
      {.meaning =
           "of that step's learning rate from round to round (async: from version to version)"});
  }
  /// Defaults of optimisers that are others on the cloud than on an edge.
  static const Presets& optimizer_defaults();
  static const Presets& presets();
};

/// In which form an edge is sent a new version of the model.
enum class DownSends : std::uint8_t { kModel, kChange };

/// `update` of a scenario: what happens to updates and models on their way over the wire.
struct UpdateConfig {
  std::vector<Choice<Transform>> up;
  std::vector<Choice<Transform>> down;
  DownSends down_sends = DownSends::kModel;
  std::optional<std::uint32_t> down_versions;

  template <class V>
  void fields(V& v) {
    v("up", up, {.meaning = "what edges do to an update before it leaves, in order"});
    v("down", down, {.meaning = "what the cloud does to the model before it leaves, in order"});
    v("down_sends", down_sends,
      {.meaning = "the model itself, or its change since the version that the edge holds"});
    v("down_versions", down_versions,
      {.meaning = "changes: an edge that is further behind, by default 8, is sent the model whole",
       .min = 1});
  }
  void check(FieldReader& reader) const;
};

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::DownSends> {
  static constexpr std::pair<parts::DownSends, std::string_view> names[] = {
      {parts::DownSends::kModel, "model"}, {parts::DownSends::kChange, "change"}};
};
}  // namespace skerry

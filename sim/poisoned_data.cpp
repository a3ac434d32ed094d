#include "sim/poisoned_data.hpp"

#include <utility>

#include "algorithms/sdk/attack.hpp"

namespace skerry::sim {

void check_poison(const WorldConfig& world, const DataSchema& schema, const Registry& registry,
                  Problems& problems) {
  if (!world.attack) return;
  const Status suited = registry.make(world.attack->attack)->suits(schema);
  if (suited) return;
  problems.add("/world/attack", world.attack->attack.name + ": " + suited.message());
}

std::shared_ptr<const datasets::NodeData> poisoned(std::shared_ptr<const datasets::NodeData> data,
                                                   std::shared_ptr<const World> world,
                                                   const Registry& registry, Problems& problems) {
  const auto& attackers = world->config().attack;
  if (!attackers) return data;
  const std::shared_ptr<const Samples>& honest = data->data_set().train;
  const StreamKey key{.seed = world->seed(), .node = NodeId::cloud(), .round = 0};
  auto samples = registry.make(attackers->attack)->poisoned(honest, key);
  if (!samples) {
    problems.add("/world/attack", attackers->attack.name + ": " + samples.message());
    return nullptr;
  }
  if (*samples == honest) return data;
  if (attackers->begins || attackers->ends) {
    problems.add("/world/attack", attackers->attack.name +
                                      ": changes training data before the run; \"begins\" and "
                                      "\"ends\" are for attacks on updates");
    return nullptr;
  }
  return data->with(
      {.train = std::move(*samples),
       .is_poisoned = [world = std::move(world)](NodeId edge) { return world->attacks(edge); }});
}

}  // namespace skerry::sim

#include "sim/world.hpp"

#include "algorithms/sdk/plugin.hpp"
#include "tests/catch.hpp"

namespace skerry::sim {
namespace {

std::string errors_of(ConfigNode::Object world, std::uint32_t edges = 10) {
  Registry registry;
  REQUIRE(registry.add(binary_local::head).ok());
  Problems problems;
  // The reader of scenarios finds the list of keys under this name.
  const PluginEntry* entry = registry.find("world", "simulated");
  REQUIRE(entry != nullptr);
  FieldReader reader(registry, problems);
  ConfigNode resolved;
  entry->resolve(reader, ConfigNode(std::move(world)), "/world", resolved);
  if (problems.empty()) {
    WorldConfig config;
    reader.read(resolved, config, "/world");
    check_world(config, edges, problems);
  }
  return problems.text("w.json");
}

TEST_CASE("a world of defaults is sound") { CHECK(errors_of({}) == ""); }

TEST_CASE("shares that do not add up are refused") {
  CHECK(errors_of({{"edges", ConfigNode::Array{ConfigNode::Object{{"share", 0.5}}}}}) ==
        "w.json: /world/edges: the shares add up to 0.5, not to 1\n");
}

TEST_CASE("an unknown device preset is answered with all of them") {
  const std::string errors =
      errors_of({{"edges", ConfigNode::Array{ConfigNode::Object{{"device", "raspberry"}}}}});
  CHECK(errors.find("/world/edges/0/device: no choice \"raspberry\"") != std::string::npos);
  CHECK(errors.find("raspberry-pi-4") != std::string::npos);
}

TEST_CASE("faults and attackers name nodes that exist") {
  const ConfigNode crash =
      ConfigNode::Object{{"kind", "crash"}, {"nodes", ConfigNode::Array{"edge-10"}}, {"at", "1 s"}};
  CHECK(errors_of({{"faults", ConfigNode::Array{crash}}}).find("/world/faults/0: ") !=
        std::string::npos);
  CHECK(errors_of({{"attack", ConfigNode::Object{{"name", "sign_flip"},
                                                 {"nodes", ConfigNode::Array{"edge-99"}}}}}) ==
        "w.json: /world/attack/nodes: \"edge-99\" is not one of the 10 edges\n");
}

ConfigNode fault(const char* kind, const char* at, ConfigNode::Object more = {}) {
  ConfigNode::Object all{{"kind", kind}, {"nodes", ConfigNode::Array{"edge-1"}}, {"at", at}};
  all.insert(all.end(), more.begin(), more.end());
  return ConfigNode(all);
}

std::string errors_of_faults(ConfigNode::Array faults) {
  return errors_of({{"faults", ConfigNode(std::move(faults))}});
}

TEST_CASE("faults that would do nothing are refused where they stand") {
  CHECK(errors_of_faults({fault("restart", "3 s")}) ==
        "w.json: /world/faults/0: edge-1 has not crashed before 3 s: the restart would do "
        "nothing\n");
  CHECK(errors_of_faults({fault("restart", "2 s"), fault("crash", "1 s"), fault("crash", "3 s"),
                          fault("restart", "9 s")}) == "");
  CHECK(errors_of_faults({fault("crash", "1 s"), fault("crash", "2 s")}) ==
        "w.json: /world/faults/1: edge-1 is down already at 2 s: the crash would do nothing\n");
  CHECK(errors_of_faults({fault("crash", "1 s", {{"factor", 3}})}) ==
        "w.json: /world/faults/0/factor: has no meaning except for a slow_down\n");
}

TEST_CASE("keys of one model of availability mean nothing to another") {
  CHECK(errors_of({{"availability", ConfigNode::Object{{"mean_on", "1 s"}}}}) ==
        "w.json: /world/availability/mean_on: means nothing without \"model\": \"on_off\"\n");
  CHECK(errors_of({{"availability", ConfigNode::Object{{"model", "diurnal"}, {"fraction", 0}}}}) ==
        "w.json: /world/availability/fraction: 0 is outside (0, 1]\n");
  CHECK(errors_of(
            {{"availability", ConfigNode::Object{{"model", "diurnal"}, {"period", "40000 d"}}}}) ==
        "w.json: /world/availability/period: is not between 1 ms and 36 years\n");
  CHECK(errors_of({{"availability", ConfigNode::Object{{"peak", "1 s"}}}}) ==
        "w.json: /world/availability/peak: means nothing without \"model\": \"diurnal\"\n");
  CHECK(errors_of({{"messages", ConfigNode::Object{{"max_delay", "1 s"}}}}) ==
        "w.json: /world/messages/max_delay: means nothing without \"reordering\" or "
        "\"duplication\"\n");
}

TEST_CASE("edges that would come and go all the time are refused") {
  const auto period = [](const char* period) {
    return errors_of(
        {{"availability", ConfigNode::Object{{"model", "diurnal"}, {"period", period}}}});
  };
  CHECK(period("1 ns") == "w.json: /world/availability/period: is not between 1 ms and 36 years\n");
  CHECK(period("1 ms") == "");
  CHECK(errors_of({{"availability",
                    ConfigNode::Object{
                        {"model", "on_off"}, {"mean_on", "1 ns"}, {"mean_off", "1 ms"}}}}) ==
        "w.json: /world/availability/mean_on: is not between 1 ms and two years\n");
}

TEST_CASE("a device takes a fixed time a call, and then what arithmetic or memory takes longer") {
  DeviceConfig device{.flops = ComputeRate{1e9}};
  const role::Work inference{.samples = 1, .batch_size = 1, .flops = 2e3, .bytes = 4e6};
  CHECK(device.time_of(inference) == Duration::nanoseconds(2'000));
  device.memory = DataRate{4e9};
  CHECK(device.time_of(inference) == Duration::milliseconds(1));
  device.call = Duration::milliseconds(3);
  CHECK(device.time_of(inference) == Duration::milliseconds(4));
  const role::Work training{.samples = 40, .batch_size = 10, .flops = 8e6, .bytes = 4e6};
  CHECK(device.time_of(training) == Duration::milliseconds(4 * 3 + 8));
  const role::Work encoding{.flops = 0, .bytes = 8e6};
  CHECK(device.time_of(encoding) == Duration::milliseconds(3 + 2));
}

TEST_CASE("no preset of a real device answers in no time, and the cloud's default is a server") {
  Registry registry;
  const role::Work smallest{.samples = 1, .batch_size = 1, .flops = 330, .bytes = 700};
  for (const auto& [name, keys] : DeviceConfig::presets()) {
    Problems problems;
    DeviceConfig device;
    FieldReader(registry, problems).read(keys, device, "");
    REQUIRE(problems.text("") == "");
    INFO(name);
    const double seconds = device.time_of(smallest).in_seconds();
    if (name == "ideal") {
      CHECK(seconds < 1e-8);
    } else {
      CHECK(seconds >= 1e-5);
      CHECK(seconds <= 1e-2);
    }
    if (name != "server") continue;
    const DeviceConfig cloud = WorldConfig().cloud.device;
    CHECK(cloud.flops == device.flops);
    CHECK(cloud.cores == device.cores);
    CHECK(cloud.call == device.call);
    CHECK(cloud.memory == device.memory);
  }
}

TEST_CASE("a trace that would start over at once is refused") {
  CHECK(errors_of(
            {{"availability",
              ConfigNode::Object{{"model", "trace"}, {"trace", "t.csv"}, {"repeat_every", "0 s"}}}})
            .find("/world/availability/repeat_every: is shorter than 1 ms") != std::string::npos);
}

TEST_CASE("rates and delays that no clock could count with are refused") {
  const auto device = [](const char* flops) {
    return errors_of(
        {{"cloud", ConfigNode::Object{{"device", ConfigNode::Object{{"flops", flops}}}}}});
  };
  for (const char* flops : {"0 FLOP/s", "1e-300 FLOP/s", "1e25 FLOP/s"}) {
    CHECK(device(flops) ==
          "w.json: /world/cloud: a device computes between 1 kFLOP/s and 1e24 FLOP/s\n");
  }
  CHECK(device("1e300 TFLOP/s") ==
        "w.json: /world/cloud/device/flops: \"1e300 TFLOP/s\" is not a finite quantity of 0 or "
        "more\n");
  const auto slow = [](const char* key, const char* value) {
    const ConfigNode keys = ConfigNode::Object{{key, value}};
    return errors_of({{"edges", ConfigNode::Array{ConfigNode::Object{{"device", keys}}}}});
  };
  CHECK(slow("memory", "1 B/s") ==
        "w.json: /world/edges: a device's memory moves between 1 kB/s and 1e18 B/s\n");
  CHECK(slow("call", "2 h") ==
        "w.json: /world/edges: a call of a device takes between nothing and one hour\n");
  CHECK(errors_of({{"detection", "400 d"}}) == "w.json: /world/detection: is more than 365 days\n");
}

TEST_CASE("attackers are a share of the edges or named, not both") {
  CHECK(errors_of({{"attack", ConfigNode::Object{{"name", "sign_flip"},
                                                 {"share", 0.5},
                                                 {"nodes", ConfigNode::Array{"edge-1"}}}}}) ==
        "w.json: /world/attack/nodes: contradict \"share\": give one of them, or say null for the "
        "other\n");
}

TEST_CASE("profiles are dealt out in their exact shares") {
  WorldConfig config;
  config.edges = {EdgeProfile{.share = 0.3}, EdgeProfile{.share = 0.7}};
  config.edges[0].device.cores = 7;
  const World world(config, 1000, 5);
  int of_first = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    of_first += world.device(NodeId::edge(i)).cores == 7 ? 1 : 0;
  }
  CHECK(of_first == 300);
}

TEST_CASE("an attack ends after it begins") {
  CHECK(errors_of(
            {{"attack",
              ConfigNode::Object{{"name", "sign_flip"}, {"begins", "2 h"}, {"ends", "1 h"}}}}) ==
        "w.json: /world/attack/ends: is not after \"begins\"\n");
}

TEST_CASE("a share of attackers is exact and the same for one seed") {
  WorldConfig config;
  config.attack = AttackersConfig{};
  config.attack->share = 0.2;
  const World world(config, 50, 9), again(config, 50, 9);
  int attackers = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    attackers += world.attacks(NodeId::edge(i)) ? 1 : 0;
    CHECK(world.attacks(NodeId::edge(i)) == again.attacks(NodeId::edge(i)));
  }
  CHECK(attackers == 10);
  CHECK_FALSE(world.attacks(NodeId::cloud()));
}

}  // namespace
}  // namespace skerry::sim

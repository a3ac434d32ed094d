#include <cstdio>

#include "experiments/command.hpp"
#include "experiments/live_record.hpp"
#include "experiments/options.hpp"
#include "real/deployment.hpp"
#include "real/node_driver.hpp"
#include "real/run_identity.hpp"
#include "scenarios/host/plugin_file.hpp"

namespace skerry::experiments {

namespace {}  // namespace

int replay_command(std::span<const std::string> arguments) {
  namespace po = boost::program_options;
  Options options("replay FOLDER [OPTIONS]",
                  "Runs what the state folder of a cloud recorded through the role and its jobs "
                  "again, without any network, and shows where it ends.");
  options.positional("state", 1);
  options.add()("plugin", po::value<std::vector<std::string>>()->composing(),
                "load plugins from a file (.so)");
  options.add_threads(1);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("state").size() != 1) return options.complain("a state folder is needed");
  const std::filesystem::path state = options.list("state").front();
  const auto identity = real::load_identity(state, NodeId::cloud());
  if (!identity) return fail(wrong_input(identity.message()));
  if (!identity.value()) {
    return fail(
        wrong_input(state.string() + ": is not the state folder of a cloud: it holds no run"));
  }
  Registry registry = host::built_in_plugins();
  for (const std::string& plugin : options.list("plugin")) {
    if (const Status loaded = host::load_plugin_file(plugin, registry); !loaded) {
      return fail(wrong_input(loaded.message()));
    }
  }
  const auto deployment =
      real::deploy(identity.value()->scenario, registry, NodeId::cloud(), real::LocalData());
  if (!deployment) return fail(deployment.failure());
  real::NodeDriver driver(*deployment.value()->paradigm,
                          {.self = NodeId::cloud(),
                           .edges = identity.value()->edges,
                           .threads = options.get<unsigned>("threads"),
                           .state = state,
                           .run = identity.value()->run});
  if (const Status replayed = driver.replay(); !replayed) return fail(replayed.failure());
  std::printf("%llu inputs, %llu reports differ\n",
              static_cast<unsigned long long>(driver.inputs()),
              static_cast<unsigned long long>(driver.divergences()));
  if (!driver.outcome()) {
    std::printf("the run had not ended\n");
    return kDone;
  }
  std::printf("%s: %s\n", deployment.value()->scenario.name.c_str(),
              driver.outcome()->reason.c_str());
  if (driver.outcome()->model) {
    std::printf("model %s\n", model_sha256(driver.outcome()->model.payload()).c_str());
  }
  return driver.divergences() == 0 ? kDone : kWorldFailed;
}

}  // namespace skerry::experiments

#include <algorithm>
#include <cstdio>

#include "algorithms/kernels/kernels.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "experiments/command.hpp"
#include "experiments/options.hpp"
#include "experiments/results/build_info.hpp"
#include "real/library_versions.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/mpi/join.hpp"

namespace skerry::experiments {

namespace {

std::vector<std::pair<std::string, std::string>> all_libraries() {
  auto libraries = library_versions();
  for (auto& library : real::library_versions()) libraries.push_back(std::move(library));
  std::ranges::sort(libraries);
  return libraries;
}

}  // namespace

int version_command(std::span<const std::string> arguments) {
  Options options("version [OPTIONS]", "Says of what this program was built, and on what it runs.");
  options.add_format();
  if (const auto code = options.parse(arguments)) return *code;
  const std::string kernels(kernels::to_string(kernels::best().set));
  if (options.json()) {
    ConfigNode libraries = ConfigNode::object();
    for (const auto& [name, version] : all_libraries()) libraries.set(name, version);
    const ConfigNode node =
        ConfigNode::Object{{"version", program_version()},
                           {"commit", source_commit()},
                           {"compiler", compiler()},
                           {"flags", compiler_flags()},
                           {"plugin_interface", static_cast<std::int64_t>(kInterfaceVersion)},
                           {"kernels", kernels},
                           {"processor", processor_name()},
                           {"system", system_name()},
                           {"mpi", mpi::library()},
                           {"libraries", std::move(libraries)}};
    std::fputs(schema::write_json(node).c_str(), stdout);
    return kDone;
  }
  std::printf("skerry %s, source %s\n", program_version().c_str(), source_commit().c_str());
  std::printf("compiler   %s, %s\n", compiler().c_str(), compiler_flags().c_str());
  std::printf("plugins    of interface version %u\n", kInterfaceVersion);
  std::printf("kernels    %s, on %s\n", kernels.c_str(), processor_name().c_str());
  std::printf("system     %s\n", system_name().c_str());
  const std::string mpi = mpi::library();
  std::printf("ranks      %s\n", mpi.empty() ? "built without MPI" : mpi.c_str());
  std::string libraries;
  for (const auto& [name, version] : all_libraries()) {
    libraries += (libraries.empty() ? "" : ", ") + name + " " + version;
  }
  std::printf("libraries  %s\n", libraries.c_str());
  return kDone;
}

}  // namespace skerry::experiments

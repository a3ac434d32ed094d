#include "experiments/run_identity.hpp"

#include "experiments/portable_scenario.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {
constexpr const char* kFile = "run.json";
}  // namespace

Result<RunIdentity> identity_of(const Document& document, const Setup& setup) {
  auto plugins = plugin_hashes(document.plugins);
  if (!plugins) return plugins.failure();
  return RunIdentity{portable(document, setup.scenario), setup.data->data_set().content_hash,
                     std::string(setup.paradigm->numerics()), std::move(*plugins)};
}

Result<RunIdentity> identity_of(const Document& document, schema::Scenario scenario,
                                std::uint64_t seed) {
  scenario.seed = seed;
  auto plugins = plugin_hashes(document.plugins);
  if (!plugins) return plugins.failure();
  return RunIdentity{portable(document, scenario), std::nullopt, "", std::move(*plugins)};
}

Status write_identity(const std::filesystem::path& checkpoints, const RunIdentity& run) {
  const std::string text = schema::write_json(to_node(run));
  return host::write_durably(checkpoints / kFile, std::as_bytes(std::span(text)));
}

Result<RunIdentity> read_identity(const std::filesystem::path& checkpoints) {
  const std::filesystem::path file = checkpoints / kFile;
  const auto bytes = host::read_file(file);
  if (!bytes) return bytes.failure();
  const auto node =
      schema::parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!node) return Failure{file.string() + ": " + node.message()};
  auto identity = identity_from_node(*node);
  if (!identity) return Failure{file.string() + ": " + identity.message()};
  return identity;
}

}  // namespace skerry::experiments

#include <cstdio>
#include <filesystem>

#include "algorithms/kernels/kernels.hpp"
#include "experiments/command.hpp"
#include "experiments/live_options.hpp"
#include "experiments/live_record.hpp"
#include "experiments/results/run_folder.hpp"
#include "experiments/setup.hpp"
#include "experiments/signal_watch.hpp"
#include "real/cloud_server.hpp"
#include "real/run_identity.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;

Options make_options() {
  Options options("cloud SCENARIO (--keys FOLDER | --plaintext) [OPTIONS]",
                  "Runs the cloud of a scenario on real machines; edges dial it with skerry edge.");
  options.positional("scenario", 1);
  options.add()("listen", po::value<std::string>()->default_value("127.0.0.1:7420"),
                "address and port; port 0 takes a free one")(
      "set", po::value<std::vector<std::string>>()->composing(),
      "override a value: path.to.key=value")(
      "plugin", po::value<std::vector<std::string>>()->composing(),
      "load plugins from a file (.so)")("seed", po::value<std::uint64_t>(), "run with this seed")(
      "grace", po::value<unsigned>()->default_value(15),
      "seconds for which a broken connection does not count as a lost edge")(
      "out", po::value<std::string>(), "folder of the results, by default runs/NAME-live-seedS")(
      "checkpoint-every", po::value<std::uint64_t>()->default_value(1000), "inputs");
  add_identity_options(options);
  add_node_options(options);
  return options;
}

/// The run that a state folder holds, or a new one of this scenario.
Result<real::RunIdentity> identify(const std::filesystem::path& state, const std::string& scenario,
                                   std::uint32_t edges) {
  const real::RunIdentity fresh{NodeId::cloud(), real::random_identity(), 0, edges, scenario};
  if (state.empty()) return fresh;
  auto stored = real::load_identity(state, NodeId::cloud());
  if (!stored) return stored.failure();
  if (!stored->has_value()) {
    if (auto saved = real::save_identity(state, fresh); !saved) return saved.failure();
    return fresh;
  }
  if ((*stored)->scenario != scenario) {
    return Failure{state.string() +
                   ": holds a run of another scenario (or of another seed); "
                   "choose another folder or remove it"};
  }
  return **stored;
}

void print_end(const real::CloudServer& server) {
  const real::NodeDriver& driver = server.driver();
  for (const auto& [name, row] : driver.last_metrics()) {
    if (name.starts_with("test/") || name.starts_with("updates/")) {
      std::printf("  %s %llu %.6f\n", name.c_str(), static_cast<unsigned long long>(row.step),
                  row.value);
    }
  }
  const host::RefusalCounts refusals = server.refusals();
  for (std::size_t i = 0; i < host::kRefusalReasons; ++i) {
    const auto reason = static_cast<host::RefusalReason>(i);
    if (refusals.of(reason) == 0) continue;
    std::printf("  refused/%s %llu\n", std::string(host::to_string(reason)).c_str(),
                static_cast<unsigned long long>(refusals.of(reason)));
  }
  for (const auto& [cause, count] : driver.undelivered().met()) {
    std::printf("  undelivered/%s %llu\n", cause.c_str(), static_cast<unsigned long long>(count));
  }
  print_failed_jobs(driver.failures().rows());
  const real::ParityWatch& parity = driver.parity();
  if (parity.held()) {
    std::printf(
        "every node joined first, none was lost and no timer decided anything: "
        "a simulation of this scenario ends in the same bits\n");
  } else {
    std::printf("a simulation may end in other bits: %s%llu edges were lost, %llu timers fired\n",
                parity.all_joined ? "" : "not every node joined before the first message, ",
                static_cast<unsigned long long>(parity.lost),
                static_cast<unsigned long long>(parity.timers));
  }
  if (driver.outcome() && driver.outcome()->model) {
    std::printf("model %s\n", model_sha256(driver.outcome()->model.payload()).c_str());
  }
}

Status write_results(const Options& options, const Setup& setup, const real::CloudServer& server,
                     const Circumstances& circumstances) {
  const schema::Scenario& scenario = setup.scenario;
  const std::filesystem::path folder =
      options.has("out") ? std::filesystem::path(options.get<std::string>("out"))
                         : default_run_folder("runs", scenario.name + "-live", scenario.seed);
  const host::RunRecord record =
      live_record(server.driver(), *setup.paradigm, *setup.data, schema::resolved(scenario));
  const auto manifest = make_manifest(record, circumstances);
  if (!manifest) return manifest.failure();
  if (const Status written = write_run(folder, record, manifest.value()); !written) return written;
  std::printf("results: %s\n", folder.c_str());
  return {};
}

int fail(const std::string& text, int code) {
  std::fprintf(stderr, "skerry: %s\n", text.c_str());
  return code;
}

std::filesystem::path state_folder(const Options& options) {
  return options.has("state") ? options.get<std::string>("state") : std::string();
}

Circumstances circumstances_of(const Options& options, std::span<const std::string> arguments) {
  Circumstances circumstances{.command = {"skerry", "cloud"},
                              .plugins = {},
                              .kernels = std::string(kernels::to_string(kernels::best().set)),
                              .threads = options.get<unsigned>("threads"),
                              .started = std::chrono::system_clock::now()};
  circumstances.command.insert(circumstances.command.end(), arguments.begin(), arguments.end());
  for (const std::string& plugin : options.list("plugin")) circumstances.plugins.push_back(plugin);
  return circumstances;
}

/// Runs the cloud to its end and tells how that was.
int serve(const Options& options, const Setup& setup, const Registry& registry,
          std::optional<real::NodeKeys> keys, const real::RunIdentity& identity,
          const Circumstances& circumstances, SignalWatch& signals) {
  auto server = real::CloudServer::start(
      *setup.paradigm,
      {.address = options.get<std::string>("listen"),
       .keys = std::move(keys),
       .plaintext = options.has("plaintext"),
       .scenario = schema::write_json(schema::for_edges(setup.scenario, registry, setup.data->data_set())),
       .driver = {.self = NodeId::cloud(),
                  .edges = identity.edges,
                  .threads = options.get<unsigned>("threads"),
                  .state = state_folder(options),
                  .run = identity.run,
                  .record = options.has("record"),
                  .checkpoint_every = options.get<std::uint64_t>("checkpoint-every"),
                  .watch = &signals.jobs()},
       .schema = setup.data->schema(),
       .grace = Duration::seconds(options.get<unsigned>("grace")),
       .say = [](const std::string& line) { std::fprintf(stderr, "skerry: %s\n", line.c_str()); }});
  if (!server) return fail(server.message(), kWorldFailed);
  real::CloudServer& cloud = **server;
  for (const std::string& remark : cloud.driver().remarks()) {
    std::fprintf(stderr, "skerry: %s\n", remark.c_str());
  }
  signals.on_signal([&cloud] { cloud.stop(); });
  std::printf("listening on port %d for %u edges\n", cloud.port(), identity.edges);
  std::fflush(stdout);
  const Status status = cloud.run();
  signals.on_signal({});
  if (!status) return fail(status.message(), exit_code_of(cloud.driver().fault()));
  if (!cloud.driver().outcome()) {
    std::printf("stopped%s\n",
                !options.has("state") ? "" : "; the same command goes on with the run");
    return kInterrupted;
  }
  std::printf("%s: %s\n", setup.scenario.name.c_str(), cloud.driver().outcome()->reason.c_str());
  print_end(cloud);
  const Status written = write_results(options, setup, cloud, circumstances);
  if (!written) return fail(written.message(), kWorldFailed);
  const real::Outcome& outcome = *cloud.driver().outcome();
  if (outcome.failed) return fail("the run could not go on: " + outcome.reason, kWorldFailed);
  if (outcome.nothing_learnt.empty()) return kDone;
  return fail("nothing was learnt: " + outcome.nothing_learnt, kNothingLearnt);
}

}  // namespace

int cloud_command(std::span<const std::string> arguments) {
  Options options = make_options();
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("scenario").size() != 1) return options.complain("a scenario file is needed");
  auto watch = watch_options(options);
  if (!watch) return options.complain(watch.message());
  auto keys = identity_of(options, "cloud");
  if (!keys) return options.complain(keys.message());
  const auto document = open_document({.file = options.list("scenario").front(),
                                       .overrides = options.list("set"),
                                       .plugins = options.list("plugin")});
  if (!document) return fail(document.message(), kUserError);
  std::optional<std::uint64_t> seed;
  if (options.has("seed")) seed = options.get<std::uint64_t>("seed");
  const auto setup = set_up(*document, seed);
  if (!setup) return fail(setup.message(), kUserError);
  say_remarks(*document, *setup);
  const schema::Scenario& scenario = setup.value().scenario;
  const ConfigNode* attack = scenario.world.find("attack");
  if (attack != nullptr && !attack->is_null()) {
    return fail(document.value().file +
                    ": /world/attack: attacks are for simulations only; "
                    "remove it, or say --set world.attack=null",
                kUserError);
  }

  const std::filesystem::path state = state_folder(options);
  host::FileHandle lock;
  if (!state.empty()) {
    auto locked = real::lock_folder(state);
    if (!locked) return fail(locked.message(), kWorldFailed);
    lock = std::move(*locked);
  }
  const auto identity =
      identify(state, schema::write_json(schema::deployed(scenario)), scenario.nodes.edges);
  if (!identity) return fail(identity.message(), kWorldFailed);

  SignalWatch signals(std::move(*watch));
  return serve(options, *setup, document->registry, std::move(*keys), *identity,
               circumstances_of(options, arguments), signals);
}

}  // namespace skerry::experiments

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "algorithms/kernels/kernels.hpp"
#include "experiments/command.hpp"
#include "experiments/live_folder.hpp"
#include "experiments/live_options.hpp"
#include "experiments/live_parity.hpp"
#include "experiments/live_record.hpp"
#include "experiments/run_identity.hpp"
#include "experiments/run_monitor.hpp"
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
      "checkpoint-every", po::value<std::uint64_t>()->default_value(1000), "inputs")(
      "labels", po::value<std::string>(),
      "people label, and no oracle: a CSV file with the header \"id,label\" to which they append "
      "rows, or a "
      "FOLDER/ "
      "into which they put such files; to_label.csv beside them has what is asked");
  add_identity_options(options);
  add_node_options(options);
  add_progress_options(options);
  return options;
}

/// The identity of the run in the state folder, or of a new run of this scenario.
Result<real::RunIdentity> identify(const std::filesystem::path& state, const RunIdentity& run,
                                   const schema::Scenario& scenario) {
  RunIdentity bits = run;
  bits.scenario = schema::deployed(scenario);
  const ConfigNode origin = to_node(bits);
  const real::RunIdentity fresh{
      NodeId::cloud(),      real::random_identity(),           0,
      scenario.nodes.edges, schema::write_json(bits.scenario), schema::write_json(origin)};
  if (state.empty()) return fresh;
  auto stored = real::load_identity(state, NodeId::cloud());
  if (!stored) return stored.failure();
  if (!stored->has_value()) {
    if (auto saved = real::save_identity(state, fresh); !saved) return saved.failure();
    return fresh;
  }
  const auto node = schema::parse_json((*stored)->origin);
  const auto held = node ? identity_from_node(*node) : Result<RunIdentity>(node.failure());
  if (!held) {
    return wrong_input(state.string() + ": does not say whose run it holds: " + held.message());
  }
  auto other = difference(held->scenario, bits.scenario);
  if (!other) other = difference(*held, bits);
  if (other) {
    return wrong_input(state.string() + ": holds another run: " + *other +
                       "; choose another folder or remove it");
  }
  return **stored;
}

/// Whether the end of a run prints the metric: headlines, and counts under names the run made up.
bool belongs_to_end(const role::Results& declared, const std::string& metric) {
  const role::MetricInfo* info = declared.find(metric);
  return info != nullptr && (info->headline || info->name != metric);
}

void print_end(const real::CloudServer& server, const role::Results& declared,
               const std::vector<std::string>& reasons) {
  const real::NodeDriver& driver = server.driver();
  for (const auto& [name, row] : driver.last_metrics()) {
    if (belongs_to_end(declared, name)) {
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
  std::printf("%s\n", parity_line(reasons).c_str());
  if (driver.outcome() && driver.outcome()->model) {
    std::printf("model %s\n", model_sha256(driver.outcome()->model.payload()).c_str());
  }
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

/// The data of each edge that ever joined.
std::vector<SiteData> sites_of(const real::NodeDriver& cloud) {
  std::vector<SiteData> sites;
  for (const auto& [node, link] : cloud.links()) {
    if (link.epoch > 0) sites.push_back({to_string(node), link.site.data_hash, link.site.own});
  }
  return sites;
}

/// What one process needs to serve a live run.
struct Serving {
  const Options& options;
  const Setup& setup;
  const Registry& registry;
  const real::RunIdentity& identity;
  const ConfigNode& scenario;  // as the results keep it
  Circumstances circumstances;
  LiveFolder& results;
  RunMonitor& monitor;
  SignalWatch& signals;
  std::shared_ptr<real::LabelDesk> labels = nullptr;

  /// Whether a signal ended the run: without a state folder it acts as an operator's stop.
  bool ended_by_signal(const role::Stop& outcome) const {
    return signals.came() && !options.has("state") && outcome.reason == "an operator";
  }
};

RunMonitor::Moment moment_of(const real::NodeDriver& driver) {
  std::uint64_t step = 0;
  for (const auto& [name, row] : driver.last_metrics()) step = std::max(step, row.step);
  return {.step = step,
          .now = driver.ended(),
          .metrics = driver.metrics(),
          .models = driver.catalogue()};
}

void note_refusals(const host::RefusalCounts& refusals, RunMonitor& monitor) {
  for (std::size_t i = 0; i < host::kRefusalReasons; ++i) {
    const auto reason = static_cast<host::RefusalReason>(i);
    if (refusals.of(reason) == 0) continue;
    monitor.note("refused: " + std::to_string(refusals.of(reason)) + " " +
                 std::string(host::to_string(reason)));
  }
}

/// Tells the monitor where a live run stands, and that its state was saved.
void tell(const real::NodeDriver& driver, std::optional<std::uint64_t>& checkpointed,
          RunMonitor& monitor) {
  const RunMonitor::Moment moment = moment_of(driver);
  monitor.look(moment);
  if (driver.checkpointed() > checkpointed.value_or(driver.checkpointed())) monitor.saved(moment);
  checkpointed = driver.checkpointed();
}

/// Prints how the run ended and writes its results. @return the process's exit code.
int conclude(Serving& serving, const real::CloudServer& cloud) {
  const real::NodeDriver& driver = cloud.driver();
  const role::Stop& outcome = *driver.outcome();
  host::RunRecord record = live_record(driver, serving.setup, serving.scenario);
  if (serving.ended_by_signal(outcome)) record.stop_reason = "interrupted";
  serving.monitor.stop(moment_of(driver));
  note_refusals(cloud.refusals(), serving.monitor);
  serving.monitor.end(record);
  std::printf("%s: %s\n", serving.setup.scenario.name.c_str(), record.stop_reason.c_str());
  print_end(cloud, serving.setup.results,
            reasons_for_other_bits(driver, record.data_hash, serving.scenario));
  Status written;
  if (!serving.results.done()) {
    serving.circumstances.live_run = serving.identity.run;
    serving.circumstances.sites = sites_of(driver);
    const auto manifest = make_manifest(record, serving.circumstances);
    written = manifest ? serving.results.write(record, *manifest) : Status(manifest.failure());
  }
  if (!written) {
    serving.monitor.note("the results could not be written: " + written.message());
    return fail(written.message(), kWorldFailed);
  }
  std::printf("results: %s\n", serving.results.folder().c_str());
  std::fflush(stdout);
  if (outcome.failed) return fail("the run could not go on: " + outcome.reason, kWorldFailed);
  if (serving.ended_by_signal(outcome)) return kInterrupted;
  if (outcome.nothing_learnt.empty()) return kDone;
  return fail("nothing was learnt: " + outcome.nothing_learnt, kNothingLearnt);
}

real::CloudServer::Options server_options(const Serving& serving,
                                          std::optional<real::NodeKeys> keys) {
  const Options& options = serving.options;
  return {.address = options.get<std::string>("listen"),
          .keys = std::move(keys),
          .plaintext = options.has("plaintext"),
          .scenario = schema::write_json(
              schema::for_edges(serving.setup.scenario, serving.registry, *serving.setup.data)),
          .driver = {.self = NodeId::cloud(),
                     .edges = serving.identity.edges,
                     .threads = options.get<unsigned>("threads"),
                     .state = state_folder(options),
                     .run = serving.identity.run,
                     .record = options.has("record"),
                     .checkpoint_every = options.get<std::uint64_t>("checkpoint-every"),
                     .watch = &serving.signals.jobs()},
          .schema = serving.setup.data->schema(),
          .grace = Duration::seconds(options.get<unsigned>("grace")),
          .say = [&monitor = serving.monitor](const std::string& line) { monitor.say(line); },
          .on_tick =
              [&monitor = serving.monitor, checkpointed = std::optional<std::uint64_t>()](
                  const real::NodeDriver& driver) mutable { tell(driver, checkpointed, monitor); },
          .on_catalogue =
              [&monitor = serving.monitor](const role::Catalogue& models) { monitor.show(models); },
          .labels = serving.labels};
}

/// Where people label; null if nobody does.
Result<std::shared_ptr<real::LabelDesk>> label_desk(const Options& options, const Setup& setup,
                                                    RunMonitor& monitor) {
  if (!options.has("labels")) return std::shared_ptr<real::LabelDesk>();
  const datasets::DataSet& data = setup.data->data_set();
  auto desk =
      real::LabelDesk::open({.labels = options.get<std::string>("labels"),
                             .schema = setup.data->schema(),
                             .table = data.table,
                             .features = data.feature_names,
                             .classes = datasets::class_names_of(data),
                             .say = [&monitor](const std::string& line) { monitor.say(line); }});
  if (!desk) return desk.failure();
  return std::shared_ptr<real::LabelDesk>(std::move(*desk));
}

/// Runs the cloud until the run is over or stopped. @return the process's exit code.
int serve(Serving& serving, std::optional<real::NodeKeys> keys) {
  const bool kept = serving.options.has("state");
  std::optional<int> code;
  real::CloudServer* running = nullptr;
  real::CloudServer::Options options = server_options(serving, std::move(keys));
  options.ended = [&] { code = conclude(serving, *running); };
  auto server = real::CloudServer::start(*serving.setup.paradigm, std::move(options));
  if (!server) return fail(server.message(), exit_code_of(server.failure()));
  real::CloudServer& cloud = **server;
  running = &cloud;
  RunMonitor& monitor = serving.monitor;
  monitor.begin(moment_of(cloud.driver()), cloud.driver().inputs() > 1);
  for (const std::string& remark : cloud.driver().remarks()) monitor.say(remark);
  if (cloud.driver().outcome()) {
    monitor.say("the run is over; edges that have not heard of it are told for " +
                std::to_string(serving.options.get<unsigned>("grace")) + " s");
  }
  serving.signals.on_signal([&cloud, kept] { kept ? cloud.stop() : cloud.finish(); });
  std::printf("listening on port %d for %u edges\n", cloud.port(), serving.identity.edges);
  std::fflush(stdout);
  const Status status = cloud.run();
  serving.signals.on_signal({});
  if (!code) {
    monitor.stop(moment_of(cloud.driver()));
    monitor.note(status ? "stopped by a signal" : status.message());
  }
  if (!status) return fail(status.message(), exit_code_of(cloud.driver().fault()));
  if (code) return *code;
  std::printf("stopped%s\n", kept ? "; the same command goes on with the run" : "");
  return kInterrupted;
}

}  // namespace

int cloud_command(std::span<const std::string> arguments) {
  Options options = make_options();
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("scenario").size() != 1) return options.complain("a scenario file is needed");
  const std::string fault = fault_in_address(options, options.get<std::string>("listen"));
  if (!fault.empty()) return options.complain("--listen: " + fault);
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
  SignalWatch signals(std::move(*watch));
  signals.on_signal(end_interrupted);
  const auto setup = set_up(*document, seed);
  signals.on_signal({});
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
  const std::string no_labels = setup->paradigm->why_no_labels();
  if (options.has("labels") && !no_labels.empty()) {
    return fail("--labels: " + no_labels, kUserError);
  }

  const std::filesystem::path state = state_folder(options);
  host::FileHandle lock;
  if (!state.empty()) {
    auto locked = real::lock_folder(state);
    if (!locked) return fail(locked.message(), exit_code_of(locked.failure()));
    lock = std::move(*locked);
  }
  const auto run = identity_of(*document, *setup);
  if (!run) return fail(run.message(), kWorldFailed);
  const auto identity = identify(state, *run, scenario);
  if (!identity) return fail(identity.message(), exit_code_of(identity.failure()));
  auto results = LiveFolder::choose(
      {.name = scenario.name,
       .seed = scenario.seed,
       .run = identity->run,
       .out = options.has("out") ? options.get<std::string>("out") : std::string(),
       .state = state});
  if (!results) return fail(results.message(), kUserError);

  const Circumstances circumstances = circumstances_of(options, arguments);
  ProgressLine line(progress_options_of(options));
  RunMonitor monitor(*setup, line,
                     {.seed = {},
                      .started = started_words(circumstances.command, scenario.seed),
                      .folder = results->done() ? std::filesystem::path() : results->folder()});
  for (const std::string& remark : remarks_of(*setup)) monitor.note("warning: " + remark);
  Serving serving{options,   *setup,        document->registry,
                  *identity, run->scenario, circumstances,
                  *results,  monitor,       signals};
  auto labels = label_desk(options, *setup, monitor);
  if (!labels) return fail(labels.message(), exit_code_of(labels.failure()));
  serving.labels = std::move(*labels);
  return serve(serving, std::move(*keys));
}

}  // namespace skerry::experiments

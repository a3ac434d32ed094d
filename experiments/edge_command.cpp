#include <cstdio>

#include "experiments/command.hpp"
#include "experiments/live_options.hpp"
#include "experiments/live_record.hpp"
#include "experiments/setup.hpp"
#include "experiments/signal_watch.hpp"
#include "real/deployment.hpp"
#include "real/edge_client.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;

/// The edge's own data: `mnist`, {"name": "csv", ...}, or the `data.source` of a scenario file.
/// Empty if the user names none.
Result<real::LocalData> local_data(const Options& options) {
  real::LocalData local;
  const auto scenario = options.list("scenario");
  if (!scenario.empty() && options.has("data")) {
    return Failure{"a scenario file and --data both say where the edge's data is"};
  }
  if (!scenario.empty()) {
    const auto document = open_document({.file = scenario.front(), .overrides = {}, .plugins = {}});
    if (!document) return document.failure();
    const ConfigNode* data = document->node.find("data");
    const ConfigNode* source = data != nullptr ? data->find("source") : nullptr;
    if (source == nullptr) return Failure{scenario.front() + ": /data/source: is missing"};
    local.source = *source;
    return local;
  }
  if (!options.has("data")) return local;
  const std::string text = options.get<std::string>("data");
  if (text.empty() || text.front() != '{') {
    local.source = ConfigNode(text);
    return local;
  }
  auto parsed = schema::parse_json(text);
  if (!parsed) return Failure{"--data: " + parsed.message()};
  local.source = std::move(*parsed);
  return local;
}

Options make_options() {
  Options options(
      "edge --cloud HOST:PORT --node NAME (--keys FOLDER | --plaintext) [SCENARIO] "
      "[OPTIONS]",
      "Runs one edge of a live run: NAME is edge-0, edge-1 ... The scenario comes from "
      "the cloud; a file here only says where the edge's own data is.");
  options.positional("scenario", 1);
  options.add()("cloud", po::value<std::string>(), "where the cloud listens")(
      "node", po::value<std::string>(), "which edge this is: edge-0, or 0")(
      "data", po::value<std::string>(),
      "the edge's own data source, a name or {\"name\": ...}; without it the scenario's, "
      "of which edge k takes partition k")(
      "plugin", po::value<std::vector<std::string>>()->composing(),
      "load plugins from a file (.so)")("give-up-after", po::value<unsigned>()->default_value(600),
                                        "seconds without any contact to the cloud");
  options.add()(
      "serve", po::value<std::string>(),
      "let programs of this machine ask the edge (skerry infer, real/infer.proto), at "
      "unix:PATH, or at a PORT of 127.0.0.1, which wants a token; nobody may unless told")(
      "serve-token", po::value<std::string>(),
      "file of the port's token, made where it is missing; default: infer.token in --state, else "
      "a temporary file")("serve-limit", po::value<std::uint32_t>()->default_value(64),
                          "requests that may be open; more are refused");
  options.add()("watch", po::value<std::string>(),
                "samples that come meanwhile: a CSV file to which rows are appended, or a FOLDER/ "
                "into which CSV or NumPy files are put; needs --state");
  add_identity_options(options);
  add_node_options(options);
  return options;
}

/// The address at which the edge answers questions; nothing without --serve.
Result<std::optional<real::InferServer::Options>> serving(const Options& options, NodeId self) {
  if (!options.has("serve")) {
    for (const char* option : {"serve-token", "serve-limit"}) {
      if (options.given(option)) return Failure{"--" + std::string(option) + " goes with --serve"};
    }
    return std::optional<real::InferServer::Options>();
  }
  auto address = real::InferAddress::parse(options.get<std::string>("serve"));
  if (!address) return Failure{"--serve: " + address.message()};
  if (address->is_socket() && options.has("serve-token")) {
    return Failure{"--serve-token goes with a port; a socket is its owner's only"};
  }
  const auto limit = options.get<std::uint32_t>("serve-limit");
  if (limit < 1 || limit > 65'536) return Failure{"--serve-limit is between 1 and 65536"};
  real::InferServer::Options serve{
      .self = self, .address = std::move(*address), .token = {}, .most_open = limit};
  if (options.has("serve-token")) {
    serve.token = options.get<std::string>("serve-token");
  } else if (options.has("state")) {
    serve.token = std::filesystem::path(options.get<std::string>("state")) / "infer.token";
  }
  return std::optional(std::move(serve));
}

/// Says what is wrong with --cloud and --node; empty if nothing is.
std::string fault_of(const Options& options) {
  if (!options.has("cloud") || !options.has("node")) return "--cloud and --node are needed";
  if (options.has("watch") && !options.has("state")) {
    return "--watch keeps which rows were taken in the folder of --state: give that, too";
  }
  const std::string fault = fault_in_address(options, options.get<std::string>("cloud"));
  return fault.empty() ? "" : "--cloud: " + fault;
}

/// What the edge makes of the cloud's scenario, with the plugins that this names.
Result<real::EdgeClient::Deployed> deployed_on(NodeId self, const std::string& scenario,
                                               const real::LocalData& local, Registry& registry) {
  if (const auto named = schema::parse_json(scenario)) {
    const auto loaded = host::load_named_plugins(*named, registry);
    if (!loaded) return wrong_input(loaded.message());
  }
  auto deployment = real::deploy(scenario, registry, self, local);
  if (!deployment) return deployment.failure();
  const real::Deployment& made = **deployment;
  return real::EdgeClient::Deployed{
      std::shared_ptr<const role::Paradigm>(*deployment, made.paradigm.get()),
      made.data->schema(),
      made.data->size(self, Split::kTrain),
      made.data->data_set().train->byte_rows().data != nullptr,
      {made.data->data_set().content_hash, local.source.has_value()},
      made.data->data_set().feature_names,
      datasets::ExampleRows(made.data->data_set(), made.data->schema()),
      made.data->data_set().remarks};
}

}  // namespace

int edge_command(std::span<const std::string> arguments) {
  Options options = make_options();
  if (const auto code = options.parse(arguments)) return *code;
  const std::string fault = fault_of(options);
  if (!fault.empty()) return options.complain(fault);
  const std::string server = options.get<std::string>("cloud");
  const std::string given = options.get<std::string>("node");
  auto self = parse_node(given);
  if (!self) self = parse_node("edge-" + given);
  if (!self || !self->is_edge()) {
    return options.complain("\"" + given + "\" is not the name of an edge, such as edge-0");
  }
  const std::string name = to_string(*self);
  auto watch = watch_options(options);
  if (!watch) return options.complain(watch.message());
  auto keys = identity_of(options, name);
  if (!keys) return options.complain(keys.message());
  auto serve = serving(options, *self);
  if (!serve) return options.complain(serve.message());
  auto local = local_data(options);
  if (!local) return options.complain(local.message());
  Registry registry = host::built_in_plugins();
  for (const std::string& plugin : options.list("plugin")) {
    if (const Status loaded = host::load_plugin_file(plugin, registry); !loaded) {
      std::fprintf(stderr, "skerry: %s\n", loaded.message().c_str());
      return kUserError;
    }
  }
  SignalWatch signals(std::move(*watch));
  std::function<void()> stop;
  real::EdgeClient client(
      {.server = server,
       .self = *self,
       .keys = std::move(*keys),
       .plaintext = options.has("plaintext"),
       .state = options.has("state") ? options.get<std::string>("state") : std::string(),
       .record = options.has("record"),
       .threads = options.get<unsigned>("threads"),
       .watch = &signals.jobs(),
       .give_up_after = Duration::seconds(options.get<unsigned>("give-up-after")),
       .serve = std::move(*serve),
       .watch_rows = options.has("watch") ? options.get<std::string>("watch") : std::string(),
       .deploy = [&](const std::string& scenario) -> Result<real::EdgeClient::Deployed> {
         signals.on_signal(end_interrupted);  // nothing is lost while data is read
         auto deployed = deployed_on(*self, scenario, *local, registry);
         signals.on_signal(stop);
         return deployed;
       },
       .say =
           [&](const std::string& line) {
             std::fprintf(stderr, "%s: %s\n", name.c_str(), line.c_str());
           }});
  stop = [&client] { client.stop(); };
  signals.on_signal(stop);
  const Status status = client.run();
  signals.on_signal({});
  print_failed_jobs(client.failed_jobs());
  if (!status) {
    std::fprintf(stderr, "skerry: %s\n", status.message().c_str());
    return client.fault() ? exit_code_of(client.fault()) : exit_code_of(status.failure());
  }
  return signals.came() ? kInterrupted : kDone;
}

}  // namespace skerry::experiments

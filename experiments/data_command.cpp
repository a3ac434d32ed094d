// `skerry data`: fetch, info, partition, stream; `list` is in model_command.cpp.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <variant>

#include "algorithms/sdk/printable.hpp"
#include "datasets/fetch.hpp"
#include "datasets/file_bytes.hpp"
#include "datasets/label_counts.hpp"
#include "datasets/stream_counts.hpp"
#include "experiments/command.hpp"
#include "experiments/data_info.hpp"
#include "experiments/model_command.hpp"
#include "experiments/options.hpp"
#include "experiments/setup.hpp"
#include "experiments/sub_commands.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

int user_error(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return kUserError;
}

std::string megabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

std::vector<std::string> names_of_known_sets() {
  std::vector<std::string> names;
  for (const auto& known : datasets::known_data_sets()) names.emplace_back(known.name);
  return names;
}

/// Rewrites one line on standard error, for a terminal.
void show_progress(std::string_view file, std::uint64_t done, std::uint64_t total) {
  std::fprintf(stderr, "\r\033[K  %s  %s", std::string(file).c_str(), megabytes(done).c_str());
  if (total > 0) std::fprintf(stderr, " of %s", megabytes(total).c_str());
  std::fflush(stderr);
}

ConfigNode list_of(const std::vector<std::string>& texts) {
  return ConfigNode::Array(texts.begin(), texts.end());
}

int fetch_command(std::span<const std::string> arguments) {
  Options options("data fetch NAME… [OPTIONS]",
                  "Brings known data sets into the cache ($SKERRY_CACHE, else ~/.cache/skerry). A "
                  "file appears only once its checksum is right; one that is there stays.");
  options.positional("name", -1);
  options.add()("mirror", po::value<std::vector<std::string>>()->composing(),
                "ask here instead of the known places: a URL that file names are added to");
  options.add_format();
  if (const auto code = options.parse(arguments)) return *code;
  const std::vector<std::string> known_names = names_of_known_sets();
  if (options.list("name").empty()) {
    return options.complain("the name of a data set is needed; all: " + listed(known_names));
  }
  for (const std::string& name : options.list("name")) {
    if (datasets::find_known(name) != nullptr) continue;
    return options.complain("no data set \"" + name + "\"" + choices(name, known_names));
  }
  datasets::FetchOptions how{.cache = datasets::default_cache()};
  if (isatty(STDERR_FILENO) == 1) how.progress = show_progress;
  if (options.has("mirror")) {
    how.mirrors = options.list("mirror");
    how.use_npm = false;
  }
  ConfigNode::Array list;
  for (const std::string& name : options.list("name")) {
    const datasets::KnownDataSet& known = *datasets::find_known(name);
    const auto fetched = datasets::fetch(known, how);
    if (how.progress) std::fprintf(stderr, "\r\033[K");
    if (!fetched) return fail(Failure{fetched.message()});
    if (options.json()) {
      list.push_back(ConfigNode::Object{{"name", std::string(known.name)},
                                        {"folder", fetched->folder.string()},
                                        {"present", list_of(fetched->present)},
                                        {"fetched", list_of(fetched->fetched)}});
      continue;
    }
    std::printf("%s: %zu files fetched, %zu were there, in %s\n", std::string(known.name).c_str(),
                fetched->fetched.size(), fetched->present.size(), fetched->folder.c_str());
    for (const std::string& from : fetched->fetched) std::printf("  from %s\n", from.c_str());
  }
  if (options.json()) std::fputs(schema::write_json(list).c_str(), stdout);
  return kDone;
}

/// `info` without a source: prints which data sets can be fetched, and which have been.
int print_known_sets(bool json) {
  ConfigNode::Array list;
  for (const auto& known : datasets::known_data_sets()) {
    const bool here = datasets::is_fetched(known, datasets::default_cache());
    std::uint64_t bytes = 0;
    for (const auto& file : known.files) bytes += file.bytes;
    const std::string name(known.name), licence(known.licence);
    if (json) {
      list.push_back(ConfigNode::Object{{"name", name},
                                        {"fetched", here},
                                        {"bytes", static_cast<std::int64_t>(bytes)},
                                        {"licence", licence}});
    } else {
      std::printf("%-16s %9s  %-12s %s\n", name.c_str(), megabytes(bytes).c_str(),
                  here ? "fetched" : "not fetched", licence.c_str());
    }
  }
  if (json) std::fputs(schema::write_json(list).c_str(), stdout);
  return kDone;
}

struct SourceConfig {
  Choice<datasets::DataSource> source;
  template <class V>
  void fields(V& v) {
    v("source", source, {.meaning = "where samples come from", .required = true});
  }
};

/// The source of that name, with its parameters from --set.
Result<SourceConfig> named_source(const std::string& name, const Options& options,
                                  const Registry& registry) {
  const auto names = registry.names(datasets::DataSource::kSlot);
  if (std::ranges::find(names, name) == names.end()) {
    return Failure{"no data source \"" + name + "\"" + choices(name, names) +
                   ", or a scenario file"};
  }
  ConfigNode document = ConfigNode::Object{{"source", ConfigNode::Object{{"name", name}}}};
  ConfigNode& source = *document.find("source");
  if (const Status applied = schema::apply_all(options.list("set"), source); !applied) {
    return Failure{"--set " + applied.message()};
  }
  Problems problems;
  SourceConfig config;
  FieldReader(registry, problems).read(document, config, "");
  if (problems.empty()) return config;
  std::string text = problems.text(name);
  text.pop_back();  // the last line break
  return Failure{text};
}

void add_scenario_options(Options& options) {
  options.add()("set", po::value<std::vector<std::string>>()->composing(),
                "override a value: path.to.key=value")(
      "plugin", po::value<std::vector<std::string>>()->composing(),
      "load plugins from a file (.so)");
  options.add_format();
}

Result<Document> open_scenario(const std::string& file, const Options& options) {
  return open_document(
      {.file = file, .overrides = options.list("set"), .plugins = options.list("plugin")});
}

int info_command(std::span<const std::string> arguments) {
  Options options(
      "data info [SOURCE|SCENARIO] [OPTIONS]",
      "Says what a source of data, or that of a scenario file, holds: its columns, gaps, "
      "classes and times, repeated rows, and what gives the class away; without one, "
      "which data sets can be fetched.");
  options.positional("source", 1);
  add_scenario_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("source").empty()) return print_known_sets(options.json());
  const std::string name = options.list("source").front();
  auto environment = datasets::DataEnvironment::of_process(1);
  SourceConfig config;
  Registry registry = host::built_in_plugins();
  std::error_code ignored;
  if (name.ends_with(".json") || fs::is_regular_file(name, ignored)) {
    auto document = open_scenario(name, options);
    const auto scenario = document ? check(*document) : document.failure();
    if (!scenario) return user_error(scenario.message());
    config.source = scenario->data.source;
    environment = datasets::DataEnvironment::of_process(scenario->partition_seed());
    if (!document->folder.empty()) environment.search_folders.emplace_back(document->folder);
    registry = std::move(document->registry);
  } else {
    for (const std::string& file : options.list("plugin")) {
      const Status loaded = host::load_plugin_file(file, registry);
      if (!loaded) return options.complain(loaded.message());
    }
    const auto named = named_source(name, options, registry);
    if (!named) return user_error("skerry: " + named.message());
    config = *named;
  }
  environment.only_looks = true;
  const auto data = registry.make(config.source)->load(environment);
  if (!data) return user_error("skerry: " + config.source.name + ": " + data.message());
  if (options.json()) {
    std::fputs(schema::write_json(info_node(config.source.name, *data)).c_str(), stdout);
  } else {
    print_info(config.source.name, *data);
  }
  return kDone;
}

ConfigNode range_node(const datasets::PartitionSummary::Range& range) {
  return ConfigNode::Object{
      {"least", range.least}, {"median", range.median}, {"mean", range.mean}, {"most", range.most}};
}

ConfigNode partition_node(const datasets::LabelCounts& counts) {
  const auto summary = datasets::summary_of(counts);
  ConfigNode::Array rows;
  for (std::uint32_t edge = 0; edge < counts.edges; ++edge) {
    ConfigNode::Array row;
    for (std::uint32_t c = 0; c < counts.classes; ++c) {
      row.emplace_back(static_cast<std::int64_t>(counts.at(edge, c)));
    }
    rows.emplace_back(std::move(row));
  }
  return ConfigNode::Object{{"edges", static_cast<std::int64_t>(counts.edges)},
                            {"class_names", list_of(counts.class_names)},
                            {"counts", std::move(rows)},
                            {"samples_of_an_edge", range_node(summary.samples)},
                            {"classes_of_an_edge", range_node(summary.classes)},
                            {"distance_from_all", range_node(summary.distance)},
                            {"unused", static_cast<std::int64_t>(summary.unused)}};
}

void add_drawing_options(Options& options) {
  options.positional("scenario", 1);
  add_scenario_options(options);
  options.add()("svg", po::value<std::string>(), "write a picture to this file")(
      "edges", po::value<std::uint32_t>(), "spread over so many edges instead");
}

/// What is drawn: a scenario's name and the data of its nodes.
struct Drawn {
  std::string name;
  std::string stream;  // empty: none
  std::shared_ptr<const datasets::NodeData> data;
};

/// Whether the file is missing, or a picture.
bool may_be_replaced(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return true;
  std::ifstream content(file);
  std::string begin(4, '\0');
  content.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return content && begin == "<svg";
}

/// Loads what a command with add_drawing_options() draws. Otherwise returns the exit code, after
/// saying why.
std::variant<Drawn, int> load_drawn(const Options& options) {
  if (options.list("scenario").size() != 1) return options.complain("a scenario file is needed");
  if (options.has("svg")) {
    const Status there = datasets::check_folder_of(options.get<std::string>("svg"));
    if (!there) return options.complain("--svg " + there.message());
    if (!may_be_replaced(options.get<std::string>("svg"))) {
      return user_error("skerry: " + options.get<std::string>("svg") +
                        ": exists and is not an earlier picture; it is not replaced");
    }
  }
  auto document = open_scenario(options.list("scenario").front(), options);
  if (document && options.has("edges")) {
    const std::int64_t edges = options.get<std::uint32_t>("edges");
    const Status applied = schema::apply({"nodes.edges", edges}, document->node);
    if (!applied) return options.complain("--edges: " + applied.message());
  }
  const auto scenario = document ? check(*document) : document.failure();
  if (!scenario) return user_error(scenario.message());
  const auto data = load_data(*document, *scenario);
  if (!data) return user_error(data.message());
  return Drawn{scenario->name, scenario->data.stream.name, *data};
}

int write_picture(const Options& options, const std::string& picture) {
  const Status written = datasets::write_file(options.get<std::string>("svg"), picture);
  return written ? int{kDone} : fail(written.failure());
}

int partition_command(std::span<const std::string> arguments) {
  Options options("data partition SCENARIO [OPTIONS]",
                  "Draws how a scenario spreads its classes over edges.");
  add_drawing_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  const auto loaded = load_drawn(options);
  if (const int* code = std::get_if<int>(&loaded)) return *code;
  const Drawn& drawn = std::get<Drawn>(loaded);
  const auto counts = datasets::count_labels(*drawn.data);
  if (options.json()) {
    std::fputs(schema::write_json(partition_node(counts)).c_str(), stdout);
  } else {
    std::fputs(datasets::draw_text(counts).c_str(), stdout);
  }
  if (!options.has("svg")) return kDone;
  return write_picture(options, datasets::draw_svg(counts, drawn.name));
}

ConfigNode stream_node(const datasets::StreamCounts::Node& node) {
  ConfigNode::Array parts;
  for (const auto& part : node.parts) {
    ConfigNode::Array of_class;
    for (const std::uint32_t count : part.of_class) of_class.emplace_back(std::int64_t{count});
    parts.push_back(ConfigNode::Object{{"name", part.experience.name},
                                       {"task", std::int64_t{part.experience.task}},
                                       {"begins_s", part.experience.begins.in_seconds()},
                                       {"lasts_s", part.experience.lasts.in_seconds()},
                                       {"samples", static_cast<std::int64_t>(part.samples())},
                                       {"counts", std::move(of_class)}});
  }
  return ConfigNode::Object{{"node", to_string(node.node)}, {"experiences", std::move(parts)}};
}

ConfigNode stream_node(const std::string& name, const datasets::StreamCounts& counts) {
  ConfigNode::Array nodes;
  for (const auto& node : counts.nodes) nodes.push_back(stream_node(node));
  return ConfigNode::Object{{"stream", name},
                            {"edges", static_cast<std::int64_t>(counts.edges)},
                            {"class_names", list_of(counts.class_names)},
                            {"train", std::move(nodes)},
                            {"test", stream_node(counts.test)}};
}

int stream_command(std::span<const std::string> arguments) {
  constexpr std::uint32_t kMostInText = 6, kMostInPicture = 24;
  Options options("data stream SCENARIO [OPTIONS]",
                  "Draws in which experiences, and when, the samples of a scenario's edges come.");
  add_drawing_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  const auto loaded = load_drawn(options);
  if (const int* code = std::get_if<int>(&loaded)) return *code;
  const Drawn& drawn = std::get<Drawn>(loaded);
  if (drawn.stream.empty()) {
    return user_error("skerry: \"" + drawn.name +
                      "\" has no data.stream: all samples are there from the start");
  }
  if (options.json()) {
    const auto counts = datasets::count_stream(*drawn.data, drawn.data->edges());
    std::fputs(schema::write_json(stream_node(drawn.stream, counts)).c_str(), stdout);
  } else {
    const auto counts = datasets::count_stream(*drawn.data, kMostInText);
    std::fputs(datasets::draw_text(counts).c_str(), stdout);
  }
  if (!options.has("svg")) return kDone;
  const auto counts = datasets::count_stream(*drawn.data, kMostInPicture);
  return write_picture(options, datasets::draw_svg(counts, drawn.name));
}

}  // namespace

int data_command(std::span<const std::string> arguments) {
  static constexpr SubCommand kAll[] = {
      {"fetch", fetch_command, "bring known data sets here"},
      {"info", info_command, "what a source or a scenario's source holds"},
      {"partition", partition_command, "how a scenario spreads its data over edges"},
      {"stream", stream_command, "in which experiences, and when, it comes"},
      {"list", data_list_command, "what the models of a run were trained on"}};
  return run_sub_command("data", kAll, arguments);
}

}  // namespace skerry::experiments

#include "experiments/results/manifest.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <ctime>
#include <thread>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/registry.hpp"
#include "datasets/file_bytes.hpp"
#include "experiments/results/build_info.hpp"
#include "experiments/results/declared.hpp"

namespace skerry::experiments {

namespace {

constexpr std::int64_t kFormatVersion = 1;

std::string scenario_text(const ConfigNode& scenario, std::string_view key) {
  const ConfigNode* node = scenario.find(key);
  const std::string* text = node ? node->as_string() : nullptr;
  return text ? *text : std::string();
}

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// Reads the keys of one object. Remembers the first fault and its place.
class Taker {
 public:
  Taker(const ConfigNode& node, std::string place, std::string& fault)
      : node_(node), place_(std::move(place)), fault_(fault) {}

  Taker inside(std::string_view key) const {
    const ConfigNode* child = node_.find(key);
    static const ConfigNode nothing;
    if (child == nullptr || child->as_object() == nullptr) blame(key, "an object");
    return {child ? *child : nothing, place_ + "/" + std::string(key), fault_};
  }
  void operator()(std::string_view key, std::string& value) const {
    if (const auto* held = get(key, &ConfigNode::as_string, "a string")) value = *held;
  }
  void operator()(std::string_view key, double& value) const {
    const ConfigNode* child = node_.find(key);
    if (child && child->as_integer()) {
      value = static_cast<double>(*child->as_integer());
    } else if (child && child->as_double()) {
      value = *child->as_double();
    } else {
      blame(key, "a number");
    }
  }
  void operator()(std::string_view key, bool& value) const {
    if (const auto* held = get(key, &ConfigNode::as_bool, "true or false")) value = *held;
  }
  template <std::integral T>
  void operator()(std::string_view key, T& value) const {
    if (const auto* held = get(key, &ConfigNode::as_integer, "a whole number")) {
      value = static_cast<T>(*held);
    }
  }
  void hash(std::string_view key, std::uint64_t& value) const {
    const auto* held = get(key, &ConfigNode::as_string, "16 hexadecimal digits");
    if (held == nullptr) return;
    if (const auto parsed = parse_hex16(*held)) {
      value = *parsed;
    } else {
      blame(key, "16 hexadecimal digits");
    }
  }
  const ConfigNode::Array& list(std::string_view key) const {
    static const ConfigNode::Array none;
    const auto* held = get(key, &ConfigNode::as_array, "a list");
    return held ? *held : none;
  }
  const ConfigNode::Object& members() const {
    static const ConfigNode::Object none;
    return node_.as_object() ? *node_.as_object() : none;
  }

 private:
  template <class T>
  const T* get(std::string_view key, const T* (ConfigNode::*as)() const,
               std::string_view wanted) const {
    const ConfigNode* child = node_.find(key);
    const T* held = child ? (child->*as)() : nullptr;
    if (held == nullptr) blame(key, wanted);
    return held;
  }
  void blame(std::string_view key, std::string_view wanted) const {
    if (!fault_.empty()) return;
    fault_ = place_ + "/" + std::string(key) + ": must be " + std::string(wanted);
  }

  const ConfigNode& node_;
  std::string place_;
  std::string& fault_;
};

ConfigNode model_node(const Manifest& manifest) {
  if (manifest.model_sha256.empty()) return {};
  ConfigNode::Array tensors;
  for (const Manifest::Tensor& tensor : manifest.model_tensors) {
    ConfigNode::Array shape;
    for (const std::uint32_t extent : tensor.shape) shape.emplace_back(std::int64_t{extent});
    tensors.emplace_back(ConfigNode::Object{{"name", tensor.name}, {"shape", std::move(shape)}});
  }
  return ConfigNode::Object{{"sha256", manifest.model_sha256},
                            {"type", manifest.model_type},
                            {"tensors", std::move(tensors)}};
}

ConfigNode live_node(const Manifest& manifest) {
  ConfigNode::Array sites;
  for (const SiteData& site : manifest.sites) {
    sites.emplace_back(
        ConfigNode::Object{{"node", site.node}, {"data", hex16(site.hash)}, {"own", site.own}});
  }
  return ConfigNode::Object{{"run", hex16(manifest.live_run)}, {"sites", std::move(sites)}};
}

void take_live(const Taker& take, Manifest& manifest, std::string& fault) {
  take.hash("run", manifest.live_run);
  for (const ConfigNode& item : take.list("sites")) {
    const Taker parts(item, "/live/sites", fault);
    SiteData& site = manifest.sites.emplace_back();
    parts("node", site.node);
    parts.hash("data", site.hash);
    parts("own", site.own);
  }
}

void take_model(const Taker& take, Manifest& manifest, std::string& fault) {
  take("sha256", manifest.model_sha256);
  take("type", manifest.model_type);
  for (const ConfigNode& item : take.list("tensors")) {
    Manifest::Tensor tensor;
    const Taker parts(item, "/model/tensors", fault);
    parts("name", tensor.name);
    for (const ConfigNode& extent : parts.list("shape")) {
      const std::int64_t* size = extent.as_integer();
      const bool fits = size != nullptr && *size >= 0 && *size <= INT64_C(0xffffffff);
      if (!fits && fault.empty()) fault = "/model/tensors/shape: must be a list of whole numbers";
      tensor.shape.push_back(fits ? static_cast<std::uint32_t>(*size) : 0);
    }
    manifest.model_tensors.push_back(std::move(tensor));
  }
}

void take_failed_jobs(const Taker& take, Manifest& manifest, std::string& fault) {
  for (const ConfigNode& item : take.list("failed_jobs")) {
    const Taker parts(item, "/failed_jobs", fault);
    host::FailedJobs& row = manifest.failed_jobs.emplace_back();
    parts("job", row.job);
    parts("plugin", row.plugin);
    parts("count", row.count);
    parts("text", row.text);
  }
}

void note_model(const host::RunRecord& record, Manifest& manifest) {
  const Record* model = record.result.find("model");
  if (model == nullptr) return;
  manifest.model_sha256 = sha256(model->bytes());
  manifest.model_type = to_string(model->layout().type());
  for (const TensorSpec& tensor : model->layout().tensors()) {
    manifest.model_tensors.push_back({tensor.name, tensor.shape});
  }
}

void note_process(const Circumstances& circumstances, Manifest& manifest) {
  manifest.started_utc = utc_text(circumstances.started);
  manifest.command = shell_line(circumstances.command);
  manifest.kernels = circumstances.kernels;
  manifest.threads = circumstances.threads;
  manifest.version = program_version();
  manifest.commit = source_commit();
  manifest.compiler = compiler();
  manifest.compiler_flags = compiler_flags();
  manifest.libraries = library_versions();
  manifest.processor = processor_name();
  manifest.cores = std::thread::hardware_concurrency();
  manifest.system = system_name();
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Result<Manifest> make_manifest(const host::RunRecord& record, const Circumstances& circumstances) {
  Manifest manifest;
  manifest.name = scenario_text(record.scenario, "name");
  manifest.paradigm = scenario_text(record.scenario, "paradigm");
  const ConfigNode* seed = record.scenario.find("seed");
  if (seed && seed->as_integer()) manifest.seed = static_cast<std::uint64_t>(*seed->as_integer());
  manifest.stop_reason = record.stop_reason;
  manifest.failed = record.failed;
  manifest.nothing_learnt = record.nothing_learnt;
  manifest.ended = record.ended;
  manifest.wall_seconds = record.wall_seconds;
  manifest.numerics = record.numerics;
  manifest.schedule_fingerprint = record.schedule_fingerprint;
  manifest.numerics_fingerprint = record.numerics_fingerprint;
  manifest.failed_jobs = record.failed_jobs;
  manifest.undelivered = record.undelivered;
  manifest.corrupted = record.corrupted;
  manifest.data_origin = record.data_origin;
  manifest.data_hash = record.data_hash;
  manifest.results = recorded_part(record.declared, record.metrics);
  manifest.live_run = circumstances.live_run;
  manifest.sites = circumstances.sites;
  note_model(record, manifest);
  note_process(circumstances, manifest);
  for (const auto& path : circumstances.plugins) {
    const auto bytes = datasets::read_file(path);
    if (!bytes) return bytes.failure();
    manifest.plugins.push_back({path.string(), sha256(*bytes)});
  }
  return manifest;
}

ConfigNode to_node(const Manifest& manifest) {
  ConfigNode::Array plugins;
  for (const auto& plugin : manifest.plugins) {
    plugins.emplace_back(ConfigNode::Object{{"path", plugin.path}, {"sha256", plugin.sha256}});
  }
  ConfigNode libraries = ConfigNode::object();
  for (const auto& [name, version] : manifest.libraries) libraries.set(name, version);
  ConfigNode node = ConfigNode::Object{
      {"format", kFormatVersion},
      {"name", manifest.name},
      {"paradigm", manifest.paradigm},
      {"seed", static_cast<std::int64_t>(manifest.seed)},
      {"command", manifest.command},
      {"started_utc", manifest.started_utc},
      {"stop_reason", manifest.stop_reason},
      {"virtual_ns", manifest.ended.count()},
      {"wall_seconds", manifest.wall_seconds},
      {"numerics", manifest.numerics},
      {"fingerprints", ConfigNode::Object{{"schedule", hex16(manifest.schedule_fingerprint)},
                                          {"numerics", hex16(manifest.numerics_fingerprint)}}},
      {"data",
       ConfigNode::Object{{"origin", manifest.data_origin}, {"hash", hex16(manifest.data_hash)}}},
      {"model", model_node(manifest)},
      {"kernels", manifest.kernels},
      {"threads", static_cast<std::int64_t>(manifest.threads)},
      {"plugins", std::move(plugins)},
      {"build", ConfigNode::Object{{"version", manifest.version},
                                   {"commit", manifest.commit},
                                   {"compiler", manifest.compiler},
                                   {"flags", manifest.compiler_flags},
                                   {"libraries", std::move(libraries)}}},
      {"host", ConfigNode::Object{{"processor", manifest.processor},
                                  {"cores", static_cast<std::int64_t>(manifest.cores)},
                                  {"system", manifest.system}}}};
  node.set("results", FieldWriter::write(manifest.results));
  if (!manifest.has_fingerprints()) node.erase("fingerprints");
  if (manifest.failed) node.set("failed", true);
  if (!manifest.nothing_learnt.empty()) node.set("nothing_learnt", manifest.nothing_learnt);
  if (!manifest.failed_jobs.empty()) {
    node.set("failed_jobs", failed_jobs_node(manifest.failed_jobs));
  }
  if (manifest.live_run != 0) node.set("live", live_node(manifest));
  ConfigNode undelivered = ConfigNode::object();
  for (const auto& [cause, count] : manifest.undelivered) {
    undelivered.set(cause, static_cast<std::int64_t>(count));
  }
  if (!manifest.undelivered.empty()) node.set("undelivered_messages", std::move(undelivered));
  if (manifest.corrupted > 0) {
    node.set("corrupted_messages", static_cast<std::int64_t>(manifest.corrupted));
  }
  return node;
}

Result<Manifest> manifest_from_node(const ConfigNode& node) {
  Manifest manifest;
  std::string fault;
  const Taker take(node, "", fault);
  std::int64_t format = 0;
  take("format", format);
  if (fault.empty() && format != kFormatVersion) {
    return Failure{"/format: is " + std::to_string(format) + ", this program reads " +
                   std::to_string(kFormatVersion)};
  }
  take("name", manifest.name);
  take("paradigm", manifest.paradigm);
  take("seed", manifest.seed);
  take("command", manifest.command);
  take("started_utc", manifest.started_utc);
  take("stop_reason", manifest.stop_reason);
  manifest.failed = node.find("failed") != nullptr;
  if (node.find("nothing_learnt") != nullptr) take("nothing_learnt", manifest.nothing_learnt);
  std::int64_t ended = 0;
  take("virtual_ns", ended);
  manifest.ended = SimTime::at(Duration::nanoseconds(ended));
  take("wall_seconds", manifest.wall_seconds);
  take("numerics", manifest.numerics);
  if (node.find("fingerprints") != nullptr) {
    take.inside("fingerprints").hash("schedule", manifest.schedule_fingerprint);
    take.inside("fingerprints").hash("numerics", manifest.numerics_fingerprint);
  }
  if (node.find("failed_jobs") != nullptr) take_failed_jobs(take, manifest, fault);
  if (node.find("undelivered_messages") != nullptr) {
    const Taker causes = take.inside("undelivered_messages");
    for (const auto& [cause, count] : causes.members()) {
      causes(cause, manifest.undelivered.emplace_back(cause, 0).second);
    }
  }
  if (node.find("corrupted_messages") != nullptr) take("corrupted_messages", manifest.corrupted);
  if (node.find("live") != nullptr) take_live(take.inside("live"), manifest, fault);
  take.inside("data")("origin", manifest.data_origin);
  take.inside("data").hash("hash", manifest.data_hash);
  const ConfigNode* model = node.find("model");
  if (model && !model->is_null()) take_model(take.inside("model"), manifest, fault);
  take("kernels", manifest.kernels);
  take("threads", manifest.threads);
  for (const ConfigNode& item : take.list("plugins")) {
    const Taker parts(item, "/plugins", fault);
    parts("path", manifest.plugins.emplace_back().path);
    parts("sha256", manifest.plugins.back().sha256);
  }
  const Taker build = take.inside("build");
  build("version", manifest.version);
  build("commit", manifest.commit);
  build("compiler", manifest.compiler);
  build("flags", manifest.compiler_flags);
  const Taker libraries = build.inside("libraries");
  for (const auto& [name, version] : libraries.members()) {
    libraries(name, manifest.libraries.emplace_back(name, "").second);
  }
  take.inside("host")("processor", manifest.processor);
  take.inside("host")("cores", manifest.cores);
  take.inside("host")("system", manifest.system);
  if (!fault.empty()) return Failure{fault};
  if (const ConfigNode* results = node.find("results")) {
    const Registry no_plugins;
    Problems problems;
    FieldReader(no_plugins, problems).read(*results, manifest.results, "/results");
    if (!problems.empty()) return Failure{problems.text("")};
  }
  return manifest;
}

ConfigNode failed_jobs_node(const std::vector<host::FailedJobs>& rows) {
  ConfigNode::Array all;
  for (const host::FailedJobs& row : rows) {
    all.emplace_back(ConfigNode::Object{{"job", row.job},
                                        {"plugin", row.plugin},
                                        {"count", static_cast<std::int64_t>(row.count)},
                                        {"text", row.text}});
  }
  return ConfigNode(std::move(all));
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  return fingerprint == 0 ? "–" : hex16(fingerprint);
}

std::string sha256(std::span<const std::byte> bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return hex(digest);
}

std::string shell_line(const std::vector<std::string>& arguments) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  std::string line;
  for (const std::string& argument : arguments) {
    if (!line.empty()) line += ' ';
    if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace skerry::experiments

#include "experiments/results/run_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "datasets/file_bytes.hpp"
#include "experiments/results/metrics_h5.hpp"
#include "experiments/results/model_file.hpp"
#include "experiments/results/run_log.hpp"
#include "experiments/results/tidy_csv.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

Result<std::string> read_text(const fs::path& path) {
  const auto bytes = datasets::read_file(path);
  if (!bytes) return bytes.failure();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Failure in_file(const fs::path& path, const std::string& message) {
  return Failure{path.string() + ": " + message};
}

Result<ConfigNode> read_node(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return text.failure();
  auto node = schema::parse_json(*text);
  if (!node) return in_file(path, node.message());
  return node;
}

Status sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const std::string reason = std::strerror(errno);
  if (file >= 0) ::close(file);
  return synced ? Status() : Status(in_file(path, reason));
}

Status write_files(const fs::path& folder, const host::RunRecord& record,
                   const Manifest& manifest) {
  using datasets::write_file;
  const ConfigNode manifest_node = to_node(manifest);
  const Record* model = record.result.find("model");
  Status status = write_file(folder / "scenario.json", schema::write_json(record.scenario));
  if (status) status = write_file(folder / kMetricsFile, metrics_csv(record.metrics));
  if (status) status = write_file(folder / "spans.csv", spans_csv(record.spans));
  if (status && model) status = write_model(folder / "model.npz", *model);
  if (status) {
    status = write_metrics_h5(
        folder / "metrics.h5",
        {record.scenario, manifest_node, record.metrics, record.spans, record.declared});
  }
  if (status) status = sync(folder / "metrics.h5");
  if (status) status = write_file(folder / "manifest.json", schema::write_json(manifest_node));
  if (status) status = sync(folder);
  return status;
}

/// The files of a run's results. All other files in its folder are kept.
constexpr const char* kOwnFiles[] = {"scenario.json", "manifest.json", "metrics.csv", "metrics.h5",
                                     "spans.csv",     "model.npz",     "checkpoint",  "report.html",
                                     kMetricsSoFar,   kModelsName};

/// Whether a run began in the folder and never ended.
bool has_beginning(const fs::path& folder) {
  return !is_run_folder(folder) && is_run_log(folder / kLogFile);
}

/// Whether the folder holds only files of runs that never ended, up to `levels` folders down.
bool has_only_beginnings(const fs::path& folder, int levels, std::error_code& error) {
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool own =
        name == kLogFile || name == kMetricsFile || name == kMetricsSoFar || name == kModelsName;
    if (own && has_beginning(folder)) continue;
    if (levels == 0 || !has_beginning(entry.path()) ||
        !has_only_beginnings(entry.path(), levels - 1, error)) {
      return false;
    }
  }
  return !error;
}

/// The newest checkpoint, which is the last by name; nothing if there is none.
std::optional<fs::path> newest_checkpoint(const fs::path& checkpoints) {
  std::optional<fs::path> newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(checkpoints, error)) {
    if (entry.path().extension() != ".bin") continue;
    if (!newest || entry.path().filename() > newest->filename()) newest = entry.path();
  }
  return newest;
}

/// Gives a file a second name in `place`, or copies it if a hard link cannot be made.
void link_or_copy(const fs::path& file, const fs::path& place, std::error_code& error) {
  fs::create_hard_link(file, place / file.filename(), error);
  if (!error) return;
  error.clear();
  fs::copy_file(file, place / file.filename(), error);
}

/// Adds the newest checkpoint to the results. @return why it was not added, else an empty string.
std::string keep_checkpoint(const fs::path& checkpoints, const fs::path& results) {
  const auto newest = newest_checkpoint(checkpoints);
  if (!newest) return "";
  std::error_code error;
  const std::uintmax_t size = fs::file_size(*newest, error);
  if (!error && size > kLargestKeptCheckpoint) {
    return "the last checkpoint has " + std::to_string(size >> 20) +
           " MiB and is not kept with the results: a longer run cannot go on from them";
  }
  const fs::path place = kept_checkpoint(results);
  if (!error) fs::create_directory(place, error);
  if (!error) link_or_copy(*newest, place, error);
  const fs::path measured = checkpoints / host::CheckpointStore::kMetrics;
  if (!error && fs::exists(measured)) link_or_copy(measured, place, error);
  if (!error) return "";
  std::error_code ignored;
  fs::remove_all(place, ignored);
  return "the last checkpoint is not kept with the results (" + error.message() +
         "): a longer run cannot go on from them";
}

/// Puts the complete new folder `fresh` in the place of `target`, and takes along the files that
/// are not a run's own. Afterwards `fresh` is the old folder.
std::error_code swap_in(const fs::path& fresh, const fs::path& target) {
  for (const auto& entry : fs::directory_iterator(target)) {
    const std::string name = entry.path().filename().string();
    if (std::find(std::begin(kOwnFiles), std::end(kOwnFiles), name) != std::end(kOwnFiles)) {
      continue;
    }
    std::error_code ignored;
    fs::copy(entry.path(), fresh / name, fs::copy_options::recursive, ignored);
  }
  std::error_code error;
  if (fs::exists(target / kModelsName, error)) {
    // Nobody writes to them any more, so that they may have two names for a moment.
    const fs::path from = target / kModelsName, to = fresh / kModelsName;
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::create_hard_links, error);
    if (error) {  // this file system has no hard links
      fs::remove_all(to, error);
      fs::copy(from, to, fs::copy_options::recursive, error);
    }
    if (error) return error;
  }
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    return error;
  }
  // This file system cannot exchange two names.
  const fs::path old = datasets::temporary_beside(target);
  fs::rename(target, old, error);
  if (!error) fs::rename(fresh, target, error);
  if (!error) fs::rename(old, fresh, error);
  return error;
}

/// Removes the folder in the destructor, unless it was moved away.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result<std::vector<host::MetricRow>> read_metrics(const fs::path& folder) {
  const fs::path csv = folder / kMetricsFile;
  if (fs::exists(csv)) {
    const auto text = read_text(csv);
    if (!text) return text.failure();
    auto rows = parse_metrics_csv(*text);
    if (!rows) return in_file(csv, rows.message());
    return rows;
  }
  const fs::path h5 = folder / "metrics.h5";
  if (!fs::exists(h5)) return in_file(folder, "has neither metrics.csv nor metrics.h5");
  auto file = read_metrics_h5(h5);
  if (!file) return file.failure();
  return std::move(file->metrics);
}

}  // namespace

fs::path kept_checkpoint(const fs::path& folder) { return folder / "checkpoint"; }

Status check_free(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) return in_file(folder, "exists and is not a folder");
  const bool is_free = has_only_beginnings(folder, 1, error);
  if (error) return in_file(folder, error.message());
  if (!is_free) return in_file(folder, "exists and is not empty; results are never overwritten");
  return {};
}

Status write_run(const fs::path& folder, const host::RunRecord& record, const Manifest& manifest,
                 const WriteOptions& options) {
  const fs::path place = fs::absolute(folder).lexically_normal();
  const fs::path target = place.has_filename() ? place : place.parent_path();
  const bool replace = (options.replace && is_run_folder(target)) || has_beginning(target);
  if (!replace) {
    if (const Status free = check_free(target); !free) return free;
  }
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  const TemporaryFolder temporary(datasets::temporary_beside(target));
  fs::remove_all(temporary.path(), error);
  error.clear();
  fs::create_directory(temporary.path(), error);
  if (error) return in_file(temporary.path(), error.message());
  if (const Status status = write_files(temporary.path(), record, manifest); !status) return status;
  const std::string remark = keep_checkpoint(options.checkpoints, temporary.path());
  if (replace) {
    error = swap_in(temporary.path(), target);
  } else {
    fs::rename(temporary.path(), target, error);  // fails if `target` was filled meanwhile
  }
  if (error) return in_file(target, error.message());
  if (!remark.empty() && options.say) options.say(remark);
  return sync(target.parent_path());
}

Result<StoredRun> read_run(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return in_file(folder, "no such folder");
  StoredRun run;
  run.folder = folder;
  const auto manifest_node = read_node(folder / "manifest.json");
  if (!manifest_node) return manifest_node.failure();
  auto manifest = manifest_from_node(*manifest_node);
  if (!manifest) return in_file(folder / "manifest.json", manifest.message());
  run.manifest = std::move(*manifest);
  auto scenario = read_node(folder / "scenario.json");
  if (!scenario) return scenario.failure();
  auto metrics = read_metrics(folder);
  if (!metrics) return metrics.failure();
  const auto spans_text = read_text(folder / "spans.csv");
  if (!spans_text) return spans_text.failure();
  auto spans = parse_spans_csv(*spans_text);
  if (!spans) return in_file(folder / "spans.csv", spans.message());

  host::RunRecord& record = run.record;
  record.scenario = std::move(*scenario);
  record.metrics = std::move(*metrics);
  record.spans = std::move(*spans);
  record.declared = run.manifest.results;
  record.stop_reason = run.manifest.stop_reason;
  record.failed = run.manifest.failed;
  record.nothing_learnt = run.manifest.nothing_learnt;
  record.ended = run.manifest.ended;
  record.wall_seconds = run.manifest.wall_seconds;
  record.schedule_fingerprint = run.manifest.schedule_fingerprint;
  record.numerics_fingerprint = run.manifest.numerics_fingerprint;
  record.numerics = run.manifest.numerics;
  record.failed_jobs = run.manifest.failed_jobs;
  record.undelivered = run.manifest.undelivered;
  record.corrupted = run.manifest.corrupted;
  record.data_hash = run.manifest.data_hash;
  record.data_origin = run.manifest.data_origin;
  return run;
}

bool is_run_folder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "manifest.json", error);
}

bool belongs_to_run(const fs::path& file) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(file, error);
  const std::string name = place.filename().string();
  return is_run_folder(place.parent_path()) && name != "report.html" &&
         std::find(std::begin(kOwnFiles), std::end(kOwnFiles), name) != std::end(kOwnFiles);
}

namespace {

/// The mean of the cloud's values or, if it has none, of all nodes'.
std::optional<double> mean_value(const host::RunRecord& record, std::string_view metric) {
  double sums[2] = {}, counts[2] = {};
  for (const host::MetricRow& row : record.metrics) {
    if (row.name != metric) continue;
    sums[row.node.is_cloud()] += row.value;
    ++counts[row.node.is_cloud()];
  }
  const bool cloud = counts[true] > 0;
  return counts[cloud] > 0 ? std::optional(sums[cloud] / counts[cloud]) : std::nullopt;
}

}  // namespace

std::optional<double> final_value(const host::RunRecord& record, std::string_view metric) {
  const role::MetricInfo* info = record.declared.find(metric);
  if (info != nullptr && info->averaged) return mean_value(record, metric);
  std::optional<double> other;
  for (auto row = record.metrics.rbegin(); row != record.metrics.rend(); ++row) {
    if (row->name != metric) continue;
    if (row->node.is_cloud()) return row->value;
    if (!other) other = row->value;
  }
  return other;
}

}  // namespace skerry::experiments

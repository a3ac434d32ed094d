#include "experiments/results/run_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "datasets/file_bytes.hpp"
#include "experiments/results/metrics_h5.hpp"
#include "experiments/results/model_file.hpp"
#include "experiments/results/tidy_csv.hpp"
#include "scenarios/schema/json.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

Status write_text(const fs::path& path, const std::string& text) {
  return datasets::write_file(path, std::as_bytes(std::span(text)));
}

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
  const ConfigNode manifest_node = to_node(manifest);
  const Record* model = record.result.find("model");
  Status status = write_text(folder / "scenario.json", schema::write_json(record.scenario));
  if (status) status = write_text(folder / "metrics.csv", metrics_csv(record.metrics));
  if (status) status = write_text(folder / "spans.csv", spans_csv(record.spans));
  if (status && model) status = write_model(folder / "model.npz", *model);
  if (status) {
    status = write_metrics_h5(folder / "metrics.h5",
                              {record.scenario, manifest_node, record.metrics, record.spans});
  }
  if (status) status = sync(folder / "metrics.h5");
  if (status) status = write_text(folder / "manifest.json", schema::write_json(manifest_node));
  if (status) status = sync(folder);
  return status;
}

/// Removed at its end unless it was moved to its place.
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
  const fs::path csv = folder / "metrics.csv";
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

fs::path default_run_folder(const fs::path& runs, const std::string& name, std::uint64_t seed) {
  std::string stem;
  for (const char c : name.empty() ? std::string("run") : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                       (c == '.' && !stem.empty());
    stem += plain ? c : '-';
  }
  stem += "-seed" + std::to_string(seed);
  fs::path folder = runs / stem;
  for (int copy = 2; !check_free(folder); ++copy)
    folder = runs / (stem + "-" + std::to_string(copy));
  return folder;
}

Status check_free(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) return in_file(folder, "exists and is not a folder");
  const bool empty = fs::is_empty(folder, error);
  if (error) return in_file(folder, error.message());
  if (!empty) return in_file(folder, "exists and is not empty; results are never overwritten");
  return {};
}

Status write_run(const fs::path& folder, const host::RunRecord& record, const Manifest& manifest) {
  const fs::path place = fs::absolute(folder).lexically_normal();
  const fs::path target = place.has_filename() ? place : place.parent_path();
  if (const Status free = check_free(target); !free) return free;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  const TemporaryFolder temporary(datasets::temporary_beside(target));
  fs::remove_all(temporary.path(), error);
  error.clear();
  fs::create_directory(temporary.path(), error);
  if (error) return in_file(temporary.path(), error.message());
  if (const Status status = write_files(temporary.path(), record, manifest); !status) return status;
  fs::rename(temporary.path(), target, error);  // refused where `target` was filled meanwhile
  if (error) return in_file(target, error.message());
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
  record.stop_reason = run.manifest.stop_reason;
  record.nothing_learnt = run.manifest.nothing_learnt;
  record.ended = run.manifest.ended;
  record.wall_seconds = run.manifest.wall_seconds;
  record.schedule_fingerprint = run.manifest.schedule_fingerprint;
  record.numerics_fingerprint = run.manifest.numerics_fingerprint;
  record.numerics = run.manifest.numerics;
  record.failed_jobs = run.manifest.failed_jobs;
  record.undelivered = run.manifest.undelivered;
  record.data_hash = run.manifest.data_hash;
  record.data_origin = run.manifest.data_origin;
  return run;
}

bool is_run_folder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "manifest.json", error);
}

std::optional<double> final_value(const host::RunRecord& record, std::string_view metric) {
  std::optional<double> other;
  for (auto row = record.metrics.rbegin(); row != record.metrics.rend(); ++row) {
    if (row->name != metric) continue;
    if (row->node.is_cloud()) return row->value;
    if (!other) other = row->value;
  }
  return other;
}

}  // namespace skerry::experiments

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/run_record.hpp"

namespace skerry::experiments {

/// The data that one edge of a live run trained on.
struct SiteData {
  std::string node;
  std::uint64_t hash = 0;
  bool own = false;  // data of its own instead of the scenario's
};

/// What a run's record does not know: the command and the process that ran it.
struct Circumstances {
  std::vector<std::string> command;  // argv, including the program's name
  std::vector<std::filesystem::path> plugins;
  std::string kernels;  // the chosen instruction set: "avx512"
  unsigned threads = 1;
  std::chrono::system_clock::time_point started;
  std::uint64_t live_run = 0;        // the live run's identity; 0 for a simulation
  std::vector<SiteData> sites = {};  // for a live run
};

/// Where a run's numbers come from: everything needed to repeat the run and to see that the
/// repetition is the same.
struct Manifest {
  struct PluginFile {
    std::string path;
    std::string sha256;
  };
  struct Tensor {
    std::string name;
    Shape shape;
  };

  std::string name;
  std::string paradigm;
  std::uint64_t seed = 0;
  std::string stop_reason;
  bool failed = false;         // the run could not go on, for that reason
  std::string nothing_learnt;  // why the result is no better than the start; empty if it is
  SimTime ended;
  double wall_seconds = 0;
  std::string started_utc;  // "2024-05-01T12:00:00Z"
  std::string command;      // as a user would type it
  std::string numerics;
  std::uint64_t schedule_fingerprint = 0;  // both are 0 for a live run, which has none
  std::uint64_t numerics_fingerprint = 0;
  std::vector<host::FailedJobs> failed_jobs;
  std::vector<std::pair<std::string, std::uint64_t>> undelivered;
  std::uint64_t corrupted = 0;  // messages whose values were altered on the way
  std::string data_origin;
  std::uint64_t data_hash = 0;
  std::uint64_t live_run = 0;         // the live run's identity; 0 for a simulation
  std::vector<SiteData> sites;        // every edge of a live run that ever joined
  role::Results results;              // what was recorded, and how it is shown
  std::string model_sha256;           // of the tensors' bytes; empty if the run made no model
  std::string model_type;             // "float32"
  std::vector<Tensor> model_tensors;  // in the order of their bytes
  std::string kernels;
  unsigned threads = 0;
  std::vector<PluginFile> plugins;
  std::string version;  // this program's
  std::string commit;
  std::string compiler;
  std::string compiler_flags;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version
  std::string processor;
  unsigned cores = 0;
  std::string system;

  bool has_fingerprints() const { return schedule_fingerprint != 0 || numerics_fingerprint != 0; }
};

/// Makes the manifest of a run that is over, as far as the run can tell and with this build and
/// machine.
/// Errors: a plugin file cannot be read any more.
Result<Manifest> make_manifest(const host::RunRecord& record, const Circumstances& circumstances);

/// A manifest as JSON, and back.
ConfigNode to_node(const Manifest& manifest);
/// Errors: the first key that is missing or of the wrong type.
Result<Manifest> manifest_from_node(const ConfigNode& node);

/// A JSON list with one object per row.
ConfigNode failed_jobs_node(const std::vector<host::FailedJobs>& rows);

/// `2026-11-28T23:02:12Z`.
std::string utc_text(std::chrono::system_clock::time_point time);
/// The digits of a fingerprint, or a dash if the run has none.
std::string fingerprint_text(std::uint64_t fingerprint);
/// SHA-256 as 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);
/// The line that a POSIX shell splits into exactly these arguments.
std::string shell_line(const std::vector<std::string>& arguments);

}  // namespace skerry::experiments

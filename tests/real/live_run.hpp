#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "real/status_client.hpp"
#include "scenarios/host/run_record.hpp"
#include "tests/real/process.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {

/// A cloud and edges as processes on this machine, with keys of their own.
class LiveRun {
 public:
  /// @param scenario  JSON text.
  LiveRun(const std::string& scenario, std::uint32_t edges);

  void start_cloud(const std::vector<std::string>& more = {});
  void start_edge(std::uint32_t k, const std::vector<std::string>& more = {});
  void start_edges();
  /// Waits for the cloud to end. @return its exit code.
  int finish();
  /// Waits until the output of `skerry status` satisfies it.
  bool wait_until(const std::function<bool(const real::RunStatus&)>& reached);
  /// Waits for that round to be recorded.
  bool wait_for_round(std::uint64_t round);

  Process& cloud() { return *cloud_; }
  Process& edge(std::uint32_t k) { return edges_.at(k); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::filesystem::path folder(const char* name) const { return scratch_ / name; }
  std::optional<real::NodeKeys> keys(const std::string& name) const;
  /// SHA-256 of the model that the cloud printed.
  std::string model() const { return model_of(cloud_->output()); }

  static std::string model_of(const std::string& output);
  /// Runs the command to its end.
  Process command(const std::vector<std::string>& arguments) const;
  /// SHA-256 of the model that the simulation of the same scenario ends in.
  std::string simulated_model(const std::vector<std::string>& plugins = {}) const;
  host::RunRecord simulated(const std::vector<std::string>& plugins = {}) const;
  /// The results that the cloud left behind.
  host::RunRecord results() const;

 private:
  ScratchDirectory scratch_;
  std::uint32_t count_;
  int port_ = 0;
  std::optional<Process> cloud_;
  std::map<std::uint32_t, Process> edges_;
};

}  // namespace skerry

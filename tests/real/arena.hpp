#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "algorithms/sdk/registry.hpp"
#include "real/cloud_server.hpp"
#include "real/deployment.hpp"
#include "real/edge_client.hpp"
#include "tests/real/tampering.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {

/// A cloud and edges as threads of the test, so that a test can inspect and spoil their insides.
class Arena {
 public:
  explicit Arena(std::string scenario);
  /// Its edges, as the scenario has them.
  std::uint32_t edges() const { return deployment_->scenario.nodes.edges; }
  ~Arena();

  /// Makes certificates for all nodes, before the cloud starts. Without them, plaintext is used.
  void use_keys();
  /// The keys of `name` from the run's authority, and from a foreign one, for any edge to use.
  std::optional<real::NodeKeys> keys_of(const std::string& name) const;
  std::optional<real::NodeKeys> keys_of_stranger(const std::string& name) const;

  void start_cloud(Duration grace = Duration::seconds(15), const Tampering& tampering = {});
  /// Runs an edge in a thread until the cloud ends it.
  void start_edge(std::uint32_t k, const Tampering& tampering = {});
  /// Runs an edge to its end. @return how it ended.
  Status run_edge(std::uint32_t k, const std::optional<real::NodeKeys>& keys,
                  const std::string& scenario = "");
  void start_edges();
  /// Waits for the run to end. @return the SHA-256 of the model.
  std::string finish();
  /// The SHA-256 of the model in which the simulation ends.
  std::string simulated_model() const;

  std::string address() const;
  real::CloudServer& cloud() { return *cloud_; }
  const real::Deployment& deployment() const { return *deployment_; }
  std::uint64_t refused(host::RefusalReason reason) const { return cloud_->refusals().of(reason); }
  /// The last value of a metric of the cloud, after finish(); 0 if there is none.
  double metric(const std::string& name) const;

 private:
  real::EdgeClient::Options edge_options(std::uint32_t k, const Tampering& tampering) const;

  ScratchDirectory scratch_;
  std::string scenario_;
  Registry registry_;
  bool keys_ = false;
  std::shared_ptr<const real::Deployment> deployment_;
  std::unique_ptr<role::Paradigm> paradigm_;  // of the cloud
  std::unique_ptr<real::CloudServer> cloud_;
  std::thread cloud_thread_;
  Status cloud_status_;
  std::map<std::uint32_t, std::unique_ptr<real::EdgeClient>> edges_;
  std::vector<std::thread> edge_threads_;
};

struct ArenaSize {
  int edges = 5;
  std::string hidden = "8";  // units of the model's hidden layers
};
/// Federated averaging on small generated data; every edge in every round.
/// @param start_with  edges that must have joined before the first round.
std::string arena_scenario(int rounds, int start_with, const ArenaSize& size = {});

}  // namespace skerry

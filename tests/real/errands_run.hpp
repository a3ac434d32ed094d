#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "real/cloud_server.hpp"
#include "real/edge_client.hpp"
#include "real/status_client.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/errands.hpp"

namespace skerry {

/// A live run of Errands: its cloud and its edges are threads of the test and talk over gRPC.
class ErrandsRun {
 public:
  explicit ErrandsRun(const Errands& errands) : errands_(errands) {}
  ~ErrandsRun() {
    for (auto& [k, edge] : edges_) edge->stop();
    for (auto& [k, thread] : threads_) {
      if (thread.joinable()) thread.join();
    }
    if (cloud_) cloud_->stop();
    if (cloud_thread_.joinable()) cloud_thread_.join();
  }
  ErrandsRun(const ErrandsRun&) = delete;
  ErrandsRun& operator=(const ErrandsRun&) = delete;

  void start_cloud(real::CloudServer::Options options = {}) {
    options.plaintext = true;
    options.scenario = "{}";
    options.driver.self = NodeId::cloud();
    options.driver.edges = errands_.edges();
    options.driver.run = 7;
    auto cloud = real::CloudServer::start(errands_, std::move(options));
    INFO(cloud.message());
    REQUIRE(cloud.ok());
    cloud_ = std::move(*cloud);
    cloud_thread_ = std::thread([this] { cloud_status_ = cloud_->run(); });
  }
  void start_edge(std::uint32_t k) {
    const auto deploy = [this](const std::string&) -> Result<real::EdgeClient::Deployed> {
      return real::EdgeClient::Deployed{
          std::shared_ptr<const role::Paradigm>(std::shared_ptr<void>(), &errands_), {}, 1};
    };
    real::EdgeClient& edge = *(edges_[k] = std::make_unique<real::EdgeClient>(
                                   real::EdgeClient::Options{.server = address(),
                                                             .self = NodeId::edge(k),
                                                             .keys = std::nullopt,
                                                             .plaintext = true,
                                                             .state = {},
                                                             .deploy = deploy,
                                                             .say = {}}));
    Status& status = statuses_[k];
    threads_[k] = std::thread([&edge, &status] { status = edge.run(); });
  }
  void start_edges() {
    for (std::uint32_t k = 0; k < errands_.edges(); ++k) start_edge(k);
  }
  /// Waits for the cloud to end. @return how it ended.
  Status finish() {
    cloud_thread_.join();
    return cloud_status_;
  }
  /// Waits for an edge to end. @return how it ended.
  Status finish_edge(std::uint32_t k) {
    threads_[k].join();
    return statuses_[k];
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(cloud_->port()); }
  real::CloudServer& cloud() { return *cloud_; }
  real::EdgeClient& edge(std::uint32_t k) { return *edges_.at(k); }
  std::vector<double> values_of(std::string_view metric) const {
    std::vector<double> values;
    for (const auto& row : cloud_->driver().metrics().rows()) {
      if (row.name == metric) values.push_back(row.value);
    }
    return values;
  }

 private:
  const Errands& errands_;
  std::unique_ptr<real::CloudServer> cloud_;
  std::thread cloud_thread_;
  Status cloud_status_;
  std::map<std::uint32_t, std::unique_ptr<real::EdgeClient>> edges_;
  std::map<std::uint32_t, Status> statuses_;
  std::map<std::uint32_t, std::thread> threads_;
};

}  // namespace skerry

#include "tests/real/arena.hpp"

#include <fstream>

#include "experiments/live_record.hpp"
#include "experiments/simulate.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "tests/catch.hpp"

namespace skerry {

std::string arena_scenario(int rounds, int start_with, const ArenaSize& size) {
  return R"({"version": 1, "name": "arena", "paradigm": "federated", "seed": 11,
    "data": {"source": {"name": "synthetic_blobs", "samples": 500, "test_samples": 100}},
    "model": {"name": "mlp", "hidden": [)" +
         size.hidden + R"(]},
    "local": {"method": "plain", "optimizer": {"name": "sgd", "learning_rate": 0.1},
              "batch_size": 10, "epochs": 1},
    "server": {"reduce": {"name": "mean", "weight": "samples"},
               "optimizer": {"name": "sgd", "learning_rate": 1.0}},
    "select": {"name": "all"},
    "rounds": {"mode": "sync", "start_with": )" +
         std::to_string(start_with) + R"(},
    "stop": {"any": [{"rounds": )" +
         std::to_string(rounds) + R"(}]},
    "evaluate": {"every": {"rounds": 1}},
    "nodes": {"edges": )" +
         std::to_string(size.edges) + "}}";
}

Arena::Arena(std::string scenario)
    : scenario_(std::move(scenario)), registry_(host::built_in_plugins()) {
  auto deployment = real::deploy(scenario_, registry_, NodeId::cloud(), {});
  INFO(deployment.message());
  REQUIRE(deployment.ok());
  deployment_ = *deployment;
}

Arena::~Arena() {
  for (auto& [k, edge] : edges_) edge->stop();
  for (std::thread& thread : edge_threads_) thread.join();
  if (cloud_) cloud_->stop();
  if (cloud_thread_.joinable()) cloud_thread_.join();
}

void Arena::use_keys() {
  keys_ = true;
  for (const char* authority : {"keys", "stranger"}) {
    real::KeyFolder folder(scratch_ / authority);
    REQUIRE(folder.make_authority(2).ok());
    REQUIRE(folder.add("cloud", 1).ok());
    for (std::uint32_t k = 0; k < edges(); ++k)
      REQUIRE(folder.add("edge-" + std::to_string(k), 1).ok());
  }
}

std::optional<real::NodeKeys> Arena::keys_of(const std::string& name) const {
  if (!keys_) return std::nullopt;
  return *real::KeyFolder(scratch_ / "keys").load(name);
}

std::optional<real::NodeKeys> Arena::keys_of_stranger(const std::string& name) const {
  return *real::KeyFolder(scratch_ / "stranger").load(name);
}

void Arena::start_cloud(Duration grace, const Tampering& tampering) {
  paradigm_ = tampered({deployment_, deployment_->paradigm.get()}, tampering);
  auto cloud = real::CloudServer::start(
      *paradigm_,
      {.keys = keys_of("cloud"),
       .plaintext = !keys_,
       .scenario = scenario_,
       .driver = {.self = NodeId::cloud(), .edges = edges(), .threads = 1, .state = {}, .run = 99},
       .schema = deployment_->data->schema(),
       .grace = grace});
  INFO(cloud.message());
  REQUIRE(cloud.ok());
  cloud_ = std::move(*cloud);
  cloud_thread_ = std::thread([this] { cloud_status_ = cloud_->run(); });
}

std::string Arena::address() const { return "127.0.0.1:" + std::to_string(cloud_->port()); }

real::EdgeClient::Options Arena::edge_options(std::uint32_t k, const Tampering& tampering) const {
  const NodeId self = NodeId::edge(k);
  return {.server = address(),
          .self = self,
          .keys = keys_of(to_string(self)),
          .plaintext = !keys_,
          .state = {},
          .give_up_after = Duration::seconds(2),
          .deploy = [this, self,
                     tampering](const std::string& scenario) -> Result<real::EdgeClient::Deployed> {
            auto made = real::deploy(scenario, registry_, self, {});
            if (!made) return made.failure();
            const std::shared_ptr<const real::Deployment> held = *made;
            return real::EdgeClient::Deployed{tampered({held, held->paradigm.get()}, tampering),
                                              held->data->schema(),
                                              held->data->size(self, Split::kTrain)};
          },
          .say = {}};
}

void Arena::start_edge(std::uint32_t k, const Tampering& tampering) {
  real::EdgeClient& edge =
      *(edges_[k] = std::make_unique<real::EdgeClient>(edge_options(k, tampering)));
  edge_threads_.emplace_back([&edge] { (void)edge.run(); });
}

Status Arena::run_edge(std::uint32_t k, const std::optional<real::NodeKeys>& keys,
                       const std::string& scenario) {
  real::EdgeClient::Options options = edge_options(k, {});
  options.keys = keys;
  options.plaintext = !keys;
  if (!scenario.empty()) {
    options.deploy = [honest = options.deploy, scenario](const std::string&) {
      return honest(scenario);
    };
  }
  return real::EdgeClient(std::move(options)).run();
}

void Arena::start_edges() {
  for (std::uint32_t k = 0; k < edges(); ++k) start_edge(k);
}

std::string Arena::finish() {
  cloud_thread_.join();
  INFO(cloud_status_.message());
  REQUIRE(cloud_status_.ok());
  REQUIRE(cloud_->driver().outcome().has_value());
  return experiments::model_sha256(cloud_->driver().outcome()->model.payload());
}

std::string Arena::simulated_model() const {
  std::ofstream(scratch_ / "scenario.json") << scenario_;
  const auto document = experiments::open_document({(scratch_ / "scenario.json").string(), {}, {}});
  REQUIRE(document.ok());
  const auto setup = experiments::set_up(document.value());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document.value(), setup.value(), {});
  REQUIRE(run.ok());
  return experiments::model_sha256(run.value().record.result);
}

double Arena::metric(const std::string& name) const {
  const auto found = cloud_->driver().last_metrics().find(name);
  return found == cloud_->driver().last_metrics().end() ? 0 : found->second.value;
}

}  // namespace skerry

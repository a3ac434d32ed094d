// Runs a shipped experiment in the ways that tests ask for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiments/setup.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "sim/simulation.hpp"
#include "tests/catch.hpp"

namespace skerry {

inline std::filesystem::path shipped(const std::string& name) {
  return std::filesystem::path(SKERRY_SOURCE_DIR) / "experiments" / (name + ".json");
}

/// A shipped experiment as its file says it, altered by overrides.
inline experiments::Document opened(const std::string& name,
                                    std::vector<std::string> overrides = {}) {
  auto document = experiments::open_document(
      {.file = shipped(name).string(), .overrides = std::move(overrides), .plugins = {}});
  INFO(document.message());
  REQUIRE(document.ok());
  return std::move(*document);
}

/// A shipped experiment, shortened or altered by overrides.
class ShippedRun {
 public:
  explicit ShippedRun(const std::string& name, std::vector<std::string> overrides = {})
      : document_(opened(name, std::move(overrides))) {
    auto setup = experiments::set_up(document_);
    INFO(setup.message());
    REQUIRE(setup.ok());
    setup_.emplace(std::move(*setup));
  }

  host::RunRecord run(unsigned threads, host::Places* places = nullptr) {
    sim::Simulation simulation(*setup_->paradigm, *setup_->world, document_.registry,
                               {.threads = threads, .places = places});
    simulation.start();
    simulation.run();
    return simulation.record();
  }

  /// Stops when the cloud has recorded step `step`, saves to disk, reads it back into a new
  /// simulation and lets that one finish.
  host::RunRecord interrupted_and_resumed(std::uint64_t step, host::Places* places = nullptr) {
    std::atomic<bool> interrupted = false;
    const auto folder =
        std::filesystem::temp_directory_path() / ("skerry-resume-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    host::CheckpointStore store(folder, 1);
    {
      sim::Simulation::Options options{.threads = 2, .places = places, .interrupted = &interrupted};
      options.checkpoint = [&](sim::Simulation& now) { interrupted = now.steps() >= step; };
      sim::Simulation simulation(*setup_->paradigm, *setup_->world, document_.registry, options);
      simulation.start();
      REQUIRE_FALSE(simulation.run());
      ByteWriter writer;
      simulation.save(writer);
      host::Checkpoint checkpoint;
      checkpoint.add("simulation", std::move(writer));
      const Status saved = store.save(simulation.events(), checkpoint);
      INFO(saved.message());
      REQUIRE(saved.ok());
    }
    auto restored = store.load();
    INFO(restored.message());
    REQUIRE((restored.ok() && restored->has_value()));
    sim::Simulation simulation(*setup_->paradigm, *setup_->world, document_.registry,
                               {.threads = 2, .places = places});
    ByteReader reader = (*restored)->reader("simulation");
    simulation.load(reader);
    REQUIRE(reader.finished());
    simulation.run();
    std::filesystem::remove_all(folder);
    return simulation.record();
  }

  const role::Paradigm& paradigm() const { return *setup_->paradigm; }
  std::uint64_t data_hash() const { return setup_->data->data_set().content_hash; }

 private:
  experiments::Document document_;
  std::optional<experiments::Setup> setup_;
};

inline void check_same(const host::RunRecord& a, const host::RunRecord& b) {
  CHECK(a.schedule_fingerprint == b.schedule_fingerprint);
  CHECK(a.numerics_fingerprint == b.numerics_fingerprint);
  CHECK(a.metrics == b.metrics);
  CHECK(a.ended == b.ended);
  CHECK(a.stop_reason == b.stop_reason);
}

}  // namespace skerry

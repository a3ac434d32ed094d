#include "experiments/simulate.hpp"

#include <chrono>
#include <cstdio>

#include "algorithms/sdk/random.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "scenarios/host/durable_file.hpp"
#include "sim/simulation.hpp"

namespace skerry::experiments {

namespace {

using Clock = std::chrono::steady_clock;

/// One line on the terminal, written over at most ten times a second.
class ProgressLine {
 public:
  void show(const sim::Simulation& simulation, std::string_view metric) {
    const auto now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    const double value = simulation.metrics().last(metric, -1);
    std::fprintf(stderr, "\r\033[K  %llu  virtual %s  %s",
                 static_cast<unsigned long long>(simulation.steps()),
                 to_string(simulation.now()).c_str(), std::string(metric).c_str());
    if (value >= 0) std::fprintf(stderr, " %.4f", value);
    std::fflush(stderr);
    shown_ = true;
  }
  ~ProgressLine() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  Clock::time_point last_{};
  bool shown_ = false;
};

/// Saves the state of a run now and then, so that it can go on after a kill.
class Checkpoints {
 public:
  Checkpoints(const SimulateOptions& options, std::uint64_t run)
      : folder_(options.checkpoints), store_(options.checkpoints, run), every_(options.every) {}

  Status resume(sim::Simulation& simulation) {
    saved_ = true;
    auto found = store_.load();
    if (!found) return found.failure();
    if (!found->has_value()) return Failure{"there is no checkpoint to go on from"};
    for (const std::string& damaged : (*found)->skipped) {
      std::fprintf(stderr, "skerry: %s; an older checkpoint is used\n", damaged.c_str());
    }
    ByteReader reader = (*found)->reader(kSection);
    simulation.load(reader);
    if (!reader.finished()) return Failure{"the checkpoint is of another version of Skerry"};
    return {};
  }
  void save_if_due(sim::Simulation& simulation) {
    if (Clock::now() - last_ >= every_) save(simulation);
  }
  void save(sim::Simulation& simulation) {
    ByteWriter writer;
    simulation.save(writer);
    if (simulation.fault() || simulation.disproved()) return;
    if (const Status made = host::make_directory(folder_); !made) {
      status_ = made;
      return;
    }
    host::Checkpoint checkpoint;
    checkpoint.add(kSection, std::move(writer));
    const Status saved = store_.save(simulation.events(), checkpoint);
    if (!saved && status_.ok()) status_ = saved;
    saved_ = saved_ || saved.ok();
    last_ = Clock::now();
  }
  /// Whether there is one of this run.
  bool saved() const { return saved_; }
  const Status& status() const { return status_; }

 private:
  static constexpr const char* kSection = "simulation";
  std::filesystem::path folder_;
  host::CheckpointStore store_;
  Clock::duration every_;
  Clock::time_point last_ = Clock::now();
  bool saved_ = false;
  Status status_;
};

}  // namespace

Result<Simulated> simulate(const Document& document, const Setup& setup,
                           const SimulateOptions& options) {
  const ConfigNode resolved = schema::resolved(setup.scenario);
  Checkpoints checkpoints(options, stable_hash(setup.scenario.seed, resolved.text()));

  ProgressLine line;
  sim::Simulation::Options simulation_options;
  simulation_options.threads = options.threads;
  simulation_options.places = options.places;
  simulation_options.watch = options.watch;
  simulation_options.interrupted = options.interrupted;
  if (options.progress) {
    simulation_options.progress = [&](const sim::Simulation& simulation) {
      line.show(simulation, setup.paradigm->result_metric());
    };
  }
  if (!options.checkpoints.empty()) {
    simulation_options.checkpoint = [&](sim::Simulation& simulation) {
      checkpoints.save_if_due(simulation);
    };
  }
  const auto began = Clock::now();
  // One thread computes nothing in advance.
  simulation_options.optimistic = options.threads > 1 || options.places != nullptr;
  std::optional<sim::Simulation> made;
  const auto run = [&](bool resume) -> Result<bool> {
    sim::Simulation& simulation =
        made.emplace(*setup.paradigm, *setup.world, document.registry, simulation_options);
    if (resume) {
      if (const Status resumed = checkpoints.resume(simulation); !resumed) return resumed.failure();
    } else {
      simulation.start();
    }
    const bool stopped = simulation.run();
    const bool interrupted = options.interrupted != nullptr && options.interrupted->load();
    if (!stopped && interrupted && !options.checkpoints.empty()) checkpoints.save(simulation);
    return stopped;
  };
  auto stopped = run(options.resume);
  if (stopped && made->disproved()) {  // a job failed: back to what is certain
    made.reset();
    if (options.places) options.places->start_over();
    simulation_options.optimistic = false;
    stopped = run(checkpoints.saved());
  }
  if (!stopped) return stopped.failure();
  if (!checkpoints.status()) return checkpoints.status().failure();
  sim::Simulation& simulation = *made;
  Simulated result;
  result.fault = simulation.fault();
  if (result.fault) return result;
  result.interrupted = !*stopped && options.interrupted != nullptr && options.interrupted->load();
  if (!*stopped && !result.interrupted) result.standstill = simulation.standstill();
  result.record = simulation.record();
  if (result.interrupted) result.record.stop_reason = "interrupted";
  result.record.wall_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  result.record.scenario = resolved;
  result.record.data_hash = setup.data->data_set().content_hash;
  result.record.data_origin = setup.data->data_set().origin;
  return result;
}

}  // namespace skerry::experiments

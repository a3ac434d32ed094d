#include "experiments/simulate.hpp"

#include <chrono>

#include "experiments/results/folder_claim.hpp"
#include "experiments/run_identity.hpp"
#include "experiments/run_monitor.hpp"
#include "scenarios/host/checkpoint.hpp"
#include "scenarios/host/durable_file.hpp"
#include "sim/simulation.hpp"

namespace skerry::experiments {

namespace {

using Clock = std::chrono::steady_clock;

RunMonitor::Moment moment_of(const sim::Simulation& simulation) {
  return {.step = simulation.steps(),
          .now = simulation.now(),
          .metrics = simulation.metrics(),
          .models = simulation.disproved() ? nullptr : simulation.catalogue()};
}

/// Saves the state of a run from time to time, so that it can go on after a kill, and once before
/// its last round, so that it can go on to a later end.
class Checkpoints {
 public:
  Checkpoints(const SimulateOptions& options, const RunIdentity& run)
      : folder_(options.checkpoints),
        run_(run),
        store_(folder_, hash_of(run)),
        every_(options.every),
        monitor_(options.monitor),
        before_end_(step_before_end(run.scenario)) {}

  /// @param from  a folder of checkpoints.
  Status resume(const std::filesystem::path& from, sim::Simulation& simulation) {
    saved_ = true;
    // Checkpoints from another folder leave the run's own store as it is: it starts anew.
    host::CheckpointStore elsewhere(from, hash_of(run_));
    auto found = (from == folder_ ? store_ : elsewhere).load();
    if (!found) return found.failure();
    if (!found->has_value()) return Failure{"there is no checkpoint to go on from"};
    for (const std::string& damaged : (*found)->skipped) {
      say(damaged + "; an older checkpoint is used");
    }
    ByteReader reader = (*found)->reader(kSection);
    simulation.load(reader, std::move((*found)->metrics));
    if (simulation.fault()) return {};
    if (!reader.finished()) return Failure{"the checkpoint is of another version of Skerry"};
    return {};
  }
  void save_if_due(sim::Simulation& simulation) {
    const bool last = simulation.steps() == before_end_;
    if (last || Clock::now() - last_ >= every_) save(simulation);
  }
  /// A failure does not stop the run. Only the first of several in a row is reported.
  void save(sim::Simulation& simulation) {
    ByteWriter writer;
    simulation.save_without_metrics(writer);
    if (simulation.fault() || simulation.disproved()) return;
    last_ = Clock::now();
    host::Checkpoint checkpoint;
    checkpoint.add(kSection, std::move(writer));
    Status saved = describe();
    if (saved)
      saved = store_.save(simulation.events(), std::move(checkpoint), simulation.metrics());
    saved_ = saved_ || saved.ok();
    if (!saved && status_) {
      say(saved.message() + "; the run goes on without this checkpoint");
    }
    if (saved && monitor_ != nullptr) monitor_->saved(moment_of(simulation));
    status_ = std::move(saved);
  }
  /// Whether this run has a checkpoint.
  bool saved() const { return saved_; }
  /// How the last attempt to save went.
  const Status& status() const { return status_; }

 private:
  void say(const std::string& line) const {
    if (monitor_ != nullptr) monitor_->say(line);
  }
  /// Creates the folder and notes there which run its checkpoints belong to.
  Status describe() {
    if (described_) return {};
    if (const Status made = host::make_directory(folder_); !made) return made;
    const Status written = write_identity(folder_, run_);
    described_ = written.ok();
    return written;
  }
  /// The step before the first limit on rounds: from there a run can still go on to a later end.
  /// Nothing if no limit is larger than one round.
  static std::optional<std::uint64_t> step_before_end(const ConfigNode& scenario) {
    std::optional<std::uint64_t> first;
    const ConfigNode* stop = scenario.find("stop");
    for (const char* list : {"any", "all"}) {
      const ConfigNode* conditions = stop != nullptr ? stop->find(list) : nullptr;
      if (conditions == nullptr || conditions->as_array() == nullptr) continue;
      for (const ConfigNode& condition : *conditions->as_array()) {
        const ConfigNode* rounds = condition.find("rounds");
        const std::int64_t* count = rounds != nullptr ? rounds->as_integer() : nullptr;
        if (count == nullptr || *count < 2) continue;
        const auto before = static_cast<std::uint64_t>(*count - 1);
        if (!first || before < *first) first = before;
      }
    }
    return first;
  }

  static constexpr const char* kSection = "simulation";
  std::filesystem::path folder_;
  const RunIdentity& run_;
  host::CheckpointStore store_;
  Clock::duration every_;
  RunMonitor* monitor_;
  std::optional<std::uint64_t> before_end_;
  Clock::time_point last_ = Clock::now();
  bool described_ = false;
  bool saved_ = false;
  Status status_;
};

/// Reports commands that an operator would give when the run is over.
Status check_commands(const Document& document, const Setup& setup) {
  const std::optional<Duration> lasts = setup.paradigm->lasts();
  const auto& commands = setup.world->config().commands;
  Problems problems;
  for (std::size_t i = 0; i < commands.size() && lasts; ++i) {
    if (commands[i].at <= *lasts) continue;
    problems.add(
        "/world/commands/" + std::to_string(i) + "/at",
        "is " + to_string(commands[i].at) + ", and the run is over after " + to_string(*lasts));
  }
  if (problems.empty()) return {};
  std::string text = problems.text(document.file);
  text.pop_back();  // the last line break
  return wrong_input(text);
}

Result<Simulated> run(const Document& document, const Setup& setup,
                      const SimulateOptions& options) {
  const auto identity = identity_of(document, setup);
  if (!identity) return identity.failure();
  Checkpoints checkpoints(options, *identity);

  sim::Simulation::Options simulation_options;
  simulation_options.threads = options.threads;
  simulation_options.places = options.places;
  simulation_options.watch = options.watch;
  simulation_options.interrupted = options.interrupted;
  RunMonitor* monitor = options.monitor;
  if (monitor != nullptr) {
    simulation_options.say = [monitor](const std::string& line) { monitor->say(line); };
    simulation_options.catalogue = [monitor](const auto& models) { monitor->show(models); };
    simulation_options.progress = [monitor](const sim::Simulation& simulation) {
      monitor->look(moment_of(simulation));
    };
  }
  if (!options.checkpoints.empty()) {
    simulation_options.checkpoint = [&](sim::Simulation& simulation) {
      checkpoints.save_if_due(simulation);
    };
  }
  const auto began = Clock::now();
  // A single thread cannot compute anything in advance.
  simulation_options.optimistic = options.threads > 1 || options.places != nullptr;
  std::optional<sim::Simulation> made;
  const auto go = [&](const std::filesystem::path& from) -> Result<bool> {
    sim::Simulation& simulation =
        made.emplace(*setup.paradigm, *setup.world, document.registry, simulation_options);
    if (!from.empty()) {
      const Status resumed = checkpoints.resume(from, simulation);
      if (!resumed) return Failure{from.string() + ": " + resumed.message()};
    } else {
      simulation.start();
    }
    if (monitor != nullptr) monitor->begin(moment_of(simulation), !from.empty());
    const bool stopped = simulation.run();
    if (monitor != nullptr) monitor->stop(moment_of(simulation));
    const bool interrupted = options.interrupted != nullptr && options.interrupted->load();
    if (!stopped && interrupted && !options.checkpoints.empty()) checkpoints.save(simulation);
    return stopped;
  };
  auto stopped = go(options.resume_from);
  if (stopped && made->disproved()) {  // a job failed: repeat from what is certain
    made.reset();
    if (options.places) options.places->start_over();
    simulation_options.optimistic = false;
    const bool own = has_checkpoint(options.checkpoints);
    stopped = go(checkpoints.saved() && own ? options.checkpoints : options.resume_from);
  }
  if (!stopped) return stopped.failure();
  sim::Simulation& simulation = *made;
  Simulated result;
  result.checkpointed = checkpoints.status();
  result.interrupted = !*stopped && options.interrupted != nullptr && options.interrupted->load();
  if (!*stopped && !simulation.fault() && !result.interrupted) simulation.give_up();
  result.fault = simulation.fault();
  if (result.fault) return result;
  result.record = simulation.record();
  result.record.declared = setup.results;
  sim::Simulation::declare(result.record.declared);
  if (result.interrupted) result.record.stop_reason = "interrupted";
  result.record.wall_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  result.record.scenario = identity->scenario;
  result.record.data_hash = setup.data->data_set().content_hash;
  result.record.data_origin = setup.data->data_set().origin;
  return result;
}

}  // namespace

Result<Simulated> simulate(const Document& document, const Setup& setup,
                           const SimulateOptions& options) {
  if (const Status sound = check_commands(document, setup); !sound) return sound.failure();
  try {
    return run(document, setup, options);
  } catch (const JobError& error) {  // thrown before the first event
    Simulated result;
    result.fault = host::RunFault::plugin(error.failure());
    return result;
  }
}

}  // namespace skerry::experiments

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <limits>
#include <optional>
#include <thread>

#include "algorithms/kernels/kernels.hpp"
#include "algorithms/sdk/quantity.hpp"
#include "experiments/command.hpp"
#include "experiments/launch.hpp"
#include "experiments/live_record.hpp"
#include "experiments/options.hpp"
#include "experiments/progress_line.hpp"
#include "experiments/ranks.hpp"
#include "experiments/results/folder_claim.hpp"
#include "experiments/results/report_page.hpp"
#include "experiments/results/run_group.hpp"
#include "experiments/results/summary.hpp"
#include "experiments/run_identity.hpp"
#include "experiments/run_monitor.hpp"
#include "experiments/signal_watch.hpp"
#include "experiments/simulate.hpp"
#include "scenarios/host/durable_file.hpp"
#include "sim/mpi/join.hpp"

namespace skerry::experiments {

namespace {

namespace fs = std::filesystem;

std::atomic<bool> interrupted = false;

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return code;
}

/// Reads `3`, `1..10` or `1,4,7`. Each seed may occur once and must fit a scenario's `seed`.
Result<std::vector<std::uint64_t>> parse_seeds(const std::string& text) {
  const Failure failure{"\"" + text + "\" is not a list of seeds like 3, 1..10 or 1,4,7"};
  std::vector<std::uint64_t> seeds;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    std::uint64_t first = 0;
    auto [next, error] = std::from_chars(at, end, first);
    if (error != std::errc{}) return failure;
    std::uint64_t last = first;
    if (end - next > 2 && next[0] == '.' && next[1] == '.') {
      const auto [after, range_error] = std::from_chars(next + 2, end, last);
      if (range_error != std::errc{} || last < first) return failure;
      if (last - first > 100'000) {
        return Failure{text + ": are more seeds than the 100,000 that one command takes"};
      }
      next = after;
    }
    constexpr std::uint64_t kLast = std::numeric_limits<std::int64_t>::max();
    if (last > kLast) return Failure{text + ": a seed is at most " + std::to_string(kLast)};
    for (std::uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
    if (next != end && (*next++ != ',' || next == end)) return failure;
    at = next;
  }
  if (seeds.empty()) return failure;
  std::vector<std::uint64_t> sorted = seeds;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice == sorted.end()) return seeds;
  return Failure{text + ": the seed " + std::to_string(*twice) + " is given twice"};
}

/// What the user asked for, besides the scenario.
struct RunRequest {
  std::vector<std::uint64_t> seeds;
  fs::path out;
  unsigned threads = 1;
  std::chrono::seconds checkpoint_every{30};
  bool resume = false;
  bool apart = false;  // each seed has a folder of its own in `out`
  bool report = false;
  bool json = false;
  ProgressLine* line = nullptr;
  ScenarioRequest scenario;
  mpi::RemoteRanks* ranks = nullptr;  // under mpirun
  SignalWatch* signals = nullptr;
  std::function<void()> give_up;  // what a signal does while nothing can be lost
  std::vector<std::string> command;
  std::vector<fs::path> plugins;
};

constexpr const char* kSeedFolder = "seed";  // followed by the seed

/// The folder for one seed's results.
fs::path folder_of(const RunRequest& request, std::uint64_t seed) {
  return request.apart ? request.out / (kSeedFolder + std::to_string(seed)) : request.out;
}

/// Whether runs of several seeds, finished or not, have their folders in `out`.
bool holds_seeds(const fs::path& out) {
  if (is_run_folder(out)) return false;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    const fs::path& found = entry.path();
    if (!found.filename().string().starts_with(kSeedFolder)) continue;
    if (is_run_folder(found) || has_checkpoint(found)) return true;
  }
  return false;
}

void discard(const fs::path& checkpoints) {
  std::error_code ignored;
  fs::remove_all(checkpoints, ignored);
}

std::string how_to_resume(const RunRequest& request) {
  return "the same command with --resume --out " + request.out.string() + " goes on from ";
}

/// Where the work of one seed begins.
struct Beginning {
  bool done = false;     // there is nothing left to do
  std::string failed;    // the same, since the run could not go on: why
  bool replace = false;  // the folder holds the same run up to an earlier end
  fs::path resume_from;  // checkpoints; empty: at the start
};

/// Compares the work `held` in `place` with the run. Fails if the run may not continue it.
Result<StopChange> compare(const RunIdentity& held, const RunIdentity& run, bool may_go_on,
                           const fs::path& place) {
  if (const auto other = difference(held, run)) {
    return Failure{place.string() + ": is of another run: " + *other};
  }
  const StopChange stop = stop_change(held.scenario, run.scenario, may_go_on);
  if (stop != StopChange::kOther) return stop;
  const ConfigNode none, *there = held.scenario.find("stop"), *here = run.scenario.find("stop");
  const auto other = difference(there ? *there : none, here ? *here : none);
  return Failure{
      place.string() + ": its run ends otherwise: /stop" + other.value_or("") +
      (may_go_on
           ? "; a run can only go on to larger limits of the same kind, and its "
             "limit on time stays"
           : "; a run of this paradigm, or one whose learning rate ends with it, cannot go on "
             "after its end")};
}

/// Looks for earlier work on the run. Errors: that work is of another run, or cannot be read.
/// @param may_go_on  whether the paradigm lets a run go on after its end.
Result<Beginning> look_for_work(const RunIdentity& run, bool may_go_on, const fs::path& folder) {
  Beginning begin;
  if (is_run_folder(folder)) {
    const auto stored = read_run(folder);
    if (!stored) return stored.failure();
    const auto stop = compare(identity_of(*stored), run, may_go_on, folder);
    if (!stop) return stop.failure();
    begin.done = *stop == StopChange::kNone;
    if (begin.done && stored->manifest.failed) begin.failed = stored->manifest.stop_reason;
    if (begin.done) return begin;
    begin.replace = true;
    begin.resume_from = kept_checkpoint(folder);
  }
  const fs::path checkpoints = checkpoints_of(folder);
  if (has_checkpoint(checkpoints)) {  // newer than what the results keep
    const auto held = read_identity(checkpoints);
    if (!held) return held.failure();
    if (const auto stop = compare(*held, run, may_go_on, checkpoints); !stop) return stop.failure();
    begin.resume_from = checkpoints;
  }
  if (!has_checkpoint(begin.resume_from)) begin.resume_from.clear();
  return begin;
}

/// Which of several seeds this is: `seed 2/5`, or `seed 7 (2/5)` if its position is not its number.
std::string seed_words(const RunRequest& request, std::uint64_t seed) {
  const std::size_t all = request.seeds.size();
  if (all == 1) return "";
  const auto place = static_cast<std::uint64_t>(std::ranges::find(request.seeds, seed) -
                                                request.seeds.begin() + 1);
  const std::string of = std::to_string(place) + "/" + std::to_string(all);
  return "seed " + (place == seed ? of : std::to_string(seed) + " (" + of + ")");
}

/// Says why a run has no result. @return the exit code.
int say_unfinished(const Document& document, const RunRequest& request, const Simulated& run,
                   const fs::path& checkpoints, RunMonitor& monitor) {
  const auto complain = [&monitor](const std::string& text, int code) {
    monitor.note(text);
    return experiments::complain(text, code);
  };
  const bool again = has_checkpoint(checkpoints);
  if (run.fault) {
    return complain(document.file + ": " + run.fault->text +
                        (again ? "; " + how_to_resume(request) + "the last checkpoint" : ""),
                    exit_code_of(run.fault));
  }
  if (run.checkpointed) {
    return complain("interrupted; " + how_to_resume(request) + "here", kInterrupted);
  }
  return complain("interrupted; its state could not be saved" +
                      (again ? "; " + how_to_resume(request) + "an older checkpoint" : ""),
                  kInterrupted);
}

/// Writes the folder of a run that is over. @return the exit code.
int keep(const Document& document, const RunRequest& request, const Circumstances& circumstances,
         const Simulated& run, const fs::path& folder, const Beginning& begin,
         RunMonitor& monitor) {
  const fs::path checkpoints = checkpoints_of(folder);
  const bool newer = has_checkpoint(checkpoints);
  const auto say = [&monitor](const std::string& line) { monitor.say(line); };
  monitor.end(run.record);
  const auto manifest = make_manifest(run.record, circumstances);
  const WriteOptions options{
      .checkpoints = newer ? checkpoints : begin.resume_from, .replace = begin.replace, .say = say};
  const Status written =
      manifest ? write_run(folder, run.record, *manifest, options) : Status(manifest.failure());
  if (!written) {
    monitor.note("the results could not be written: " + written.message());
    return complain(
        written.message() + (newer ? "; " + how_to_resume(request) + "the last checkpoint" : ""),
        kWorldFailed);
  }
  discard(checkpoints);
  if (!run.record.failed) return kDone;
  return complain(document.file + ": the run could not go on: " + run.record.stop_reason +
                      "; what it has is in " + folder.string(),
                  kWorldFailed);
}

/// Runs one seed and writes its folder. @return the exit code.
int run_seed(const Document& document, const RunRequest& request, std::uint64_t seed,
             const fs::path& folder) {
  std::optional<RankedRun> ranked;
  if (request.ranks) ranked.emplace(*request.ranks, request.scenario, seed, request.threads);
  request.signals->on_signal(request.give_up);
  const auto setup = set_up(document, seed);
  request.signals->on_signal([] { interrupted = true; });
  if (!setup) return complain(setup.message(), kUserError);
  say_remarks(document, *setup);
  if (ranked) {
    if (const Status agreed = ranked->agree(*setup); !agreed) {
      return complain(agreed.message(), kUserError);
    }
  }
  Beginning begin;
  if (request.resume) {
    const auto identity = identity_of(document, *setup);
    if (!identity) return complain(identity.message(), kWorldFailed);
    auto found = look_for_work(*identity, setup->may_go_on, folder);
    if (!found) return complain(found.message(), kUserError);
    begin = std::move(*found);
    if (!begin.failed.empty()) {
      return complain(folder.string() + ": the run could not go on: " + begin.failed, kWorldFailed);
    }
    if (begin.done) return complain(folder.string() + ": is done already", kDone);
  }
  const Circumstances circumstances{.command = request.command,
                                    .plugins = request.plugins,
                                    .kernels = std::string(kernels::to_string(kernels::best().set)),
                                    .threads = request.threads,
                                    .started = std::chrono::system_clock::now()};
  RunMonitor monitor(*setup, *request.line,
                     {.seed = seed_words(request, seed),
                      .started = started_words(request.command, seed),
                      .folder = folder,
                      .finished_before = begin.replace});
  for (const std::string& remark : remarks_of(*setup)) monitor.note("warning: " + remark);
  if (begin.replace && begin.resume_from.empty()) {
    monitor.say(folder.string() + ": keeps no checkpoint; the run starts again");
  }
  const fs::path checkpoints = checkpoints_of(folder);
  const auto run = simulate(document, *setup,
                            {.threads = request.threads,
                             .places = request.ranks,
                             .watch = &request.signals->jobs(),
                             .monitor = &monitor,
                             .interrupted = &interrupted,
                             .checkpoints = checkpoints,
                             .every = request.checkpoint_every,
                             .resume_from = begin.resume_from});
  if (!run) {
    monitor.note(run.message());
    return complain(run.message(), kWorldFailed);
  }
  if (run->fault || run->interrupted) {
    return say_unfinished(document, request, *run, checkpoints, monitor);
  }
  return keep(document, request, circumstances, *run, folder, begin, monitor);
}

int write_report(const RunGroup& group, bool say_so) {
  const std::string page = report_page({group});
  const fs::path file = group.folder / "report.html";
  const Status written = host::write_readable(file, std::as_bytes(std::span(page)));
  if (!written) return complain(written.message(), kWorldFailed);
  if (say_so) std::printf("report: %s\n", file.c_str());
  return kDone;
}

int say_if_nothing_was_learnt(const RunGroup& group) {
  int code = kDone;
  for (const StoredRun& run : group.runs) {
    if (run.manifest.nothing_learnt.empty()) continue;
    code = complain(run.manifest.name + ", seed " + std::to_string(run.manifest.seed) +
                        ": nothing was learnt: " + run.manifest.nothing_learnt,
                    kNothingLearnt);
  }
  return code;
}

int run_all(const Document& document, const RunRequest& request) {
  for (const std::uint64_t seed : request.seeds) {
    const fs::path folder = folder_of(request, seed);
    if (const int code = run_seed(document, request, seed, folder); code != kDone) return code;
    auto group = read_group(request.out);
    const bool last = seed == request.seeds.back();
    if (!group && !last) continue;  // seeds that were not extended yet end earlier
    if (!group && request.seeds.size() == 1) group = read_group(folder);
    if (!group) return complain(group.message(), kWorldFailed);
    if (request.apart && group->folder == request.out) {
      if (const Status written = write_group_summary(*group); !written) {
        return complain(written.message(), kWorldFailed);
      }
    }
    if (!last) continue;
    if (request.json) {
      std::fputs(group_summary_json(*group).c_str(), stdout);
    } else {
      std::fputs(summary_text(std::span(&*group, 1)).c_str(), stdout);
      std::printf("results: %s\n", request.out.c_str());
    }
    if (request.report) {
      if (const int code = write_report(*group, !request.json); code != kDone) return code;
    }
    return say_if_nothing_was_learnt(*group);
  }
  return kDone;
}

/// Refuses, before anything is computed, a folder that this run may not use.
Status check_folder(const Document& document, const RunRequest& request,
                    const schema::Scenario& scenario) {
  bool any = false;  // whether there is work to go on with
  for (const std::uint64_t seed : request.seeds) {
    const fs::path folder = folder_of(request, seed);
    const bool checkpoints = has_checkpoint(checkpoints_of(folder));
    if (checkpoints && !request.resume) {
      return Failure{checkpoints_of(folder).string() +
                     ": holds the checkpoints of an interrupted run; --resume goes on with it, or "
                     "remove the folder to start again"};
    }
    any = any || checkpoints || is_run_folder(folder);
    if (!request.resume || (!checkpoints && !is_run_folder(folder))) continue;
    const auto identity = identity_of(document, scenario, seed);
    if (!identity) return identity.failure();
    const bool may_go_on = document.registry.make(scenario.paradigm)->may_go_on();
    const auto begin = look_for_work(*identity, may_go_on, folder);
    if (!begin) return begin.failure();
  }
  if (!request.resume) return check_free(request.out);
  if (request.apart && is_run_folder(request.out)) {
    return Failure{request.out.string() +
                   ": holds one run; several seeds need a folder of their own"};
  }
  if (any) return {};
  if (const Status is_free = check_free(request.out); !request.apart && !is_free) return is_free;
  std::fprintf(stderr, "skerry: %s: there is nothing to go on from; the run starts\n",
               request.out.c_str());
  return {};
}

/// Tells the user how to go on after the watch has ended the process.
std::string how_to_go_on(const RunRequest& request) {
  for (const std::uint64_t seed : request.seeds) {
    const fs::path folder = folder_of(request, seed);
    if (!is_run_folder(folder) && !has_checkpoint(checkpoints_of(folder))) continue;
    return how_to_resume(request) + "the last checkpoint";
  }
  return "there is no checkpoint yet";
}

void add_options(Options& options) {
  namespace po = boost::program_options;
  using Texts = std::vector<std::string>;
  options.add()("set", po::value<Texts>()->composing(), "override a value: path.to.key=value");
  options.add()("plugin", po::value<Texts>()->composing(), "load plugins from a file (.so)");
  options.add()("seed", po::value<std::string>(), "run with this seed");
  options.add()("seeds", po::value<std::string>(), "run with each of these: 1..10 or 1,4,7");
  options.add_threads(std::max(1u, std::thread::hardware_concurrency() / launch().neighbours),
                      "threads that compute, of each process; results do not depend on them");
  options.add()("out", po::value<std::string>(),
                "folder for the results; never overwritten [runs/NAME-seedS]");
  options.add()("resume",
                "go on with the run in --out: from the checkpoints of an interrupted one, or from "
                "the end of one that stopped earlier than the scenario says now");
  options.add()("checkpoint-every", po::value<unsigned>()->default_value(30),
                "seconds between two checkpoints; 0: after every round");
  add_stop_grace(options);
  add_progress_options(options);
  options.add()("report", "write report.html too");
  options.add_format();
  options.positional("scenario", 1);
}

/// The seeds that --seed or --seeds names.
Result<std::vector<std::uint64_t>> seeds_of(const Options& options, const std::string& file,
                                            const schema::Scenario& scenario) {
  auto seeds = parse_seeds(options.get<std::string>(options.has("seed") ? "seed" : "seeds"));
  if (!seeds || seeds->size() == 1 || !scenario.seeds.all_pinned()) return seeds;
  return Failure{file + ": /seeds: pins every part: all seeds would give the same run"};
}

int run_here(std::span<const std::string> arguments, mpi::RemoteRanks* ranks) {
  Options options(
      "run SCENARIO [OPTIONS]",
      "Simulates a scenario and writes a folder of results. Ctrl-C stops cleanly: --resume goes "
      "on from there.");
  add_options(options);
  if (const auto code = options.parse(arguments)) return *code;
  if (options.list("scenario").size() != 1) return options.complain("a scenario file is needed");
  const auto grace = stop_grace_of(options);
  if (!grace) return options.complain(grace.message());
  RunRequest request;
  request.ranks = ranks;
  request.scenario = {.file = options.list("scenario").front(),
                      .overrides = options.list("set"),
                      .plugins = options.list("plugin")};
  const auto sets_seed = [](const std::string& text) { return text.starts_with("seed="); };
  if ((options.has("seed") || options.has("seeds")) &&
      std::ranges::any_of(request.scenario.overrides, sets_seed)) {
    return options.complain("--set seed contradicts --seed and --seeds: give one of them");
  }
  const auto document = open_document(request.scenario);
  if (!document) return complain(document.message(), kUserError);
  const auto scenario = check(*document);
  if (!scenario) return complain(scenario.message(), kUserError);

  request.seeds = {scenario->seed};
  if (options.has("seed") && options.has("seeds")) {
    return options.complain("--seed and --seeds contradict each other");
  }
  if (options.has("seed") || options.has("seeds")) {
    auto seeds = seeds_of(options, request.scenario.file, *scenario);
    if (!seeds) return options.complain(seeds.message());
    request.seeds = std::move(*seeds);
  }
  request.threads = options.get<unsigned>("threads");
  request.checkpoint_every = std::chrono::seconds(options.get<unsigned>("checkpoint-every"));
  request.resume = options.has("resume");
  request.report = options.has("report");
  request.json = options.json();
  ProgressLine line(progress_options_of(options));
  request.line = &line;
  if (request.resume && !options.has("out")) {
    return options.complain("--resume needs the --out of the run that was interrupted");
  }
  auto claim = options.has("out")
                   ? FolderClaim::of(options.get<std::string>("out"))
                   : FolderClaim::first_free("runs", default_stem(scenario->name, request.seeds));
  if (!claim) return complain(claim.message(), kUserError);
  request.out = claim->folder();
  request.apart = request.seeds.size() > 1 || (request.resume && holds_seeds(request.out));
  if (const Status fits = check_folder(*document, request, *scenario); !fits) {
    return complain(fits.message(), kUserError);
  }
  request.command = {"skerry", "run"};
  request.command.insert(request.command.end(), arguments.begin(), arguments.end());
  for (const std::string& plugin : document->plugins) request.plugins.emplace_back(plugin);

  SignalWatch signals({.grace = *grace, .advice = [&] { return how_to_go_on(request); }});
  request.signals = &signals;
  request.give_up = [&claim = *claim] {
    claim.give_back();
    end_interrupted();
  };
  return run_all(*document, request);
}

/// The value of `--stop-grace`, or the default if it is missing or wrong. Rank 0 reports a wrong
/// one.
Duration grace_in(std::span<const std::string> arguments) {
  const std::string key = "--stop-grace";
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(key + "=")) text = arguments[i].substr(key.size() + 1);
    if (arguments[i] == key && i + 1 < arguments.size()) text = arguments[i + 1];
  }
  const auto grace = parse_duration(text);
  return grace ? *grace : SignalWatch::Options().grace;
}

/// Reports that a rank has died, which is about to end the whole program.
void mourn(const std::string& name) {
  std::fprintf(stderr,
               "\nskerry: %s is no more, and the run with it; the same command with --resume and "
               "its --out goes on from the last checkpoint\n",
               name.c_str());
}

}  // namespace

int run_command(std::span<const std::string> arguments) {
  const Launch started = launch();
  if (started.ranks == 1) return run_here(arguments, nullptr);
  const bool first = started.rank == 0;
  // Rank 0 decides when to stop. A rank that is not told to stop within the grace ends all the
  // same: perhaps the signal was sent to it alone.
  std::optional<SignalWatch> signals;
  if (!first) {
    signals.emplace(SignalWatch::Options{
        .grace = grace_in(arguments),
        .second_ends = false,  // mpirun may send several while rank 0 saves the run
        .advice = [rank = started.rank] {
          return "skerry: that was rank " + std::to_string(rank);
        }});
  }
  const auto channel = mpi::join([first](const std::string& name) {
    if (first) mourn(name);
  });
  if (!channel) {
    if (!first) return kUserError;
    return complain("skerry: started as one of " + std::to_string(started.ranks) +
                        " processes: " + channel.message(),
                    kUserError);
  }
  if (first) {
    mpi::RemoteRanks ranks(**channel);
    return run_here(arguments, &ranks);
  }
  serve_ranks(**channel);
  return kDone;
}

}  // namespace skerry::experiments

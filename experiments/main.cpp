#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/plugin_call.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/file_bytes.hpp"
#include "experiments/command.hpp"
#include "experiments/launch.hpp"

namespace skerry::experiments {
namespace {

struct Entry {
  const char* name;
  Command command;
  const char* purpose;
  /// Under mpirun: whether every rank runs the command. If not, rank 0 alone does.
  bool on_every_rank = false;
};

constexpr Entry kCommands[] = {
    {"run", run_command, "simulate a scenario", true},
    {"list", list_command, "list the plugins of a slot, or all"},
    {"describe", describe_command, "what a plugin is and what its parameters mean"},
    {"validate", validate_command, "check scenarios without running them"},
    {"new", new_command, "begin a scenario or a plugin"},
    {"data", data_command, "fetch data sets, look at them and at how they are spread"},
    {"report", report_command, "draw runs, alone or against each other, as one page"},
    {"export", export_command, "write a run's numbers or model in another format"},
    {"cloud", cloud_command, "run a scenario's cloud on real machines"},
    {"edge", edge_command, "run one edge of a live run", true},
    {"infer", infer_command, "ask an edge of a live run about examples", true},
    {"status", status_command, "how a live run stands; stop it"},
    {"model", model_command, "the models of a run; tag them, go back to an earlier one"},
    {"label", label_command, "label examples of a live run from a program"},
    {"keys", keys_command, "make the certificates of a live run"},
    {"replay", replay_command, "run a recorded live run again, without any network"},
    {"version", version_command, "of what this program was built"},
};

void print_usage(std::FILE* out) {
  std::fprintf(out,
               "skerry: federated and joint edge-cloud learning, simulated and live\n\n"
               "usage: skerry COMMAND [OPTIONS]; skerry help COMMAND says more\n\n");
  for (const Entry& entry : kCommands) std::fprintf(out, "  %-10s %s\n", entry.name, entry.purpose);
  std::fprintf(out,
               "\nexit codes: 0 done, 2 the input is wrong, 3 the world failed, 4 given up: not "
               "ended in time after a signal,\n"
               "5 nothing was learnt, 70 a bug, 130 interrupted\n");
}

int after_printing() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return kDone;
  std::fprintf(stderr, "skerry: standard output: %s\n", std::strerror(errno));
  return kWorldFailed;
}

int run(std::vector<std::string> arguments) {
  const bool first = launch().rank == 0;
  if (arguments.empty()) {
    if (first) print_usage(stderr);
    return kUserError;
  }
  std::string name = arguments.front();
  arguments.erase(arguments.begin());
  if (name == "--version") name = "version";
  if (name == "--help" || name == "-h" || name == "help") {
    if (arguments.empty()) {
      if (first) print_usage(stdout);
      return kDone;
    }
    name = arguments.front();  // `help run` is `run --help`
    arguments.erase(arguments.begin());
    if (!arguments.empty()) {
      std::fprintf(stderr, "skerry: help takes one command, not \"%s\" besides\n",
                   arguments.front().c_str());
      return kUserError;
    }
    arguments.emplace_back("--help");
  }
  std::vector<std::string> names;
  for (const Entry& entry : kCommands) {
    if (name == entry.name) {
      const int code = first || entry.on_every_rank ? entry.command(arguments) : int{kDone};
      return code == kDone ? after_printing() : code;
    }
    names.emplace_back(entry.name);
  }
  if (!first) return kUserError;
  const std::string near = nearest(name, names);
  std::fprintf(stderr, "skerry: no command \"%s\"%s\n", name.c_str(),
               near.empty() ? "; see skerry --help" : ("; nearest \"" + near + "\"").c_str());
  return kUserError;
}

/// Prints a failure of the file system with the path that it was about. The path is the user's to
/// mend if it is too long; the rest is the world's.
int exit_code_of_file(const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& path = error.path2().empty() ? error.path1() : error.path2();
  const Failure failure = datasets::file_failure(path, error.code().value());
  std::fprintf(stderr, "skerry: %s\n", failure.message.c_str());
  return exit_code_of(failure);
}

/// Prints the exception being handled. A plugin's failure is reported as such, wherever it
/// happened, and so is a failure of the file system; every other exception that comes here is a
/// bug.
int exit_code_of_exception() {
  const JobFailure failure = current_failure();
  if (failure.plugin.empty()) {
    try {
      throw;
    } catch (const std::filesystem::filesystem_error& error) {
      return exit_code_of_file(error);
    } catch (const std::bad_alloc&) {
      std::fprintf(stderr, "skerry: out of memory\n");
      return kWorldFailed;
    } catch (...) {
    }
    std::fprintf(stderr, "skerry: bug: unexpected exception: %s\n", failure.text.c_str());
    return kBug;
  }
  std::fprintf(stderr, "skerry: %s\n", failure.message().c_str());
  return kWorldFailed;
}

/// For std::terminate: an exception that no caller can catch, such as one from a destructor or from
/// a plugin's own thread.
[[noreturn]] void end_with_words() {
  if (const std::string call = PluginCall::innermost(); !call.empty()) {
    std::fprintf(stderr, "skerry: %s: it ends the program\n", call.c_str());
  }
  std::_Exit(std::current_exception() == nullptr ? int{kBug} : exit_code_of_exception());
}

}  // namespace
}  // namespace skerry::experiments

int main(int count, char** values) {
  // Libraries may not start threads of their own: the drivers own all threads.
  setenv("OMP_NUM_THREADS", "1", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  std::set_terminate(skerry::experiments::end_with_words);
  try {
    return skerry::experiments::run(std::vector<std::string>(values + 1, values + count));
  } catch (...) {
    return skerry::experiments::exit_code_of_exception();
  }
}

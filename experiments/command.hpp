#pragma once

#include <cstdio>
#include <span>
#include <string>

#include "algorithms/sdk/result.hpp"

namespace skerry::experiments {

/// Exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kUserError = 2;      // the input is wrong; standard error says what
inline constexpr int kWorldFailed = 3;    // a file, a network or a peer failed
inline constexpr int kGivenUp = 4;        // a job did not return in time after a signal
inline constexpr int kNothingLearnt = 5;  // the run is over; its model is no better than the first
inline constexpr int kBug = 70;
inline constexpr int kInterrupted = 130;  // Ctrl-C, after a clean stop

/// What a command that ends with this failure returns.
inline int exit_code_of(const Failure& failure) {
  return failure.of_input ? kUserError : kWorldFailed;
}

/// Says on standard error why a command fails. @return `code`.
inline int fail(const std::string& text, int code) {
  std::fprintf(stderr, "skerry: %s\n", text.c_str());
  return code;
}
/// The same with the failure's own code.
inline int fail(const Failure& failure) { return fail(failure.message, exit_code_of(failure)); }

/// One sub-command. main() calls it once, on the main thread. An exception that leaves it ends the
/// process.
/// @param arguments  the words after the command's own name.
/// @return one of the exit codes above. A command that fails says why on standard error.
using Command = int (*)(std::span<const std::string> arguments);

int run_command(std::span<const std::string> arguments);
int list_command(std::span<const std::string> arguments);
int describe_command(std::span<const std::string> arguments);
int validate_command(std::span<const std::string> arguments);
int new_command(std::span<const std::string> arguments);
int data_command(std::span<const std::string> arguments);
int report_command(std::span<const std::string> arguments);
int export_command(std::span<const std::string> arguments);
int cloud_command(std::span<const std::string> arguments);
int edge_command(std::span<const std::string> arguments);
int infer_command(std::span<const std::string> arguments);
int status_command(std::span<const std::string> arguments);
int model_command(std::span<const std::string> arguments);
int label_command(std::span<const std::string> arguments);
int keys_command(std::span<const std::string> arguments);
int replay_command(std::span<const std::string> arguments);
int version_command(std::span<const std::string> arguments);

}  // namespace skerry::experiments

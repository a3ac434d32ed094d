#pragma once

#include <span>
#include <string>
#include <string_view>

#include "experiments/command.hpp"

namespace skerry::experiments {

/// One of the commands that a command like `skerry model` consists of.
struct SubCommand {
  std::string_view name;
  Command command;
  std::string_view purpose;  // for --help: a few words on one line
};

/// Runs the sub-command that the first argument names, with the arguments behind it.
/// @param command  the command's own name, for its messages: "model".
/// @param all      at least two, in the order of --help.
/// @return an exit code. A missing name, or one that nothing has, is one line on standard error.
int run_sub_command(const std::string& command, std::span<const SubCommand> all,
                    std::span<const std::string> arguments);

}  // namespace skerry::experiments

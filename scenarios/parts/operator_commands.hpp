#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/problems.hpp"

namespace skerry::parts {

/// A command that a cloud's role understands, as people write it: `tag MODEL TAG`, `rollback
/// [MODEL]`. Words in brackets may be left out, and stand last.
using CommandForm = std::string;

/// The words of a command: what spaces separate.
std::vector<std::string> words_of(const std::string& command);

/// Reports the commands of a scenario's `world.commands` that have none of these forms.
/// @param exact  commands that are understood as they are, whatever their words.
void check_commands(const std::vector<std::string>& commands, const std::vector<CommandForm>& forms,
                    const std::vector<std::string>& exact, Problems& problems);

}  // namespace skerry::parts

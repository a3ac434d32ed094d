#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

/// Runs a program (found on PATH) to its end in `folder`, without input. What it prints goes to the
/// files `stdout` and `stderr` there.
/// Errors: it cannot be started, or ends with a status other than 0; quotes a line of its stderr.
Status run_program(const std::vector<std::string>& command, const std::filesystem::path& folder);

}  // namespace skerry::datasets

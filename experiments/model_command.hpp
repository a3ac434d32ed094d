#pragma once

#include <span>
#include <string>

namespace skerry::experiments {

/// `skerry data list`: the views of the data that the models of a run were trained on. As
/// model_command(), on the main thread; returns an exit code.
int data_list_command(std::span<const std::string> arguments);

}  // namespace skerry::experiments

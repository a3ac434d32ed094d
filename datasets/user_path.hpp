#pragma once

#include <string>

namespace skerry::datasets {

/// The path that a user means: `~`, and `~` before a slash, stand for $HOME. All other paths stay
/// as they are, and so do these where $HOME is not set. Every path in a scenario and every argument
/// of a command comes through here before it is used.
std::string user_path(std::string path);

}  // namespace skerry::datasets

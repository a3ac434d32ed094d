#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

namespace skerry {

/// Thrown by a check that fails while a plugin's code runs (PluginCall): the plugin is at fault,
/// and its caller adds its name.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Says that this binary is a plugin file: its failed checks are always a plugin's fault. Called
/// once, when the file is loaded.
void checks_are_a_plugins();

/// Throws CheckFailure in a plugin file or while a plugin's code runs. Otherwise prints what was
/// violated and where, then aborts. Called by SKERRY_CHECK only.
[[noreturn]] void check_failed(std::string_view expression, std::string_view message,
                               std::source_location where = std::source_location::current());

}  // namespace skerry

/// States something that only a bug in Skerry or in a plugin can make false. On in release builds
/// too. What a user or a peer can cause is never a check: see result.hpp and problems.hpp.
#define SKERRY_CHECK(expression, message) \
  (static_cast<bool>(expression) ? void(0) : ::skerry::check_failed(#expression, message))

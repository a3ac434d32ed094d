#pragma once

#include <string>
#include <utility>
#include <vector>

namespace skerry {

struct PluginEntry;

/// A call of a plugin's code, from its construction to its end. Calls nest: an optimiser's step
/// within a local method's train(). While there is one, a failed SKERRY_CHECK on its thread throws
/// CheckFailure instead of ending the program, and calls_under_way() can name the innermost.
/// Cost: a few nanoseconds, no allocation and no lock once a thread has made its first call.
class PluginCall {
 public:
  /// @param plugin  outlives the process's last call, as entries of SKERRY_PLUGIN do.
  /// @param what    the member function: "share()"; a literal.
  PluginCall(const PluginEntry& plugin, const char* what);
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  /// Whether this thread is in one, and the innermost as calls_under_way() names it; empty outside.
  static bool is_under_way();
  static std::string innermost();

 private:
  const PluginEntry* outer_;
  const char* outer_what_;
};

/// What plugins are doing now, one line a thread: `reducer "krum", in reduce()`. Callable from any
/// thread; waits for none. The line of a thread that is just changing calls may mix the two.
std::vector<std::string> calls_under_way();

/// Throws the exception being handled as a JobError that names the plugin, unless it names one
/// already: the innermost plugin is at fault. Only inside a catch block.
[[noreturn]] void throw_named(const PluginEntry& plugin, const char* what);

/// Runs a plugin's code as a PluginCall. What it throws, whatever that is, leaves as a JobError.
template <class Call>
decltype(auto) naming(const PluginEntry& plugin, const char* what, Call&& call) {
  const PluginCall under_way(plugin, what);
  try {
    return std::forward<Call>(call)();
  } catch (...) {
    throw_named(plugin, what);
  }
}

}  // namespace skerry

#include "algorithms/sdk/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "algorithms/sdk/plugin_call.hpp"

namespace skerry {

namespace {

bool in_plugin_file = false;

}  // namespace

void checks_are_a_plugins() { in_plugin_file = true; }

void check_failed(std::string_view expression, std::string_view message,
                  std::source_location where) {
  if (in_plugin_file || PluginCall::is_under_way()) {
    throw CheckFailure(std::string(message) + " (" + std::string(expression) + " is false, at " +
                       where.file_name() + ":" + std::to_string(where.line()) + ")");
  }
  std::fprintf(stderr, "skerry: bug: %.*s (%.*s is false)\n  at %s:%u\n",
               static_cast<int>(message.size()), message.data(),
               static_cast<int>(expression.size()), expression.data(), where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

}  // namespace skerry

#include "algorithms/sdk/plugin_call.hpp"

#include <atomic>

#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

namespace {

/// What one thread is doing: an entry of a list that only grows. A thread that ends leaves its
/// entry to the next one, so that a reader never touches freed memory.
struct Doing {
  std::atomic<const PluginEntry*> plugin = nullptr;
  std::atomic<const char*> what = nullptr;
  std::atomic<bool> taken = true;
  Doing* next = nullptr;
};

std::atomic<Doing*> first = nullptr;

Doing* taken_one() {
  for (Doing* one = first; one != nullptr; one = one->next) {
    if (!one->taken.exchange(true)) return one;
  }
  auto* added = new Doing;
  added->next = first;
  while (!first.compare_exchange_weak(added->next, added)) {
  }
  return added;
}

struct Mine {
  Doing* doing = taken_one();
  ~Mine() { doing->taken = false; }
};

Doing& mine() {
  thread_local Mine mine;
  return *mine.doing;
}

std::string name_of(const PluginEntry& plugin) {
  return std::string(plugin.slot) + " \"" + plugin.name + "\"";
}

/// Empty where it calls no plugin.
std::string text_of(const Doing& doing) {
  const PluginEntry* plugin = doing.plugin;
  const char* what = doing.what;
  return plugin == nullptr || what == nullptr ? "" : name_of(*plugin) + ", in " + what;
}

}  // namespace

PluginCall::PluginCall(const PluginEntry& plugin, const char* what) {
  Doing& now = mine();
  outer_ = now.plugin.load(std::memory_order_relaxed);
  outer_what_ = now.what.load(std::memory_order_relaxed);
  now.what.store(what, std::memory_order_relaxed);
  now.plugin.store(&plugin, std::memory_order_relaxed);
}

PluginCall::~PluginCall() {
  Doing& now = mine();
  now.plugin.store(outer_, std::memory_order_relaxed);
  now.what.store(outer_what_, std::memory_order_relaxed);
}

bool PluginCall::is_under_way() { return mine().plugin.load(std::memory_order_relaxed) != nullptr; }

std::string PluginCall::innermost() { return text_of(mine()); }

std::vector<std::string> calls_under_way() {
  std::vector<std::string> lines;
  for (const Doing* one = first; one != nullptr; one = one->next) {
    if (std::string line = text_of(*one); !line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

void throw_named(const PluginEntry& plugin, const char* what) {
  JobFailure failure = current_failure();
  if (failure.plugin.empty()) {
    failure.plugin = name_of(plugin);
    failure.text = "in " + std::string(what) + ": " + failure.text;
  }
  throw JobError(std::move(failure));
}

}  // namespace skerry

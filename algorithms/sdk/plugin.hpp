#pragma once

#include <cstdint>
#include <iterator>
#include <vector>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

/// What a plugin file was built against; plain data, read before anything else in the file is
/// used.
struct AbiStamp {
  std::uint32_t magic = 0x53'4b'52'59;  // "SKRY"
  std::uint32_t size = sizeof(AbiStamp);
  std::uint32_t interface_version = 0;
  std::uint32_t compiler = 0;   // major version of the compiler
  std::uint32_t cxx11_abi = 0;  // libstdc++'s string and list layout
  std::uint32_t sanitizers = 0;
};

/// Raised with every change to an SDK header that affects plugins already built.
inline constexpr std::uint32_t kInterfaceVersion = 10;

/// What one version of the interface changed for plugins. Whoever loads a plugin that was built for
/// an older one is shown every row that is newer than the plugin.
struct InterfaceChange {
  std::uint32_t version;
  const char* what;
};
inline constexpr InterfaceChange kInterfaceChanges[] = {
    {5,
     "the records of an update are reduced together (Reducer::reduce), StepTerm has new hooks, an "
     "Attack may replace the training data (poisoned) and says what it knows (knowledge), "
     "transforms exist: rebuild, and see CONTRIBUTING"},
    {6,
     "a tensor that no gradient moves (running statistics) belongs to Group::kBuffer and reaches "
     "neither reducers nor optimisers, a learner has remarks() and may be built on rows of the "
     "data: rebuild"},
    {7,
     "what a plugin throws or does wrong is reported as its own fault, a failed check of its file "
     "included: rebuild"},
    {8,
     "Population::eligible_count() is eligible_at_most(), an upper bound: a Selector takes what "
     "eligible() says, or sample_eligible()"},
    {9, "a HardSampleMiner says how hard an example can be for it (hardest()): rebuild"},
    {10,
     "targets may be real numbers (DataSchema::values, Samples::targets(), Batch::targets), losses "
     "are a slot, a model is built for a LearnerTask, forward() gives Outputs and backward() takes "
     "Cotangents, a HardSampleMiner says how hard an example always is (easiest()), the learning "
     "rate "
     "changes from step to step (LocalSettings::scale_at(), not rate_scale), an Optimizer with a "
     "plain rate may decay weights (plain_decay()), a Term may refuse data (suits()): rebuild"},
};
static_assert(std::end(kInterfaceChanges)[-1].version == kInterfaceVersion,
              "a new version of the interface says what changed");

constexpr AbiStamp our_stamp() {
  AbiStamp stamp;
  stamp.interface_version = kInterfaceVersion;
  stamp.compiler = __GNUC__;
#ifdef _GLIBCXX_USE_CXX11_ABI
  stamp.cxx11_abi = _GLIBCXX_USE_CXX11_ABI;
#endif
#ifdef __SANITIZE_ADDRESS__
  stamp.sanitizers = 1;
#endif
  return stamp;
}

/// What a plugin file exports: its stamp and its own list of plugins.
struct PluginExports {
  AbiStamp stamp;
  const PluginEntry* const* first;
  void (*loaded)();  // to be called once
};

namespace binary_local {
// Each binary (the program, each .so) has its own head: hidden, so the linker never joins two.
[[gnu::visibility("hidden")]] inline const PluginEntry* head = nullptr;

struct Link {
  explicit Link(PluginEntry& entry) {
    entry.next = head;
    head = &entry;
  }
};
}  // namespace binary_local

namespace plugin_entry {

template <class P>
void resolve(FieldReader& reader, const ConfigNode& given, const std::string& pointer,
             ConfigNode& resolved) {
  typename P::Config config;
  reader.read(given, config, pointer);
  resolved = FieldWriter::write(config);
}

template <class P>
constexpr const char* example() {
  if constexpr (requires { P::kExample; }) {
    return P::kExample;
  } else {
    return nullptr;
  }
}

template <class Slot, class P>
void* make(const Registry& registry, const ConfigNode& resolved) {
  Problems problems;
  FieldReader reader(registry, problems);
  typename P::Config config;
  reader.read(resolved, config, "");
  SKERRY_CHECK(problems.empty(), "parameters were resolved: " + problems.text(""));
  Slot* slot = new P(config);
  return slot;
}

}  // namespace plugin_entry

}  // namespace skerry

/// The registration line of a plugin: its slot, its class, its name in scenarios, its purpose in
/// one line. The class has a nested `Config` with fields() and a constructor from it.
#define SKERRY_PLUGIN(Slot, Class, name, purpose)         \
  static ::skerry::PluginEntry skerry_entry_##Class{      \
      Slot::kSlot,                                        \
      name,                                               \
      purpose,                                            \
      __FILE__,                                           \
      ::skerry::plugin_entry::example<Class>(),           \
      &::skerry::FieldDescriber::describe<Class::Config>, \
      &::skerry::plugin_entry::resolve<Class>,            \
      &::skerry::plugin_entry::make<Slot, Class>,         \
      nullptr};                                           \
  static const ::skerry::binary_local::Link skerry_link_##Class{skerry_entry_##Class};

// The one function that a plugin file exports; weak, since every source that registers defines it.
extern "C" [[gnu::weak, gnu::used, gnu::visibility("default")]] ::skerry::PluginExports
skerry_plugin_exports() {
  return {::skerry::our_stamp(), &::skerry::binary_local::head, &::skerry::checks_are_a_plugins};
}

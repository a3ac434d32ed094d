#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/plugin_call.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

class Registry;

/// One plugin as it registers itself (see plugin.hpp).
struct PluginEntry {
  const char* slot;
  const char* name;
  const char* purpose;
  const char* file;
  /// A whole document that uses the plugin, with `{{name}}` where its own name belongs; null where
  /// the plugin brings none (a static `kExample` of its class).
  const char* example;
  std::vector<FieldDescriber::Field> (*describe)();
  /// Reads parameters, reports what is wrong with them, and gives them back with defaults filled
  /// in.
  void (*resolve)(FieldReader&, const ConfigNode& given, const std::string& pointer,
                  ConfigNode& resolved);
  /// A new plugin from resolved parameters, as its Slot*.
  void* (*make)(const Registry&, const ConfigNode& resolved);
  const PluginEntry* next;
};

/// The plugins a process knows, by slot and name.
class Registry {
 public:
  /// Takes over a list of entries; a name used twice in one slot is refused, naming both files.
  Status add(const PluginEntry* first);

  const PluginEntry* find(std::string_view slot, std::string_view name) const;
  /// Sorted names of one slot.
  std::vector<std::string> names(std::string_view slot) const;
  /// Sorted slots.
  std::vector<std::string> slots() const;
  /// All entries, sorted by slot and name.
  const std::vector<const PluginEntry*>& entries() const { return entries_; }

  /// The plugin a resolved choice names, behind its slot's checked() (see checked.hpp): what it
  /// throws or does wrong leaves as a JobError that names it. So does what its constructor throws.
  template <class Slot>
  std::unique_ptr<Slot> make(const Choice<Slot>& choice) const {
    const PluginEntry* entry = find(Slot::kSlot, choice.name);
    SKERRY_CHECK(entry != nullptr, "a resolved choice names a registered plugin");
    return checked(naming(*entry, "its constructor",
                          [&] {
                            return std::unique_ptr<Slot>(
                                static_cast<Slot*>(entry->make(*this, choice.parameters)));
                          }),
                   *entry);
  }

 private:
  std::vector<const PluginEntry*> entries_;
};

}  // namespace skerry

#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin_call.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry {

/// Says what a plugin did wrong; naming() adds its name. Only inside a PluginCall.
[[noreturn]] void refuse(const std::string& text);

/// What stands between a plugin and whoever calls it: `checked(plugin, entry)`, which each slot's
/// header declares and Registry::make() calls, gives an object of the slot that passes every call
/// on and ensures three things:
///
/// - Whatever the plugin throws (a failed SKERRY_CHECK included) leaves as a JobError of one line:
///   `reducer "krum" failed: in share(): no such record`.
/// - So does a result or a context that breaks what the slot's header says, where the caller could
///   not go on with it, or would go on without noticing.
/// - The call is a PluginCall, so that a process that must be ended can name what has not returned.
///
/// This wraps every virtual of every slot, the learners that a LearnerFactory builds (except their
/// constants: numerics(), layout(), schema(), outputs(), layers()) and the hooks of a StepTerm. It
/// does not wrap Samples and Partition, which are called once a row, nor the roles of a paradigm.
///
/// Inside a job a JobError fails the job. Outside of one (a constructor, traits(), wire(),
/// select()) it ends the run: exit status 2 before it has begun, 3 afterwards.
template <class Slot>
class Checked : public Slot {
 public:
  Checked(std::unique_ptr<Slot> plugin, const PluginEntry& entry)
      : plugin_(std::move(plugin)), entry_(entry) {}

 protected:
  template <class Call>
  decltype(auto) named(const char* what, Call&& call) const {
    return naming(entry_, what, std::forward<Call>(call));
  }
  /// load() of a slot with state, which must read exactly what save() wrote.
  void load_whole(ByteReader& reader) {
    named("load()", [&] {
      plugin().load(reader);
      if (!reader.finished()) refuse("it does not read exactly what save() wrote");
    });
  }
  Slot& plugin() const { return *plugin_; }
  const PluginEntry& entry() const { return entry_; }

 private:
  std::unique_ptr<Slot> plugin_;
  const PluginEntry& entry_;
};

/// Which records a payload has before a call, to check that it still has them after it. Holds none
/// of them: Payload::open() would copy a record that is held elsewhere.
class KeptRecords {
 public:
  /// @param name  what the plugin calls the payload: "context.state"; a literal.
  KeptRecords(const char* name, const Payload& payload);
  /// Refuses another number, order, name or layout of the records.
  void check(const Payload& payload) const;

 private:
  const char* name_;
  std::vector<RecordSpec> specs_;
};

/// Which real records of a payload are finite before a call, to check that they stay so. A record
/// that was not finite before (a frozen tensor, say) need not be afterwards.
class KeptFinite {
 public:
  /// @param name  what the plugin calls the payload; a literal.
  KeptFinite(const char* name, const Payload& payload);
  /// The payload has the same records.
  void check(const Payload& payload) const;

 private:
  const char* name_;
  std::vector<bool> finite_;
};

/// Refuses records without a layout or a name, names that occur twice, and names that belong to the
/// host: "model", "model/rest", "report", "buffers" and all that begin with "server/".
void check_records(std::span<const RecordSpec> records, const char* list);
/// Also refuses names that do not begin with the plugin's: its state is kept with that of others.
void check_own_records(std::span<const RecordSpec> records, const char* list,
                       const PluginEntry& owner);
/// Refuses infinite values and NaN.
void check_finite(std::span<const float> values, const char* name);
/// Likewise for the records of a payload that are learnt (RecordSpec::real()).
void check_finite(const Payload& payload, const char* name);

}  // namespace skerry

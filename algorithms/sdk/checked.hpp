#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/plugin_call.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry {

/// What stands between a plugin and whoever calls it: `checked(plugin, entry)`, which each slot's
/// header declares and Registry::make() calls, gives an object of the slot that passes every call
/// on and sees to three things:
///
/// - what the plugin throws (an exception, anything else, a failed SKERRY_CHECK) leaves as a
/// JobError
///   of one line: `reducer "krum" failed: in share(): no such record`;
/// - so does a result or a context that breaks what the slot's header says, where the caller could
///   not go on with it or would go on in silence;
/// - the call is a PluginCall, so that a process which must be ended says what has not returned.
///
/// Wrapped is every virtual of every slot, the learners that a LearnerFactory builds (but for their
/// constants: numerics(), layout(), schema(), outputs(), layers()) and the hooks of a StepTerm. Not
/// wrapped: Samples and Partition, which are called by the row, and the roles of a paradigm.
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
  Slot& plugin() const { return *plugin_; }
  const PluginEntry& entry() const { return entry_; }

 private:
  std::unique_ptr<Slot> plugin_;
  const PluginEntry& entry_;
};

/// Says what a plugin did wrong; naming() adds its name. Only inside a PluginCall.
[[noreturn]] void refuse(const std::string& text);

/// Which records a payload has before a call, to see that it has them after it. Holds none of them:
/// Payload::open() would copy what somebody else holds.
class KeptRecords {
 public:
  /// @param name  how the plugin knows the payload: "context.state"; a literal.
  KeptRecords(const char* name, const Payload& payload);
  /// Refuses another number, order, name or layout of the records.
  void check(const Payload& payload) const;

 private:
  const char* name_;
  std::vector<RecordSpec> specs_;
};

/// Which real records of a payload are finite before a call, to see that they stay so. What is not
/// finite before it (a frozen tensor may be so) need not be afterwards.
class KeptFinite {
 public:
  /// @param name  how the plugin knows the payload; a literal.
  KeptFinite(const char* name, const Payload& payload);
  /// The payload has the same records.
  void check(const Payload& payload) const;

 private:
  const char* name_;
  std::vector<bool> finite_;
};

/// Refuses records without a layout or a name, names that stand twice, and names that are the
/// host's: "model", "model/rest", "report", "buffers" and what begins with "server/".
void check_records(std::span<const RecordSpec> records, const char* list);
/// Likewise, and names that do not begin with the plugin's: state that many plugins keep together.
void check_own_records(std::span<const RecordSpec> records, const char* list,
                       const PluginEntry& owner);
/// Refuses an infinite value and one that is no number.
void check_finite(std::span<const float> values, const char* name);
/// Likewise for what is learnt of a payload (RecordSpec::real()).
void check_finite(const Payload& payload, const char* name);

}  // namespace skerry

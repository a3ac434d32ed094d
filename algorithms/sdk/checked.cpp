#include "algorithms/sdk/checked.hpp"

#include <set>
#include <stdexcept>
#include <string_view>

#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_the_hosts(std::string_view name) {
  return name == "model" || name == "model/rest" || name == "report" || name == "buffers" ||
         name.starts_with("server/");
}

}  // namespace

void refuse(const std::string& text) { throw std::runtime_error(text); }

KeptRecords::KeptRecords(const char* name, const Payload& payload) : name_(name) {
  for (const auto& record : payload.records()) specs_.push_back(record->spec());
}

void KeptRecords::check(const Payload& payload) const {
  const auto& records = payload.records();
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (i >= records.size() || records[i]->name() != specs_[i].name) {
      refuse(std::string(name_) + " has lost its record " + quoted(specs_[i].name));
    }
    if (records[i]->layout() != *specs_[i].layout) {
      refuse(std::string(name_) + " has its record " + quoted(specs_[i].name) +
             " in another shape");
    }
  }
  if (records.size() > specs_.size()) {
    refuse(std::string(name_) + " has a record too many, " +
           quoted(records[specs_.size()]->name()));
  }
}

KeptFinite::KeptFinite(const char* name, const Payload& payload) : name_(name) {
  for (const auto& record : payload.records()) {
    finite_.push_back(record->spec().real() && record->finite());
  }
}

void KeptFinite::check(const Payload& payload) const {
  for (std::size_t i = 0; i < finite_.size(); ++i) {
    const Record& record = *payload.records()[i];
    if (finite_[i] && !record.finite()) {
      refuse(std::string(name_) + " has a value that is infinite or not a number in its record " +
             quoted(record.name()));
    }
  }
}

void check_records(std::span<const RecordSpec> records, const char* list) {
  std::set<std::string_view> names;
  for (const RecordSpec& spec : records) {
    if (spec.name.empty() || spec.layout == nullptr) {
      refuse(std::string(list) + " has a record without a name or a layout");
    }
    if (is_the_hosts(spec.name)) {
      refuse(std::string(list) + " has a record " + quoted(spec.name) +
             ", a name that belongs to the host");
    }
    if (!names.insert(spec.name).second) {
      refuse(std::string(list) + " has the record " + quoted(spec.name) + " twice");
    }
  }
}

void check_own_records(std::span<const RecordSpec> records, const char* list,
                       const PluginEntry& owner) {
  check_records(records, list);
  for (const RecordSpec& spec : records) {
    if (spec.name.starts_with(owner.name)) continue;
    refuse(std::string(list) + " has a record " + quoted(spec.name) +
           ", whose name must begin with " + quoted(owner.name));
  }
}

void check_finite(std::span<const float> values, const char* name) {
  if (!ExactSum::finite(values)) {
    refuse(std::string(name) + " has a value that is infinite or not a number");
  }
}

void check_finite(const Payload& payload, const char* name) {
  for (const auto& record : payload.records()) {
    if (record->spec().real() && !record->finite()) {
      refuse(std::string(name) + " has a value that is infinite or not a number in its record " +
             quoted(record->name()));
    }
  }
}

}  // namespace skerry

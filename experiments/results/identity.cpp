#include "experiments/results/identity.hpp"

#include <algorithm>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/quantity.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/file_bytes.hpp"
#include "experiments/results/run_folder.hpp"

namespace skerry::experiments {

namespace {

constexpr std::size_t kLongestValue = 60;  // bytes in an error text

/// The number that a node holds, written as an integer or not: 1 equals 1.0.
std::optional<double> number_of(const ConfigNode& node) {
  if (node.as_integer() != nullptr) return static_cast<double>(*node.as_integer());
  if (node.as_double() != nullptr) return *node.as_double();
  return std::nullopt;
}

std::string short_text(const ConfigNode* node) {
  if (node == nullptr) return "missing";
  std::string text = node->text();
  if (text.size() > kLongestValue) text = text.substr(0, kLongestValue) + "…";
  return text;
}

std::string words(const std::string& pointer, const ConfigNode* there, const ConfigNode* here) {
  return pointer + " is " + short_text(there) + " there and " + short_text(here) + " here";
}

bool same_value(const ConfigNode& there, const ConfigNode& here) {
  if (there == here) return true;
  const auto a = number_of(there), b = number_of(here);
  return a && b && *a == *b;
}

std::optional<std::string> first_difference(const ConfigNode& there, const ConfigNode& here,
                                            const std::string& pointer,
                                            const std::vector<std::string_view>& without) {
  const auto left_out = [&](const std::string& key) {
    return std::find(without.begin(), without.end(), key) != without.end();
  };
  if (there.as_object() != nullptr && here.as_object() != nullptr) {
    for (const auto& [key, value] : *there.as_object()) {
      if (left_out(key)) continue;
      const ConfigNode* other = here.find(key);
      if (other == nullptr) return words(pointer + "/" + key, &value, nullptr);
      if (auto found = first_difference(value, *other, pointer + "/" + key, {})) return found;
    }
    for (const auto& [key, value] : *here.as_object()) {
      if (!left_out(key) && there.find(key) == nullptr) {
        return words(pointer + "/" + key, nullptr, &value);
      }
    }
    return std::nullopt;
  }
  const auto *first = there.as_array(), *second = here.as_array();
  if (first != nullptr && second != nullptr && first->size() == second->size()) {
    for (std::size_t i = 0; i < first->size(); ++i) {
      const std::string at = pointer + "/" + std::to_string(i);
      if (auto found = first_difference((*first)[i], (*second)[i], at, {})) return found;
    }
    return std::nullopt;
  }
  if (same_value(there, here)) return std::nullopt;
  return words(pointer, &there, &here);
}

ConfigNode* member(ConfigNode& node, std::string_view key) {
  ConfigNode* found = node.find(key);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

/// The number of the limit under `key` (bytes in bytes); nothing if the condition has no such key.
std::optional<double> amount(const ConfigNode& condition, std::string_view key) {
  const ConfigNode* value = condition.find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (key != "bytes" || value->as_string() == nullptr) return number_of(*value);
  const auto bytes = parse_bytes(*value->as_string());
  return bytes ? std::optional(static_cast<double>(bytes->count)) : std::nullopt;
}

/// Removes from both conditions the limits that may be extended. False if one would be met earlier
/// than before, or stands in one condition only.
bool take_limits(ConfigNode& earlier, ConfigNode& later) {
  for (const auto& [key, sign] : {std::pair("rounds", 1), std::pair("bytes", 1),
                                  std::pair("at_least", 1), std::pair("at_most", -1)}) {
    const auto before = amount(earlier, key), after = amount(later, key);
    if (before.has_value() != after.has_value()) return false;
    if (before && (*after - *before) * sign < 0) return false;
    earlier.erase(key);
    later.erase(key);
  }
  return true;
}

}  // namespace

RunIdentity identity_of(const StoredRun& run) {
  RunIdentity identity{run.record.scenario, run.manifest.data_hash, run.manifest.numerics, {}};
  for (const auto& plugin : run.manifest.plugins) identity.plugins.push_back(plugin.sha256);
  std::sort(identity.plugins.begin(), identity.plugins.end());
  return identity;
}

Result<std::vector<std::string>> plugin_hashes(const std::vector<std::string>& files) {
  std::vector<std::string> hashes;
  for (const std::string& file : files) {
    const auto bytes = datasets::read_file(file);
    if (!bytes) return bytes.failure();
    hashes.push_back(sha256(*bytes));
  }
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

std::optional<std::string> difference(const ConfigNode& there, const ConfigNode& here,
                                      const std::vector<std::string_view>& without) {
  return first_difference(there, here, "", without);
}

std::optional<std::string> difference(const RunIdentity& there, const RunIdentity& here) {
  if (auto found = difference(there.scenario, here.scenario, {"stop"})) return found;
  if (there.data_hash && here.data_hash && there.data_hash != here.data_hash) {
    return "the data's hash is " + hex16(*there.data_hash) + " there and " +
           hex16(*here.data_hash) + " here";
  }
  const bool both = !there.numerics.empty() && !here.numerics.empty();
  if (both && there.numerics != here.numerics) {
    return "the numerics rule is \"" + there.numerics + "\" there and \"" + here.numerics +
           "\" here";
  }
  if (there.plugins != here.plugins) return "the files of the plugins are not the same";
  return std::nullopt;
}

StopChange stop_change(const ConfigNode& earlier, const ConfigNode& later, bool may_go_on) {
  const ConfigNode *before = earlier.find("stop"), *after = later.find("stop");
  if (before == nullptr || after == nullptr) {
    return before == after ? StopChange::kNone : StopChange::kOther;
  }
  if (!difference(*before, *after)) return StopChange::kNone;
  if (!may_go_on) return StopChange::kOther;
  ConfigNode first = *before, second = *after;
  for (const char* list : {"any", "all"}) {
    ConfigNode *mine = member(first, list), *theirs = member(second, list);
    if (mine == nullptr || theirs == nullptr) continue;
    ConfigNode::Array *left = mine->as_array(), *right = theirs->as_array();
    if (left == nullptr || right == nullptr || left->size() != right->size()) {
      return StopChange::kOther;
    }
    for (std::size_t i = 0; i < left->size(); ++i) {
      if (!take_limits((*left)[i], (*right)[i])) return StopChange::kOther;
    }
  }
  return difference(first, second) ? StopChange::kOther : StopChange::kLater;
}

ConfigNode to_node(const RunIdentity& identity) {
  ConfigNode::Array plugins;
  for (const std::string& hash : identity.plugins) plugins.emplace_back(hash);
  return ConfigNode::Object{
      {"scenario", identity.scenario},
      {"data", identity.data_hash ? ConfigNode(hex16(*identity.data_hash)) : ConfigNode()},
      {"numerics", identity.numerics},
      {"plugins", std::move(plugins)}};
}

Result<RunIdentity> identity_from_node(const ConfigNode& node) {
  RunIdentity identity;
  const ConfigNode *scenario = node.find("scenario"), *data = node.find("data"),
                   *numerics = node.find("numerics"), *plugins = node.find("plugins");
  if (scenario == nullptr || scenario->as_object() == nullptr) {
    return Failure{"/scenario: must be an object"};
  }
  identity.scenario = *scenario;
  if (data == nullptr || data->as_string() == nullptr || !parse_hex16(*data->as_string())) {
    return Failure{"/data: must be 16 hexadecimal digits"};
  }
  identity.data_hash = parse_hex16(*data->as_string());
  if (numerics == nullptr || numerics->as_string() == nullptr) {
    return Failure{"/numerics: must be a string"};
  }
  identity.numerics = *numerics->as_string();
  if (plugins == nullptr || plugins->as_array() == nullptr) {
    return Failure{"/plugins: must be a list"};
  }
  for (const ConfigNode& hash : *plugins->as_array()) {
    if (hash.as_string() == nullptr) return Failure{"/plugins: must be a list of strings"};
    identity.plugins.push_back(*hash.as_string());
  }
  return identity;
}

std::uint64_t hash_of(const RunIdentity& identity) {
  RunIdentity run = identity;
  run.scenario.erase("stop");
  return stable_hash(0, to_node(run).text());
}

}  // namespace skerry::experiments

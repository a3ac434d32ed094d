#include "scenarios/parts/model_registry.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/check.hpp"

namespace skerry::parts {

ModelVersion ModelRegistry::add(ModelEntry entry) {
  for (const ModelVersion parent : entry.parents) {
    SKERRY_CHECK(find(parent) != nullptr, "a model's parents are in the registry");
  }
  entry.version = static_cast<ModelVersion>(entries_.size() + 1);
  entries_.push_back(std::move(entry));
  forget();
  return entries_.back().version;
}

const ModelEntry* ModelRegistry::find(ModelVersion version) const {
  return version >= 1 && version <= entries_.size() ? &entries_[version - 1] : nullptr;
}

ModelEntry* ModelRegistry::at(ModelVersion version) {
  SKERRY_CHECK(find(version) != nullptr, "a model of the registry");
  return &entries_[version - 1];
}

const ModelEntry* ModelRegistry::find_hash(std::uint64_t hash) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [hash](const ModelEntry& one) { return one.hash == hash; });
  return found == entries_.rend() ? nullptr : &*found;
}

void ModelRegistry::measure(ModelVersion version, const std::string& metric, double value) {
  at(version)->metrics[metric] = value;
}

void ModelRegistry::answered(ModelVersion version, std::uint64_t requests) {
  if (ModelEntry* entry = at(version)) entry->answers += requests;
}

void ModelRegistry::tag(ModelVersion version, const std::string& tag) {
  at(version)->tags.insert(tag);
}

void ModelRegistry::untag(ModelVersion version, const std::string& tag) {
  at(version)->tags.erase(tag);
}

bool ModelRegistry::serves(NodeId node, ModelVersion version, SimTime since) {
  if (find(version) == nullptr) return false;
  const auto [place, fresh] = serving_.try_emplace(node, ServedModel{version, since, 0});
  ServedModel& now = place->second;
  if (!fresh) {
    if (since < now.since) return false;
    if (version != now.version) now = {version, since, now.version};
  }
  forget();
  return true;
}

bool ModelRegistry::went_back(NodeId node, SimTime since) {
  const auto place = serving_.find(node);
  if (place == serving_.end() || place->second.before == 0 || since < place->second.since) {
    return false;
  }
  place->second = {place->second.before, since, 0};
  forget();
  return true;
}

const ServedModel* ModelRegistry::served(NodeId node) const {
  const auto place = serving_.find(node);
  return place == serving_.end() ? nullptr : &place->second;
}

std::vector<NodeId> ModelRegistry::nodes_with(ModelVersion version) const {
  std::vector<NodeId> nodes;
  for (const auto& [node, served] : serving_) {
    if (served.version == version) nodes.push_back(node);
  }
  return nodes;
}

std::vector<ModelVersion> ModelRegistry::ancestors(ModelVersion version) const {
  std::set<ModelVersion> found;
  std::vector<ModelVersion> open{version};
  while (!open.empty()) {
    const ModelEntry* entry = find(open.back());
    open.pop_back();
    if (entry == nullptr) continue;
    for (const ModelVersion parent : entry->parents) {
      if (found.insert(parent).second) open.push_back(parent);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<ModelVersion> ModelRegistry::descendants(ModelVersion version) const {
  std::set<ModelVersion> found{version};
  for (const ModelEntry& entry : entries_) {  // parents are older
    const bool from_one = std::any_of(entry.parents.begin(), entry.parents.end(),
                                      [&](ModelVersion parent) { return found.contains(parent); });
    if (from_one) found.insert(entry.version);
  }
  found.erase(version);
  return {found.begin(), found.end()};
}

/// Lets go of the parameters that nobody needs any more; what is known of those models stays.
void ModelRegistry::forget() {
  std::set<ModelVersion> needed;
  for (const auto& [node, served] : serving_) needed.insert({served.version, served.before});
  for (ModelEntry& entry : entries_) {
    const bool newest = entry.version + kept_ > entries_.size();
    if (!newest && !needed.contains(entry.version)) entry.model = {};
  }
}

}  // namespace skerry::parts

#include "scenarios/parts/model_registry.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "algorithms/sdk/check.hpp"

namespace skerry::parts {

namespace {

Status check_tag(const std::string& tag) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  };
  const bool begins = !tag.empty() && std::isalpha(static_cast<unsigned char>(tag.front())) != 0;
  if (!begins || tag.size() > 40 || !std::ranges::all_of(tag, fits)) {
    return wrong_input("\"" + tag +
                       "\" is no tag: a tag is a letter, then up to 39 letters, digits, \".\", "
                       "\"_\" and \"-\"");
  }
  if (!role::says_what_became(tag)) return {};
  return wrong_input("the tag \"" + tag + "\" says what became of a model; choose another word");
}

}  // namespace

std::string model_name(ModelVersion version) { return "model " + std::to_string(version); }

ModelEntry& ModelRegistry::change(ModelVersion version) {
  SKERRY_CHECK(find(version) != nullptr, "a model of the registry");
  ModelEntry& entry = catalogue_.models[version - 1];
  entry.changed = ++catalogue_.revision;
  return entry;
}

ModelVersion ModelRegistry::add(ModelEntry entry) {
  for (const ModelVersion parent : entry.parents) {
    SKERRY_CHECK(find(parent) != nullptr, "a model's parents are in the registry");
  }
  entry.version = static_cast<ModelVersion>(catalogue_.models.size() + 1);
  entry.tags = {"candidate"};
  entry.changed = ++catalogue_.revision;
  catalogue_.models.push_back(std::move(entry));
  forget();
  return catalogue_.models.back().version;
}

void ModelRegistry::measure(ModelVersion version, const std::string& metric, double value) {
  change(version).metrics[metric] = value;
}

void ModelRegistry::answered(ModelVersion version, std::uint64_t requests) {
  change(version).answers += requests;
}

void ModelRegistry::decided(ModelVersion version, const char* tag) {
  ModelEntry& entry = change(version);
  entry.tags.erase("candidate");
  entry.tags.insert(tag);
}

void ModelRegistry::deployed(ModelVersion version) {
  if (!line_.empty()) {
    ModelEntry& before = change(line_.back());
    before.tags.erase("deployed");
    before.tags.insert("retired");
  }
  decided(version, "deployed");
  line_.push_back(version);
  forget();
}

Result<NumberedModel> ModelRegistry::way_back(std::string_view which, bool on_trial) const {
  if (line_.empty()) return wrong_input("no model is deployed yet");
  const ModelVersion now = line_.back();
  ModelVersion target = now;
  if (!which.empty()) {
    const auto named = catalogue_.named(which);
    if (!named) return named.failure();
    target = *named;
  } else if (!on_trial) {
    if (line_.size() == 1) {
      return wrong_input(model_name(now) + " is deployed, and no other one was before it");
    }
    target = line_[line_.size() - 2];
  }
  if (target == now && !on_trial) return wrong_input(model_name(now) + " is what is deployed");
  if (std::ranges::find(line_, target) == line_.end()) {
    return wrong_input(model_name(target) + " is none of those that were deployed before " +
                       model_name(now));
  }
  const role::PayloadRef& model = find(target)->model;
  if (model) return NumberedModel{target, model};
  return wrong_input("the parameters of " + model_name(target) +
                     " are forgotten: they are kept of models that serve or could be gone back "
                     "to at once, and of the newest " +
                     std::to_string(kept_));
}

void ModelRegistry::go_back(ModelVersion version) {
  SKERRY_CHECK(std::ranges::find(line_, version) != line_.end(), "a model that was deployed");
  if (line_.back() == version) return;
  ModelEntry& gone = change(line_.back());
  gone.tags.erase("deployed");
  gone.tags.insert("rolled back");
  while (line_.back() != version) line_.pop_back();
  ModelEntry& back = change(version);
  back.tags.erase("retired");
  back.tags.insert("deployed");
  forget();
}

Status ModelRegistry::tag(ModelVersion version, const std::string& tag) {
  if (const Status fits = check_tag(tag); !fits) return fits;
  change(version).tags.insert(tag);
  return {};
}

Status ModelRegistry::untag(ModelVersion version, const std::string& tag) {
  if (const Status fits = check_tag(tag); !fits) return fits;
  if (!find(version)->tags.contains(tag)) {
    return wrong_input(model_name(version) + " has no tag \"" + tag + "\"");
  }
  change(version).tags.erase(tag);
  return {};
}

bool ModelRegistry::serves(NodeId node, ModelVersion version, SimTime since) {
  if (find(version) == nullptr) return false;
  const auto [place, fresh] = catalogue_.serving.try_emplace(node, ServedModel{version, since, 0});
  ServedModel& now = place->second;
  if (!fresh && since < now.since) return false;
  if (!fresh && version == now.version) return true;
  if (!fresh) now = {version, since, version == now.before ? 0 : now.version};
  now.changed = ++catalogue_.revision;
  forget();
  return true;
}

const ServedModel* ModelRegistry::served(NodeId node) const {
  const auto place = catalogue_.serving.find(node);
  return place == catalogue_.serving.end() ? nullptr : &place->second;
}

/// Lets go of the parameters that nobody needs any more; what is known of those models stays. A
/// copy that has the parameters keeps them, so the rows count as unchanged.
void ModelRegistry::forget() {
  std::set<ModelVersion> needed(line_.end() - std::min<std::ptrdiff_t>(2, std::ssize(line_)),
                                line_.end());
  for (const auto& [node, served] : catalogue_.serving) {
    needed.insert({served.version, served.before});
  }
  for (ModelEntry& entry : catalogue_.models) {
    const bool newest = entry.version + kept_ > catalogue_.models.size();
    if (!newest && !needed.contains(entry.version)) entry.model = {};
  }
}

}  // namespace skerry::parts

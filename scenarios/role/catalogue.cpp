#include "scenarios/role/catalogue.hpp"

#include <algorithm>
#include <charconv>

#include "algorithms/sdk/printable.hpp"

namespace skerry::role {

bool says_what_became(std::string_view tag) {
  constexpr std::string_view kAll[] = {"candidate", "deployed", "rejected",
                                       "dropped",   "retired",  "rolled back"};
  return std::ranges::find(kAll, tag) != std::end(kAll);
}

const CataloguedModel* Catalogue::find(ModelVersion version) const {
  return version >= 1 && version <= models.size() ? &models[version - 1] : nullptr;
}

Result<ModelVersion> Catalogue::named(std::string_view which) const {
  const char* const end = which.data() + which.size();
  ModelVersion number = 0;
  const auto [rest, error] = std::from_chars(which.data(), end, number);
  const bool is_number = error == std::errc() && rest == end;
  if (is_number && find(number) != nullptr) return number;
  for (auto one = models.rbegin(); one != models.rend() && !is_number; ++one) {
    if (one->tags.contains(std::string(which)) || hex16(one->hash) == which) {
      return one->version;
    }
  }
  if (models.empty()) return wrong_input("there are no models yet");
  std::set<std::string> tags;
  for (const CataloguedModel& one : models) tags.insert(one.tags.begin(), one.tags.end());
  std::string known;
  for (const std::string& tag : tags) known += (known.empty() ? "" : ", ") + tag;
  return wrong_input("no model \"" + std::string(which) + "\"; there are models 1 to " +
                     std::to_string(models.size()) +
                     (known.empty() ? "" : ", and the tags " + known));
}

std::vector<ModelVersion> Catalogue::ancestors(ModelVersion version) const {
  std::set<ModelVersion> found;
  std::vector<ModelVersion> open{version};
  while (!open.empty()) {
    const CataloguedModel* one = find(open.back());
    open.pop_back();
    if (one == nullptr) continue;
    for (const ModelVersion parent : one->parents) {
      if (found.insert(parent).second) open.push_back(parent);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<ModelVersion> Catalogue::descendants(ModelVersion version) const {
  std::set<ModelVersion> found{version};
  for (const CataloguedModel& one : models) {  // parents are older
    const bool from_one = std::any_of(one.parents.begin(), one.parents.end(),
                                      [&](ModelVersion parent) { return found.contains(parent); });
    if (from_one) found.insert(one.version);
  }
  found.erase(version);
  return {found.begin(), found.end()};
}

std::vector<NodeId> Catalogue::nodes_with(ModelVersion version) const {
  std::vector<NodeId> nodes;
  for (const auto& [node, served] : serving) {
    if (served.version == version) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace skerry::role

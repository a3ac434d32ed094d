#include "datasets/class_groups.hpp"

#include <numeric>

#include "algorithms/sdk/random.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMostNamed = 6;

}  // namespace

ClassGroups::ClassGroups(const ClassGroupsConfig& config, const StreamRequest& request)
    : task_of_(request.schema.classes), place_of_(request.schema.classes) {
  std::vector<std::uint32_t> order(request.schema.classes);
  std::iota(order.begin(), order.end(), 0u);
  if (config.shuffle) RandomStream(request.seed, "class_groups").shuffle(std::span(order));
  for (const std::uint32_t c : order) {
    if (groups_.empty() || groups_.back().size() == config.classes_per_experience) {
      groups_.emplace_back();
    }
    task_of_[c] = static_cast<std::uint32_t>(groups_.size() - 1);
    place_of_[c] = static_cast<std::int32_t>(groups_.back().size());
    groups_.back().push_back(c);
  }
}

std::vector<std::string> ClassGroups::names(std::span<const std::string> class_names) const {
  std::vector<std::string> names;
  for (const std::vector<std::uint32_t>& group : groups_) {
    std::string name = group.size() == 1 ? "class " : "classes ";
    for (std::size_t i = 0; i < group.size() && i < kMostNamed; ++i) {
      if (i > 0) name += i + 1 == group.size() ? " and " : ", ";
      name += group[i] < class_names.size() ? class_names[group[i]] : std::to_string(group[i]);
    }
    if (group.size() > kMostNamed) {
      name += " and " + std::to_string(group.size() - kMostNamed) + " more";
    }
    names.push_back(std::move(name));
  }
  return names;
}

void ClassGroupsPlan::deal(const StreamRows& rows, RowLists& lists) const {
  lists.assign(groups_.size(), {});
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    lists[groups_.task_of(rows.labels[i])].push_back(rows.rows[i]);
  }
}

}  // namespace skerry::datasets

// One experience for each value of an attribute, or for each group of values: a country, a sensor,
// a site after another.
//
// Definition: without `groups`, `order` or `cuts`, one experience a level, words in the order of
// their bytes, numbers ascending; `order` lists all levels, `groups` all levels in groups. With
// `cuts` a numeric attribute is cut into (-inf, c_1), [c_1, c_2) ... [c_n, inf). A row comes with
// its level.

#include <algorithm>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/attribute_levels.hpp"

namespace skerry::datasets {

namespace {

struct ByAttributeConfig {
  std::string attribute;
  std::vector<std::string> order;
  std::vector<std::vector<std::string>> groups;
  std::vector<double> cuts;
  Pace pace;
  template <class V>
  void fields(V& v) {
    v("attribute", attribute, {.meaning = "the attribute of the data", .required = true});
    v("order", order, {.meaning = "its levels, in the order in which they come; default: sorted"});
    v("groups", groups, {.meaning = "lists of levels, each list one experience"});
    v("cuts", cuts, {.meaning = "ascending numbers that cut a numeric attribute into experiences"});
    pace.shared_field(v);
    pace.fields(v);
  }
  void check(FieldReader& reader) const {
    pace.check(reader);
    if (!order.empty() + !groups.empty() + !cuts.empty() > 1) {
      reader.error("", "says at most one of \"order\", \"groups\" and \"cuts\"");
    }
    if (std::ranges::adjacent_find(cuts, std::ranges::greater_equal()) != cuts.end()) {
      reader.error("cuts", "must ascend");
    }
    for (const std::vector<std::string>& group : groups) {
      if (group.empty()) reader.error("groups", "has a group without levels");
    }
  }
};

class LevelsPlan final : public StreamPlan {
 public:
  LevelsPlan(StreamTasks tasks, AttributeLevels levels, const RowLists& groups)
      : StreamPlan(std::move(tasks)),
        levels_(std::move(levels)),
        task_of_level_(levels_.names().size()) {
    for (std::uint32_t task = 0; task < groups.size(); ++task) {
      for (const std::uint32_t level : groups[task]) task_of_level_[level] = task;
    }
  }

  void deal(const StreamRows& rows, RowLists& lists) const override {
    lists.assign(tasks().names.size(), {});
    const std::vector<std::uint32_t> levels = levels_.of(rows);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      lists[task_of_level_[levels[i]]].push_back(rows.rows[i]);
    }
  }

 private:
  AttributeLevels levels_;
  std::vector<std::uint32_t> task_of_level_;
};

class CutsPlan final : public StreamPlan {
 public:
  CutsPlan(StreamTasks tasks, const ByAttributeConfig& config)
      : StreamPlan(std::move(tasks)), attribute_(config.attribute), cuts_(config.cuts) {}

  void deal(const StreamRows& rows, RowLists& lists) const override {
    lists.assign(cuts_.size() + 1, {});
    const std::vector<double>& numbers = rows.attributes.find(attribute_)->numbers;
    for (const std::uint32_t row : rows.rows) {
      const auto above = std::ranges::upper_bound(cuts_, numbers[row]);
      lists[static_cast<std::size_t>(above - cuts_.begin())].push_back(row);
    }
  }

 private:
  std::string attribute_;
  std::vector<double> cuts_;
};

class ByAttribute final : public Stream {
 public:
  using Config = ByAttributeConfig;
  explicit ByAttribute(const Config& config) : config_(config) {}

  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    if (!config_.cuts.empty()) return plan_of_cuts(request);
    Result<AttributeLevels> levels = AttributeLevels::find(request, config_.attribute);
    if (!levels) return levels.failure();
    std::vector<std::vector<std::string>> names = config_.groups;
    if (names.empty()) {
      for (const auto& level : config_.order.empty() ? levels->names() : config_.order) {
        names.push_back({level});
      }
    }
    const Result<RowLists> groups = levels->grouped(names);
    if (!groups) return groups.failure();
    StreamTasks tasks{.levels = levels->names()};
    for (const std::vector<std::string>& group : names) {
      std::string name = config_.attribute + " ";
      for (std::size_t i = 0; i < group.size(); ++i) name += (i > 0 ? ", " : "") + group[i];
      tasks.names.push_back(std::move(name));
    }
    return std::unique_ptr<StreamPlan>(
        std::make_unique<LevelsPlan>(std::move(tasks), std::move(*levels), *groups));
  }

 private:
  Result<std::unique_ptr<StreamPlan>> plan_of_cuts(const StreamRequest& request) const {
    if (Status there = check_attribute(request, config_.attribute); !there) return there.failure();
    for (const Attributes* attributes : {&request.train, &request.test}) {
      const AttributeColumn* column = attributes->find(config_.attribute);
      if (column == nullptr || !column->categorical()) continue;
      return Failure{"attribute \"" + config_.attribute + "\" holds words; cuts need numbers"};
    }
    StreamTasks tasks;
    const auto text = [&](std::size_t i) { return ConfigNode(config_.cuts[i]).text(); };
    tasks.names.push_back(config_.attribute + " below " + text(0));
    for (std::size_t i = 1; i < config_.cuts.size(); ++i) {
      tasks.names.push_back(config_.attribute + " from " + text(i - 1) + " to " + text(i));
    }
    tasks.names.push_back(config_.attribute + " from " + text(config_.cuts.size() - 1));
    return std::unique_ptr<StreamPlan>(std::make_unique<CutsPlan>(std::move(tasks), config_));
  }

  Config config_;
};

SKERRY_PLUGIN(Stream, ByAttribute, "by_attribute", "an experience for each value of an attribute")

}  // namespace

}  // namespace skerry::datasets

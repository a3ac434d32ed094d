// Classes come in groups, but some rows of a class come with other groups: borders of tasks blur.
//
// Reference: Bang, Kim, Yoo, Ha, Choi 2021, "Rainbow Memory: Continual Learning with a Memory of
// Diverse Samples", sec. 3 (Blurry-M: M % of a task's samples are of the classes of other tasks);
// Koh, Kim, Ha, Choi 2022, "Online Continual Learning on Class Incremental Blurry Task
// Configuration with Anytime Inference", sec. 3 (i-Blurry-N-M: N % of the classes are disjoint).
// Definition: of a class that is not disjoint, each row leaves the group of its class with
// probability `share` and comes with one of the others, each as likely as another. In each group,
// the first floor(disjoint * size + 1/2) classes are disjoint.
// Differences: rows are drawn one by one, so that a row goes the same way whichever node holds it;
// the papers move exact numbers. Rows to validate and test on stay with the group of their class.

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/random.hpp"
#include "datasets/class_groups.hpp"

namespace skerry::datasets {

namespace {

struct BlurryConfig {
  double share = 0.1;
  double disjoint = 0;
  ClassGroupsConfig groups;
  template <class V>
  void fields(V& v) {
    v("share", share,
      {.meaning = "chance of a row to come with a group that its class does not belong to",
       .min = 0,
       .max = 1});
    v("disjoint", disjoint,
      {.meaning = "part of each group's classes whose rows never do", .min = 0, .max = 1});
    groups.fields(v);
  }
  void check(FieldReader& reader) const { groups.check(reader); }
};

class BlurryPlan final : public StreamPlan {
 public:
  BlurryPlan(StreamTasks tasks, ClassGroups groups, const BlurryConfig& config, std::uint64_t seed)
      : StreamPlan(std::move(tasks)), groups_(std::move(groups)), config_(config), seed_(seed) {}

  void deal(const StreamRows& rows, RowLists& lists) const override {
    lists.assign(groups_.size(), {});
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      const std::uint32_t row = rows.rows[i];
      std::uint32_t task = groups_.task_of(rows.labels[i]);
      if (rows.split == Split::kTrain && !is_disjoint(rows.labels[i])) task = blurred(task, row);
      lists[task].push_back(row);
    }
  }

 private:
  bool is_disjoint(std::int32_t label) const {
    const auto size = static_cast<double>(groups_.group(groups_.task_of(label)).size());
    return groups_.place_of(label) < static_cast<std::int32_t>(config_.disjoint * size + 0.5);
  }

  std::uint32_t blurred(std::uint32_t own, std::uint32_t row) const {
    if (groups_.size() < 2) return own;
    RandomStream random(seed_, "blurry", NodeId::cloud(), row);
    if (random.uniform() >= config_.share) return own;
    const auto other = static_cast<std::uint32_t>(random.below(groups_.size() - 1));
    return other < own ? other : other + 1;
  }

  ClassGroups groups_;
  BlurryConfig config_;
  std::uint64_t seed_;
};

class Blurry final : public Stream {
 public:
  using Config = BlurryConfig;
  explicit Blurry(const Config& config) : config_(config) {}

  bool needs_labels() const override { return true; }
  const Pace& pace() const override { return config_.groups.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    ClassGroups groups(config_.groups, request);
    StreamTasks tasks{.names = groups.names(request.class_names)};
    return std::unique_ptr<StreamPlan>(
        std::make_unique<BlurryPlan>(std::move(tasks), std::move(groups), config_, request.seed));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, Blurry, "blurry", "groups of classes with some rows of others among them")

}  // namespace

}  // namespace skerry::datasets

// Classes come in groups, and the learner is told of which group a row is.
//
// Reference: van de Ven, Tuytelaars, Tolias 2022, "Three types of incremental learning", task-
// incremental learning; the multi-headed layout: one output a class, of which a task uses its own.
// Differences: the number of classes may be no multiple of the size of a group.
// Labels: unchanged, the number of the class in the data set. The task of an experience is known
// (Experience::task), to train and to test, and with it its outputs: StreamTasks::active is 1 for
// the classes of its group and 0 for all others.

#include "algorithms/sdk/plugin.hpp"
#include "datasets/class_groups.hpp"

namespace skerry::datasets {

namespace {

class TaskIncremental final : public Stream {
 public:
  using Config = ClassGroupsConfig;
  explicit TaskIncremental(const Config& config) : config_(config) {}

  bool needs_labels() const override { return true; }
  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    ClassGroups groups(config_, request);
    StreamTasks tasks{.names = groups.names(request.class_names)};
    for (std::size_t task = 0; task < groups.size(); ++task) {
      auto& active = tasks.active.emplace_back(request.schema.classes, std::uint8_t{0});
      for (const std::uint32_t c : groups.group(task)) active[c] = 1;
    }
    return std::unique_ptr<StreamPlan>(
        std::make_unique<ClassGroupsPlan>(std::move(tasks), std::move(groups)));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, TaskIncremental, "task_incremental",
              "new classes with each experience, of which each uses its own outputs")

}  // namespace

}  // namespace skerry::datasets

// Classes come in groups: each experience brings the rows of classes that were not there before.
//
// Reference: van de Ven, Tuytelaars, Tolias 2022, "Three types of incremental learning", class-
// incremental learning: the learner must tell all classes apart, with no word on the task.
// Differences: the number of classes may be no multiple of the size of a group.
// Labels: unchanged. Every task uses all outputs.

#include "algorithms/sdk/plugin.hpp"
#include "datasets/class_groups.hpp"

namespace skerry::datasets {

namespace {

class ClassIncremental final : public Stream {
 public:
  using Config = ClassGroupsConfig;
  explicit ClassIncremental(const Config& config) : config_(config) {}

  bool needs_labels() const override { return true; }
  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    ClassGroups groups(config_, request);
    StreamTasks tasks{.names = groups.names(request.class_names)};
    return std::unique_ptr<StreamPlan>(
        std::make_unique<ClassGroupsPlan>(std::move(tasks), std::move(groups)));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, ClassIncremental, "class_incremental", "new classes with each experience")

}  // namespace

}  // namespace skerry::datasets

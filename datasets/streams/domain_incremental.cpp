// The same few labels in every experience, each time of other classes: the kind of problem stays,
// what it is about changes.
//
// Reference: van de Ven, Tuytelaars, Tolias 2022, "Three types of incremental learning", domain-
// incremental learning: in Split MNIST, the label of a digit is its place in its context (0 or 1),
// and the learner is not told of which context a digit is.
// Differences: none.
// Labels: the place of the class in its group, 0 to classes_per_experience - 1. The data as
// learners see it has classes_per_experience classes; the number of classes must be a multiple of
// that.

#include <utility>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/class_groups.hpp"

namespace skerry::datasets {

namespace {

/// The same rows and inputs; a label is its class's place in its group.
class PlaceLabels final : public Samples {
 public:
  PlaceLabels(std::shared_ptr<const Samples> original, const ClassGroups& groups)
      : original_(std::move(original)), groups_(groups), schema_(original_->schema()) {
    schema_.classes = static_cast<std::uint32_t>(groups.group(0).size());
  }

  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return original_->size(); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    original_->inputs(rows, out);
  }
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    original_->labels(rows, out);
    for (std::int32_t& label : out) label = groups_.place_of(label);
  }
  void prefetch(std::span<const std::uint32_t> rows) const override { original_->prefetch(rows); }
  ByteRows byte_rows() const override { return original_->byte_rows(); }

 private:
  std::shared_ptr<const Samples> original_;
  ClassGroups groups_;
  DataSchema schema_;
};

class PlaceLabelsPlan final : public ClassGroupsPlan {
 public:
  using ClassGroupsPlan::ClassGroupsPlan;
  std::shared_ptr<const Samples> shown(std::shared_ptr<const Samples> original) const override {
    return std::make_shared<PlaceLabels>(std::move(original), groups());
  }
};

class DomainIncremental final : public Stream {
 public:
  using Config = ClassGroupsConfig;
  explicit DomainIncremental(const Config& config) : config_(config) {}

  bool needs_labels() const override { return true; }
  const Pace& pace() const override { return config_.pace; }

  Result<std::unique_ptr<StreamPlan>> plan(const StreamRequest& request) const override {
    const std::uint32_t each = config_.classes_per_experience;
    if (each < 2) return Failure{"classes_per_experience is 1: every label would be 0"};
    if (request.schema.classes % each != 0) {
      return Failure{std::to_string(request.schema.classes) + " classes make no whole groups of " +
                     std::to_string(each) + ": the labels of the last one would be too few"};
    }
    ClassGroups groups(config_, request);
    StreamTasks tasks{.names = groups.names(request.class_names)};
    RunningHash hash;
    for (std::size_t task = 0; task < groups.size(); ++task) {
      hash.add(std::as_bytes(std::span(groups.group(task))));
    }
    tasks.content_hash = hash.value();
    return std::unique_ptr<StreamPlan>(
        std::make_unique<PlaceLabelsPlan>(std::move(tasks), std::move(groups)));
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Stream, DomainIncremental, "domain_incremental",
              "the same labels in every experience, of other classes each time")

}  // namespace

}  // namespace skerry::datasets

#include "scenarios/parts/model_source.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/local_loop.hpp"
#include "datasets/node_data.hpp"
#include "scenarios/parts/model_file.hpp"
#include "scenarios/parts/training.hpp"

namespace skerry::parts {

namespace {
constexpr const char* kOneOrigin = "says exactly one of \"train\" and \"file\"";
}  // namespace

namespace {

std::unique_ptr<Learner> build(const ModelChoice& choice, const Registry& registry,
                               const LearnerTask& data, const std::string& pointer,
                               Problems& problems) {
  LearnerTask task = data;
  if (!choice.loss.chosen()) {
    task.loss = usual_loss(registry, task.schema);
  } else {
    task.loss = registry.make(choice.loss);
    if (const Status suits = task.loss->suits(task.schema); !suits) {
      problems.add(pointer + "/loss",
                   "\"" + choice.loss.name + "\" does not suit: the data " + suits.message());
      return nullptr;
    }
  }
  auto learner = registry.make(choice.model)->build(task);
  if (learner) return std::move(*learner);
  problems.add(pointer + "/model", learner.message());
  return nullptr;
}

}  // namespace

std::unique_ptr<Learner> learner_for(const ModelChoice& choice,
                                     const role::ParadigmContext& context,
                                     const std::string& pointer, Problems& problems) {
  constexpr std::uint32_t kRows = 64;
  const Samples& train = context.data.training_set();
  const Samples* test = context.data.test_set();
  const Samples& samples = train.size() > 0 || test == nullptr ? train : *test;
  std::vector<std::uint32_t> rows(std::min(samples.size(), kRows));
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<std::uint32_t>(std::uint64_t{samples.size()} * i / rows.size());
  }
  BatchBuffer buffer;
  const LearnerTask task{
      .schema = samples.schema(), .loss = nullptr, .rows = buffer.fill(samples, rows)};
  return build(choice, context.registry, task, pointer, problems);
}

void check_learner(const ModelChoice& choice, const role::Outline& outline,
                   const std::string& pointer, Problems& problems) {
  if (!outline.schema) return;
  build(choice, outline.registry, {.schema = *outline.schema, .loss = nullptr}, pointer, problems);
}

std::vector<std::string> remarks_of(const Learner& learner, const std::string& pointer) {
  std::vector<std::string> remarks = learner.remarks();
  for (std::string& remark : remarks) remark = pointer + ": " + remark;
  return remarks;
}

void ModelConfig::check(FieldReader& reader) const {
  if (train && !file.empty()) reader.error("", kOneOrigin);
}

void check_model(const ModelConfig& config, const role::Outline& outline,
                 const std::string& pointer, Problems& problems) {
  check_learner({config.model, config.loss}, outline, pointer, problems);
  if (config.train || !config.file.empty() || outline.edges_only) return;
  problems.add(pointer, kOneOrigin);
}

std::unique_ptr<ModelSource> ModelSource::make(const ModelConfig& config,
                                               const role::ParadigmContext& context,
                                               const std::string& pointer, Problems& problems) {
  std::unique_ptr<ModelSource> source(new ModelSource(config, context));
  source->learner_ = learner_for({config.model, config.loss}, context, pointer, problems);
  if (!source->learner_) return nullptr;
  const std::size_t scores = source->learner_->outputs();
  const std::uint32_t classes = context.data.schema().classes;
  if (scores != classes) {
    problems.add(pointer + "/model", "gives " + std::to_string(scores) +
                                         " scores, and the data has " + std::to_string(classes) +
                                         " classes: it cannot answer with one");
    return nullptr;
  }
  if (config.train) {
    source->optimizer_ = context.registry.make(config.train->optimizer);
    return source;
  }
  if (config.file.empty()) return context.edges_only ? std::move(source) : nullptr;
  auto parameters = read_parameters(config.file, *source->learner_->layout());
  if (!parameters) {
    problems.add(pointer + "/file", parameters.message());
    return nullptr;
  }
  source->parameters_ = std::move(*parameters);
  return source;
}

void ModelSource::train(const role::Job& job, const datasets::Slice& slice,
                        std::span<float> parameters, Workspace& workspace) const {
  const Payload nothing;
  Payload state, up;
  TrainContext context{
      .learner = *learner_,
      .optimizer = *optimizer_,
      .data = data_.training_pool(slice, workspace.rows("view")),
      .down = nothing,
      .state = state,
      .up = up,
      .settings = config_.train->settings(),
      .key = job.key,
      .workspace = workspace,
  };
  local_loop(context, parameters);
}

role::JobResult ModelSource::run(const role::Job& job, const Naming& naming,
                                 Workspace& workspace) const {
  Payload made;
  Record& record = made.add({"model", learner_->layout()});
  if (optimizer_ == nullptr) {
    std::copy(parameters_.begin(), parameters_.end(), record.f32().begin());
  } else {
    learner_->initialise(RandomStream(init_seed_, naming.init), record.f32());
    train(job, naming.of, record.f32(), workspace);
  }
  role::JobResult result;
  result.outputs.push_back({std::move(made), {}});
  return result;
}

role::JobKind ModelSource::prepare(Naming naming) const {
  const auto cost = [this, slice = naming.of] {
    if (optimizer_ == nullptr) return role::Work{.charged = false};
    std::vector<std::uint32_t> scratch;
    const std::size_t rows = slice == datasets::Slice::everything()
                                 ? data_.training_pool_size()
                                 : data_.training_pool(slice, scratch).size();
    return training_work(*learner_, config_.train->settings(), rows);
  };
  return {.name = naming.job,
          .reports = false,
          .shapes = [this](const role::Job&) { return role::OutputShapes{shape()}; },
          .work = [cost](const role::Job&) { return cost(); },
          .run = [this, naming](const role::Job& job,
                                Workspace& workspace) { return run(job, naming, workspace); }};
}

}  // namespace skerry::parts

#include "experiments/models/model_projection.hpp"

#include "experiments/results/run_folder.hpp"

namespace skerry::experiments {

namespace {

constexpr auto kBetweenWrites = std::chrono::seconds(1);

/// A catalogue of the model that a run ended with.
role::Catalogue catalogue_of(const host::RunRecord& record) {
  const Record& model = record.result.at("model");
  RunningHash hash;
  hash.add(model.bytes());
  role::CataloguedModel last{.version = 1,
                             .hash = hash.value(),
                             .numerics = record.numerics,
                             .trained_on = "the run's training data",
                             .data_hash = record.data_hash,
                             .tags = {"final"},
                             .made = record.ended,
                             .model = role::PayloadRef::of({}, {record.result, {}}),
                             .changed = 1};
  for (const role::MetricInfo& info : record.declared.metrics) {
    if (!info.headline || info.cost || info.better == role::Better::kNeither) continue;
    if (const auto value = final_value(record, info.name)) last.metrics[info.name] = *value;
  }
  return {.revision = 1, .models = {std::move(last)}, .serving = {}};
}

}  // namespace

void ModelProjection::look(const role::Catalogue& known) {
  kept_ = true;
  if (store_ && known.revision == store_->revision()) return;
  const bool at_once =
      known.models.size() != models_ || (store_ && known.revision < store_->revision());
  if (!at_once && Clock::now() < next_) return;
  write(known);
}

void ModelProjection::finish(const role::Catalogue& known) {
  kept_ = true;
  if (store_ && known.revision == store_->revision()) return;
  write(known);
}

void ModelProjection::begin(bool anew) {
  store_.reset();
  models_ = 0;
  std::error_code ignored;  // replacing the rows is enough
  if (anew && holds_models(folder_)) std::filesystem::remove_all(folder_, ignored);
}

void ModelProjection::write(const role::Catalogue& known) {
  if (known.models.empty()) return;
  models_ = known.models.size();
  next_ = Clock::now() + kBetweenWrites;
  Status written;
  const bool anew = !store_ || known.revision < store_->revision();
  if (!store_) {
    auto opened = ModelStore::open(folder_);
    if (opened) {
      store_.emplace(std::move(*opened));
    } else {
      written = opened.failure();
    }
  }
  if (written) written = anew ? store_->replace(known) : store_->update(known);
  if (written) return;
  store_.reset();  // opened and written anew next time
  if (!complained_) say_(written.message() + "; the run goes on without the list of its models");
  complained_ = true;
}

void ModelProjection::end(const host::RunRecord& record) {
  if (!kept_ && record.result.find("model") != nullptr) write(catalogue_of(record));
  store_.reset();
}

}  // namespace skerry::experiments

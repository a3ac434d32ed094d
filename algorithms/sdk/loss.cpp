#include "algorithms/sdk/loss.hpp"

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/checked.hpp"
#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/registry.hpp"

namespace skerry {

std::shared_ptr<const Loss> usual_loss(const Registry& registry, const DataSchema& schema) {
  if (!schema.has_targets()) return nullptr;
  Choice<Loss> usual{.name = schema.classes > 0 ? "cross_entropy" : "squared"};
  Problems none;
  FieldReader reader(registry, none);
  registry.find(Loss::kSlot, usual.name)
      ->resolve(reader, ConfigNode::object(), "", usual.parameters);
  return registry.make(usual);
}

double loss_of(const Loss& loss, std::span<const float> scores, const Batch& batch,
               std::span<float> cotangent) {
  SKERRY_CHECK(batch.size > 0 && scores.size() % batch.size == 0, "scores of this batch");
  SKERRY_CHECK(cotangent.empty() || cotangent.size() == scores.size(), "one cotangent a score");
  const std::size_t outputs = scores.size() / batch.size;
  return loss.mean({.batch = batch,
                    .outputs = outputs,
                    .scores = scores.data(),
                    .scores_pitch = outputs,
                    .cotangent = cotangent.empty() ? nullptr : cotangent.data(),
                    .cotangent_pitch = outputs});
}

namespace {

class CheckedLoss final : public Checked<Loss> {
 public:
  using Checked::Checked;

  Status suits(const DataSchema& schema) const override {
    return named("suits()", [&] { return plugin().suits(schema); });
  }
  std::size_t outputs(const DataSchema& schema) const override {
    return named("outputs()", [&] {
      const std::size_t outputs = plugin().outputs(schema);
      if (outputs == 0) refuse("it takes no scores");
      return outputs;
    });
  }
  double mean(const LossProblem& problem) const override {
    return named("mean()", [&] { return plugin().mean(problem); });
  }
};

}  // namespace

std::unique_ptr<Loss> checked(std::unique_ptr<Loss> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedLoss>(std::move(plugin), entry);
}

}  // namespace skerry

#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "experiments/models/model_store.hpp"
#include "scenarios/parts/model_registry.hpp"

namespace skerry::experiments {

/// A model of two tensors whose numbers all are `value`.
inline role::PayloadRef flat_model(float value) {
  Payload payload;
  const auto values =
      payload
          .add({"model", std::make_shared<const Layout>(
                             std::vector<TensorSpec>{{"fc.weight", {2, 3}}, {"fc.bias", {2}}},
                             DType::kFloat32)})
          .f32();
  std::ranges::fill(values, value);
  return role::PayloadRef::of({1, static_cast<std::uint64_t>(value)}, {std::move(payload), {}});
}

/// Takes a model in that came from the newest one, if there is any. Its numbers are its version.
inline role::ModelVersion make_model(parts::ModelRegistry& registry) {
  const auto newest = static_cast<role::ModelVersion>(registry.all().size());
  const role::ModelVersion version = newest + 1;
  registry.add({.parents = newest == 0 ? std::vector<role::ModelVersion>()
                                       : std::vector<role::ModelVersion>{newest},
                .hash = 1000 + version,
                .numerics = "native-1",
                .trained_on = "labelled examples",
                .data_hash = 50 + version / 2,
                .samples = 100 * version,
                .made = SimTime::at(Duration::seconds(version)),
                .model = flat_model(static_cast<float>(version))});
  registry.measure(version, "accuracy", 0.5 + 0.1 * version);
  return version;
}

/// Three models, of which the second one serves on both edges and the third one is on trial.
inline parts::ModelRegistry made_up_registry() {
  parts::ModelRegistry registry;
  for (int i = 0; i < 3; ++i) make_model(registry);
  registry.deployed(1);
  registry.deployed(2);
  registry.answered(1, 70);
  for (const role::ModelVersion version : {1u, 2u}) {
    for (const std::uint32_t edge : {0u, 1u}) {
      registry.serves(NodeId::edge(edge), version, SimTime::at(Duration::seconds(10 * version)));
    }
  }
  return registry;
}

/// Everything that both say, as text, parameters and revisions apart.
inline std::string words_of(const role::Catalogue& known) {
  std::string text;
  for (role::CataloguedModel model : known.models) {
    model.model = {};
    model.changed = 0;
    ByteWriter writer;
    writer(model);
    for (const std::byte byte : writer.bytes())
      text += std::to_string(std::to_integer<int>(byte)) + " ";
    text += "\n";
  }
  for (const auto& [node, served] : known.serving) {
    text += to_string(node) + " " + std::to_string(served.version) + " " +
            std::to_string(served.since.count()) + " " + std::to_string(served.before) + "\n";
  }
  return text;
}

}  // namespace skerry::experiments

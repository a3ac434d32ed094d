#pragma once

#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "tests/catch.hpp"

namespace skerry::learners {

using Floats = std::vector<float>;

inline const Registry& plugins() {
  static const Registry registry = [] {
    Registry all;
    SKERRY_CHECK(all.add(*skerry_plugin_exports().first).ok(), "names are used once");
    return all;
  }();
  return registry;
}

/// Makes the learner of a scenario's `model` for data of which some rows are given, or says why
/// that is impossible.
inline Result<std::unique_ptr<Learner>> build(const std::string& name, const DataSchema& schema,
                                              const ConfigNode::Object& parameters = {},
                                              const Registry& registry = plugins(),
                                              const Batch& rows = {}) {
  Problems problems;
  FieldReader reader(registry, problems);
  Choice<LearnerFactory> choice{name, {}};
  registry.find(LearnerFactory::kSlot, name)
      ->resolve(reader, ConfigNode(parameters), "/model", choice.parameters);
  if (!problems.empty()) return Failure{problems.text("x.json")};
  return registry.make(choice)->build(
      {.schema = schema, .loss = usual_loss(registry, schema), .rows = rows});
}

inline std::unique_ptr<Learner> made(const std::string& name, const DataSchema& schema,
                                     const ConfigNode::Object& parameters = {},
                                     const Registry& registry = plugins()) {
  auto result = build(name, schema, parameters, registry);
  INFO(result.message());
  REQUIRE(result.ok());
  return std::move(result).value();
}

inline Floats initial(const Learner& learner, std::uint64_t seed = 1) {
  Floats parameters(learner.layout()->size());
  learner.initialise(RandomStream(seed, "init"), parameters);
  return parameters;
}

/// Random examples of a learner's schema; keeps what a batch borrows.
struct Examples {
  Floats inputs, weights;
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> active;
  std::size_t size;

  Examples(const Learner& learner, std::size_t count, std::uint64_t seed) : size(count) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<float> normal;
    inputs.resize(size * learner.schema().input_size());
    for (float& x : inputs) x = normal(engine);
    const std::uint32_t classes = learner.schema().classes;
    for (std::size_t b = 0; b < size && classes > 0; ++b) {
      labels.push_back(static_cast<std::int32_t>(engine() % classes));
    }
  }
  Batch batch() const { return {size, inputs, labels, {}, weights, active}; }
};

/// A learner with a tape of its own, called without the fused path.
struct Plain {
  const Learner& learner;
  std::unique_ptr<Tape> tape = learner.make_tape();

  Floats scores(const Floats& parameters, const Batch& batch, Phase phase = Phase::kInference) {
    const auto scores = learner.forward(parameters, batch, phase, *tape).scores;
    return {scores.begin(), scores.end()};
  }
  double loss(const Floats& parameters, const Batch& batch) {
    return learner.loss(scores(parameters, batch), batch, {});
  }
  struct Gradient {
    double loss;
    Floats parameters, inputs;
  };
  Gradient gradient(const Floats& parameters, const Batch& batch) {
    const Floats scores = this->scores(parameters, batch, Phase::kTrain);
    Floats cotangent(scores.size());
    Gradient g{learner.loss(scores, batch, cotangent), Floats(parameters.size()),
               Floats(batch.inputs.size())};
    learner.backward(parameters, {cotangent}, *tape, g.parameters, g.inputs);
    return g;
  }
  double step(Floats& parameters, const Batch& batch, const AffineTerm& term, float rate) {
    Gradient g = gradient(parameters, batch);
    apply_affine(term, parameters, g.parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i] = std::fma(-rate, g.parameters[i], parameters[i]);
    }
    return g.loss;
  }
};

inline bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace skerry::learners

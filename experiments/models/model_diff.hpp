#pragma once

#include <optional>
#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/models/model_store.hpp"

namespace skerry::experiments {

/// How far apart two models are.
struct ModelDiff {
  /// One tensor of both models: x of the first, y of the second.
  struct Tensor {
    std::string name;
    Shape shape;
    double distance = 0;  // sqrt(sum (y - x)^2)
    double norm = 0;      // sqrt(sum x^2)
    double largest = 0;   // max |y - x|
  };
  role::CataloguedModel first, second;
  std::vector<Tensor> tensors;  // in alphabetical order
  /// Why the parameters were not compared; empty where they were.
  std::string without_parameters;
};

/// Compares two models of a store, which must be there. Their parameters are read from files, if
/// both models have one, and it was not removed meanwhile; models of different forms are not
/// compared.
/// Errors: a file that cannot be read.
/// Cost: O(parameters), in float64.
Result<ModelDiff> difference(const StoredModels& models, role::ModelVersion first,
                             role::ModelVersion second);

std::string diff_text(const ModelDiff& diff);
ConfigNode diff_node(const ModelDiff& diff);

}  // namespace skerry::experiments

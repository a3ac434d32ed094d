#pragma once

#include <string>
#include <vector>

#include "algorithms/sdk/config_node.hpp"
#include "experiments/models/model_store.hpp"

namespace skerry::experiments {

// What `skerry model` and `skerry data list` print of a store: text for a terminal, and JSON. Text
// that came from elsewhere (tags, data) has no control characters.

/// A number in four significant digits.
std::string four_digits(double value);

/// Rows of equal width; the first row has the names of columns. `–` stands for an empty cell.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// A line for each model: number, tags, when it was made, parents, samples, metrics, answers, where
/// it serves.
std::string models_text(const StoredModels& models);
ConfigNode models_node(const StoredModels& models);

/// All that is known of one model, and what it came from and led to.
std::string model_text(const StoredModels& models, role::ModelVersion version);
ConfigNode model_node(const StoredModels& models, role::ModelVersion version);

/// A line for each view of the data that models were trained on.
std::string data_text(const StoredModels& models);
ConfigNode data_node(const StoredModels& models);

}  // namespace skerry::experiments

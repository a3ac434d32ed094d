#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "algorithms/sdk/random.hpp"
#include "datasets/concept_schedule.hpp"
#include "datasets/data_source.hpp"

namespace skerry::datasets {

/// What a drifting source knows that others do not.
struct DriftingRows {
  std::string_view source;  // the plugin's name
  DataSchema schema;
  /// Draws the inputs of one row, [input_size], and returns its class. `random` is the row's own
  /// stream: a row is a pure function of its number and its moment.
  std::function<std::int32_t(const Moment&, RandomStream& random, std::span<float> inputs)> draw;
};

/// Draws all rows of a drifting source and keeps them, with the time (one second a row) and the
/// categorical column "concept" of both sets. The source fills in `content_hash`.
/// Cost: samples + test_samples draws; 4 bytes an input and 16 bytes a row stay in memory.
DataSet drifting_data(const DriftConfig& config, const DriftingRows& rows, std::uint64_t seed);

}  // namespace skerry::datasets

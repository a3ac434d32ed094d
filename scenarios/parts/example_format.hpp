#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry::parts {

/// One example as it crosses a link, without its label: record "input", flat, input_size() values.
/// They are uint8, as the source holds them, or float32, normalised. Whoever takes one normalises
/// bytes with the same multiplication and addition as the source does, so that a model's scores do
/// not depend on which way the example came. Immutable; const calls may run at once.
class ExampleFormat {
 public:
  explicit ExampleFormat(const DataSchema& schema);

  /// Whether a payload of that shape is one example.
  bool fits(const std::vector<RecordSpec>& shape) const;
  /// How examples of those samples are sent: as bytes where they lie as bytes, else as float32.
  std::vector<RecordSpec> shape(const Samples& samples) const;
  /// One row of those samples.
  /// @param inputs  [input_size], the row as Samples::inputs() gives it.
  Payload write(const Samples& samples, std::uint32_t row, std::span<const float> inputs) const;
  /// The values of an example that fits().
  /// @param out  [input_size].
  void read(const Payload& example, std::span<float> out) const;

 private:
  DataSchema schema_;
  RecordSpec bytes_;
  RecordSpec floats_;
};

/// Record "prediction" of an answer: the scores of a classifier, float32 [classes].
RecordSpec prediction_record(std::uint32_t classes);

}  // namespace skerry::parts

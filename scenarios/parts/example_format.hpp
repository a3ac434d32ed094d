#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/record.hpp"

namespace skerry::parts {

/// One example as it crosses a link, without its label: a flat record "input" of input_size()
/// values. They are uint8, as the source holds them, or float32, normalised. read() normalises
/// bytes with the same multiplication and addition as the source, so a model's scores do not depend
/// on the form in which the example came. Immutable; const calls may run concurrently.
class ExampleFormat {
 public:
  explicit ExampleFormat(const DataSchema& schema);

  /// Whether a payload of that shape is one example.
  bool fits(const std::vector<RecordSpec>& shape) const;
  /// How examples of those samples are sent: as uint8 if the source holds uint8, else as float32.
  std::vector<RecordSpec> shape(const Samples& samples) const;
  /// Makes an example of one row of the samples.
  /// @param inputs  [input_size], the row as Samples::inputs() gives it.
  Payload write(const Samples& samples, std::uint32_t row, std::span<const float> inputs) const;
  /// Reads the values of an example, whose shape must fit().
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

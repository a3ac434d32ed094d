#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/data.hpp"
#include "algorithms/sdk/record.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::parts {

/// Examples as they cross a link, without their labels: a flat record "input" of input_size()
/// values each, one after another. They are uint8, as the source holds them, or float32,
/// normalised. read() normalises bytes with the same multiplication and addition as the source, so
/// a model's scores do not depend on the form in which the example came. Immutable; const calls may
/// run concurrently.
class ExampleFormat {
 public:
  explicit ExampleFormat(const DataSchema& schema);

  /// Whether a payload of that shape is one example.
  bool fits(const std::vector<RecordSpec>& shape) const;
  /// What an example from outside has to be, if this is none; else empty.
  std::string misfit(const role::PayloadRef& example) const;
  /// How many examples a payload of that shape is; 0 if it is none.
  std::size_t count(const std::vector<RecordSpec>& shape) const;
  /// How examples of those samples are sent: as uint8 if the source holds uint8, else as float32.
  std::vector<RecordSpec> shape(const Samples& samples) const;
  /// Makes an example of one row of the samples.
  /// @param inputs  [input_size], the row as Samples::inputs() gives it.
  Payload write(const Samples& samples, std::uint32_t row, std::span<const float> inputs) const;
  /// Makes one payload of several rows.
  /// @param inputs  [rows x input_size], as Samples::inputs() gives them.
  Payload write(const Samples& samples, std::span<const std::uint32_t> rows,
                std::span<const float> inputs) const;
  /// Makes one payload of some examples of another one.
  Payload pick(const Payload& examples, std::span<const std::uint32_t> places) const;
  /// Reads the values of an example, whose shape must fit().
  /// @param out  [input_size].
  void read(const Payload& example, std::span<float> out) const { read(example, 0, out); }
  /// Reads the example at `place` of a payload of several.
  void read(const Payload& examples, std::size_t place, std::span<float> out) const;

 private:
  DataSchema schema_;
  RecordSpec bytes_;
  RecordSpec floats_;
};

/// Record "prediction" of an answer: the scores of a classifier, float32 [classes].
RecordSpec prediction_record(std::uint32_t classes);

}  // namespace skerry::parts

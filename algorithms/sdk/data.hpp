#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/layout.hpp"

namespace skerry {

enum class Split : std::uint8_t { kTrain, kValidation, kTest };
std::string_view to_string(Split split);

/// What learners and peers must agree on about data: `data.schema` of a scenario.
struct DataSchema {
  Shape input;                // of one example: [1, 28, 28] for MNIST, [60] for a table
  std::uint32_t classes = 0;  // > 0: the target is one of them
  std::uint32_t values = 0;   // > 0: the target is so many real numbers; then there are no classes
  // x = (value / scale - mean) / deviation, applied by the source; constants are part of the
  // agreement
  double scale = 1;
  double mean = 0;
  double deviation = 1;

  std::size_t input_size() const { return element_count(input); }
  bool has_targets() const { return classes > 0 || values > 0; }
  bool operator==(const DataSchema&) const = default;
  template <class A>
  void archive(A& a) {
    a(input, classes, values, scale, mean, deviation);
  }
};

/// Rows of raw bytes with one affine normalisation, x = fma(byte, multiplier, addend): lets a
/// kernel fuse the conversion into its gather.
struct ByteRows {
  const std::uint8_t* data = nullptr;
  std::size_t row_bytes = 0;
  float multiplier = 1;
  float addend = 0;
};

/// All samples of one data set, held once (in memory, memory-mapped or generated) and never
/// changed. Every edge refers to them by row. Called from many threads at once.
class Samples {
 public:
  virtual ~Samples() = default;
  virtual const DataSchema& schema() const = 0;
  virtual std::uint32_t size() const = 0;
  /// Copies the inputs of these rows, normalised: out is [rows x input_size].
  virtual void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const = 0;
  /// Copies class labels, each in [0, classes): out is [rows]. Without classes, all are 0.
  virtual void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const = 0;
  /// Copies real-valued targets, all finite: out is [rows x values]. Only where the schema has
  /// some.
  virtual void targets(std::span<const std::uint32_t> rows, std::span<float> out) const;
  /// A hint that these rows will be read soon.
  virtual void prefetch(std::span<const std::uint32_t> rows) const { (void)rows; }
  /// The rows, where the samples are bytes in memory; otherwise `data` is null.
  virtual ByteRows byte_rows() const { return {}; }
};

/// What one node sees of one split: rows of a data set.
struct View {
  const Samples* samples = nullptr;
  std::span<const std::uint32_t> rows;

  std::size_t size() const { return rows.size(); }
};

/// Examples handed to a learner. Everything is borrowed for the call.
struct Batch {
  std::size_t size = 0;
  std::span<const float> inputs;         // [size x input_size]
  std::span<const std::int32_t> labels;  // [size] where the target is a class, else empty
  std::span<const float> targets;        // [size x values] where it is real numbers, else empty
  std::span<const float> weights;        // [size]; empty = all 1
  std::span<const std::uint8_t> active;  // [outputs], 0 = masked out; empty = all active
};

/// Room for a batch of chosen examples, for whoever needs one besides the training loop's own.
class BatchBuffer {
 public:
  /// Copies the inputs of these rows, and their targets. The batch borrows from the buffer: it
  /// lasts until the next call.
  Batch fill(const Samples& samples, std::span<const std::uint32_t> rows);

 private:
  std::vector<float> inputs_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

}  // namespace skerry

#pragma once

#include <memory>
#include <vector>

#include "algorithms/sdk/data.hpp"

namespace skerry::datasets {

/// The normalisation x = fma(byte, multiplier, addend) that a schema's scale, mean and deviation
/// amount to.
ByteRows byte_rows(const DataSchema& schema, const std::uint8_t* data);

/// Samples held as bytes, one row after another, normalised when they are read.
class ByteSamples final : public Samples {
 public:
  /// @param owner  keeps the [rows x input_size] bytes at `data` alive.
  /// @param targets  [rows x values].
  ByteSamples(DataSchema schema, std::shared_ptr<const void> owner, const std::uint8_t* data,
              std::vector<std::int32_t> labels, std::vector<float> targets = {});

  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(labels_.size()); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override;
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override;
  void targets(std::span<const std::uint32_t> rows, std::span<float> out) const override;
  void prefetch(std::span<const std::uint32_t> rows) const override;
  ByteRows byte_rows() const override { return bytes_; }

 private:
  DataSchema schema_;
  std::shared_ptr<const void> owner_;
  ByteRows bytes_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

/// Samples held as float32, already normalised.
class FloatSamples final : public Samples {
 public:
  /// `inputs` is [rows x input_size], `labels` [rows], `targets` [rows x values].
  FloatSamples(DataSchema schema, std::vector<float> inputs, std::vector<std::int32_t> labels,
               std::vector<float> targets = {});

  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(labels_.size()); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override;
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override;
  void targets(std::span<const std::uint32_t> rows, std::span<float> out) const override;
  void prefetch(std::span<const std::uint32_t> rows) const override;

 private:
  DataSchema schema_;
  std::vector<float> inputs_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

/// A stored copy of samples: what a generator gives, generated once.
std::shared_ptr<const FloatSamples> stored(const Samples& samples);

}  // namespace skerry::datasets

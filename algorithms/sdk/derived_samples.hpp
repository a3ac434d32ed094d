#pragma once

#include <memory>
#include <utility>

#include "algorithms/sdk/data.hpp"

namespace skerry {

/// A data set seen through a change: same rows, same schema, and everything as in the original
/// except what a subclass overrides. It keeps the original alive and costs no memory of its own.
///
/// A subclass overrides labels(), targets() or inputs(), or several of them. An override computes
/// each row by itself, from the original row and the row's number, so that a row has the same
/// values however it is read. It is const and called from many threads at once, like all samples.
class DerivedSamples : public Samples {
 public:
  /// @param original  not null.
  explicit DerivedSamples(std::shared_ptr<const Samples> original)
      : original_(std::move(original)) {}

  const DataSchema& schema() const final { return original_->schema(); }
  std::uint32_t size() const final { return original_->size(); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    original_->inputs(rows, out);
  }
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    original_->labels(rows, out);
  }
  void targets(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    original_->targets(rows, out);
  }
  void prefetch(std::span<const std::uint32_t> rows) const override { original_->prefetch(rows); }
  /// None, because reading bytes bypasses inputs(). A subclass that leaves inputs() alone may
  /// return those of the original.
  ByteRows byte_rows() const override { return {}; }

 protected:
  const Samples& original() const { return *original_; }

 private:
  std::shared_ptr<const Samples> original_;
};

}  // namespace skerry

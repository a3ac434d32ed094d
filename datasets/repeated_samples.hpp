#pragma once

#include <memory>

#include "algorithms/sdk/data.hpp"

namespace skerry::datasets {

/// Samples that come once in each task, with other inputs each time: row t * original.size() + r is
/// row r of the original as task t shows it. Schema and labels are the original's. Computed when
/// read; costs no memory of its own.
class RepeatedSamples : public Samples {
 public:
  /// @param original  not null; tasks * original->size() < 2^32.
  RepeatedSamples(std::shared_ptr<const Samples> original, std::uint32_t tasks);

  const DataSchema& schema() const final { return original_->schema(); }
  std::uint32_t size() const final { return tasks_ * original_->size(); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const final;
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const final;
  void targets(std::span<const std::uint32_t> rows, std::span<float> out) const final;

 protected:
  /// Changes the input of one row in place, from that of the original to that of a task. Called
  /// from many threads at once.
  /// @param original  a copy of the input, [input_size].
  virtual void show(std::uint32_t task, std::span<const float> original,
                    std::span<float> out) const = 0;

 private:
  std::shared_ptr<const Samples> original_;
  std::uint32_t tasks_;
};

/// Whether so many tasks and rows can be numbered.
constexpr bool can_repeat(std::uint64_t tasks, std::uint64_t rows) {
  return tasks * rows <= 0xffff'ffffu;
}

}  // namespace skerry::datasets

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/check.hpp"

namespace skerry {

/// The first `size` examples since the beginning and the latest `size` ones after them: what
/// detectors on inputs compare. Holds 2 x size x features values.
class TwoWindows {
 public:
  explicit TwoWindows(std::size_t size) : size_(size) {}

  void add(std::span<const double> example) {
    SKERRY_CHECK(!example.empty(), "an example has features");
    if (features_ == 0) features_ = example.size();
    SKERRY_CHECK(example.size() == features_, "all examples have as many features as the first");
    std::vector<double>& window = seen_ < size_ ? reference_ : current_;
    if (window.size() < size_ * features_) {
      window.insert(window.end(), example.begin(), example.end());
    } else {
      std::copy(example.begin(), example.end(),
                window.begin() + static_cast<std::ptrdiff_t>(seen_ % size_ * features_));
    }
    ++seen_;
  }
  void clear() { *this = TwoWindows(size_); }

  std::size_t size() const { return size_; }
  std::size_t features() const { return features_; }
  std::uint64_t seen() const { return seen_; }
  bool full() const { return seen_ >= 2 * size_; }
  std::span<const double> reference(std::size_t example) const { return row(reference_, example); }
  /// In no particular order.
  std::span<const double> current(std::size_t example) const { return row(current_, example); }

  template <class A>
  void archive(A& a) {
    a(features_, seen_, reference_, current_);
    if constexpr (A::kReading) {
      const std::uint64_t first = std::min<std::uint64_t>(seen_, size_);
      const std::uint64_t later = std::min<std::uint64_t>(seen_ - first, size_);
      const auto holds = [&](const std::vector<double>& window, std::uint64_t examples) {
        return examples == 0
                   ? window.empty()
                   : window.size() % examples == 0 && features_ == window.size() / examples;
      };
      if (!holds(reference_, first) || !holds(current_, later) ||
          (features_ == 0) != (seen_ == 0)) {
        a.fail();
      }
    }
  }

 private:
  std::span<const double> row(const std::vector<double>& window, std::size_t example) const {
    return std::span(window).subspan(example * features_, features_);
  }

  std::size_t size_;
  std::uint64_t features_ = 0;  // 0 before the first example
  std::uint64_t seen_ = 0;
  std::vector<double> reference_, current_;
};

}  // namespace skerry

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace skerry {

class Workspace;

/// The exact, order-free, streaming sum  S = sum_k weight_k * vector_k  of float32 vectors.
///
/// Each term double(weight) * double(value) is exact; bins on one absolute grid (bin j holds
/// multiples of 2^(40 j)) keep every addition exact. So neither the order of arrival nor threads,
/// batches, ranks or instruction sets can change a bit. A block of 1,024 values keeps the bins it
/// has needed so far, usually 3: 24 bytes a value. Nothing finite overflows: 2^63 terms of the
/// largest weights and values fit. A sum is a value: copies are independent. Const calls may run at
/// once; a change must run alone.
class ExactSum {
 public:
  /// The sum of no terms, of vectors of `size` values.
  explicit ExactSum(std::size_t size);
  ExactSum(const ExactSum&);
  ExactSum(ExactSum&&) noexcept;
  ExactSum& operator=(const ExactSum&);
  ExactSum& operator=(ExactSum&&) noexcept;
  ~ExactSum();

  std::size_t size() const { return size_; }
  /// Terms added less terms subtracted.
  std::uint64_t terms() const { return terms_; }

  /// True where every value is finite: the check that admits an update. One integer pass.
  static bool finite(std::span<const float> values);

  /// One vector with its weight (may be 0 or negative) and what it adds to the divisor.
  struct Term {
    const float* values;
    float weight;
    float divisor;
  };
  /// Adds several vectors in one pass; eight at a time take about half as long as one by one.
  /// Every vector has size() values, all finite, and finite weights: anything else is a bug
  /// (check first) and stops the program.
  void add(std::span<const Term> terms);
  void add(std::span<const Term> terms, Workspace& workspace);
  /// Takes one term out again, exactly: the sum is as if it had never been added.
  void subtract(const Term& term);
  /// Adds another sum of the same size.
  void merge(const ExactSum& other);

  /// The total of the divisors: exact up to one rounding in the last place, and exact for whole
  /// numbers below 2^53.
  double divisor() const;
  /// out = float(S / divisor()), within 0.5000001 units in the last place, a function of the exact
  /// sums only. If all vectors are v and each term's divisor is its weight, this is v bit for bit;
  /// -0 becomes +0. divisor() must be > 0; `out` has size() values.
  void mean(std::span<float> out) const;
  void mean(std::span<float> out, Workspace& workspace) const;
  /// out = float(S * scale), rounded like mean(). `scale` is finite.
  void scaled(double scale, std::span<float> out) const;

  /// Canonical bytes: equal sums of equally many terms give equal bytes, however they were reached.
  /// At most 5 bytes per value and bin.
  std::vector<std::byte> save() const;
  /// Reads what save() wrote; false (and unchanged) when the bytes are malformed or of another
  /// size. Safe on bytes from anywhere.
  bool load(std::span<const std::byte> bytes);

 private:
  struct Block;
  template <class Finish>
  void finish(std::span<float> out, Workspace& workspace, Finish round) const;
  void add_signed(std::span<const Term> terms, float sign, Workspace& workspace);
  /// Calls body(b) for every block, some of them at once where threads are idle.
  template <class Body>
  void each_block(Workspace& workspace, const Body& body) const;
  void count_pending(std::uint64_t additions);

  std::size_t size_;
  std::uint64_t terms_ = 0;
  std::uint64_t pending_ = 0;     // additions since the last carry
  std::vector<Block> blocks_;     // the vector's bins
  std::unique_ptr<Block> total_;  // the divisor's bins, one value
};

}  // namespace skerry

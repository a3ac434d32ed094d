#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "algorithms/sdk/ids.hpp"

namespace skerry {

/// Philox4x32-10: one block of 128 random bits from a 128-bit counter and a 64-bit key.
/// [Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", sec. 3]
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// 64-bit hash of a text, stable over machines and releases (it keys random streams): FNV-1a over
/// the bytes, started at the mixed seed, and mixed once more so that every bit of the text moves
/// every bit of the hash. Not a defence against someone who looks for collisions.
std::uint64_t stable_hash(std::uint64_t seed, std::string_view text);

/// One stream of random numbers: a pure function of (seed, purpose, node, round, draw).
/// Adding a draw to one stream moves nothing in any other. A plugin's purposes start with its own
/// name.
/// Key = stable_hash(seed, purpose); counter = node 32 bits, round 32 bits, block of draws 64 bits.
/// Copying a stream copies its position. Every draw has the same bits on every machine.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view purpose, NodeId node = NodeId::cloud(),
               Round round = 0);

  std::uint32_t bits32();
  std::uint64_t bits64();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform integer in [0, bound), without bias. `bound` > 0. [Lemire 2019, Alg. 5]
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal (Box-Muller on our own log and cosine). Takes exactly 128 bits.
  double normal();
  /// Exponential with mean 1.
  double exponential();
  /// Gamma with shape `shape` > 0 and scale 1. [Marsaglia, Tsang 2000]
  /// May be 0 where the shape is so small that the value is below any double; see dirichlet().
  double gamma(double shape);
  /// Index drawn with probability proportional to `weights` (each finite and >= 0, not all 0).
  std::size_t categorical(std::span<const double> weights);
  /// Symmetric or general Dirichlet: fills `out` from `alpha` (each > 0) of the same length; `out`
  /// sums to 1 up to rounding. Right for the smallest alpha too: the gammas are compared by their
  /// logarithms.
  void dirichlet(std::span<const double> alpha, std::span<double> out);

  /// Fisher-Yates, the same permutation on every machine.
  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[below(i)]);
    }
  }

  template <class A>
  void archive(A& a) {
    a(key_, node_, round_, block_, buffer_, used_);
  }

 private:
  double log_gamma_variate(double shape);

  std::array<std::uint32_t, 2> key_;
  std::uint32_t node_;
  std::uint32_t round_;
  std::uint64_t block_ = 0;  // the next block
  std::array<std::uint32_t, 4> buffer_{};
  std::uint32_t used_ = 4;  // words of the buffer given out
};

/// A permutation of 0 ... size-1 computed at any point without being stored: what lets a million
/// edges hold computed partitions. A keyed Feistel network on the next power of two, walked until
/// it lands below `size`: fewer than two steps on average. [Black, Rogaway 2002, sec. 3 and 5] For
/// shuffling, not for secrecy. Safe to call from several threads.
class KeyedPermutation {
 public:
  /// `size` > 0.
  KeyedPermutation(std::uint64_t seed, std::string_view purpose, std::uint64_t size);
  /// `index` < size().
  std::uint64_t operator()(std::uint64_t index) const;
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t key_;
  std::uint64_t size_;
  unsigned low_bits_;
  unsigned high_bits_;
};

}  // namespace skerry

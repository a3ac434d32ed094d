#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <sstream>
#include <vector>

/// Streams of observations by recipes that river_agreement.py repeats to the bit.
namespace skerry::streams {

/// A 64-bit linear congruential generator (Knuth's MMIX constants); uniform() has 53 bits.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  double bernoulli(double p) { return uniform() < p ? 1 : 0; }
  /// About normal, with mean 0 and variance 1/3: the sum of four uniforms.
  double bell() {
    double sum = -2;
    for (int i = 0; i < 4; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

constexpr std::size_t kLength = 3000;

struct Recorded {
  const char* name;
  bool errors;  // 0 or 1
  std::function<double(Lcg&, std::size_t)> at;
};

/// How far a gradual drift from 1000 to 2000 has come.
inline double gradual(std::size_t i) {
  if (i < 1000) return 0;
  return i < 2000 ? static_cast<double>(i - 1000) / 1000 : 1;
}

inline const std::vector<Recorded>& recorded() {
  static const std::vector<Recorded> all{
      {"abrupt", true, [](Lcg& g, auto i) { return g.bernoulli(i < 1500 ? 0.2 : 0.5); }},
      {"gradual", true, [](Lcg& g, auto i) { return g.bernoulli(0.1 + 0.5 * gradual(i)); }},
      {"recurring", true, [](Lcg& g, auto i) { return g.bernoulli(i / 750 % 2 ? 0.4 : 0.1); }},
      {"rare", true, [](Lcg& g, auto) { return g.bernoulli(0.05); }},
      {"even", true, [](Lcg& g, auto) { return g.bernoulli(0.5); }},
      {"falling", true, [](Lcg& g, auto i) { return g.bernoulli(i < 1500 ? 0.6 : 0.2); }},
      {"real-abrupt", false, [](Lcg& g, auto i) { return g.uniform() + (i < 1500 ? 0 : 0.5); }},
      {"real-gradual", false, [](Lcg& g, auto i) { return g.bell() + 3 * gradual(i); }},
      {"real-recurring", false,
       [](Lcg& g, auto i) { return 10 * g.bell() + (i / 750 % 2 ? 8 : 0); }},
      {"real-stationary", false, [](Lcg& g, auto) { return g.bell(); }},
  };
  return all;
}

/// The stream of that place in the list; its seed is the place.
inline std::vector<double> recorded(std::size_t place) {
  Lcg generator(place);
  std::vector<double> values;
  for (std::size_t i = 0; i < kLength; ++i) values.push_back(recorded()[place].at(generator, i));
  return values;
}

/// random.Random(seed) of Python: the streams of river's own examples.
class Python {
 public:
  explicit Python(std::uint32_t seed) {
    constexpr std::uint32_t kWords = 624;  // init_by_array() of the generator's authors, key [seed]
    std::vector<std::uint32_t> s{19650218};
    for (std::uint32_t i = 1; i < kWords; ++i) {
      s.push_back(1812433253u * (s[i - 1] ^ (s[i - 1] >> 30)) + i);
    }
    std::uint32_t i = 1;
    const auto next = [&] {
      if (++i < kWords) return;
      s[0] = s[kWords - 1];
      i = 1;
    };
    for (std::uint32_t k = 0; k < kWords; ++k, next()) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1664525u)) + seed;
    }
    for (std::uint32_t k = 1; k < kWords; ++k, next()) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1566083941u)) - i;
    }
    s[0] = 0x80000000u;
    std::stringstream state;
    for (std::uint32_t word : s) state << word << ' ';
    state << kWords;
    state >> engine_;
  }
  double random() {
    const std::uint32_t high = static_cast<std::uint32_t>(engine_()) >> 5;
    const std::uint32_t low = static_cast<std::uint32_t>(engine_()) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }
  /// choices(range(first, first + count), k=1000), appended.
  void choices(std::vector<double>& values, int first, int count) {
    for (int i = 0; i < 1000; ++i) values.push_back(first + static_cast<int>(random() * count));
  }
  /// choices([0, 1], k=1000, weights=[1 - p, p]), appended.
  void weighted(std::vector<double>& values, double p) {
    for (int i = 0; i < 1000; ++i) values.push_back(random() < 1 - p ? 0 : 1);
  }

 private:
  std::mt19937 engine_;
};

}  // namespace skerry::streams

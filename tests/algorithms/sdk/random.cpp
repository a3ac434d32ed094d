#include "algorithms/sdk/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace {

using namespace skerry;

// Statistical claims here hold with |z| < 5: an honest generator fails one of them once in 1.7
// million seeds. The seeds are fixed, so a test that passes once passes always.
constexpr double kSigmas = 5;
constexpr std::uint64_t kSeed = 12345;

/// How many standard deviations a chi-square statistic lies above its mean. [Wilson, Hilferty 1931]
double chi_square_sigmas(const std::vector<std::size_t>& counts,
                         const std::vector<double>& expected) {
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double off = static_cast<double>(counts[i]) - expected[i];
    statistic += off * off / expected[i];
  }
  const double freedom = static_cast<double>(counts.size()) - 1;
  const double spread = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - spread)) / std::sqrt(spread);
}

double chi_square_sigmas(const std::vector<std::size_t>& counts) {
  const auto total = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  const double each = static_cast<double>(total) / static_cast<double>(counts.size());
  return chi_square_sigmas(counts, std::vector<double>(counts.size(), each));
}

/// Of the probabilities F(x) of draws x: uniform if F is their distribution.
template <class Draw>
double fit_sigmas(std::size_t draws, Draw probability) {
  std::vector<std::size_t> cells(200);
  for (std::size_t i = 0; i < draws; ++i) {
    const double p = probability();
    ++cells[std::min<std::size_t>(cells.size() - 1,
                                  static_cast<std::size_t>(p * static_cast<double>(cells.size())))];
  }
  return std::fabs(chi_square_sigmas(cells));
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

template <class Draw>
Moments moments(std::size_t count, Draw draw) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const auto n = static_cast<double>(count);
  return {sum / n, squares / n - sum / n * (sum / n)};
}

/// Largest correlation and joint chi-square of two streams, in standard deviations.
double dependence_sigmas(RandomStream a, RandomStream b) {
  constexpr int draws = 100000;
  double product = 0;
  std::vector<std::size_t> cells(256);
  for (int i = 0; i < draws; ++i) {
    const double x = a.uniform(), y = b.uniform();
    product += (x - 0.5) * (y - 0.5);
    ++cells[static_cast<std::size_t>(x * 16) * 16 + static_cast<std::size_t>(y * 16)];
  }
  const double correlation = product * 12 / std::sqrt(static_cast<double>(draws));
  return std::max(std::fabs(correlation), std::fabs(chi_square_sigmas(cells)));
}

std::vector<std::uint64_t> first_bits(RandomStream stream, int count = 64) {
  std::vector<std::uint64_t> bits;
  for (int i = 0; i < count; ++i) bits.push_back(stream.bits64());
  return bits;
}

bool is_permutation_of_all(const KeyedPermutation& permutation) {
  std::vector<bool> met(permutation.size());
  for (std::uint64_t i = 0; i < permutation.size(); ++i) {
    const std::uint64_t to = permutation(i);
    if (to >= permutation.size() || met[to]) return false;
    met[to] = true;
  }
  return true;
}

/// Keeps what is archived, and gives it back.
struct Memory {
  std::vector<unsigned char> bytes;
  std::size_t at = 0;
  bool loading = false;
  template <class... T>
  void operator()(T&... values) {
    (copy(values), ...);
  }
  template <class T>
  void copy(T& value) {
    if (!loading) bytes.resize(at + sizeof(T));
    if (loading) {
      std::memcpy(&value, bytes.data() + at, sizeof(T));
    } else {
      std::memcpy(bytes.data() + at, &value, sizeof(T));
    }
    at += sizeof(T);
  }
};

}  // namespace

TEST_CASE("philox gives the known answers of Random123") {
  using Block = std::array<std::uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream gives Philox of key (seed, purpose) and counter (node, round, block)") {
  const std::uint64_t hash = stable_hash(7, "sampling");
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(hash),
                                         static_cast<std::uint32_t>(hash >> 32)};
  RandomStream stream(7, "sampling", NodeId::edge(41), 3);
  for (std::uint32_t block = 0; block < 5; ++block) {
    for (const std::uint32_t word : philox({42, 3, block, 0}, key)) CHECK(stream.bits32() == word);
  }
}

TEST_CASE("the first outputs of fixed seeds are pinned") {
  RandomStream stream(1, "pinned", NodeId::edge(0), 1);
  CHECK(stable_hash(0, "") == 0x5b21f68ffa77f14cu);
  CHECK(stable_hash(1, "pinned") == 0xf5dc2c3b185ae113u);
  CHECK(stable_hash(1, "a longer text, with 1 number") == 0xf27f7be70ccb8b5cu);
  CHECK(stream.bits32() == 0x7e9ed629u);
  CHECK(stream.bits64() == 0xbc64ca6e121af296u);
  CHECK(stream.uniform() == 0x1.6a4eaf6a558b9p-1);
  CHECK(stream.below(1000) == 354);
  CHECK(stream.normal() == 0x1.394bed1c138a5p-2);
  CHECK(stream.exponential() == 0x1.2ed38dd7755e8p+0);
  CHECK(stream.gamma(0.4) == 0x1.afb5f9e5024e4p-1);
  CHECK(stream.gamma(3) == 0x1.5420673f62d41p+1);
  CHECK(stream.categorical(std::vector<double>{1, 2, 3, 4}) == 3);
  std::vector<int> cards{0, 1, 2, 3, 4, 5, 6, 7};
  stream.shuffle(std::span(cards));
  CHECK(cards == std::vector<int>{7, 4, 1, 5, 3, 0, 2, 6});
  std::vector<double> shares(3);
  stream.dirichlet(std::vector<double>{0.1, 1, 10}, shares);
  CHECK(shares ==
        std::vector<double>{0x1.54a49b8b46c39p-20, 0x1.994e77bc61191p-5, 0x1.e66aedefa67d1p-1});
  const KeyedPermutation permutation(1, "pinned", 1000000007);
  CHECK(permutation(0) == 226842940);
  CHECK(permutation(1000000006) == 82299205);
}

TEST_CASE("stable_hash moves about half of its bits when one bit of its input moves") {
  const std::string text = "aggregation/median";
  double moved = 0;
  int trials = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        moved += std::popcount(stable_hash(seed, text) ^ stable_hash(seed, other));
        ++trials;
      }
    }
  }
  for (int bit = 0; bit < 64; ++bit) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      moved += std::popcount(stable_hash(seed, text) ^ stable_hash(seed ^ (1ull << bit), text));
      ++trials;
    }
  }
  CHECK(std::fabs(moved / trials - 32) < kSigmas * 4 / std::sqrt(trials));
  std::set<std::uint64_t> met;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const char* purpose : {"", "a", "b", "ab", "ba", "aa", "a ", "sampling", "init"}) {
      met.insert(stable_hash(seed, purpose));
    }
  }
  CHECK(met.size() == 1800);
}

TEST_CASE("streams that differ in seed, purpose, node or round are different and independent") {
  const RandomStream base(kSeed, "purpose", NodeId::edge(5), 9);
  const std::vector<RandomStream> others{
      RandomStream(kSeed + 1, "purpose", NodeId::edge(5), 9),
      RandomStream(kSeed, "purposf", NodeId::edge(5), 9),
      RandomStream(kSeed, "purpose", NodeId::edge(6), 9),
      RandomStream(kSeed, "purpose", NodeId::cloud(), 9),
      RandomStream(kSeed, "purpose", NodeId::edge(5), 10),
      RandomStream(kSeed, "purpose", NodeId::edge(8), 6),
      RandomStream(kSeed, "purpose", NodeId::edge(5)),
  };
  for (const auto& other : others) {
    CHECK(first_bits(base) != first_bits(other));
    CHECK(dependence_sigmas(base, other) < kSigmas);
  }
  CHECK(first_bits(base) == first_bits(RandomStream(kSeed, "purpose", NodeId::edge(5), 9)));
}

TEST_CASE("draws that follow each other are independent") {
  const RandomStream a(kSeed, "lag");
  for (int lag = 1; lag <= 4; ++lag) {
    RandomStream b = a;
    for (int i = 0; i < lag; ++i) b.uniform();
    CHECK(dependence_sigmas(a, b) < kSigmas);
  }
  // The same draw of one edge after the other, and of one round after the other.
  std::vector<std::size_t> by_node(256), by_round(256);
  for (std::uint32_t k = 0; k < 100000; ++k) {
    ++by_node[RandomStream(kSeed, "lag", NodeId::edge(k), 1).bits32() >> 24];
    ++by_round[RandomStream(kSeed, "lag", NodeId::edge(1), k).bits32() >> 24];
  }
  CHECK(std::fabs(chi_square_sigmas(by_node)) < kSigmas);
  CHECK(std::fabs(chi_square_sigmas(by_round)) < kSigmas);
}

TEST_CASE("a draw more in one stream moves nothing in another") {
  RandomStream a(kSeed, "a"), b(kSeed, "b");
  const auto expected = first_bits(b);
  a.normal();
  a.bits32();
  CHECK(first_bits(b) == expected);
  RandomStream copy = a;
  const auto onwards = first_bits(a);
  CHECK(first_bits(copy) == onwards);
  copy.bits32();
  CHECK(first_bits(a) == onwards);
}

TEST_CASE("an archived stream goes on where it stood") {
  RandomStream stream(kSeed, "archive", NodeId::edge(3), 2);
  for (int i = 0; i < 7; ++i) stream.bits32();
  Memory memory;
  stream.archive(memory);
  RandomStream other(1, "other");
  memory.at = 0;
  memory.loading = true;
  other.archive(memory);
  CHECK(first_bits(other) == first_bits(stream));
}

TEST_CASE("uniform has the moments and the distribution of the unit interval") {
  RandomStream stream(kSeed, "uniform");
  constexpr std::size_t n = 1000000;
  double least = 1, most = 0;
  const Moments found = moments(n, [&] {
    const double u = stream.uniform();
    least = std::min(least, u);
    most = std::max(most, u);
    return u;
  });
  CHECK(std::fabs(found.mean - 0.5) < kSigmas * std::sqrt(1.0 / 12 / n));
  CHECK(std::fabs(found.variance - 1.0 / 12) < kSigmas * std::sqrt(1.0 / 180 / n));
  CHECK(least >= 0);
  CHECK(most < 1);
  CHECK(fit_sigmas(n, [&] { return stream.uniform(); }) < kSigmas);
}

TEST_CASE("below is uniform for bounds small, large and just past a power of two") {
  RandomStream stream(kSeed, "below");
  for (std::uint64_t bound : {2, 3, 7, 10, 1000}) {
    std::vector<std::size_t> counts(bound);
    for (int i = 0; i < 200000; ++i) ++counts.at(stream.below(bound));
    INFO("bound " << bound);
    CHECK(std::fabs(chi_square_sigmas(counts)) < kSigmas);
  }
  // 64 bits do not divide evenly among 3/4 of 2^64 results: a plain remainder would favour the
  // lowest third, a plain multiplication every third result.
  const std::uint64_t bound = std::uint64_t{3} << 62;
  std::vector<std::size_t> by_size(3), by_remainder(3);
  for (int i = 0; i < 200000; ++i) {
    const std::uint64_t drawn = stream.below(bound);
    ++by_size.at(drawn >> 62);
    ++by_remainder.at(drawn % 3);
  }
  CHECK(std::fabs(chi_square_sigmas(by_size)) < kSigmas);
  CHECK(std::fabs(chi_square_sigmas(by_remainder)) < kSigmas);
  for (int i = 0; i < 10; ++i) CHECK(stream.below(1) == 0);
}

TEST_CASE("normal has the moments and the distribution of the standard normal") {
  RandomStream stream(kSeed, "normal");
  constexpr std::size_t n = 1000000;
  double cubes = 0, fourths = 0;
  const Moments found = moments(n, [&] {
    const double x = stream.normal();
    cubes += x * x * x;
    fourths += x * x * x * x;
    return x;
  });
  CHECK(std::fabs(found.mean) < kSigmas * std::sqrt(1.0 / n));
  CHECK(std::fabs(found.variance - 1) < kSigmas * std::sqrt(2.0 / n));
  CHECK(std::fabs(cubes / n) < kSigmas * std::sqrt(15.0 / n));
  CHECK(std::fabs(fourths / n - 3) < kSigmas * std::sqrt(96.0 / n));
  CHECK(fit_sigmas(n, [&] { return 0.5 * std::erfc(-stream.normal() / std::sqrt(2.0)); }) <
        kSigmas);
}

TEST_CASE("exponential has the distribution 1 - e^-x") {
  RandomStream stream(kSeed, "exponential");
  constexpr std::size_t n = 1000000;
  const Moments found = moments(n, [&] { return stream.exponential(); });
  CHECK(std::fabs(found.mean - 1) < kSigmas * std::sqrt(1.0 / n));
  CHECK(std::fabs(found.variance - 1) < kSigmas * std::sqrt(8.0 / n));
  CHECK(fit_sigmas(n, [&] { return 1 - std::exp(-stream.exponential()); }) < kSigmas);
}

TEST_CASE("gamma has mean and variance equal to its shape, below 1 and above") {
  RandomStream stream(kSeed, "gamma");
  constexpr std::size_t n = 300000;
  for (double shape : {0.05, 0.3, 0.999, 1.0, 2.5, 50.0, 1e4}) {
    const Moments found = moments(n, [&] { return stream.gamma(shape); });
    INFO("shape " << shape);
    CHECK(std::fabs(found.mean - shape) < kSigmas * std::sqrt(shape / n));
    CHECK(std::fabs(found.variance - shape) <
          kSigmas * std::sqrt((2 * shape * shape + 6 * shape) / n));
  }
  const auto half = [&] { return std::erf(std::sqrt(stream.gamma(0.5))); };
  const auto one = [&] { return 1 - std::exp(-stream.gamma(1)); };
  const auto two = [&] {
    const double x = stream.gamma(2);
    return 1 - std::exp(-x) * (1 + x);
  };
  CHECK(fit_sigmas(n, half) < kSigmas);
  CHECK(fit_sigmas(n, one) < kSigmas);
  CHECK(fit_sigmas(n, two) < kSigmas);
  CHECK(stream.gamma(1e-6) >= 0);
}

TEST_CASE("categorical follows its weights and never draws a weight of 0") {
  RandomStream stream(kSeed, "categorical");
  const std::vector<double> weights{0, 0.5, 3, 0, 1.25, 1e-300, 0.25, 0};
  std::vector<std::size_t> counts(weights.size());
  constexpr int n = 500000;
  for (int i = 0; i < n; ++i) ++counts.at(stream.categorical(weights));
  for (std::size_t i : {0, 3, 5, 7}) CHECK(counts[i] == 0);
  CHECK(std::fabs(chi_square_sigmas({counts[1], counts[2], counts[4], counts[6]},
                                    {n * 0.1, n * 0.6, n * 0.25, n * 0.05})) < kSigmas);
  CHECK(stream.categorical(std::vector<double>{0, 0, 2, 0}) == 2);
}

TEST_CASE("dirichlet sums to 1 and has mean alpha_i / sum and its variance") {
  RandomStream stream(kSeed, "dirichlet");
  const std::vector<double> alpha{0.1, 0.5, 2, 5};
  constexpr int n = 200000;
  const double total = 7.6;
  std::vector<double> share(4), sum(4), squares(4);
  double worst = 0;
  for (int i = 0; i < n; ++i) {
    stream.dirichlet(alpha, share);
    worst = std::max(worst, std::fabs(std::accumulate(share.begin(), share.end(), 0.0) - 1));
    for (std::size_t k = 0; k < 4; ++k) {
      sum[k] += share[k];
      squares[k] += share[k] * share[k];
    }
  }
  CHECK(worst < 1e-15);
  for (std::size_t k = 0; k < 4; ++k) {
    const double mean = alpha[k] / total, variance = mean * (1 - mean) / (total + 1);
    CHECK(std::fabs(sum[k] / n - mean) < kSigmas * std::sqrt(variance / n));
    // A share's fourth central moment is at most its variance (it lies in [0, 1]).
    const double found = squares[k] / n - sum[k] / n * (sum[k] / n);
    CHECK(std::fabs(found - variance) < kSigmas * std::sqrt(variance / n));
  }
}

TEST_CASE("dirichlet with tiny alpha gives all to one, each as often") {
  RandomStream stream(kSeed, "tiny");
  for (double alpha : {1e-4, 1e-300}) {
    std::vector<std::size_t> winners(10);
    std::vector<double> share(10);
    for (int i = 0; i < 20000; ++i) {
      stream.dirichlet(std::vector<double>(10, alpha), share);
      const auto largest = std::max_element(share.begin(), share.end());
      if (!(std::fabs(std::accumulate(share.begin(), share.end(), 0.0) - 1) < 1e-15)) FAIL(alpha);
      ++winners[static_cast<std::size_t>(largest - share.begin())];
    }
    CHECK(std::fabs(chi_square_sigmas(winners)) < kSigmas);
  }
}

TEST_CASE("shuffle gives every order equally often") {
  RandomStream stream(kSeed, "shuffle");
  std::map<std::vector<int>, std::size_t> met;
  for (int i = 0; i < 120000; ++i) {
    std::vector<int> cards{0, 1, 2, 3, 4};
    stream.shuffle(std::span(cards));
    ++met[cards];
  }
  REQUIRE(met.size() == 120);
  std::vector<std::size_t> counts;
  for (const auto& [order, count] : met) counts.push_back(count);
  CHECK(std::fabs(chi_square_sigmas(counts)) < kSigmas);
  std::vector<int> none, one{7};
  stream.shuffle(std::span(none));
  stream.shuffle(std::span(one));
  CHECK(one == std::vector<int>{7});
}

TEST_CASE("a keyed permutation is one, for every size") {
  for (std::uint64_t size = 1; size <= 260; ++size) {
    for (std::uint64_t seed : {1, 2, 3}) {
      if (!is_permutation_of_all(KeyedPermutation(seed, "p", size))) FAIL(size << " seed " << seed);
    }
  }
  for (std::uint64_t size : {1000, 1023, 1024, 1025, 32767, 32769, 60000, 65535, 65536, 65537,
                             262143, 262145, 1000003}) {
    INFO("size " << size);
    CHECK(is_permutation_of_all(KeyedPermutation(kSeed, "p", size)));
  }
}

TEST_CASE("a keyed permutation of 10^9 and of 2^64-1 meets no value twice and spreads evenly") {
  for (std::uint64_t size : {std::uint64_t{1000000000}, ~std::uint64_t{0}}) {
    const KeyedPermutation permutation(kSeed, "large", size);
    std::vector<std::uint64_t> met;
    std::vector<std::size_t> cells(100);
    for (std::uint64_t i = 0; i < 500000; ++i) {
      met.push_back(permutation(i));
      met.push_back(permutation(size - 1 - i));
      ++cells.at(met[met.size() - 2] / (size / 100 + 1));
    }
    CHECK(std::fabs(chi_square_sigmas(cells)) < kSigmas);
    CHECK(*std::max_element(met.begin(), met.end()) < size);
    std::sort(met.begin(), met.end());
    CHECK(std::adjacent_find(met.begin(), met.end()) == met.end());
  }
}

TEST_CASE("keyed permutations of 3 to 6 take every order equally often over seeds") {
  for (std::uint64_t size : {3, 4, 5, 6}) {
    std::map<std::vector<std::uint64_t>, std::size_t> met;
    for (std::uint64_t seed = 0; seed < 24000; ++seed) {
      const KeyedPermutation permutation(seed, "small", size);
      std::vector<std::uint64_t> order;
      for (std::uint64_t i = 0; i < size; ++i) order.push_back(permutation(i));
      ++met[order];
    }
    std::size_t orders = 1;
    for (std::uint64_t i = 2; i <= size; ++i) orders *= i;
    REQUIRE(met.size() == orders);
    std::vector<std::size_t> counts;
    for (const auto& [order, count] : met) counts.push_back(count);
    INFO("size " << size);
    CHECK(std::fabs(chi_square_sigmas(counts)) < kSigmas);
  }
}

TEST_CASE("a keyed permutation leaves no trace of neighbourhood") {
  const KeyedPermutation permutation(kSeed, "neighbours", 60000);
  std::vector<std::size_t> distances(60), pairs(100);
  for (std::uint64_t i = 0; i + 1 < 60000; ++i) {
    const std::uint64_t a = permutation(i), b = permutation(i + 1);
    ++distances[(b + 60000 - a) % 60000 / 1000];
    ++pairs[a / 6000 * 10 + b / 6000];
  }
  CHECK(std::fabs(chi_square_sigmas(distances)) < kSigmas);
  CHECK(chi_square_sigmas(pairs) < kSigmas);
  int fixed = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const KeyedPermutation p(seed, "fixed", 100);
    for (std::uint64_t i = 0; i < 100; ++i) fixed += p(i) == i;
  }
  // The number of fixed points of one permutation has mean 1 and variance 1.
  CHECK(std::fabs(fixed - 1000) < kSigmas * std::sqrt(1000.0));
}

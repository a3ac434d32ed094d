#include "algorithms/sdk/exact_sum.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "algorithms/sdk/exact_sum_kernels.hpp"
#include "tests/catch.hpp"

namespace {

using skerry::ExactSum;
using Vector = std::vector<float>;
using Limits = std::numeric_limits<float>;

/// A fixed-point integer of 1,024 bits whose lowest bit is worth 2^-320: the slow, obvious sum.
class WideInteger {
 public:
  void add_product(float weight, float value, int sign = 1) {
    int exponent = 0;
    const double mantissa = std::frexp(double(weight) * double(value), &exponent);
    auto digits = static_cast<std::int64_t>(std::ldexp(mantissa, 53)) * sign;
    const int shift = exponent - 53 + 320;  // the lowest bits are 0 where this is negative
    if (digits == 0) return;
    const bool negative = digits < 0;
    __extension__ using Wide = unsigned __int128;
    const std::uint64_t magnitude =
        static_cast<std::uint64_t>(negative ? -digits : digits) >> (shift < 0 ? -shift : 0);
    const int at = std::max(shift, 0);
    const Wide moved = static_cast<Wide>(magnitude) << (at % 32);
    for (int q = 0; q < 4; ++q) {
      const auto limb = static_cast<std::int64_t>((moved >> (32 * q)) & 0xffffffffu);
      limbs_[static_cast<std::size_t>(at / 32 + q)] += negative ? -limb : limb;
    }
  }

  /// The value rounded once to float32, to nearest even.
  float to_float() const {
    auto limbs = normal();
    const bool negative = limbs.back() < 0;
    if (negative) {
      for (auto& limb : limbs) limb = -limb;
      carry(limbs);
    }
    int top = 1023;
    while (top >= 0 && !bit(limbs, top)) --top;
    if (top < 0) return 0;
    const int last = std::max(top - 23, 320 - 149);  // the float's last bit
    std::uint64_t mantissa = 0;
    for (int b = top; b >= last; --b) mantissa = mantissa * 2 + (bit(limbs, b) ? 1 : 0);
    const bool half = last > 0 && bit(limbs, last - 1);
    bool below = false;
    for (int b = last - 2; b >= 0 && !below; --b) below = bit(limbs, b);
    if (half && (below || mantissa % 2 == 1)) ++mantissa;
    const double magnitude = std::ldexp(static_cast<double>(mantissa), last - 320);
    return static_cast<float>(negative ? -magnitude : magnitude);
  }

 private:
  using Limbs = std::array<std::int64_t, 32>;
  static void carry(Limbs& limbs) {
    for (std::size_t q = 0; q + 1 < limbs.size(); ++q) {
      const std::int64_t over = limbs[q] >> 32;
      limbs[q] -= over * (std::int64_t{1} << 32);
      limbs[q + 1] += over;
    }
  }
  Limbs normal() const {
    Limbs limbs = limbs_;
    carry(limbs);
    return limbs;
  }
  static bool bit(const Limbs& limbs, int b) {
    return (limbs[static_cast<std::size_t>(b / 32)] >> (b % 32)) & 1;
  }
  Limbs limbs_{};
};

/// Updates that are hard to add: cancelling, tiny, huge, denormal, zero, of mixed sign.
struct Updates {
  std::vector<Vector> values;
  std::vector<float> weights;
  std::size_t count() const { return values.size(); }
  ExactSum::Term term(std::size_t k) const { return {values[k].data(), weights[k], weights[k]}; }
};

constexpr std::uint32_t kSeed = 20240611;

float any_float(std::mt19937& random) {
  for (;;) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(x)) return x;
  }
}

Updates hard_updates(std::size_t count, std::size_t size) {
  std::mt19937 random(kSeed);
  const auto small = [&random] {
    return (static_cast<float>(random() % 2000001) - 1000000.0f) * 1e-8f;
  };
  Updates made;
  for (std::size_t k = 0; k < count; ++k) {
    Vector v(size);
    for (std::size_t i = 0; i < size; ++i) {
      v[i] = small();
      // Each block of 1,024 has its own character, so that blocks need different bins.
      switch ((i / 1024 * 3 + i % (i / 1024 + 1)) % 9) {
        case 1:
          v[i] *= 1e-12f;
          break;
        case 2:
          v[i] *= 1e-30f;
          break;
        case 3:
          v[i] *= 1e30f;
          break;
        case 4:
          v[i] = 0;
          break;
        case 5:
          v[i] = k % 2 == 1 ? -made.values[k - 1][i] : v[i];
          break;
        case 6:
          v[i] = any_float(random);
          break;
        case 7:
          v[i] = std::bit_cast<float>(static_cast<std::uint32_t>(random() & 0x807fffffu));
          break;
        default:
          break;
      }
    }
    made.values.push_back(std::move(v));
    made.weights.push_back(k % 3 == 0 ? static_cast<float>(1 + random() % 1000)
                                      : std::abs(small()) + 0.01f);
  }
  return made;
}

ExactSum sum_of(const Updates& updates, const std::vector<std::size_t>& order, std::size_t batch) {
  ExactSum sum(updates.values.front().size());
  for (std::size_t at = 0; at < order.size(); at += batch) {
    std::vector<ExactSum::Term> terms;
    for (std::size_t k = at; k < std::min(order.size(), at + batch); ++k) {
      terms.push_back(updates.term(order[k]));
    }
    sum.add(terms);
  }
  return sum;
}

std::vector<std::size_t> in_order(std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t k = 0; k < count; ++k) order[k] = k;
  return order;
}

Vector mean_of(const ExactSum& sum) {
  Vector out(sum.size());
  sum.mean(out);
  return out;
}

Vector scaled_by(const ExactSum& sum, double scale) {
  Vector out(sum.size());
  sum.scaled(scale, out);
  return out;
}

std::vector<std::uint32_t> bits_of(const Vector& values) {
  std::vector<std::uint32_t> bits;
  for (float x : values) bits.push_back(std::bit_cast<std::uint32_t>(x));
  return bits;
}

bool same_bits(const Vector& a, const Vector& b) { return bits_of(a) == bits_of(b); }

/// What a forked child that must abort in `act` writes to its standard error; empty if it does not
/// abort.
template <class Act>
std::string last_words(Act act) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    act();
    _exit(0);
  }
  close(ends[1]);
  std::string words;
  char buffer[256];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    words.append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? words : "";
}

}  // namespace

TEST_CASE("the sum has the same bits in any order and in batches of 1 to 70") {
  INFO("seed " << kSeed);
  const Updates updates = hard_updates(80, 7000);
  auto order = in_order(updates.count());
  const ExactSum first = sum_of(updates, order, 1);
  const Vector expected = mean_of(first);
  std::mt19937 random(kSeed);
  for (std::size_t batch : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 70}) {
    std::shuffle(order.begin(), order.end(), random);
    const ExactSum sum = sum_of(updates, order, batch);
    INFO("batch " << batch);
    CHECK(same_bits(mean_of(sum), expected));
    CHECK(sum.save() == first.save());
    CHECK(sum.terms() == 80);
  }
}

TEST_CASE("the sum of three merged parts is the sum of the whole") {
  const Updates updates = hard_updates(30, 5000);
  const ExactSum whole = sum_of(updates, in_order(30), 8);
  std::array<ExactSum, 3> part{ExactSum(5000), ExactSum(5000), ExactSum(5000)};
  for (std::size_t k = 0; k < 30; ++k) part[k * k % 3].add({{updates.term(k)}});
  ExactSum left = part[0], right = part[2];
  left.merge(part[1]);
  left.merge(part[2]);
  right.merge(part[1]);
  right.merge(part[0]);
  CHECK(left.save() == whole.save());
  CHECK(right.save() == whole.save());
  CHECK(same_bits(mean_of(left), mean_of(whole)));
}

TEST_CASE("the sum equals that of 1,024-bit integers rounded once") {
  const std::size_t size = 9 * 1024 + 13;
  const Updates updates = hard_updates(40, size);
  ExactSum sum = sum_of(updates, in_order(40), 8);
  const Vector found = scaled_by(sum, 1.0);
  std::size_t different = 0;
  for (std::size_t i = 0; i < size; ++i) {
    WideInteger wide;
    for (std::size_t k = 0; k < 40; ++k) wide.add_product(updates.weights[k], updates.values[k][i]);
    different +=
        std::bit_cast<std::uint32_t>(wide.to_float()) != std::bit_cast<std::uint32_t>(found[i]);
  }
  CHECK(different == 0);
}

TEST_CASE("random bit patterns times random bit patterns add like 1,024-bit integers") {
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed + 1);
  const std::size_t size = 300;
  for (int trial = 0; trial < 40; ++trial) {
    const auto count = static_cast<std::size_t>(1 + trial % 11);
    std::vector<Vector> values(count, Vector(size));
    std::vector<ExactSum::Term> terms;
    for (auto& v : values) {
      for (float& x : v) x = any_float(random);
      terms.push_back({v.data(), any_float(random), 1});
    }
    ExactSum sum(size);
    sum.add(terms);
    const Vector found = scaled_by(sum, 1.0);
    for (std::size_t i = 0; i < size; ++i) {
      WideInteger wide;
      for (const auto& term : terms) wide.add_product(term.weight, term.values[i]);
      const float expected = wide.to_float();
      if (found[i] != expected)
        FAIL("trial " << trial << ", value " << i << ": " << found[i] << " for " << expected);
    }
  }
}

TEST_CASE("every edge sends v and the mean is v bit for bit") {
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed + 2);
  Vector v(4000);
  for (float& x : v) x = any_float(random);
  v[0] = Limits::max();
  v[1] = -Limits::max();
  v[2] = Limits::denorm_min();
  v[3] = -Limits::denorm_min();
  v[4] = Limits::min();
  v[5] = 0.0f;
  for (float weight :
       {1.0f, 3.0f, 600.0f, 0.1f, 0.57735026f, 1e-6f, 16777215.0f, 1e-45f, 3.4e38f}) {
    INFO("weight " << weight);
    ExactSum one(v.size());
    one.add({{{v.data(), weight, weight}}});
    CHECK(same_bits(mean_of(one), v));
  }
  ExactSum many(v.size());
  for (float weight : {3.0f, 7.25f, 0.1f, 600.0f, 1e-10f, 42.0f, 5e20f}) {
    many.add({{{v.data(), weight, weight}}});
  }
  CHECK(same_bits(mean_of(many), v));
}

TEST_CASE("minus zero becomes plus zero") {
  const Vector v{-0.0f, -Limits::denorm_min(), 0.0f};
  ExactSum sum(3);
  sum.add({{{v.data(), 1, 1}, {v.data(), -0.0f, 3}}});
  const Vector zero{0.0f, 0.0f, 0.0f};
  CHECK(same_bits(mean_of(sum), zero));
}

TEST_CASE("the largest and the smallest products add exactly") {
  const float huge = Limits::max(), tiny = Limits::denorm_min();
  const Vector large{huge, -huge, huge}, small{tiny, tiny, -tiny};
  ExactSum sum(3);
  sum.add({{{large.data(), huge, 1}, {small.data(), tiny, 1}, {large.data(), -huge, 1}}});
  const Vector found = scaled_by(sum, std::ldexp(1.0, 298));  // tiny * tiny = 2^-298
  CHECK(found == Vector{1.0f, 1.0f, -1.0f});
  // Nearly 2^256 a term: the sum outgrows float32 and double(float) * double(float).
  const auto hundred = static_cast<float>(std::ldexp(100.0L * huge * huge, -256));
  for (int i = 0; i < 100; ++i) sum.add({{{large.data(), huge, 1}}});
  CHECK(scaled_by(sum, std::ldexp(1.0, -256)) == Vector{hundred, -hundred, hundred});
  CHECK(scaled_by(sum, 1.0) == Vector{Limits::infinity(), -Limits::infinity(), Limits::infinity()});
}

TEST_CASE("weights of zero add nothing but count, negative weights take away") {
  const Vector v{1.5f, -2.0f};
  ExactSum sum(2);
  sum.add({{{v.data(), 0, 0}, {v.data(), 5, 5}, {v.data(), -2, -2}}});
  CHECK(sum.terms() == 3);
  CHECK(sum.divisor() == 3);
  CHECK(same_bits(mean_of(sum), v));
}

TEST_CASE("the divisor is exact: a million ones, tenths that cancel") {
  const Vector none;
  ExactSum sum(0);
  std::vector<ExactSum::Term> terms(50, {none.data(), 1, 20000.0f});
  sum.add(terms);
  CHECK(sum.divisor() == 1e6);
  sum.add({{{none.data(), 1, 1e30f}, {none.data(), 1, 0.1f}, {none.data(), 1, -1e30f}}});
  CHECK(sum.divisor() == 1e6 + static_cast<double>(0.1f));
}

TEST_CASE("subtracting a term leaves the sum as if it had never been added") {
  const Updates updates = hard_updates(12, 4000);
  ExactSum without = sum_of(updates, {0, 2, 3, 5, 6, 7, 8, 9, 10, 11}, 4);
  ExactSum sum = sum_of(updates, in_order(12), 8);
  sum.subtract(updates.term(4));
  sum.subtract(updates.term(1));
  CHECK(sum.terms() == 10);
  CHECK(sum.save() == without.save());
  CHECK(same_bits(mean_of(sum), mean_of(without)));
  for (std::size_t k : {0, 2, 3, 5, 6, 7, 8, 9, 10, 11}) sum.subtract(updates.term(k));
  CHECK(sum.save() == ExactSum(4000).save());
}

TEST_CASE("not-a-number and infinity are found wherever they stand") {
  for (std::size_t size : {1, 5, 16, 17, 1000, 4099}) {
    Vector v(size, 1.0f);
    v[0] = Limits::max();
    v[size - 1] = Limits::denorm_min();
    CHECK(ExactSum::finite(v));
    for (float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(),
                      Limits::signaling_NaN(), -Limits::quiet_NaN()}) {
      for (std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
        Vector w = v;
        w[at] = bad;
        CHECK_FALSE(ExactSum::finite(w));
      }
    }
  }
  CHECK(ExactSum::finite({}));
}

TEST_CASE("tens of thousands of additions one by one are exact: digits carry in time") {
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed + 3);
  Vector v(1100);
  for (float& x : v) x = (static_cast<float>(random() % 2000001) - 1e6f) * 1e-6f;
  v[7] = -1.0f;
  v[8] = std::nextafter(1.0f, 0.0f);
  ExactSum sum(v.size());
  for (int k = 0; k < 10000; ++k) sum.add({{{v.data(), 16777215.0f, 16777215.0f}}});
  CHECK(same_bits(mean_of(sum), v));
  CHECK(sum.divisor() == 16777215.0 * 10000);
  // Each addition moves the lower bin by nearly half a bin, so that 2^14 of them would not fit
  // without a carry.
  const Vector near_half{std::ldexp(8388607.0f, 16), -std::ldexp(8388607.0f, 16)};
  ExactSum heavy(2), light(2);
  const Vector one{1.0f, -1.0f};
  for (int k = 0; k < 70000; ++k) heavy.add({{{near_half.data(), 1, 1}, {one.data(), 1, 0}}});
  light.add({{{near_half.data(), 70000, 70000}, {one.data(), 70000, 0}}});
  CHECK(same_bits(scaled_by(heavy, 1.0), scaled_by(light, 1.0)));
  for (int k = 0; k < 70000; ++k) heavy.subtract({near_half.data(), 1, 1});
  CHECK(scaled_by(heavy, 1.0) == Vector{70000.0f, -70000.0f});
  // Merging with itself 30 times multiplies by 2^30.
  for (int k = 0; k < 30; ++k) sum.merge(ExactSum(sum));
  CHECK(same_bits(mean_of(sum), v));
  CHECK(sum.divisor() == std::ldexp(16777215.0 * 10000, 30));
  // The many additions must reach what one term of the same size gives.
  ExactSum once(v.size());
  ExactSum twice(v.size());
  for (int k = 0; k < 8192; ++k) twice.add({{{v.data(), 1, 1}}});
  once.add({{{v.data(), 8192, 8192}}});
  CHECK(same_bits(scaled_by(once, 1.0), scaled_by(twice, 1.0)));
}

TEST_CASE("a digit of exactly half a bin is written one way only") {
  const Vector half{std::ldexp(1.0f, 39), -std::ldexp(1.0f, 39)};
  const Vector quarter{std::ldexp(1.0f, 38), -std::ldexp(1.0f, 38)};
  const Vector whole{std::ldexp(1.0f, 40), -std::ldexp(1.0f, 40)};
  ExactSum a(2), b(2);
  a.add({{{half.data(), 1, 1}, {half.data(), 0, 0}}});
  b.add({{{whole.data(), 1, 1}, {half.data(), -1, 0}}});
  ExactSum c(2);
  c.add({{{quarter.data(), 1, 0}, {quarter.data(), 1, 1}}});
  CHECK(a.save() == b.save());
  CHECK(a.save() == c.save());
}

TEST_CASE("a saved sum loads, goes on, and saves the same bytes") {
  const Updates updates = hard_updates(20, 10000);
  ExactSum sum = sum_of(updates, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4);
  const auto bytes = sum.save();
  ExactSum loaded(10000);
  loaded.add({{updates.term(3)}});  // forgotten on loading
  REQUIRE(loaded.load(bytes));
  CHECK(loaded.terms() == 10);
  CHECK(loaded.save() == bytes);
  for (std::size_t k = 10; k < 20; ++k) {
    loaded.add({{updates.term(k)}});
    sum.add({{updates.term(k)}});
  }
  CHECK(loaded.save() == sum.save());
  CHECK(same_bits(mean_of(loaded), mean_of(sum)));
}

TEST_CASE("malformed bytes are refused and change nothing") {
  const Updates updates = hard_updates(3, 2500);
  const ExactSum sum = sum_of(updates, {0, 1, 2}, 1);
  const auto bytes = sum.save();
  ExactSum target = sum_of(updates, {0}, 1);
  const auto before = target.save();
  const auto refused = [&](std::vector<std::byte> bad) {
    return !target.load(bad) && target.save() == before;
  };
  const auto changed = [&](std::size_t at, int value) {
    auto bad = bytes;
    bad[at] = static_cast<std::byte>(value);
    return bad;
  };
  CHECK(refused({}));
  std::size_t accepted = 0;
  for (std::size_t length = 0; length < bytes.size(); length += length < 100 ? 1 : 97) {
    accepted += !refused({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)});
  }
  CHECK(accepted == 0);
  auto longer = bytes;
  longer.push_back(std::byte{0});
  CHECK(refused(longer));
  CHECK(refused(changed(0, 'e')));   // format
  CHECK(refused(changed(4, 1)));     // size
  CHECK(refused(changed(20, 18)));   // more rows than there are bins
  CHECK(refused(changed(21, 0)));    // a bin below the lowest
  CHECK(refused(changed(21, 255)));  // and above the highest
  ExactSum other_size(2499);
  CHECK_FALSE(other_size.load(bytes));
  // One value, one bin, digit 0: a sum that save() would have written as an empty block.
  ExactSum small(1);
  std::vector<std::byte> zero_digit(20 + 1 + 2 + 5);
  const auto head = small.save();
  std::copy_n(head.begin(), 21, zero_digit.begin());
  zero_digit[21] = std::byte{1};
  zero_digit[22] = std::byte{128};
  for (std::size_t i = 23; i < 27; ++i) zero_digit[i] = std::byte{0xff};
  zero_digit[27] = std::byte{0x7f};
  CHECK_FALSE(small.load(zero_digit));
  zero_digit[23] = std::byte{0xfe};
  REQUIRE(small.load(zero_digit));
  CHECK(scaled_by(small, 1.0) == Vector{-1.0f});
}

TEST_CASE("any bytes at all load or are refused, and what loads saves the same bytes") {
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed + 4);
  const Updates updates = hard_updates(3, 40);
  const auto bytes = sum_of(updates, {0, 1, 2}, 1).save();
  int loads = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    auto bad = bytes;
    for (int flips = 0; flips < 3; ++flips) {
      bad[random() % bad.size()] ^= static_cast<std::byte>(1u << random() % 8);
    }
    ExactSum sum(40);
    if (!sum.load(bad)) continue;
    ++loads;
    if (sum.save() != bad) FAIL("trial " << trial);
  }
  CHECK(loads > 1000);
  CHECK(loads < 20000);
}

TEST_CASE("copies are independent, moves keep the sum") {
  const Vector v{1.0f, 2.0f};
  ExactSum sum(2);
  sum.add({{{v.data(), 1, 1}}});
  ExactSum copy = sum;
  copy.add({{{v.data(), 1, 0}}});
  CHECK(mean_of(sum) == v);
  CHECK(mean_of(copy) == Vector{2.0f, 4.0f});
  ExactSum moved = std::move(copy);
  CHECK(mean_of(moved) == Vector{2.0f, 4.0f});
  sum = moved;
  CHECK(mean_of(sum) == Vector{2.0f, 4.0f});
}

TEST_CASE("every build of the kernels gives the same bits, whatever the width, rows and sources") {
  namespace exact = skerry::exact;
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed + 5);
  const auto builds = exact::kernels();
  REQUIRE(builds.front().instructions == "plain");
  for (int rows = 1; rows <= 7; ++rows) {
    for (std::size_t width : {1, 7, 8, 9, 33, 1000, 1024}) {
      const std::size_t count = 1 + random() % 19;
      std::vector<Vector> values(count, Vector(width));
      std::vector<exact::Source> sources;
      for (auto& v : values) {
        // Products of integers below 2^22 and powers of two: multiples of 1, below 2^(39 + 40 (rows
        // - 1)).
        for (float& x : v) {
          const int top = std::min(17 + 40 * (rows - 1), 104);
          x = std::ldexp(static_cast<float>(random() % 4194304) - 2097152.0f,
                         static_cast<int>(random() % static_cast<unsigned>(top)));
        }
        sources.push_back({v.data(), random() % 2 == 0 ? 1.0 : -1.0});
      }
      std::vector<std::vector<double>> found;
      for (const auto& build : builds) {
        std::vector<double> bins(static_cast<std::size_t>(rows) * 1024, 1.0);
        build.add({bins.data(), 1024, 0, rows}, sources, width);
        std::vector<double> sums(width);
        build.collapse({bins.data(), 1024, 0, rows}, sums.data(), width);
        bins.insert(bins.end(), sums.begin(), sums.end());
        found.push_back(bins);
        const auto magnitudes = build.scan(values[0].data(), width);
        const auto plain = builds.front().scan(values[0].data(), width);
        CHECK(magnitudes.largest == plain.largest);
        CHECK(magnitudes.smallest == plain.smallest);
      }
      for (const auto& bins : found) CHECK(bins == found.front());
    }
  }
}

TEST_CASE("what only a bug can do stops the program and says what was wrong") {
  const Vector good(3, 1.0f), bad{1.0f, Limits::quiet_NaN(), 1.0f};
  ExactSum sum(3);
  Vector out(3);
  const auto contains = [](const char* text) { return Catch::Contains(text); };
  CHECK_THAT(last_words([&] {
               sum.add({{{bad.data(), 1, 1}}});
             }),
             contains("a value is not finite"));
  CHECK_THAT(last_words([&] {
               sum.add({{{good.data(), Limits::infinity(), 1}}});
             }),
             contains("a weight is not finite"));
  CHECK_THAT(last_words([&] {
               sum.add({{{good.data(), 1, Limits::quiet_NaN()}}});
             }),
             contains("a divisor is not finite"));
  CHECK_THAT(last_words([&] {
               sum.subtract({good.data(), 1, 1});
             }),
             contains("nothing left to subtract"));
  CHECK_THAT(last_words([&] { sum.merge(ExactSum(4)); }), contains("a sum of another size"));
  CHECK_THAT(last_words([&] { sum.mean(out); }), contains("a divisor above 0"));
  CHECK_THAT(last_words([&] { sum.scaled(1, std::span(out).first(2)); }),
             contains("the output has another size"));
}

#include "algorithms/sdk/exact_sum.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <new>
#include <utility>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/exact_sum_kernels.hpp"
#include "algorithms/sdk/workspace.hpp"

namespace skerry {
namespace {

using exact::ConstRows;
using exact::kBinBits;
using exact::kBlockSize;
using exact::Magnitudes;
using exact::Rows;
using exact::Source;

// An addition moves a row by at most 2^39 units, a carry leaves at most 2^39, a row holds 2^53:
// 4,096 additions (and as many again from a merge) leave room.
constexpr std::uint64_t kAdditionsBeforeCarry = 4096;
// Terms handled together: their sources are on the stack.
constexpr std::size_t kTermsAtOnce = 64;
// Terms scanned, then added, in one pass over a block: their values stay in the first-level cache
// in between.
constexpr std::size_t kGroup = 8;
// Blocks that one thread takes at a time.
constexpr std::size_t kBlocksAPart = 16;
constexpr std::size_t kLineBytes = 64;
constexpr std::size_t kLanes = kLineBytes / sizeof(double);

template <class T>
struct CacheAligned {
  using value_type = T;
  CacheAligned() = default;
  template <class U>
  CacheAligned(const CacheAligned<U>&) {}
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(kLineBytes)));
  }
  void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t(kLineBytes)); }
  bool operator==(const CacheAligned&) const { return true; }
};

int floor_divide(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

std::uint32_t magnitude_bits(float x) { return std::bit_cast<std::uint32_t>(x) & 0x7fffffffu; }

// |x| < 2^exponent_above(bits of x).
int exponent_above(std::uint32_t bits) {
  const int exponent = static_cast<int>(bits >> 23);
  return exponent == 0 ? -126 : exponent - 126;
}

// Every float at least as large is a multiple of 2^exponent_of_ulp(bits of x).
int exponent_of_ulp(std::uint32_t bits) {
  const int exponent = static_cast<int>(bits >> 23);
  return exponent == 0 ? -149 : exponent - 150;
}

// Exponent of the highest power of two that divides x. That of a whole number is at least 0, which
// saves bins.
int exponent_of_lowest_bit(std::uint32_t bits) {
  const std::uint32_t mantissa = (bits & 0x7fffffu) | (bits >> 23 == 0 ? 0u : 0x800000u);
  return exponent_of_ulp(bits) + std::countr_zero(mantissa);
}

// The bins that hold every product of a weight and a value seen so far.
struct Range {
  int lowest = exact::kHighestBin;
  int highest = exact::kLowestBin;
  bool empty() const { return lowest > highest; }
};

void widen(Range& range, const Magnitudes& values, std::uint32_t weight) {
  if (values.largest == 0 || weight == 0) return;
  const int low = exponent_of_ulp(values.smallest) + exponent_of_lowest_bit(weight);
  const int above = exponent_above(values.largest) + exponent_above(weight);
  range.lowest = std::min(range.lowest, floor_divide(low, kBinBits));
  range.highest = std::max(range.highest, floor_divide(above, kBinBits));
}

}  // namespace

struct ExactSum::Block {
  explicit Block(std::size_t values)
      : width(values), stride((values + kLanes - 1) / kLanes * kLanes) {}

  std::size_t width;   // values
  std::size_t stride;  // doubles a row: whole cache lines
  int lowest = 0;
  int count = 0;
  std::vector<double, CacheAligned<double>> bins;  // count rows, the lowest bin first

  Rows rows() { return {bins.data(), stride, lowest, count}; }
  ConstRows rows() const { return {bins.data(), stride, lowest, count}; }
  double* row(int r) { return bins.data() + static_cast<std::size_t>(r) * stride; }
  const double* row(int r) const { return bins.data() + static_cast<std::size_t>(r) * stride; }

  void cover(int low, int high);
  void add(const exact::Kernels& kernels, std::span<const Source> sources);
  void merge(const Block& other);
  void carry();
  void trim();
};

void ExactSum::Block::cover(int low, int high) {
  if (count != 0) {
    if (low >= lowest && high < lowest + count) return;
    low = std::min(low, lowest);
    high = std::max(high, lowest + count - 1);
  }
  std::vector<double, CacheAligned<double>> wider(static_cast<std::size_t>(high - low + 1) *
                                                  stride);
  std::copy(bins.begin(), bins.end(),
            wider.begin() + static_cast<std::ptrdiff_t>(count == 0 ? 0 : lowest - low) *
                                static_cast<std::ptrdiff_t>(stride));
  bins = std::move(wider);
  lowest = low;
  count = high - low + 1;
}

void ExactSum::Block::add(const exact::Kernels& kernels, std::span<const Source> sources) {
  for (std::size_t first = 0; first < sources.size(); first += kGroup) {
    const auto group = sources.subspan(first, std::min(kGroup, sources.size() - first));
    Range range;
    for (const Source& source : group) {
      const Magnitudes magnitudes = kernels.scan(source.values, width);
      SKERRY_CHECK(magnitudes.largest < exact::kInfinityBits, "ExactSum: a value is not finite");
      widen(range, magnitudes, magnitude_bits(static_cast<float>(source.weight)));
    }
    if (range.empty()) continue;
    cover(range.lowest, range.highest);
    kernels.add(rows(), group, width);
  }
}

void ExactSum::Block::merge(const Block& other) {
  if (other.count == 0) return;
  cover(other.lowest, other.lowest + other.count - 1);
  double* sum = row(other.lowest - lowest);
  for (std::size_t i = 0; i < other.bins.size(); ++i) sum[i] += other.bins[i];
}

// Leaves its balanced digit in each row.
void ExactSum::Block::carry() {
  std::array<double, kBlockSize> carried;
  for (int r = 0; r < count; ++r) {
    const double unit = exact::unit_of(lowest + r), round = exact::rounder(lowest + r + 1);
    double* digit = row(r);
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < stride; ++i) {
      const exact::Balanced number(digit[i], unit, round);
      digit[i] = number.digit;
      carried[i] = number.carried;
      any |= std::bit_cast<std::uint64_t>(carried[i]);
    }
    if (any == 0) continue;
    if (r + 1 == count) cover(lowest, lowest + count);
    double* next = row(r + 1);
    for (std::size_t i = 0; i < stride; ++i) next[i] += carried[i];
  }
}

// Drops rows of zeros at both ends.
void ExactSum::Block::trim() {
  const auto empty = [this](int r) {
    return std::all_of(row(r), row(r) + stride, [](double x) { return x == 0; });
  };
  int first = 0, last = count;
  while (last > first && empty(last - 1)) --last;
  while (first < last && empty(first)) ++first;
  const auto at = [this](int r) {
    return bins.begin() + static_cast<std::ptrdiff_t>(r) * static_cast<std::ptrdiff_t>(stride);
  };
  bins.erase(at(last), bins.end());
  bins.erase(bins.begin(), at(first));
  lowest = first == last ? 0 : lowest + first;
  count = last - first;
}

ExactSum::ExactSum(std::size_t size) : size_(size), total_(std::make_unique<Block>(1)) {
  blocks_.reserve((size + kBlockSize - 1) / kBlockSize);
  for (std::size_t at = 0; at < size; at += kBlockSize) {
    blocks_.emplace_back(std::min(kBlockSize, size - at));
  }
}

ExactSum::ExactSum(const ExactSum& other)
    : size_(other.size_),
      terms_(other.terms_),
      pending_(other.pending_),
      blocks_(other.blocks_),
      total_(std::make_unique<Block>(*other.total_)) {}
ExactSum::ExactSum(ExactSum&&) noexcept = default;
ExactSum& ExactSum::operator=(const ExactSum& other) { return *this = ExactSum(other); }
ExactSum& ExactSum::operator=(ExactSum&&) noexcept = default;
ExactSum::~ExactSum() = default;

bool ExactSum::finite(std::span<const float> values) {
  const exact::Kernels& fastest = exact::kernels().back();
  return fastest.scan(values.data(), values.size()).largest < exact::kInfinityBits;
}

void ExactSum::count_pending(std::uint64_t additions) {
  pending_ += additions;
  if (pending_ < kAdditionsBeforeCarry) return;
  for (Block& block : blocks_) block.carry();
  total_->carry();
  pending_ = 1;  // a carried digit counts as one addition
}

template <class Body>
void ExactSum::each_block(Workspace& workspace, const Body& body) const {
  const std::size_t parts = (blocks_.size() + kBlocksAPart - 1) / kBlocksAPart;
  workspace.each(parts, [&](std::size_t part, Workspace&) {
    const std::size_t end = std::min((part + 1) * kBlocksAPart, blocks_.size());
    for (std::size_t b = part * kBlocksAPart; b < end; ++b) body(b);
  });
}

void ExactSum::add_signed(std::span<const Term> terms, float sign, Workspace& workspace) {
  const exact::Kernels& fastest = exact::kernels().back();
  constexpr float one = 1;
  while (!terms.empty()) {
    const auto now = terms.first(std::min(kTermsAtOnce, terms.size()));
    for (std::size_t k = 0; k < now.size(); ++k) {
      SKERRY_CHECK(std::isfinite(now[k].weight), "ExactSum: a weight is not finite");
      SKERRY_CHECK(std::isfinite(now[k].divisor), "ExactSum: a divisor is not finite");
      const Source divisor{&one, static_cast<double>(sign * now[k].divisor)};
      total_->add(exact::kernels().front(), {&divisor, 1});
    }
    each_block(workspace, [&](std::size_t b) {
      std::array<Source, kTermsAtOnce> sources;
      for (std::size_t k = 0; k < now.size(); ++k) {
        sources[k] = {now[k].values + b * kBlockSize, static_cast<double>(sign * now[k].weight)};
      }
      blocks_[b].add(fastest, std::span(sources).first(now.size()));
    });
    count_pending(now.size());
    terms = terms.subspan(now.size());
  }
}

void ExactSum::add(std::span<const Term> terms, Workspace& workspace) {
  add_signed(terms, 1, workspace);
  terms_ += terms.size();
}

void ExactSum::add(std::span<const Term> terms) {
  Workspace here;
  add(terms, here);
}

void ExactSum::subtract(const Term& term) {
  SKERRY_CHECK(terms_ > 0, "ExactSum: nothing left to subtract");
  Workspace here;
  add_signed({&term, 1}, -1, here);
  --terms_;
}

void ExactSum::merge(const ExactSum& other) {
  SKERRY_CHECK(other.size_ == size_, "ExactSum: merged with a sum of another size");
  for (std::size_t b = 0; b < blocks_.size(); ++b) blocks_[b].merge(other.blocks_[b]);
  total_->merge(*other.total_);
  terms_ += other.terms_;
  count_pending(other.pending_);
}

double ExactSum::divisor() const {
  double sum = 0;
  exact::kernels().front().collapse(std::as_const(*total_).rows(), &sum, 1);
  return sum;
}

template <class Finish>
void ExactSum::finish(std::span<float> out, Workspace& workspace, Finish round) const {
  SKERRY_CHECK(out.size() == size_, "ExactSum: the output has another size");
  const exact::Kernels& fastest = exact::kernels().back();
  each_block(workspace, [&](std::size_t b) {
    const Block& block = blocks_[b];
    std::array<double, kBlockSize> sums;
    fastest.collapse(block.rows(), sums.data(), block.width);
    // Adding +0 turns -0 into +0.
    for (std::size_t i = 0; i < block.width; ++i) {
      out[b * kBlockSize + i] = static_cast<float>(round(sums[i])) + 0.0f;
    }
  });
}

void ExactSum::mean(std::span<float> out, Workspace& workspace) const {
  const double divisor = this->divisor();
  SKERRY_CHECK(divisor > 0, "ExactSum: the mean needs a divisor above 0");
  finish(out, workspace, [divisor](double sum) { return sum / divisor; });
}

void ExactSum::mean(std::span<float> out) const {
  Workspace here;
  mean(out, here);
}

void ExactSum::scaled(double scale, std::span<float> out) const {
  SKERRY_CHECK(std::isfinite(scale), "ExactSum: the scale is not finite");
  Workspace here;
  finish(out, here, [scale](double sum) { return sum * scale; });
}

// Saved form, little-endian: format 4 bytes, size 8, terms 8, the divisor's block, the vector's
// blocks. A block is its number of rows, 1 byte; if not 0 its lowest bin plus 128, 1 byte, and its
// digits row by row. A balanced digit plus 2^39 - 1 is 40 bits, 5 bytes, of which every pattern is
// a digit.
namespace {

constexpr std::uint64_t kFormat = 0x31535845;  // "EXS1"
constexpr double kDigitBias = 549755813887.0;  // 2^39 - 1
constexpr int kDigitBytes = kBinBits / 8;
constexpr int kLowestBias = 128;
constexpr int kMaxRows = exact::kHighestBin - exact::kLowestBin + 1;

void write(std::vector<std::byte>& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  bool has(std::size_t bytes) const { return left_.size() >= bytes; }
  bool done() const { return left_.empty(); }
  // Only after has(bytes).
  std::uint64_t read(int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      value |= std::to_integer<std::uint64_t>(left_[static_cast<std::size_t>(i)]) << (8 * i);
    }
    left_ = left_.subspan(static_cast<std::size_t>(bytes));
    return value;
  }

 private:
  std::span<const std::byte> left_;
};

template <class Block>
void write_block(std::vector<std::byte>& to, Block block) {
  block.carry();
  block.trim();
  write(to, static_cast<std::uint64_t>(block.count), 1);
  if (block.count == 0) return;
  write(to, static_cast<std::uint64_t>(block.lowest + kLowestBias), 1);
  for (int r = 0; r < block.count; ++r) {
    const double units = std::ldexp(1.0, -kBinBits * (block.lowest + r));
    for (std::size_t i = 0; i < block.width; ++i) {
      write(to, static_cast<std::uint64_t>(block.row(r)[i] * units + kDigitBias), kDigitBytes);
    }
  }
}

// Fills an empty block; false when the bytes are not a canonical block.
template <class Block>
bool read_block(Reader& from, Block& block) {
  if (!from.has(1)) return false;
  const int rows = static_cast<int>(from.read(1));
  if (rows == 0) return true;
  if (rows > kMaxRows || !from.has(1)) return false;
  const int lowest = static_cast<int>(from.read(1)) - kLowestBias;
  const int highest = lowest + rows - 1;
  if (lowest < exact::kLowestBin || highest > exact::kHighestBin) return false;
  if (!from.has(static_cast<std::size_t>(rows * kDigitBytes) * block.width)) return false;
  block.cover(lowest, highest);
  for (int r = 0; r < rows; ++r) {
    const double unit = std::ldexp(1.0, kBinBits * (lowest + r));
    for (std::size_t i = 0; i < block.width; ++i) {
      block.row(r)[i] = (static_cast<double>(from.read(kDigitBytes)) - kDigitBias) * unit;
    }
  }
  block.trim();
  return block.count == rows;
}

}  // namespace

std::vector<std::byte> ExactSum::save() const {
  std::vector<std::byte> bytes;
  write(bytes, kFormat, 4);
  write(bytes, size_, 8);
  write(bytes, terms_, 8);
  write_block(bytes, *total_);
  for (const Block& block : blocks_) write_block(bytes, block);
  return bytes;
}

bool ExactSum::load(std::span<const std::byte> bytes) {
  Reader from(bytes);
  if (!from.has(20) || from.read(4) != kFormat || from.read(8) != size_) return false;
  ExactSum loaded(size_);
  loaded.terms_ = from.read(8);
  loaded.pending_ = 1;
  if (!read_block(from, *loaded.total_)) return false;
  for (Block& block : loaded.blocks_) {
    if (!read_block(from, block)) return false;
  }
  if (!from.done()) return false;
  *this = std::move(loaded);
  return true;
}

}  // namespace skerry

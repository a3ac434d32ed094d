#include "algorithms/sdk/archive.hpp"

namespace skerry {

namespace {

// The finaliser of MurmurHash3: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

}  // namespace

void RunningHash::add(std::span<const std::byte> bytes) {
  begin(bytes.size());
  part(bytes);
}

void RunningHash::begin(std::uint64_t size) { state_ = mix(state_ ^ size); }

void RunningHash::part(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = std::min<std::size_t>(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), taken);
    state_ = mix(state_ ^ word) + 0x9e3779b97f4a7c15ULL;
    bytes = bytes.subspan(taken);
  }
}

}  // namespace skerry

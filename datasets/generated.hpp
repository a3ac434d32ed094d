#pragma once

#include <cstdint>
#include <optional>

#include "algorithms/sdk/archive.hpp"

namespace skerry::datasets {

/// A row of generated samples is a pure function of its number, so that it can be drawn whenever it
/// is read. Data sets of at most this many bytes are drawn once and kept, with the same bits.
inline constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

/// The seed of generated data: its own when pinned, else the run's.
inline std::uint64_t seed_of(std::optional<std::int64_t> pinned, std::uint64_t run) {
  return pinned ? static_cast<std::uint64_t>(*pinned) : run;
}

/// The content hash of generated data: of all that determines it.
inline std::uint64_t hash_of(const ByteWriter& writer) {
  RunningHash hash;
  hash.add(writer.bytes());
  return hash.value();
}

}  // namespace skerry::datasets

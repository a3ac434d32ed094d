#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::experiments {

/// A folder of results that is reserved for this process, from before its work begins: that it can
/// be written is known, and nobody else chooses it. A folder that the claim made and that is empty
/// at its end is removed.
///
/// The folder is made as one step, and locked where the file system has locks; the lock ends with
/// the process, however it ends.
class FolderClaim {
 public:
  /// Claims this very folder, made where it is missing with those above it. What is in it is the
  /// caller's to judge.
  /// Errors: `PATH: exists and is not a folder`, `PATH: another run writes there`, a mount point,
  /// or whatever the file system says, with the folder that it is about.
  static Result<FolderClaim> of(const std::filesystem::path& folder);
  /// Claims `PARENT/STEM`, or the first of `STEM-2`, `STEM-3` … that nobody has and beside which no
  /// checkpoints lie.
  static Result<FolderClaim> first_free(const std::filesystem::path& parent,
                                        const std::string& stem);

  FolderClaim(FolderClaim&&) = default;
  FolderClaim& operator=(FolderClaim&&) = delete;
  ~FolderClaim();

  const std::filesystem::path& folder() const { return folder_; }

 private:
  FolderClaim(std::filesystem::path folder, host::FileHandle lock, bool made)
      : folder_(std::move(folder)), lock_(std::move(lock)), made_(made) {}

  std::filesystem::path folder_;
  host::FileHandle lock_;
  bool made_;  // by this claim
};

/// Where the checkpoints of a run lie until it is done: beside its folder.
std::filesystem::path checkpoints_of(const std::filesystem::path& folder);
/// Whether a folder of checkpoints holds one that is whole.
bool has_checkpoint(const std::filesystem::path& checkpoints);

/// What a scenario's name becomes in the name of a folder.
std::string folder_name(const std::string& scenario);
/// `NAME-seed3`, `NAME-seeds1..10`, `NAME-seeds1,4,7`, or `NAME-40-seeds` where a list is long.
std::string default_stem(const std::string& scenario, const std::vector<std::uint64_t>& seeds);

}  // namespace skerry::experiments

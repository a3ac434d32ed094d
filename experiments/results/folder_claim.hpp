#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::experiments {

/// Reserves a folder of results for this process before its work begins. While the claim lives, no
/// other claim gets the folder, and results could be written there when the claim was made. The
/// destructor removes the folder if this claim created it and it is still empty.
///
/// The folder is created atomically, and locked if the file system has locks. The lock ends with
/// the process, however that ends.
class FolderClaim {
 public:
  /// Claims exactly this folder. Creates it, and those above it, if it is missing. The caller
  /// decides whether it may be used with what is in it (check_free()).
  /// Errors: `PATH: exists and is not a folder`, `PATH: another run writes there`, PATH is a mount
  /// point, or the file system's reason with the folder's name.
  static Result<FolderClaim> of(const std::filesystem::path& folder);
  /// Claims `PARENT/STEM` or the first of `STEM-2`, `STEM-3` … that does not exist and has no
  /// folder of checkpoints beside it. Creates it, and PARENT.
  /// Errors: the file system's reason.
  static Result<FolderClaim> first_free(const std::filesystem::path& parent,
                                        const std::string& stem);

  FolderClaim(FolderClaim&&) = default;
  FolderClaim& operator=(FolderClaim&&) = delete;
  ~FolderClaim();
  /// What the destructor does, for a process that ends without it. From any thread.
  void give_back() const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  FolderClaim(std::filesystem::path folder, host::FileHandle lock, bool made)
      : folder_(std::move(folder)), lock_(std::move(lock)), made_(made) {}

  std::filesystem::path folder_;
  host::FileHandle lock_;
  bool made_;  // whether this claim created the folder
};

/// Where the checkpoints of a run lie until it is over: `FOLDER.checkpoints`.
std::filesystem::path checkpoints_of(const std::filesystem::path& folder);
/// Whether a folder holds a checkpoint that was written completely. False if there is no folder.
bool has_checkpoint(const std::filesystem::path& checkpoints);

/// A scenario's name as a part of a folder's name: other characters than letters, digits, `-`, `_`
/// and `.` become `-`.
std::string folder_name(const std::string& scenario);
/// `NAME-seed3`, `NAME-seeds1..10`, `NAME-seeds1,4,7`, or `NAME-40-seeds` for a long list.
std::string default_stem(const std::string& scenario, const std::vector<std::uint64_t>& seeds);

}  // namespace skerry::experiments

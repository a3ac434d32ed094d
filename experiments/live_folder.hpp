#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/results/folder_claim.hpp"
#include "experiments/results/run_folder.hpp"

namespace skerry::experiments {

/// Where the results of a live run go: known and reserved before the run begins, and the same for
/// every process that works on the run's state folder.
class LiveFolder {
 public:
  struct Wanted {
    std::string name;  // of the scenario
    std::uint64_t seed = 1;
    std::uint64_t run = 0;        // which live run; never 0
    std::filesystem::path out;    // empty: `runs/NAME-live-seedS`, or the first such that is free
    std::filesystem::path state;  // empty: the run is kept nowhere
  };
  /// Errors: a folder that holds something else, or that cannot be written.
  static Result<LiveFolder> choose(const Wanted& wanted);

  const std::filesystem::path& folder() const { return folder_; }
  /// The results of this very run are there already.
  bool done() const { return !claim_; }
  /// Writes them, once. Where they cannot be written and the run is kept nowhere, they go to the
  /// system's folder for temporary files; folder() is that one then.
  /// Errors: what went wrong, and where the results are or how they can still be had.
  Status write(const host::RunRecord& record, const Manifest& manifest);

 private:
  LiveFolder(std::filesystem::path folder, std::optional<FolderClaim> claim, bool kept)
      : folder_(std::move(folder)), claim_(std::move(claim)), kept_(kept) {}

  std::filesystem::path folder_;
  std::optional<FolderClaim> claim_;
  bool kept_;  // the run, in a state folder
};

}  // namespace skerry::experiments

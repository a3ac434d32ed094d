#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/results/folder_claim.hpp"
#include "experiments/results/run_folder.hpp"

namespace skerry::experiments {

/// Where the results of a live run go. The folder is chosen and reserved before the run begins.
/// Every process that continues the run from the same state folder chooses the same one.
class LiveFolder {
 public:
  struct Wanted {
    std::string name;  // the scenario's
    std::uint64_t seed = 1;
    std::uint64_t run = 0;        // which live run; never 0
    std::filesystem::path out;    // empty: `runs/NAME-live-seedS`, or the first free name like it
    std::filesystem::path state;  // the state folder; empty: the run's state is not kept
  };
  /// Errors: the folder holds something else, or cannot be written.
  static Result<LiveFolder> choose(const Wanted& wanted);

  /// Where the results of the live run go whose cloud keeps its state in `state`; nothing if the
  /// folder holds no such state.
  static std::optional<std::filesystem::path> results_of(const std::filesystem::path& state);

  const std::filesystem::path& folder() const { return folder_; }
  /// Whether the folder already holds the results of this run; then write() must not be called.
  bool done() const { return !claim_; }
  /// Writes the results; may be called once. If the folder cannot be written and there is no state
  /// folder, the results go to a new folder among the system's temporary files, which folder() then
  /// returns.
  /// Errors: what went wrong, and where the results are or how to get them. A run whose results
  /// went to the temporary folder is reported as a failure, too.
  Status write(const host::RunRecord& record, const Manifest& manifest);

 private:
  LiveFolder(std::filesystem::path folder, std::optional<FolderClaim> claim, bool kept)
      : folder_(std::move(folder)), claim_(std::move(claim)), kept_(kept) {}

  std::filesystem::path folder_;
  std::optional<FolderClaim> claim_;
  bool kept_;  // whether the run has a state folder
};

}  // namespace skerry::experiments

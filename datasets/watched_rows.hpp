#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "algorithms/sdk/time.hpp"
#include "datasets/growing_file.hpp"

namespace skerry::datasets {

/// How far the reading of a file or folder has come.
struct WatchPlace {
  std::string name;  // of the folder's file that is read; empty: none is, or it is no folder
  FilePlace file;
  bool ended = false;  // that file was read to its end, and may still lie in the folder
  bool operator==(const WatchPlace&) const = default;
  template <class A>
  void archive(A& a) {
    a(name, file, ended);
  }
};

/// Rows that come while somebody watches: lines that are appended to a CSV file, or files that are
/// put into a folder.
///
/// Files of a folder are taken in the order of their names, each once it is complete: its size and
/// its time of change have stayed the same for a second. A writer that needs longer writes under
/// another name, which begins with "." or ends in ".part" or ".tmp", and renames the file. A file
/// that was taken is moved to the folder `taken/` in it; one that could not be read, to `refused/`.
/// So the folder must be writable, and it shows what is still to come.
///
/// Used by one thread.
class WatchedRows {
 public:
  struct Options {
    std::filesystem::path path;     // a file, which need not be there yet, or a folder
    bool arrays = false;            // takes .npz and .npy, too
    std::set<std::string> ignored;  // names in the folder that are not taken
  };
  /// Errors: a folder that is missing or cannot be written to; a file in a missing folder. All are
  /// of the user's input.
  static Result<WatchedRows> open(Options options);

  /// Goes on where an earlier reading ended; it begins at the first line otherwise.
  void go_on(const WatchPlace& place);

  struct Portion {
    std::filesystem::path file;
    std::string header;                    // the first line of the file
    std::vector<GrowingFile::Line> lines;  // in order, without the header
    bool arrays = false;                   // the whole file is to be read instead
    bool ended = false;                    // of a folder's file: nothing more comes of it
    std::vector<std::string> remarks;      // for people
    bool empty() const { return lines.empty() && !arrays && !ended; }
  };
  /// What has come since the last call, of one file. After `ended`, finish() must be called before
  /// the next call.
  /// @param now   of any clock that only goes forward.
  /// @param most  lines at most.
  Portion next(Duration now, std::size_t most);
  /// How far the reading has come with the last portion.
  const WatchPlace& place() const { return place_; }
  /// Moves the folder's file that has ended out of the way. Call it when its rows are durable.
  /// @param sound  whether the file could be read.
  /// Errors: `FILE: cannot be moved ...`; then the file is left alone until it changes.
  Status finish(bool sound);

  bool is_folder() const { return folder_; }
  const std::filesystem::path& path() const { return options_.path; }

 private:
  struct Seen {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type changed;
    Duration since;
  };
  explicit WatchedRows(Options options) : options_(std::move(options)) {}
  std::optional<std::string> next_file(Duration now);
  bool takes(const std::string& name) const;
  void read(Portion& portion, std::size_t most);

  Options options_;
  bool folder_ = false;
  WatchPlace place_;
  std::unique_ptr<GrowingFile> reading_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, std::filesystem::file_time_type> left_alone_;
};

}  // namespace skerry::datasets

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::datasets {

/// How far a text file has been read.
struct FilePlace {
  std::uint64_t id = 0;      // of the file in its file system; 0: nothing was read
  std::uint64_t offset = 0;  // bytes that were read: whole lines
  std::uint64_t lines = 0;   // that they hold
  std::uint64_t mark = 0;    // digest of the last of these bytes
  bool operator==(const FilePlace&) const = default;
  template <class A>
  void archive(A& a) {
    a(id, offset, lines, mark);
  }
};

/// A text file to which some other program appends lines. Each line is given once. A last line
/// without a line break waits until it is whole.
///
/// The file may be replaced by another one of its name (as log files are): the rest of the old file
/// is read first. It may be cut short or written anew: then it is read from its first line again.
/// Remarks say so. What was appended to a file that was replaced while nobody read it is lost.
///
/// Used by one thread. Memory: one mebibyte at most while it reads.
class GrowingFile {
 public:
  /// @param from  where an earlier reading of the file ended.
  explicit GrowingFile(std::filesystem::path path, const FilePlace& from = {})
      : path_(std::move(path)), place_(from) {}
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;
  ~GrowingFile() { close(); }

  struct Line {
    std::uint64_t number = 0;  // in the file, from 1
    std::string text;          // without its end
    std::string fault;         // why the text is missing; empty if it is there
  };
  struct Portion {
    std::vector<Line> lines;
    std::vector<std::string> remarks;  // `FILE: was cut short ...`
    bool ended = false;                // nothing was left at this moment
  };
  /// The lines that came since the last call. Empty lines are left out, and so is the first line,
  /// which is the header.
  /// @param most   lines at most.
  /// @param whole  nobody writes to the file any more: its last line is complete.
  /// Errors: `FILE: <the system's reason>`. A file that is not there (yet) is none.
  Result<Portion> read(std::size_t most, bool whole = false);

  /// The first line of the file from which the last lines came, without a byte order mark.
  const std::string& header() const { return header_; }
  const std::filesystem::path& path() const { return path_; }
  const FilePlace& place() const { return place_; }

  /// A longer line is none.
  static constexpr std::size_t kLongest = std::size_t{1} << 20;

 private:
  Status open(Portion& portion);
  void look_for_changes(Portion& portion);
  Status read_header();
  Result<std::string> bytes_at(std::uint64_t offset, std::size_t most) const;
  void take(std::string_view text, Portion& portion);
  bool was_replaced() const;
  void begin_anew();
  std::uint64_t mark() const;
  void close();

  std::filesystem::path path_;
  FilePlace place_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::string header_;
  bool too_long_ = false;  // the rest of a line is skipped
};

}  // namespace skerry::datasets

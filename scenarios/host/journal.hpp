#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"
#include "scenarios/host/payload_table.hpp"
#include "scenarios/role/input.hpp"

namespace skerry::host {

/// One input of a role as the journal holds it.
struct JournalRecord {
  std::uint64_t sequence = 0;  // counts from 1
  ByteVector note;             // the driver's own, such as the link's numbers
  ByteVector input;            // an archived role::Input
  std::shared_ptr<const MappedFile> file;
  /// Of a message that arrived, the example of a request, or what a job made that is to run once;
  /// in that file.
  std::vector<std::span<const std::byte>> payloads;

  /// The input again. Payloads that the record holds enter `table`; those that other jobs made must
  /// be in it already.
  /// @param keep  holds what came with the record until the caller lets go.
  Result<role::Input> read(PayloadTable& table, std::vector<role::PayloadRef>& keep) const;
};

/// The inputs of one role, in order, append-only: recovery log and recording in one. It is cut into
/// segments of frames; each frame carries its length and a digest that also covers the frame before
/// it, so that a torn end, a flipped bit or a lost segment ends the replay there and nowhere later.
/// Payloads are frames of their own before the input that brought them; they are written from where
/// they lie, and stay in the file when they are read.
class Journal {
 public:
  struct Options {
    std::filesystem::path directory;
    /// What the journal belongs to (a hash of the resolved scenario); another one's is refused.
    std::uint64_t run = 0;
    std::uint64_t segment_bytes = 64 << 20;
    /// Segments stay when a checkpoint covers them: the whole run can be replayed.
    bool record = false;
  };
  struct Reading {
    std::uint64_t last = 0;     // sequence of the last whole record
    std::uint64_t dropped = 0;  // bytes after it that are no whole record
    std::string reason;         // why reading ended before the end; empty where it did not
  };
  using Each = std::function<Status(const JournalRecord&)>;

  /// Reads all records after `after` and opens the journal for more, cutting off what is not whole.
  /// A failure of `each` ends it.
  static Result<Journal> open(Options options, std::uint64_t after, const Each& each);
  /// Reads only; changes nothing.
  static Result<Reading> read(const Options& options, std::uint64_t after, const Each& each);

  /// Adds an input and the payloads that it brought; durable after the next commit(). Returns its
  /// sequence.
  /// @param results  what a finished job made, where it must not be made again; else empty.
  Result<std::uint64_t> append(const role::Input& input, const ByteVector& note = {},
                               std::span<const role::PayloadRef> results = {});
  /// Makes all that was appended durable, in one go. Nothing that a step decided may leave the node
  /// before its input is. After a failure the journal stays failed.
  Status commit();
  /// A checkpoint holds everything up to `sequence`: earlier segments go, unless recording.
  Status covered(std::uint64_t sequence);

  std::uint64_t last() const { return reading_.last; }
  /// How the reading at open() ended.
  const Reading& reading() const { return opened_; }

 private:
  explicit Journal(Options options) : options_(std::move(options)) {}
  Status start_segment();
  void add_head(std::uint8_t kind, std::uint64_t size);
  void add_payload(const role::PayloadRef& payload);
  void add_input(std::span<const std::byte> body);
  void add_bytes(std::span<const std::byte> bytes);
  Status flush();

  Options options_;
  Reading opened_;
  Reading reading_;
  std::uint64_t chain_ = 0;  // digest of the last frame
  FileHandle file_;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
  ByteVector pending_;  // not written yet
  bool unsynced_ = false;
  Status status_;
};

}  // namespace skerry::host

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
  /// Payloads of a message that arrived, the example of a request, samples from outside, or the
  /// outputs of a job that must run only once. They lie in `file`.
  std::vector<std::span<const std::byte>> payloads;

  /// Reads the input. Adds the payloads of the record to `table`; payloads that other jobs made
  /// must be in it already. Fails if something is damaged or does not fit.
  /// @param keep  gets handles to the payloads of the record, which `table` does not keep alive.
  Result<role::Input> read(PayloadTable& table, std::vector<role::PayloadRef>& keep) const;
};

/// An append-only log of the inputs of one role, in order. It is both recovery log and recording.
/// The log is cut into segments of frames. Each frame carries its length and a digest that also
/// covers the frame before it, so a replay ends exactly at a torn end, a flipped bit or a lost
/// segment. Each payload is a frame of its own before the input that brought it; it is written from
/// where it lies, and stays in the file when it is read. Used by one thread.
class Journal {
 public:
  struct Options {
    std::filesystem::path directory;
    /// What the journal belongs to (a hash of the resolved scenario). Another journal is refused.
    std::uint64_t run = 0;
    std::uint64_t segment_bytes = 64 << 20;
    /// Segments stay when a checkpoint covers them, so that the whole run can be replayed.
    bool record = false;
  };
  struct Reading {
    std::uint64_t last = 0;     // sequence of the last whole record
    std::uint64_t dropped = 0;  // bytes after it that form no whole record
    std::string reason;         // why reading ended before the end; empty if it did not
  };
  using Each = std::function<Status(const JournalRecord&)>;

  /// Calls `each` with all records after `after`, in order, and opens the journal for more. Cuts
  /// off what is not whole, and renames segments behind that to `*.damaged`. Fails if `each` fails,
  /// if the journal belongs to another run, or if it begins after the record `after` + 1.
  static Result<Journal> open(Options options, std::uint64_t after, const Each& each);
  /// The same, but changes nothing and opens nothing for writing.
  static Result<Reading> read(const Options& options, std::uint64_t after, const Each& each);

  /// Adds an input and the payloads that it brought, which must be ready. Durable after the next
  /// commit(). Returns the sequence of the record.
  /// @param results  the outputs of a finished job that must not run again; else empty.
  Result<std::uint64_t> append(const role::Input& input, const ByteVector& note = {},
                               std::span<const role::PayloadRef> results = {});
  /// Makes all that was appended durable at once. Nothing that a step decided may leave the node
  /// before the input of that step is durable. After a failure the journal stays failed.
  Status commit();
  /// A checkpoint holds everything up to `sequence`: removes earlier segments, except in a
  /// recording. May be called while another thread calls the other functions.
  Status covered(std::uint64_t sequence) const;

  /// Sequence of the last record.
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

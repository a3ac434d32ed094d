#include "scenarios/host/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace skerry::host {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMagic = 0x314c'4e4a'5952'4b53ULL;  // "SKRYJNL1"
constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSuffix = ".log";

/// Head of a segment. `check` is the digest of the fields before it.
struct SegmentHead {
  std::uint64_t magic = kMagic;
  std::uint64_t run = 0;
  std::uint64_t first = 0;  // sequence of its first record
  std::uint64_t chain = 0;  // digest of the frame before that
  std::uint64_t check = 0;

  template <class A>
  void archive(A& a) {
    a(magic, run, first, chain, check);
  }
  std::uint64_t right_check() const {
    const std::array words{magic, run, first, chain};
    return digest(std::as_bytes(std::span(words)));
  }
};
constexpr std::size_t kHeadBytes = 5 * sizeof(std::uint64_t);
constexpr std::size_t kFrameBytes = 1 + 2 * sizeof(std::uint64_t);  // kind, length, digest
constexpr std::size_t kFlushBytes = 1 << 20;

enum FrameKind : std::uint8_t { kPayload = 1, kInput = 2 };

/// The beginning of a frame's digest; the body of the frame comes next.
RunningHash link_hash(std::uint64_t chain, std::uint8_t kind) {
  RunningHash hash;
  hash.add_value(chain);
  hash.add_value(kind);
  return hash;
}

std::uint64_t link_digest(std::uint64_t chain, std::uint8_t kind, std::span<const std::byte> body) {
  RunningHash hash = link_hash(chain, kind);
  hash.add(body);
  return hash.value();
}

struct Segment {
  std::uint64_t first;
  fs::path path;
};

std::vector<Segment> list(const fs::path& directory) {
  std::vector<Segment> segments;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    std::uint64_t first = 0;
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, first);
    if (parsed.ec == std::errc() && parsed.ptr == end) segments.push_back({first, entry.path()});
  }
  std::sort(segments.begin(), segments.end(),
            [](const Segment& a, const Segment& b) { return a.first < b.first; });
  return segments;
}

fs::path file_name(std::uint64_t first) {
  const std::string digits = std::to_string(first);
  return std::string(kPrefix) + std::string(20 - digits.size(), '0') + digits +
         std::string(kSuffix);
}

/// Where a reading stands: the state that one segment hands to the next.
struct Cursor {
  std::uint64_t last = 0;
  std::uint64_t chain = 0;
  bool begun = false;
};

/// What one segment gave.
struct SegmentReading {
  std::uint64_t whole = 0;  // bytes from its start up to the end of the last whole record
  std::uint64_t size = 0;
  std::string fault;  // empty: it is whole to its end
};

Result<SegmentReading> read_segment(const Segment& segment, const Journal::Options& options,
                                    std::uint64_t after, const Journal::Each& each,
                                    Cursor& cursor) {
  const auto file = MappedFile::open(segment.path);
  if (!file) return file.failure();
  SegmentReading result{0, file.value()->bytes().size(), ""};
  ByteReader reader(file.value()->bytes());
  SegmentHead head;
  reader(head);
  if (!reader.ok() || head.magic != kMagic || head.check != head.right_check()) {
    result.fault = "its head is damaged";
    return result;
  }
  if (head.run != options.run) {
    return Failure{segment.path.string() + ": belongs to another scenario"};
  }
  if (cursor.begun && (head.first != cursor.last + 1 || head.chain != cursor.chain)) {
    result.fault = "it does not follow record " + std::to_string(cursor.last);
    return result;
  }
  cursor = {head.first - 1, head.chain, true};
  result.whole = kHeadBytes;
  std::uint64_t chain = cursor.chain;
  std::uint64_t read = kHeadBytes;
  JournalRecord record;
  while (reader.remaining() > 0) {
    std::uint8_t kind = 0;
    std::uint64_t length = 0, check = 0;
    reader(kind, length, check);
    const auto body = reader.raw(length);
    if (!reader.ok() || check != link_digest(chain, kind, body)) break;
    chain = check;
    read += kFrameBytes + length;
    if (kind == kPayload) {
      file.value()->let_go(body);
      record.payloads.push_back(body);
      continue;
    }
    ByteReader parts(body);
    parts(record.sequence, record.note, record.input);
    if (kind != kInput || !parts.finished() || record.sequence != cursor.last + 1) break;
    cursor.last = record.sequence;
    cursor.chain = chain;
    result.whole = read;
    record.file = *file;
    if (cursor.last > after) {
      if (auto done = each(record); !done) return done.failure();
    }
    record = {};
  }
  if (result.whole != result.size) {
    result.fault = "record " + std::to_string(cursor.last + 1) + " is not whole";
  }
  return result;
}

/// How reading all segments went, and where it ended.
struct WholeReading {
  Cursor cursor;
  Journal::Reading reading;
  std::vector<Segment> read;    // at least partly whole, in order
  std::uint64_t last_size = 0;  // whole bytes of the last of them
  std::vector<Segment> beyond;  // not reached
};

Result<WholeReading> read_all(const Journal::Options& options, std::uint64_t after,
                              const Journal::Each& each) {
  WholeReading all;
  for (const Segment& segment : list(options.directory)) {
    if (!all.reading.reason.empty()) {
      all.beyond.push_back(segment);
      continue;
    }
    if (all.read.empty() && segment.first > after + 1) {
      return Failure{segment.path.string() + ": the journal begins at record " +
                     std::to_string(segment.first) + ", but no checkpoint holds those before it"};
    }
    auto part = read_segment(segment, options, after, each, all.cursor);
    if (!part) return part.failure();
    all.reading.dropped += part->size - part->whole;
    if (!part->fault.empty()) all.reading.reason = segment.path.string() + ": " + part->fault;
    if (part->whole == 0) {
      all.beyond.push_back(segment);
      continue;
    }
    all.read.push_back(segment);
    all.last_size = part->whole;
  }
  if (all.cursor.last < after) {  // damaged before the checkpoint: goes on behind that
    all.beyond.insert(all.beyond.begin(), all.read.begin(), all.read.end());
    all.read.clear();
    all.cursor = {after, 0, false};
  }
  all.reading.last = all.cursor.last;
  return all;
}

}  // namespace

Result<role::Input> JournalRecord::read(PayloadTable& table,
                                        std::vector<role::PayloadRef>& keep) const {
  for (const auto part : payloads) {
    auto payload = load_whole(file, part);
    if (!payload) return payload.failure();
    table.add(*payload);
    keep.push_back(std::move(*payload));
  }
  ByteReader reader(input, &table);
  role::Input value;
  reader(value);
  if (!reader.finished()) {
    return Failure{"record " + std::to_string(sequence) +
                   " of the journal does not fit the state before it"};
  }
  return value;
}

Result<Journal::Reading> Journal::read(const Options& options, std::uint64_t after,
                                       const Each& each) {
  auto all = read_all(options, after, each);
  if (!all) return all.failure();
  return std::move(all->reading);
}

Result<Journal> Journal::open(Options options, std::uint64_t after, const Each& each) {
  auto all = read_all(options, after, each);
  if (!all) return all.failure();
  for (const Segment& segment : all->beyond) {
    fs::path aside = segment.path;
    aside += ".damaged";
    if (::rename(segment.path.c_str(), aside.c_str()) != 0) {
      return Failure{segment.path.string() + ": cannot rename: " + std::strerror(errno)};
    }
  }
  Journal journal(std::move(options));
  journal.opened_ = journal.reading_ = all->reading;
  journal.chain_ = all->cursor.chain;
  if (all->read.empty()) {
    if (auto started = journal.start_segment(); !started) return started.failure();
    return journal;
  }
  journal.path_ = all->read.back().path;
  journal.size_ = all->last_size;
  auto file = open_file(journal.path_, O_WRONLY | O_APPEND);
  if (!file) return file.failure();
  journal.file_ = std::move(*file);
  if (::ftruncate(journal.file_.descriptor(), static_cast<off_t>(journal.size_)) != 0) {
    return Failure{journal.path_.string() + ": cannot cut: " + std::strerror(errno)};
  }
  if (auto synced = sync_file(journal.file_, journal.path_); !synced) return synced.failure();
  return journal;
}

Status Journal::start_segment() {
  SegmentHead head;
  head.run = options_.run;
  head.first = reading_.last + 1;
  head.chain = chain_;
  head.check = head.right_check();
  path_ = options_.directory / file_name(head.first);
  auto file = open_file(path_, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC);
  if (!file) return file.failure();
  file_ = std::move(*file);
  if (auto written = write_all(file_, to_bytes(head), path_); !written) return written;
  size_ = kHeadBytes;
  if (auto synced = sync_file(file_, path_); !synced) return synced;
  return sync_directory(options_.directory);
}

void Journal::add_bytes(std::span<const std::byte> bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  if (pending_.size() >= kFlushBytes) (void)flush();  // commit() returns a failure
}

void Journal::add_head(std::uint8_t kind, std::uint64_t size) {
  ByteWriter head;
  head(kind, size, chain_);
  add_bytes(head.bytes());
}

void Journal::add_payload(const role::PayloadRef& payload) {
  const role::Encoding body = encode_whole(payload);
  RunningHash hash = link_hash(chain_, kPayload);
  hash.begin(body.size());
  body.each([&hash](std::span<const std::byte> part) { hash.part(part); });
  chain_ = hash.value();
  add_head(kPayload, body.size());
  body.each([this](std::span<const std::byte> part) { add_bytes(part); });
}

void Journal::add_input(std::span<const std::byte> body) {
  chain_ = link_digest(chain_, kInput, body);
  add_head(kInput, body.size());
  add_bytes(body);
}

Status Journal::flush() {
  if (status_) status_ = write_all(file_, pending_, path_);
  size_ += pending_.size();
  pending_ = {};
  return status_;
}

Result<std::uint64_t> Journal::append(const role::Input& input, const ByteVector& note,
                                      std::span<const role::PayloadRef> results) {
  if (!status_) return status_.failure();
  unsynced_ = true;
  if (const auto* arrived = std::get_if<role::MessageArrived>(&input.event)) {
    for (const role::PayloadRef& payload : arrived->message.payloads) add_payload(payload);
  }
  if (const auto* request = std::get_if<role::Request>(&input.event)) {
    if (request->example) add_payload(request->example);
  }
  if (const auto* samples = std::get_if<role::SamplesArrived>(&input.event)) {
    if (samples->inputs) add_payload(samples->inputs);
  }
  for (const role::PayloadRef& payload : results) add_payload(payload);
  ByteWriter body;
  body(++reading_.last, note, to_bytes(input));
  add_input(body.bytes());
  return reading_.last;
}

Status Journal::commit() {
  if (!unsynced_) return status_;
  if (flush().ok()) status_ = sync_file(file_, path_);
  unsynced_ = false;
  if (status_ && size_ >= options_.segment_bytes) status_ = start_segment();
  return status_;
}

Status Journal::covered(std::uint64_t sequence) const {
  if (options_.record) return {};
  const auto segments = list(options_.directory);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    if (segments[i + 1].first > sequence + 1) break;
    if (auto removed = remove_file(segments[i].path); !removed) return removed;
  }
  return {};
}

}  // namespace skerry::host

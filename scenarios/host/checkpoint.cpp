#include "scenarios/host/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "scenarios/host/durable_file.hpp"

namespace skerry::host {

namespace fs = std::filesystem;
using role::PayloadCell;
using role::PayloadId;
using role::PayloadRef;

namespace {

constexpr std::uint64_t kMagic = 0x3150'4b43'5952'4b53ULL;  // "SKRYCKP1"
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kKept = 2;
constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kSuffix = ".bin";

struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint64_t sequence = 0;
  std::uint64_t run = 0;
  std::uint64_t sections = 0;
  std::uint64_t payloads = 0;
  MetricFile::End metrics;

  template <class A>
  void archive(A& a) {
    a(magic, version, sequence, run, sections, payloads, metrics);
  }
};

fs::path file_name(std::uint64_t sequence) {
  const std::string digits = std::to_string(sequence);
  return std::string(kPrefix) + std::string(20 - digits.size(), '0') + digits +
         std::string(kSuffix);
}

/// Sequences of the checkpoints in a directory, newest first.
std::vector<std::uint64_t> list(const fs::path& directory) {
  std::vector<std::uint64_t> sequences;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    std::uint64_t sequence = 0;
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, sequence);
    if (parsed.ec == std::errc() && parsed.ptr == end) sequences.push_back(sequence);
  }
  std::sort(sequences.rbegin(), sequences.rend());
  return sequences;
}

/// One part: length, bytes, digest of both.
void write_part(DurableFile& file, std::span<const std::byte> bytes) {
  const std::uint64_t size = bytes.size();
  file.write(std::as_bytes(std::span(&size, 1)));
  file.write(bytes);
  const std::uint64_t check = digest(bytes);  // the digest covers the length
  file.write(std::as_bytes(std::span(&check, 1)));
}

void write_part(DurableFile& file, const role::Encoding& bytes) {
  const std::uint64_t size = bytes.size();
  file.write(std::as_bytes(std::span(&size, 1)));
  RunningHash hash;
  hash.begin(size);
  bytes.each([&](std::span<const std::byte> part) {
    file.write(part);
    hash.part(part);
  });
  const std::uint64_t check = hash.value();
  file.write(std::as_bytes(std::span(&check, 1)));
}

std::optional<std::span<const std::byte>> read_part(ByteReader& reader) {
  std::uint64_t size = 0;
  reader(size);
  const auto bytes = reader.raw(size);
  std::uint64_t check = 0;
  reader(check);
  if (!reader.ok() || check != digest(bytes)) return std::nullopt;
  return bytes;
}

Status read_payloads(const std::shared_ptr<const MappedFile>& file, ByteReader& reader,
                     std::uint64_t count, RestoredCheckpoint& restored,
                     std::map<PayloadId, PayloadRef>& payloads) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bytes = read_part(reader);
    if (!bytes) return Failure{"a payload is damaged"};
    file->let_go(*bytes);
    auto payload = load_whole(file, *bytes);
    if (!payload) return payload.failure();
    restored.table.add(*payload);
    const PayloadId id = payload->id();
    payloads.emplace(id, std::move(*payload));
  }
  return {};
}

Status read_metrics(const MetricFile& settled, const MetricFile::End& end, ByteReader& reader,
                    MetricLog& into) {
  if (const Status read = settled.read(end, into); !read) return read;
  const auto open = read_part(reader);
  if (!open) return Failure{"measurements are damaged"};
  ByteReader rows(*open);
  into.load_open(rows);
  if (!rows.finished()) return Failure{"measurements are damaged"};
  return {};
}

/// @param end  of the measurements; set if it succeeds.
Result<RestoredCheckpoint> read_checkpoint(const fs::path& path, std::uint64_t run,
                                           const MetricFile& settled, MetricFile::End& end,
                                           std::map<std::string, ByteVector>& sections,
                                           std::map<PayloadId, PayloadRef>& payloads) {
  const auto file = MappedFile::open(path);
  if (!file) return file.failure();
  ByteReader reader(file.value()->bytes());
  const auto start = read_part(reader);
  if (!start) return Failure{"is no checkpoint, or its head is damaged"};
  ByteReader format(*start);
  std::uint64_t magic = 0;
  std::uint32_t version = 0;
  format(magic, version);
  if (format.ok() && magic == kMagic && version != kVersion) {
    return Failure{"was written in format " + std::to_string(version) +
                   ", this program reads format " + std::to_string(kVersion)};
  }
  const auto header = from_bytes<Header>(*start);
  if (!header || magic != kMagic) return Failure{"is no checkpoint, or its head is damaged"};
  if (header->run != run) return Failure{"belongs to another scenario"};
  RestoredCheckpoint restored;
  restored.sequence = header->sequence;
  for (std::uint64_t i = 0; i < header->sections; ++i) {
    const auto part = read_part(reader);
    auto section = part ? from_bytes<std::pair<std::string, ByteVector>>(*part) : std::nullopt;
    if (!section) return Failure{"a section is damaged"};
    sections.insert(std::move(*section));
  }
  if (auto read = read_payloads(*file, reader, header->payloads, restored, payloads); !read) {
    return read.failure();
  }
  if (auto read = read_metrics(settled, header->metrics, reader, restored.metrics); !read) {
    return read.failure();
  }
  if (!reader.finished()) return Failure{"has bytes after its end"};
  end = header->metrics;
  return restored;
}

}  // namespace

void Checkpoint::add(std::string section, ByteWriter writer) {
  for (const auto& object : writer.held()) {
    auto cell = std::static_pointer_cast<PayloadCell>(object);
    SKERRY_CHECK(cell->ready(), "payloads are there before they enter a checkpoint");
    const PayloadId id = cell->id();
    payloads_.emplace(id, PayloadRef(std::move(cell)));
  }
  sections_[std::move(section)] = writer.take();
}

ByteReader RestoredCheckpoint::reader(const std::string& section) const {
  const auto found = state.sections().find(section);
  ByteReader reader(found == state.sections().end() ? std::span<const std::byte>() : found->second,
                    &table);
  if (found == state.sections().end()) reader.fail();
  return reader;
}

CheckpointStore::Prepared CheckpointStore::prepare(std::uint64_t sequence, Checkpoint checkpoint,
                                                   const MetricLog& metrics) const {
  ByteWriter open;
  metrics.save_open(open);
  return {.sequence = sequence,
          .state = std::move(checkpoint),
          .metrics = metrics_.addition(metrics),
          .open_metrics = open.take()};
}

Status CheckpointStore::write(const Prepared& prepared) {
  if (auto added = metrics_.write(prepared.metrics); !added) return added;
  DurableFile file(directory_ / file_name(prepared.sequence));
  Header header;
  header.sequence = prepared.sequence;
  header.run = run_;
  header.sections = prepared.state.sections_.size();
  header.payloads = prepared.state.payloads_.size();
  header.metrics = prepared.metrics.end;
  write_part(file, to_bytes(header));
  for (const auto& section : prepared.state.sections_) write_part(file, to_bytes(section));
  for (const auto& [id, payload] : prepared.state.payloads_) {
    write_part(file, encode_whole(payload));
  }
  write_part(file, prepared.open_metrics);
  if (auto saved = file.commit(); !saved) return saved;
  metrics_.set_end(prepared.metrics.end);
  const auto sequences = list(directory_);
  for (std::size_t i = kKept; i < sequences.size(); ++i) {
    if (auto removed = remove_file(directory_ / file_name(sequences[i])); !removed) return removed;
  }
  return {};
}

Result<std::optional<RestoredCheckpoint>> CheckpointStore::load() {
  std::vector<std::string> skipped;
  for (const std::uint64_t sequence : list(directory_)) {
    const fs::path path = directory_ / file_name(sequence);
    Checkpoint state;
    MetricFile::End end;
    auto restored = read_checkpoint(path, run_, metrics_, end, state.sections_, state.payloads_);
    if (restored) {
      metrics_.set_end(end);
      restored->state = std::move(state);
      restored->skipped = std::move(skipped);
      return std::optional(std::move(*restored));
    }
    skipped.push_back(path.string() + ": " + restored.message());
  }
  if (skipped.empty()) return std::optional<RestoredCheckpoint>();
  std::string all = "no checkpoint can be used";
  for (const std::string& reason : skipped) all += "; " + reason;
  return Failure{all};
}

std::uint64_t CheckpointStore::oldest() const {
  const auto sequences = list(directory_);
  return sequences.empty() ? 0 : sequences[std::min(sequences.size(), kKept) - 1];
}

}  // namespace skerry::host

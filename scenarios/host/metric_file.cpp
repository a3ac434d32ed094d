#include "scenarios/host/metric_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "scenarios/host/durable_file.hpp"

namespace skerry::host {

namespace {

void add_bytes(ByteVector& all, std::span<const std::byte> bytes) {
  all.insert(all.end(), bytes.begin(), bytes.end());
}

}  // namespace

Result<MetricFile::End> MetricFile::append(const MetricLog& log) {
  const std::size_t settled = log.settled();
  SKERRY_CHECK(settled >= end_.places, "a metric log only grows");
  if (settled == end_.places) return end_;
  ByteWriter writer;
  log.save(writer, end_.places, settled);
  const ByteVector places = writer.take();
  const std::uint64_t size = places.size();
  const std::uint64_t check = digest(places);
  ByteVector addition;
  add_bytes(addition, std::as_bytes(std::span(&size, 1)));
  add_bytes(addition, places);
  add_bytes(addition, std::as_bytes(std::span(&check, 1)));

  auto file = open_file(path_, O_WRONLY | O_CREAT);
  if (!file) return file.failure();
  const auto begin = static_cast<off_t>(end_.bytes);
  if (::ftruncate(file->descriptor(), begin) != 0 ||
      ::lseek(file->descriptor(), begin, SEEK_SET) != begin) {
    return Failure{path_.string() + ": cannot be cut to " + std::to_string(begin) + " bytes"};
  }
  Status status = write_all(*file, addition, path_);
  if (status) status = sync_file(*file, path_);
  if (!status) return status.failure();
  End end = end_;
  end.bytes += addition.size();
  end.places = settled;
  end.digests.add_value(check);
  return end;
}

Status MetricFile::read(const End& end, MetricLog& into) const {
  if (end.bytes == 0) return {};
  const Failure damaged{path_.string() + " is damaged"};
  const auto bytes = read_file(path_);
  if (!bytes) return bytes.failure();
  if (bytes->size() < end.bytes) return damaged;
  const std::span<const std::byte> settled(bytes->data(), end.bytes);
  ByteReader reader(settled);
  RunningHash digests;
  while (reader.ok() && !reader.finished()) {
    std::uint64_t size = 0, check = 0;
    reader(size);
    const auto places = reader.raw(size);
    reader(check);
    if (!reader.ok() || check != digest(places)) return damaged;
    digests.add_value(check);
    ByteReader rows(places);
    into.load_more(rows);
    if (!rows.finished()) return damaged;
  }
  const bool whole =
      reader.finished() && digests.value() == end.digests.value() && into.settled() == end.places;
  if (!whole) return damaged;
  return {};
}

}  // namespace skerry::host

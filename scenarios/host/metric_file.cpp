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

MetricFile::Addition MetricFile::addition(const MetricLog& log) const {
  const std::size_t settled = log.settled();
  SKERRY_CHECK(settled >= end_.places, "a metric log only grows");
  Addition addition{.bytes = {}, .end = end_};
  if (settled == end_.places) return addition;
  ByteWriter writer;
  log.save(writer, end_.places, settled);
  const ByteVector places = writer.take();
  const std::uint64_t size = places.size();
  const std::uint64_t check = digest(places);
  add_bytes(addition.bytes, std::as_bytes(std::span(&size, 1)));
  add_bytes(addition.bytes, places);
  add_bytes(addition.bytes, std::as_bytes(std::span(&check, 1)));
  addition.end.bytes += addition.bytes.size();
  addition.end.places = settled;
  addition.end.digests.add_value(check);
  return addition;
}

Status MetricFile::write(const Addition& addition) const {
  if (addition.bytes.empty()) return {};
  auto file = open_file(path_, O_WRONLY | O_CREAT);
  if (!file) return file.failure();
  const auto begin = static_cast<off_t>(end_.bytes);
  if (::ftruncate(file->descriptor(), begin) != 0 ||
      ::lseek(file->descriptor(), begin, SEEK_SET) != begin) {
    return Failure{path_.string() + ": cannot be cut to " + std::to_string(begin) + " bytes"};
  }
  const Status status = write_all(*file, addition.bytes, path_);
  return status ? sync_file(*file, path_) : status;
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

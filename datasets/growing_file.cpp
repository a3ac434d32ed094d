#include "datasets/growing_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/printable.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kMarkBytes = 64;

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string lines_read(std::uint64_t lines) {
  return "after " + std::to_string(lines) + (lines == 1 ? " line" : " lines");
}

}  // namespace

void GrowingFile::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

void GrowingFile::begin_anew() {
  place_ = {.id = place_.id};
  header_.clear();
  too_long_ = false;
}

Result<std::string> GrowingFile::bytes_at(std::uint64_t offset, std::size_t most) const {
  std::string text(most, '\0');
  std::size_t got = 0;
  while (got < most) {
    const ssize_t part =
        ::pread(file_, text.data() + got, most - got, static_cast<off_t>(offset + got));
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return file_failure(path_, errno);
    if (part == 0) break;
    got += static_cast<std::size_t>(part);
  }
  text.resize(got);
  return text;
}

/// Digest of the last bytes before the offset.
std::uint64_t GrowingFile::mark() const {
  const std::uint64_t size = std::min<std::uint64_t>(place_.offset, kMarkBytes);
  const auto text = bytes_at(place_.offset - size, size);
  RunningHash hash;
  if (text) hash.add(std::as_bytes(std::span(*text)));
  return hash.value();
}

Status GrowingFile::open(Portion& portion) {
  if (file_ < 0) {
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) return errno == ENOENT ? Status() : Status(file_failure(path_, errno));
  }
  struct stat now {};
  if (::fstat(file_, &now) != 0) return file_failure(path_, errno);
  if (S_ISDIR(now.st_mode)) {
    close();
    return file_failure(path_, EISDIR);
  }
  size_ = static_cast<std::uint64_t>(now.st_size);
  const std::uint64_t id = now.st_ino;
  if (place_.id != 0 && place_.id != id) {
    portion.remarks.push_back(path_.string() +
                              ": was replaced while nobody read it; lines that the old file got " +
                              lines_read(place_.lines) + " are lost");
    begin_anew();
  }
  place_.id = id;
  look_for_changes(portion);
  return read_header();
}

void GrowingFile::look_for_changes(Portion& portion) {
  const bool shorter = size_ < place_.offset;
  if (!shorter && (place_.offset == 0 || mark() == place_.mark)) return;
  portion.remarks.push_back(
      path_.string() + (shorter ? ": was cut short " : ": was written anew ") +
      lines_read(place_.lines) + " had been read; it is read from its first line again");
  begin_anew();
}

/// Where the reading goes on in the middle of the file.
Status GrowingFile::read_header() {
  if (place_.lines == 0 || !header_.empty()) return {};
  const auto text = bytes_at(0, kLongest);
  if (!text) return text.failure();
  header_ = without_return(
      without_byte_order_mark(*text).substr(0, without_byte_order_mark(*text).find('\n')));
  return {};
}

bool GrowingFile::was_replaced() const {
  struct stat named {};
  return ::stat(path_.c_str(), &named) == 0 && named.st_ino != place_.id;
}

/// A whole line has been read.
void GrowingFile::take(std::string_view text, Portion& portion) {
  const bool too_long = std::exchange(too_long_, false);
  ++place_.lines;
  text = without_return(text);
  if (place_.lines == 1) {
    header_ = too_long ? "" : without_byte_order_mark(text);
  } else if (too_long) {
    portion.lines.push_back({place_.lines, {}, "is longer than a mebibyte"});
  } else if (!text.empty()) {
    portion.lines.push_back({place_.lines, std::string(text), {}});
  }
}

Result<GrowingFile::Portion> GrowingFile::read(std::size_t most, bool whole) {
  Portion portion;
  if (const Status opened = open(portion); !opened) return opened.failure();
  if (file_ < 0) return portion;
  const auto text = bytes_at(place_.offset, kLongest);
  if (!text) return text.failure();
  std::size_t used = 0;
  for (std::size_t end = 0; portion.lines.size() < most; used = end + 1) {
    end = text->find('\n', used);
    if (end == std::string::npos) break;
    take(std::string_view(*text).substr(used, end - used), portion);
  }
  const bool all_there = text->size() < kLongest;
  const bool stuck = used == 0 && !all_there && portion.lines.empty();
  const bool replaced = used == 0 && all_there && was_replaced();
  if ((whole && all_there && portion.lines.size() < most && used < text->size()) ||
      (replaced && !text->empty())) {
    take(std::string_view(*text).substr(used), portion);
    used = text->size();
  }
  if (stuck) {
    too_long_ = true;
    used = text->size();
  }
  place_.offset += used;
  if (used > 0) place_.mark = mark();
  portion.ended = all_there && used == text->size();
  if (replaced) {
    portion.remarks.push_back(path_.string() + ": was replaced " + lines_read(place_.lines) +
                              "; the new file is read from its first line");
    close();
    place_.id = 0;
    begin_anew();
  }
  return portion;
}

}  // namespace skerry::datasets

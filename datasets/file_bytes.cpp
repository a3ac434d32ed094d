#include "datasets/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>

namespace skerry::datasets {

namespace {

constexpr std::size_t kIoChunk = std::size_t{1} << 30;  // read(2) and write(2) stop near 2 GiB
constexpr std::size_t kGzipChunk = std::size_t{1} << 20;

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

Status sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor handle(folder, O_RDONLY | O_DIRECTORY);
  if (!handle.open() || ::fsync(handle.number()) != 0) return file_failure(folder, errno);
  return {};
}

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream& operator*() { return stream_; }
  z_stream* operator->() { return &stream_; }
  bool ready() const { return ready_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Failure file_failure(const std::filesystem::path& path, int error) {
  const bool leads_nowhere = error == ENOENT || error == ENOTDIR || error == EISDIR ||
                             error == ENAMETOOLONG || error == ELOOP;
  return Failure{path.string() + ": " + std::strerror(error), leads_nowhere};
}

Status check_folder_of(const std::filesystem::path& file) {
  if (!file.has_parent_path()) return {};
  std::error_code error;
  const auto status = std::filesystem::status(file.parent_path(), error);
  if (std::filesystem::is_directory(status)) return {};
  if (error && std::filesystem::exists(status)) return file_failure(file, error.value());
  return wrong_input(file.string() + ": " + file.parent_path().string() +
                     (std::filesystem::exists(status) ? " is not a folder" : " does not exist"));
}

Failure wrong_at(const std::filesystem::path& path, std::size_t byte, const std::string& message) {
  return Failure{path.string() + ": byte " + std::to_string(byte) + ": " + message};
}

Result<FileBytes> read_file(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY);
  struct stat info {};
  if (!file.open() || ::fstat(file.number(), &info) != 0) return file_failure(path, errno);
  if (!S_ISREG(info.st_mode)) return Failure{path.string() + ": is not a plain file"};
  FileBytes bytes(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::read(file.number(), bytes.data() + done, std::min(kIoChunk, bytes.size() - done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_failure(path, errno);
    if (got == 0) break;  // somebody shortened it meanwhile
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Result<FileBytes> gunzip(std::span<const std::byte> packed, const std::filesystem::path& path,
                         std::size_t limit) {
  Inflater inflater;
  if (!inflater.ready()) return Failure{path.string() + ": no memory to unpack it"};
  FileBytes bytes;
  std::size_t filled = 0, fed = 0;
  for (;;) {
    if (inflater->avail_in == 0 && fed < packed.size()) {
      const std::size_t part = std::min(kGzipChunk, packed.size() - fed);
      inflater->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + fed));
      inflater->avail_in = static_cast<uInt>(part);
      fed += part;
    }
    if (filled == bytes.size()) bytes.resize(std::max(2 * filled, kGzipChunk));
    const std::size_t room = std::min<std::size_t>(bytes.size() - filled, kIoChunk);
    inflater->next_out = reinterpret_cast<Bytef*>(bytes.data() + filled);
    inflater->avail_out = static_cast<uInt>(room);
    const int state = inflate(&*inflater, Z_NO_FLUSH);
    filled += room - inflater->avail_out;
    const std::size_t at = fed - inflater->avail_in;
    if (filled > limit) return wrong_at(path, at, "unpacks to more than expected");
    if (state == Z_STREAM_END) {
      if (at == packed.size()) break;
      if (!is_gzip(packed.subspan(at)))
        return wrong_at(path, at, "something follows the gzip data");
      inflateReset(&*inflater);
      continue;
    }
    if (state == Z_BUF_ERROR && at == packed.size()) {
      return wrong_at(path, at, "the gzip data ends early");
    }
    if (state != Z_OK && state != Z_BUF_ERROR) {
      return wrong_at(
          path, at, "damaged gzip data" + (inflater->msg ? std::string(": ") + inflater->msg : ""));
    }
  }
  bytes.resize(filled);
  return bytes;
}

Result<FileBytes> read_unpacked(const std::filesystem::path& path) {
  Result<FileBytes> bytes = read_file(path);
  if (!bytes || !is_gzip(*bytes)) return bytes;
  return gunzip(*bytes, path);
}

std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  static std::atomic<unsigned> count{0};
  std::filesystem::path temporary = path;
  temporary += "." + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".part";
  return temporary;
}

Status commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  int error = 0;
  {
    const Descriptor file(temporary, O_RDWR);
    if (!file.open() || ::fsync(file.number()) != 0) error = errno;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return file_failure(path, error);
  }
  return sync_folder(path);
}

Status write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  if (const Status there = check_folder_of(path); !there) return there;
  const std::filesystem::path temporary = temporary_beside(path);
  int error = 0;
  {
    const Descriptor file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.open()) return file_failure(path, errno);
    while (!bytes.empty() && error == 0) {
      const ssize_t put = ::write(file.number(), bytes.data(), std::min(kIoChunk, bytes.size()));
      if (put >= 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
      if (put < 0 && errno != EINTR) error = errno;
    }
  }
  if (error != 0) {
    ::unlink(temporary.c_str());
    return file_failure(path, error);
  }
  return commit_file(temporary, path);
}

Status write_file(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace skerry::datasets

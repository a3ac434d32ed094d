#include "scenarios/host/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace skerry::host {

namespace fs = std::filesystem;

Result<std::shared_ptr<const MappedFile>> MappedFile::of(const FileHandle& file,
                                                         const fs::path& path) {
  struct stat about {};
  const auto failure = [&path] {
    return Failure{path.string() + ": cannot map: " + std::strerror(errno)};
  };
  if (::fstat(file.descriptor(), &about) != 0) return failure();
  const auto size = static_cast<std::size_t>(about.st_size);
  void* data = nullptr;
  if (size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
    if (data == MAP_FAILED) return failure();
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile({static_cast<const std::byte*>(data), size}));
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const fs::path& path) {
  auto file = open_file(path, O_RDONLY);
  if (!file) return file.failure();
  return of(*file, path);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::let_go(std::span<const std::byte> part) const {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = static_cast<std::size_t>(part.data() - bytes_.data()) / page * page;
  const auto end = static_cast<std::size_t>(part.data() + part.size() - bytes_.data());
  ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_DONTNEED);
}

void FilePart::read(std::uint64_t offset, std::span<std::byte> into) const {
  constexpr std::size_t kSlice = 8 << 20;
  std::span<const std::byte> rest = part_.subspan(offset, into.size());
  while (!rest.empty()) {
    const auto slice = rest.first(std::min(rest.size(), kSlice));
    std::memcpy(into.data(), slice.data(), slice.size());
    file_->let_go(slice);
    into = into.subspan(slice.size());
    rest = rest.subspan(slice.size());
  }
}

}  // namespace skerry::host

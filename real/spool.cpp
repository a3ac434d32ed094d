#include "real/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace skerry::real {

Result<Spool> Spool::make(std::uint64_t size, const std::filesystem::path& folder) {
  Spool spool;
  spool.folder_ = folder.empty() ? std::filesystem::temp_directory_path() : folder;
  if (size <= kInMemory) {
    spool.memory_.reserve(size);
    return spool;
  }
  std::string name = (spool.folder_ / "arriving-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) {
    return Failure{spool.folder_.string() + ": cannot create a file: " + std::strerror(errno)};
  }
  ::unlink(name.c_str());
  spool.file_ = host::FileHandle(descriptor);
  return spool;
}

Status Spool::append(std::span<const std::byte> bytes) {
  if (file_.open()) return host::write_all(file_, bytes, folder_ / "arriving");
  memory_.insert(memory_.end(), bytes.begin(), bytes.end());
  return {};
}

Result<std::span<const std::byte>> Spool::bytes() {
  if (file_.open()) {
    auto mapped = host::MappedFile::of(file_, folder_ / "arriving");
    if (!mapped) return mapped.failure();
    mapped_ = std::move(*mapped);
    file_ = {};
  }
  return mapped_ ? mapped_->bytes() : std::span<const std::byte>(memory_);
}

}  // namespace skerry::real

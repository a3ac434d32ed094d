#include "real/run_identity.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>

namespace skerry::real {

namespace {
constexpr const char* kFile = "run.bin";
}  // namespace

Result<std::optional<RunIdentity>> load_identity(const std::filesystem::path& folder, NodeId self) {
  const auto path = folder / kFile;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<RunIdentity>();
  const auto bytes = host::read_file(path);
  if (!bytes) return bytes.failure();
  const auto stored = from_bytes<std::pair<std::uint64_t, ByteVector>>(bytes.value());
  auto identity = stored && stored->first == host::digest(stored->second)
                      ? from_bytes<RunIdentity>(stored->second)
                      : std::nullopt;
  if (!identity) return Failure{path.string() + ": is damaged"};
  if (identity->self != self) {
    return wrong_input(folder.string() + ": holds the state of " + to_string(identity->self) +
                       ", not of " + to_string(self));
  }
  return identity;
}

Status save_identity(const std::filesystem::path& folder, const RunIdentity& identity) {
  const ByteVector bytes = to_bytes(identity);
  return host::write_durably(folder / kFile, to_bytes(std::pair(host::digest(bytes), bytes)));
}

Result<host::FileHandle> lock_folder(const std::filesystem::path& folder) {
  if (auto made = host::make_directory(folder); !made) return made.failure();
  auto file = host::open_file(folder / "lock", O_RDWR | O_CREAT);
  if (!file) return file.failure();
  if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    return Failure{folder.string() + ": another process works in it"};
  }
  return file;
}

std::uint64_t random_identity() {
  std::uint64_t number = 0;
  const int drawn = RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
  SKERRY_CHECK(drawn == 1, "the operating system gives randomness");
  return number | 1;
}

}  // namespace skerry::real

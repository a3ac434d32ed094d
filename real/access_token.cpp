#include "real/access_token.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kShortest = 32;  // characters

std::string drawn() {
  std::array<unsigned char, kRandomBytes> bytes{};
  SKERRY_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1,
               "the operating system gives randomness");
  std::string text;
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

Status write_token(const host::FileHandle& file, const std::string& text, const fs::path& path) {
  const std::string line = text + "\n";
  return host::write_all(file, std::as_bytes(std::span(line)), path);
}

/// Checks that the file is ours alone.
Status check_owner(const fs::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return Failure{path.string() + ": is not a plain file"};
  }
  if (found.st_uid != ::geteuid()) return Failure{path.string() + ": belongs to another user"};
  if ((found.st_mode & 077) != 0) {
    return Failure{path.string() + ": others may read the token; remove the file, or chmod 600 it"};
  }
  return {};
}

/// Locks a temporary file for as long as its process lives, however that ends.
bool hold(const host::FileHandle& file) {
  return ::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0;
}

/// Removes our files of that name that no process holds any more, because theirs was killed.
void remove_abandoned(const fs::path& folder, const std::string& name) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (!path.filename().string().starts_with(name) || !check_owner(path)) continue;
    const auto file = host::open_file(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file && hold(*file)) ::unlink(path.c_str());
  }
}

}  // namespace

Result<std::string> read_token(const fs::path& file) {
  const auto bytes = host::read_file(file);
  if (!bytes) return bytes.failure();
  std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (text.size() < kShortest || !printable) {
    return Failure{file.string() + ": holds no token: one line of at least " +
                   std::to_string(kShortest) + " characters"};
  }
  return text;
}

Result<AccessToken> AccessToken::in_file(const fs::path& file) {
  AccessToken token;
  token.file_ = fs::absolute(file);
  if (auto made = host::make_directory(token.file_.parent_path()); !made) return made.failure();
  std::error_code error;
  if (fs::exists(fs::symlink_status(token.file_, error))) {
    if (auto ours = check_owner(token.file_); !ours) return ours.failure();
    auto text = read_token(token.file_);
    if (!text) return text.failure();
    token.text_ = std::move(*text);
    return token;
  }
  token.text_ = drawn();
  const auto made = host::open_file(token.file_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!made) return made.failure();
  if (auto written = write_token(*made, token.text_, token.file_); !written) {
    return written.failure();
  }
  return token;
}

Result<AccessToken> AccessToken::temporary(const std::string& name) {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (error) return Failure{"there is no folder for temporary files: " + error.message()};
  remove_abandoned(folder, name + "-");
  std::string path = folder / (name + "-XXXXXX");
  host::FileHandle made(::mkostemp(path.data(), O_CLOEXEC));  // with mode 0600
  if (!made.open()) return Failure{path + ": cannot create: " + std::strerror(errno)};
  if (!hold(made)) return Failure{path + ": another process has taken it; try again"};
  AccessToken token;
  token.file_ = path;
  token.text_ = drawn();
  token.temporary_ = true;
  if (auto written = write_token(made, token.text_, path); !written) return written.failure();
  token.held_ = std::move(made);
  return token;
}

AccessToken& AccessToken::operator=(AccessToken&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(text_, other.text_);
  std::swap(temporary_, other.temporary_);
  std::swap(held_, other.held_);
  return *this;
}

AccessToken::~AccessToken() {
  if (temporary_) ::unlink(file_.c_str());
}

bool AccessToken::matches(std::string_view given) const {
  return given.size() == text_.size() &&
         CRYPTO_memcmp(given.data(), text_.data(), text_.size()) == 0;
}

}  // namespace skerry::real

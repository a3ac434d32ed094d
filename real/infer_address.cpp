#include "real/infer_address.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

namespace skerry::real {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::optional<int> port_of(std::string_view digits) {
  int port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = fault == std::errc() && end == digits.data() + digits.size();
  if (!whole || digits.starts_with('-') || port > 65535) return std::nullopt;
  return port;
}

Result<InferAddress> socket_at(std::string_view path) {
  if (path.starts_with("//")) path.remove_prefix(2);  // unix:///PATH
  if (path.empty()) return Failure{"unix: is followed by the path of a socket"};
  InferAddress address;
  address.socket = fs::absolute(path).lexically_normal();
  if (address.socket.native().size() > kLongestPath) {
    return Failure{address.socket.string() + ": is too long for a socket: at most " +
                   std::to_string(kLongestPath) + " bytes"};
  }
  return address;
}

Failure system_failure(const fs::path& path, const std::string& what) {
  return Failure{path.string() + ": " + what + ": " + std::strerror(errno)};
}

/// Whether a process listens there; a failure if that cannot be found out.
Result<bool> listened_on(const fs::path& path) {
  const host::FileHandle probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  if (::connect(probe.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
          0 ||
      errno == EAGAIN) {
    return true;
  }
  if (errno == ECONNREFUSED) return false;
  return system_failure(path, "cannot be examined");
}

}  // namespace

Result<InferAddress> InferAddress::parse(const std::string& text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return socket_at(std::string_view(text).substr(kUnix.size()));
  const auto colon = text.rfind(':');
  const std::string host = colon == std::string::npos ? "127.0.0.1" : text.substr(0, colon);
  const auto port = port_of(std::string_view(text).substr(colon + 1));  // npos + 1 is 0
  const bool here = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
  if (!port || !here) {
    return Failure{"\"" + text +
                   "\" is neither unix:PATH nor a port of this machine (PORT, 127.0.0.1:PORT); "
                   "other machines cannot ask an edge"};
  }
  InferAddress address;
  address.port = *port;
  if (host == "[::1]") address.host = host;
  return address;
}

std::string InferAddress::text() const {
  return is_socket() ? "unix:" + socket.string() : host + ":" + std::to_string(port);
}

std::string InferAddress::target() const {
  if (!is_socket()) return text();
  std::string target = "unix:";
  for (const char c : socket.native()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::strchr("/-._~", c) != nullptr;
    constexpr char kDigits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      target += c;
    } else {
      target += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return target;
}

Result<host::FileHandle> make_room_for_socket(const fs::path& socket) {
  auto folder = host::open_file(socket.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.failure();
  // Whoever makes room in the same folder lets go of it soon.
  constexpr int kMostTries = 1000;
  constexpr auto kPause = std::chrono::milliseconds(10);
  for (int tries = 0; ::flock(folder->descriptor(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (tries == kMostTries) {
      return Failure{socket.parent_path().string() + ": another process holds the folder"};
    }
    std::this_thread::sleep_for(kPause);
  }
  struct stat found {};
  if (::lstat(socket.c_str(), &found) != 0) {
    if (errno == ENOENT) return folder;
    return system_failure(socket, "cannot be examined");
  }
  if (!S_ISSOCK(found.st_mode)) {
    return wrong_input(socket.string() + ": exists and is not a socket; it is not replaced");
  }
  const auto live = listened_on(socket);
  if (!live) return live.failure();
  if (live.value()) return Failure{socket.string() + ": another process answers there"};
  if (auto removed = host::remove_file(socket); !removed) return removed.failure();
  return folder;
}

}  // namespace skerry::real

#include "real/listen_fault.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

namespace {

/// The host without the brackets of an IPv6 address.
std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

std::string listen_fault(const std::string& address) {
  addrinfo hints{}, *first = nullptr;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  const std::string port = address.substr(address.rfind(':') + 1);
  const int unknown = ::getaddrinfo(host_of(address).c_str(), port.c_str(), &hints, &first);
  if (unknown != 0) return ::gai_strerror(unknown);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(first, ::freeaddrinfo);
  std::string fault;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    const host::FileHandle probe(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(probe.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(probe.descriptor(), one->ai_addr, one->ai_addrlen) == 0 &&
        ::listen(probe.descriptor(), 1) == 0) {
      return "";
    }
    fault = std::strerror(errno);
  }
  return fault;
}

}  // namespace skerry::real

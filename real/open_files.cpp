#include "real/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace skerry::real {

namespace {
constexpr std::uint64_t kOthers = 256;  // files that are not connections
}

std::uint64_t make_room_for(std::uint64_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t wanted = std::min<rlim_t>(connections + kOthers, limit.rlim_max);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return std::min(connections, limit.rlim_cur - std::min<rlim_t>(kOthers, limit.rlim_cur / 2));
}

}  // namespace skerry::real

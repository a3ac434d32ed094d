#include "datasets/user_path.hpp"

#include <cstdlib>

namespace skerry::datasets {

std::string user_path(std::string path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? path : home + path.substr(1);
}

}  // namespace skerry::datasets

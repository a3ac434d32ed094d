#pragma once

#include <cstdlib>
#include <filesystem>

#include "algorithms/sdk/check.hpp"

namespace skerry {

/// An empty directory that its owner's destructor removes.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "skerry-test-XXXXXX").string();
    SKERRY_CHECK(::mkdtemp(name.data()) != nullptr, "a scratch directory can be made");
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace skerry

// An installed Skerry, and projects outside the tree that are built against it.
#pragma once

#include "tests/experiments/program/program.hpp"

namespace skerry {

class Installed {
 public:
  Installed() {
    good(run_in(scratch_.path(),
                {SKERRY_CMAKE, "--install", SKERRY_BUILD_DIR, "--prefix", prefix().string()}));
  }
  std::filesystem::path folder(const std::string& name) const { return scratch_ / name; }
  std::filesystem::path prefix() const { return scratch_ / "installed"; }
  std::string program() const { return (prefix() / "bin/skerry").string(); }
  const datasets::ScratchFolder& scratch() const { return scratch_; }

  /// Configures and builds the project in `folder`, into `folder/build`.
  void build(const std::filesystem::path& folder) const {
    good(run_in(folder, {SKERRY_CMAKE, "-S", ".", "-B", "build", "-G", SKERRY_GENERATOR,
                         "-DCMAKE_CXX_COMPILER=" SKERRY_CXX,
                         "-DCMAKE_CXX_COMPILER_LAUNCHER=" SKERRY_CXX_LAUNCHER,
                         "-DCMAKE_PREFIX_PATH=" + prefix().string()}));
    good(run_in(folder, {SKERRY_CMAKE, "--build", "build"}));
  }
  Ended run(const std::filesystem::path& folder, Words arguments) const {
    arguments.insert(arguments.begin(), program());
    return run_in(folder, arguments);
  }

 private:
  datasets::ScratchFolder scratch_;
};

}  // namespace skerry

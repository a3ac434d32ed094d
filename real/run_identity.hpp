#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

/// Which run and which node a state folder belongs to.
struct RunIdentity {
  NodeId self;
  std::uint64_t run = 0;
  std::uint64_t incarnation = 0;  // of an edge
  std::uint32_t edges = 0;
  std::string scenario;  // as deployed, JSON
  std::string origin;    // of data, numerics and plugins; compared where the run goes on

  template <class A>
  void archive(A& a) {
    a(self, run, incarnation, edges, scenario, origin);
  }
};

/// What a state folder says; nothing where it is new.
/// Errors: damaged, or of another node.
Result<std::optional<RunIdentity>> load_identity(const std::filesystem::path& folder, NodeId self);
Status save_identity(const std::filesystem::path& folder, const RunIdentity& identity);

/// Makes the folder, and keeps other processes out of it while the handle lives.
Result<host::FileHandle> lock_folder(const std::filesystem::path& folder);

/// A name for a run or a process: drawn from the operating system, never 0, never reaches a result.
std::uint64_t random_identity();

}  // namespace skerry::real

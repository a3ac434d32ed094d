#pragma once

#include <filesystem>
#include <optional>

#include "experiments/results/identity.hpp"
#include "experiments/setup.hpp"

namespace skerry::experiments {

/// The identity of a run that is about to begin. Its scenario is portable().
/// Errors: a plugin's file cannot be read.
Result<RunIdentity> identity_of(const Document& document, const Setup& setup);
/// The same before the data is loaded: without data hash and numerics, and with that seed.
Result<RunIdentity> identity_of(const Document& document, schema::Scenario scenario,
                                std::uint64_t seed);

/// Notes durably in a folder of checkpoints which run they belong to. The folder must exist.
Status write_identity(const std::filesystem::path& checkpoints, const RunIdentity& run);
/// Reads that note.
/// Errors: it is missing or damaged.
Result<RunIdentity> read_identity(const std::filesystem::path& checkpoints);

}  // namespace skerry::experiments

#pragma once

#include <filesystem>
#include <optional>

#include "experiments/results/identity.hpp"
#include "experiments/setup.hpp"

namespace skerry::experiments {

/// Of a run that is to begin. Its scenario is portable().
/// Errors: a plugin's file that cannot be read.
Result<RunIdentity> identity_of(const Document& document, const Setup& setup);
/// The same as far as it is known before the data was loaded, for that seed.
Result<RunIdentity> identity_of(const Document& document, schema::Scenario scenario,
                                std::uint64_t seed);

/// Says in a folder of checkpoints whose they are.
Status write_identity(const std::filesystem::path& checkpoints, const RunIdentity& run);
/// Errors: missing or damaged.
Result<RunIdentity> read_identity(const std::filesystem::path& checkpoints);

}  // namespace skerry::experiments

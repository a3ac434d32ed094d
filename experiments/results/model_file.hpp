#pragma once

#include <filesystem>

#include "algorithms/sdk/record.hpp"
#include "algorithms/sdk/result.hpp"
#include "experiments/results/manifest.hpp"

namespace skerry::experiments {

/// Writes a record as a NumPy archive with one array per tensor, under PyTorch's names, so that
/// `{k: torch.from_numpy(v) for k, v in numpy.load("model.npz").items()}` is a state dictionary.
/// Replaces `path` atomically. Errors: those of write_npz().
Status write_model(const std::filesystem::path& path, const Record& model);

/// Reads the model that `manifest` describes, as the record "model". All its tensors come back in
/// the shared group (Group::kShared).
/// Errors: those of read_npz(), a tensor that is missing or has another shape or type, bytes that
/// do not have the manifest's SHA-256.
Result<Payload> read_model(const std::filesystem::path& path, const Manifest& manifest);

}  // namespace skerry::experiments

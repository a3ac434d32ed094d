#include "experiments/live_folder.hpp"

#include "scenarios/host/durable_file.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNote = "results.txt";  // in the state folder; says where the results go

std::optional<fs::path> noted(const fs::path& state) {
  const auto bytes = host::read_file(state / kNote);
  if (!bytes || bytes->empty()) return std::nullopt;
  return fs::path(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

Status note(const fs::path& state, const fs::path& folder) {
  const std::string text = fs::absolute(folder).lexically_normal().string();
  return host::write_durably(state / kNote, std::as_bytes(std::span(text)));
}

bool holds(const fs::path& folder, std::uint64_t run) {
  if (!is_run_folder(folder)) return false;
  const auto stored = read_run(folder);
  return stored && stored->manifest.live_run == run;
}

}  // namespace

Result<LiveFolder> LiveFolder::choose(const Wanted& wanted) {
  const bool kept = !wanted.state.empty();
  fs::path place = wanted.out;
  if (place.empty() && kept) place = noted(wanted.state).value_or(fs::path());
  if (!place.empty() && holds(place, wanted.run)) return LiveFolder(place, std::nullopt, kept);
  if (!wanted.out.empty()) {
    auto claim = FolderClaim::of(wanted.out);
    if (!claim) return claim.failure();
    if (const Status free = check_free(claim->folder()); !free) return free.failure();
    const fs::path folder = claim->folder();
    if (kept) {
      if (const Status written = note(wanted.state, folder); !written) return written.failure();
    }
    return LiveFolder(folder, std::move(*claim), kept);
  }
  if (!place.empty()) {
    auto claim = FolderClaim::of(place);
    if (claim && check_free(place)) return LiveFolder(place, std::move(*claim), kept);
  }
  auto claim = FolderClaim::first_free("runs", default_stem(wanted.name + "-live", {wanted.seed}));
  if (!claim) return claim.failure();
  if (kept) {
    if (const Status written = note(wanted.state, claim->folder()); !written) {
      return written.failure();
    }
  }
  const fs::path folder = claim->folder();
  return LiveFolder(folder, std::move(*claim), kept);
}

std::optional<fs::path> LiveFolder::results_of(const fs::path& state) { return noted(state); }

Status LiveFolder::write(const host::RunRecord& record, const Manifest& manifest) {
  const Status written = write_run(folder_, record, manifest);
  if (written) return written;
  if (kept_) {
    return Failure{written.message() +
                   "; the run is kept, and the same command writes its results"};
  }
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  auto other = FolderClaim::first_free(error ? fs::path("/tmp") : temporary,
                                       "skerry-" + folder_name(manifest.name));
  if (!other || !write_run(other->folder(), record, manifest)) return written;
  folder_ = other->folder();
  return Failure{written.message() + "; the results are in " + folder_.string() + " instead"};
}

}  // namespace skerry::experiments

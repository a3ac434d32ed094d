#include "experiments/results/folder_claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>

#include "datasets/file_bytes.hpp"

namespace skerry::experiments {

namespace fs = std::filesystem;

namespace {

Failure in_file(const fs::path& path, const std::string& message) {
  return Failure{path.string() + ": " + message};
}

Failure of_system(const fs::path& path) { return in_file(path, std::strerror(errno)); }

/// The path without a slash at its end, which would hide the folder's name.
fs::path with_name(const fs::path& folder) {
  return folder.has_filename() || !folder.has_parent_path() ? folder : folder.parent_path();
}

/// The folder above, even for `.` and for a bare name.
fs::path parent_of(const fs::path& folder) {
  return with_name(fs::absolute(folder).lexically_normal()).parent_path();
}

fs::path beside(const fs::path& folder) {
  return datasets::temporary_beside(with_name(fs::absolute(folder).lexically_normal()));
}

/// Opens and locks the folder. Nothing if its name leads to another folder by now. On a file system
/// without locks the folder is opened unlocked.
Result<std::optional<host::FileHandle>> lock(const fs::path& folder) {
  auto handle = host::open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!handle) return handle.failure();
  if (::flock(handle->descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return in_file(folder, "another run writes there");
  }
  struct stat opened {
  }, named{};
  const bool same = ::fstat(handle->descriptor(), &opened) == 0 &&
                    ::stat(folder.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
                    opened.st_dev == named.st_dev;
  if (!same) return std::optional<host::FileHandle>();
  return std::optional(std::move(*handle));
}

/// Checks that results can be written beside the folder and can then take its place.
Status check_place(const fs::path& folder) {
  struct stat mine {
  }, above{};
  if (::stat(folder.c_str(), &mine) == 0 && ::stat(parent_of(folder).c_str(), &above) == 0 &&
      mine.st_dev != above.st_dev) {
    return in_file(folder, "is a mount point; name a folder inside it");
  }
  const fs::path trial = beside(folder);
  if (::mkdir(trial.c_str(), 0777) != 0 && errno != EEXIST) {
    return in_file(parent_of(folder),
                   std::string("results cannot be made there: ") + std::strerror(errno));
  }
  ::rmdir(trial.c_str());
  return {};
}

Status make_parents(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(parent_of(folder), error);
  return error ? Status(in_file(parent_of(folder), error.message())) : Status();
}

}  // namespace

Result<FolderClaim> FolderClaim::of(const fs::path& given) {
  const fs::path folder = with_name(given);
  if (folder.empty()) return Failure{"the folder of the results has no name"};
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return in_file(folder, "exists and is not a folder");
  }
  if (auto made = make_parents(folder); !made) return made.failure();
  constexpr int kTimes = 100;
  for (int i = 0; i < kTimes; ++i) {
    const bool made = ::mkdir(folder.c_str(), 0777) == 0;
    if (!made && errno != EEXIST) return of_system(folder);
    auto locked = lock(folder);
    if (!locked) return locked.failure();
    if (!locked->has_value()) continue;
    FolderClaim claim(folder, std::move(**locked), made);
    if (auto fits = check_place(folder); !fits) return fits.failure();
    return claim;
  }
  return in_file(folder, "is replaced again and again by somebody");
}

Result<FolderClaim> FolderClaim::first_free(const fs::path& parent, const std::string& stem) {
  for (int copy = 1;; ++copy) {
    const fs::path folder = parent / (copy == 1 ? stem : stem + "-" + std::to_string(copy));
    if (auto made = make_parents(folder); !made) return made.failure();
    std::error_code error;
    if (fs::exists(checkpoints_of(folder), error)) continue;
    if (::mkdir(folder.c_str(), 0777) != 0) {
      if (errno == EEXIST) continue;
      return of_system(folder);
    }
    auto locked = lock(folder);
    if (!locked || !locked->has_value()) continue;  // another process claimed this very folder
    FolderClaim claim(folder, std::move(**locked), true);
    if (auto fits = check_place(folder); !fits) return fits.failure();
    return claim;
  }
}

FolderClaim::~FolderClaim() { give_back(); }

void FolderClaim::give_back() const {
  if (lock_.open() && made_) ::rmdir(folder_.c_str());  // fails if something is in it
}

fs::path checkpoints_of(const fs::path& folder) {
  return with_name(folder).string() + ".checkpoints";
}

bool has_checkpoint(const fs::path& checkpoints) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(checkpoints, error)) {
    if (entry.path().extension() == ".bin") return true;
  }
  return false;
}

std::string folder_name(const std::string& scenario) {
  std::string name;
  for (const char c : scenario.empty() ? std::string("run") : scenario) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                       (c == '.' && !name.empty());
    name += plain ? c : '-';
  }
  return name;
}

std::string default_stem(const std::string& scenario, const std::vector<std::uint64_t>& seeds) {
  constexpr std::size_t kLongestList = 24;
  const std::string name = folder_name(scenario);
  if (seeds.size() == 1) return name + "-seed" + std::to_string(seeds.front());
  const bool in_a_row =
      std::ranges::adjacent_find(seeds, [](auto a, auto b) { return b != a + 1; }) == seeds.end();
  if (in_a_row) {
    return name + "-seeds" + std::to_string(seeds.front()) + ".." + std::to_string(seeds.back());
  }
  std::string list;
  for (const std::uint64_t seed : seeds) {
    if (!list.empty()) list += ',';
    list += std::to_string(seed);
    if (list.size() > kLongestList) return name + "-" + std::to_string(seeds.size()) + "-seeds";
  }
  return name + "-seeds" + list;
}

}  // namespace skerry::experiments

#include "datasets/published_files.hpp"

#include <algorithm>

namespace skerry::datasets {

namespace {

FilesThere files_in(const std::filesystem::path& folder, const PublishedFiles& wanted) {
  FilesThere there{.folder = folder, .paths = {}};
  std::error_code ignored;
  for (const std::string& file : wanted.files) {
    std::filesystem::path path = folder / file;
    if (!std::filesystem::is_regular_file(path, ignored)) path += ".gz";
    if (!std::filesystem::is_regular_file(path, ignored)) path.clear();
    there.paths.push_back(path);
  }
  return there;
}

}  // namespace

std::vector<std::filesystem::path> folders_of(const std::string& name,
                                              const DataEnvironment& environment) {
  std::vector<std::filesystem::path> folders = {environment.cache / name};
  for (const std::filesystem::path& folder : environment.search_folders) {
    folders.push_back(folder / name);
    folders.push_back(folder);
  }
  return folders;
}

Result<FilesThere> find_published(const PublishedFiles& wanted,
                                  const DataEnvironment& environment) {
  std::string places;
  for (const std::filesystem::path& folder : folders_of(wanted.name, environment)) {
    FilesThere there = files_in(folder, wanted);
    const auto missing = std::ranges::count(there.paths, std::filesystem::path());
    if (static_cast<std::size_t>(missing) + wanted.least <= there.paths.size()) return there;
    places += (places.empty() ? "" : ", ") + folder.string();
  }
  std::string names;
  for (const std::string& file : wanted.files) names += (names.empty() ? "" : ", ") + file;
  return Failure{wanted.name + ": no folder has its files; looked in " + places + "; put " + names +
                 " (packed with gzip or not) into " + (environment.cache / wanted.name).string() +
                 " or into the folder " + wanted.name + " of a folder in $SKERRY_DATA; they are " +
                 "to be had from " + wanted.page};
}

}  // namespace skerry::datasets

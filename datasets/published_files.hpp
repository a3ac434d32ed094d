#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/data_source.hpp"

namespace skerry::datasets {

/// Where the files of a named data set may be, in the order in which to look: its folder in the
/// cache, then each search folder's own folder of that name and the search folder itself.
std::vector<std::filesystem::path> folders_of(const std::string& name,
                                              const DataEnvironment& environment);

/// Files that people get by hand from the page of a data set.
struct PublishedFiles {
  std::string name;                // of the source, and of the folder with its files
  std::vector<std::string> files;  // each may have ".gz" behind its name, too
  std::string page;                // where they are, under which licence
  std::size_t least = 1;           // files without which there is nothing to load
};

struct FilesThere {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> paths;  // of each file; empty where it is not there
};

/// The files in the first folder of folders_of() that has at least `least` of them.
/// Errors: no folder has. Says which files, where they can be had, where it looked, and where to
/// put them.
Result<FilesThere> find_published(const PublishedFiles& wanted, const DataEnvironment& environment);

}  // namespace skerry::datasets

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace skerry::experiments {

/// From what this program was built, and on what it runs.
std::string program_version();
/// `git describe` of the source at build time, with "-dirty" if it had changes. "unknown" outside a
/// repository.
std::string source_commit();
std::string compiler();
std::string compiler_flags();
/// Name and version of each library, as loaded into this process.
std::vector<std::pair<std::string, std::string>> library_versions();
/// The processor's own name: "AMD EPYC 9R14".
std::string processor_name();
/// "Linux 6.1 x86_64".
std::string system_name();

}  // namespace skerry::experiments

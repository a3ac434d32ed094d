#pragma once

#include "tests/tidy/source.hpp"

namespace skerry::tidy {

// The project's rules that a program can check. Each looks at one file (or at the whole tree) and
// says what is wrong, and where it belongs or what to write instead.

/// Which layer may include which, and where heavy and outside headers may be included.
Findings include_findings(const Source& source);
/// Words that stand for a forbidden dependency or an unfinished thought.
Findings word_findings(const Source& source);
/// Lengths of files and functions.
Findings size_findings(const Source& source);
/// Names of files, include guards.
Findings name_findings(const Source& source);
/// A plugin file: where it comes from, one registration.
Findings plugin_findings(const Source& source);

/// Rules that need the whole tree: READMEs, build lists, plugins that no test names.
Findings folder_findings(const std::string& root, const std::vector<Source>& sources);
Findings build_findings(const std::string& root, const std::vector<Source>& sources);
Findings untested_findings(const std::vector<Source>& sources);
/// checked() must pass on every member function of a slot (algorithms/sdk/checked.hpp).
Findings checked_findings(const std::vector<Source>& sources);
/// The table of fingerprints must pin every shipped experiment with a native learner. Every line of
/// it must belong to a shipped experiment that a test of tests/experiments runs.
/// @param experiments  the files experiments/*.json
Findings fingerprint_findings(const std::vector<Source>& experiments, std::string_view table,
                              const std::vector<Source>& sources);

/// True for a folder whose files are plugins, one each.
bool slot_folder(std::string_view folder);

}  // namespace skerry::tidy

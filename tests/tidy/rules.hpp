#pragma once

#include "tests/tidy/source.hpp"

namespace skerry::tidy {

// The rules of this house that a machine can see. Each looks at one file (or at the whole tree) and
// says what is wrong and where it belongs or what to write instead.

/// Who may include whom (the layers), and where a heavy or outside header may stand.
Findings include_findings(const Source& source);
/// Words that stand for a forbidden dependency or an unfinished thought.
Findings word_findings(const Source& source);
/// Lengths of files and functions.
Findings size_findings(const Source& source);
/// Names of files, include guards.
Findings name_findings(const Source& source);
/// A plugin file: where it comes from, one registration.
Findings plugin_findings(const Source& source);

/// What only the whole tree shows: READMEs, build lists, plugins that no test names.
Findings folder_findings(const std::string& root, const std::vector<Source>& sources);
Findings build_findings(const std::string& root, const std::vector<Source>& sources);
Findings untested_findings(const std::vector<Source>& sources);
/// Every member function of a slot is passed on by what stands before its plugins
/// (algorithms/sdk/checked.hpp).
Findings checked_findings(const std::vector<Source>& sources);
/// Every shipped experiment of native learners is pinned in the table of fingerprints, and every
/// line of that table is of a shipped experiment that a test of tests/experiments runs.
/// @param experiments  the files experiments/*.json
Findings fingerprint_findings(const std::vector<Source>& experiments, std::string_view table,
                              const std::vector<Source>& sources);

/// True for a folder whose files are plugins, one each.
bool slot_folder(std::string_view folder);

}  // namespace skerry::tidy

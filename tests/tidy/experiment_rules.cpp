#include <set>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

constexpr const char* kTable = "tests/experiments/fingerprints.txt";

/// LibTorch learners promise equal reruns on one machine only, so their results are not pinned.
bool native(const Source& experiment) {
  return experiment.text.find("\"torch_") == std::string::npos;
}

std::string experiment_name(const Source& experiment) {
  return experiment.name().substr(0, experiment.name().rfind('.'));
}

}  // namespace

Findings fingerprint_findings(const std::vector<Source>& experiments, std::string_view table,
                              const std::vector<Source>& sources) {
  std::string tests;
  for (const Source& source : sources) {
    if (source.folder() == "tests/experiments") tests += source.text;
  }
  std::set<std::string> shipped, pinned;
  for (const Source& experiment : experiments) shipped.insert(experiment_name(experiment));
  Findings findings;
  std::size_t line = 0;
  for (const std::string_view text : lines_of(table)) {
    ++line;
    if (text.empty() || text.front() == '#') continue;
    const std::string name(text.substr(0, text.find(' ')));
    pinned.insert(name);
    if (!shipped.contains(name)) {
      findings.push_back({kTable, line, "there is no experiments/" + name + ".json"});
    } else if (tests.find("\"" + name + "\"") == std::string::npos) {
      findings.push_back({kTable, line, "no test of tests/experiments runs \"" + name + "\""});
    }
  }
  for (const Source& experiment : experiments) {
    if (native(experiment) && !pinned.contains(experiment_name(experiment))) {
      findings.push_back(
          {experiment.path, 0,
           "has no fingerprint: run it in tests/experiments/fingerprints.cpp and add "
           "the line that SKERRY_PRINT_FINGERPRINTS=1 prints to " +
               std::string(kTable)});
    }
  }
  return findings;
}

}  // namespace skerry::tidy

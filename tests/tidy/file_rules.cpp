#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostReadmeLines = 30;

/// The comment at the top of a file.
std::string leading_comment(const Source& source) {
  std::string comment;
  for (std::string_view line : lines_of(source.text)) {
    if (!line.starts_with("//")) break;
    comment += std::string(line) + "\n";
  }
  return comment;
}

std::size_t registrations(const Source& source) {
  static const std::regex kLine(R"((^|\n)[ \t]*SKERRY_PLUGIN\()");
  return static_cast<std::size_t>(std::distance(
      std::sregex_iterator(source.code.begin(), source.code.end(), kLine), std::sregex_iterator()));
}

/// Names a file registers, as scenarios write them.
std::vector<std::string> registered_names(const Source& source) {
  static const std::regex kName(R"re(SKERRY_PLUGIN\(\s*[\w:]+,\s*[\w:]+,\s*"([^"]+)")re");
  std::vector<std::string> names;
  for (auto at = std::sregex_iterator(source.text.begin(), source.text.end(), kName);
       at != std::sregex_iterator(); ++at) {
    names.push_back((*at)[1]);
  }
  return names;
}

std::set<std::string> source_folders(const std::vector<Source>& sources) {
  std::set<std::string> folders;
  for (const Source& source : sources) {
    for (std::string folder = source.folder();; folder = folder.substr(0, folder.rfind('/'))) {
      folders.insert(folder);
      if (folder.find('/') == std::string::npos) break;
    }
  }
  return folders;
}

}  // namespace

bool slot_folder(std::string_view folder) {
  return below(folder, "algorithms") && folder != "algorithms" &&
         !below(folder, "algorithms/sdk") && !below(folder, "algorithms/kernels") &&
         !below(folder, "algorithms/learners");
}

Findings name_findings(const Source& source) {
  Findings findings;
  const std::string stem = source.name().substr(0, source.name().find('.'));
  for (std::string_view vague :
       {"utils", "util", "helpers", "helper", "common", "misc", "manager"}) {
    if (stem == vague || stem.ends_with("_" + std::string(vague))) {
      findings.push_back(
          {source.path, 0, "`" + stem + "` says nothing: name the file after the one thing in it"});
    }
  }
  if (!std::all_of(stem.begin(), stem.end(), [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
      })) {
    findings.push_back({source.path, 0, "files are named in snake_case"});
  }
  if (source.path.ends_with(".h") || source.path.ends_with(".cc")) {
    findings.push_back({source.path, 0, "headers end in .hpp, sources in .cpp"});
  }
  if (source.path.ends_with(".hpp") && source.code.find("#pragma once") == std::string::npos) {
    findings.push_back({source.path, 1, "a header begins with #pragma once"});
  }
  return findings;
}

Findings plugin_findings(const Source& source) {
  Findings findings;
  const bool slot = slot_folder(source.folder());
  const std::size_t count = registrations(source);
  if (!source.in("algorithms") || source.in("algorithms/sdk") || !source.path.ends_with(".cpp"))
    return {};
  if (slot && count == 0) {
    findings.push_back(
        {source.path, 0, "no SKERRY_PLUGIN line: a .cpp of a slot's folder is a plugin"});
  }
  if (count > 1) {
    findings.push_back(
        {source.path, 0, std::to_string(count) + " SKERRY_PLUGIN lines: one plugin a file"});
  }
  static const std::regex kPaper(R"([A-Z][^\n]*\b(19|20)\d\d\b)");
  const std::string comment = leading_comment(source);
  if (count > 0 && comment.find("Definition:") == std::string::npos &&
      !std::regex_search(comment, kPaper)) {
    findings.push_back(
        {source.path, 1,
         "the comment at the top names no paper (authors and year, equation or algorithm) "
         "and has no line `Definition:`"});
  }
  if (slot && std::regex_search(comment, kPaper) &&
      comment.find("Definition:") == std::string::npos &&
      comment.find("Differences from the paper") == std::string::npos) {
    findings.push_back({source.path, 1,
                        "names a paper but has no `Differences from the paper`; say `none` if so"});
  }
  return findings;
}

Findings folder_findings(const std::string& root, const std::vector<Source>& sources) {
  Findings findings;
  for (const std::string& folder : source_folders(sources)) {
    if (below(folder, "tests") && folder != "tests") continue;  // mirrors the tree
    const fs::path readme = fs::path(root) / folder / "README.md";
    if (!fs::exists(readme)) {
      findings.push_back(
          {folder, 0, "no README.md: what lives here, what may be included, how to add one more"});
      continue;
    }
    const std::size_t lines = lines_of(read_text(readme.string())).size();
    if (lines > kMostReadmeLines) {
      findings.push_back({folder + "/README.md", 0,
                          std::to_string(lines) + " lines; a folder is explained in " +
                              std::to_string(kMostReadmeLines)});
    }
  }
  return findings;
}

Findings build_findings(const std::string& root, const std::vector<Source>& sources) {
  Findings findings;
  const std::string algorithms = read_text(root + "/algorithms/CMakeLists.txt");
  const std::string tests = read_text(root + "/tests/CMakeLists.txt");
  std::set<std::string> folders;
  for (const Source& source : sources) {
    if (source.path.ends_with(".cpp")) folders.insert(source.folder());
  }
  for (const std::string& folder : folders) {
    if (slot_folder(folder)) {
      const std::string slot = folder.substr(folder.find('/') + 1);
      if (!std::regex_search(algorithms, std::regex(R"(set\(slots [^)]*\b)" + slot + R"(\b)"))) {
        findings.push_back(
            {folder, 0, "is not built: add it to `slots` in algorithms/CMakeLists.txt"});
      }
    }
    if (below(folder, "tests") && folder != "tests") {
      const std::string name = folder.substr(folder.find('/') + 1);
      if (!std::regex_search(tests, std::regex(R"(skerry_test\()" + name + R"([ )])"))) {
        findings.push_back(
            {folder, 0,
             "never runs: add skerry_test(" + name + " LINK ...) to tests/CMakeLists.txt"});
      }
    }
  }
  return findings;
}

Findings untested_findings(const std::vector<Source>& sources) {
  std::string tests;
  for (const Source& source : sources) {
    if (source.in("tests")) tests += source.text;
  }
  Findings findings;
  for (const Source& source : sources) {
    if (source.in("tests")) continue;
    for (const std::string& name : registered_names(source)) {
      if (tests.find("\"" + name + "\"") == std::string::npos) {
        findings.push_back({source.path, 0, "no test names \"" + name + "\""});
      }
    }
  }
  return findings;
}

}  // namespace skerry::tidy

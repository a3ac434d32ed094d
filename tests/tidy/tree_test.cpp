// The project's rules, checked on the whole tree.

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/tidy/rules.hpp"

namespace skerry::tidy {
namespace {

const std::vector<Source>& tree() {
  static const std::vector<Source> sources = read_tree(SKERRY_SOURCE_DIR);
  return sources;
}

std::vector<Source> shipped_experiments() {
  std::vector<Source> experiments;
  const std::string folder = std::string(SKERRY_SOURCE_DIR) + "/experiments";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    experiments.emplace_back("experiments/" + entry.path().filename().string(),
                             read_text(entry.path().string()));
  }
  return experiments;
}

template <class Rule>
std::string broken(const Rule& rule) {
  Findings all;
  for (const Source& source : tree()) {
    for (Finding& finding : rule(source)) all.push_back(std::move(finding));
  }
  return text_of(all);
}

TEST_CASE("the tree is where it is looked for") { REQUIRE(tree().size() > 50); }

TEST_CASE("includes point downwards, heavy headers stay at home") {
  CHECK(broken(include_findings) == "");
}

TEST_CASE("no file uses a banned word") { CHECK(broken(word_findings) == ""); }

TEST_CASE("files and functions are short") { CHECK(broken(size_findings) == ""); }

TEST_CASE("files are named after what is in them") { CHECK(broken(name_findings) == ""); }

TEST_CASE("every plugin names its source and registers once") {
  CHECK(broken(plugin_findings) == "");
}

TEST_CASE("every plugin is named by a test") { CHECK(text_of(untested_findings(tree())) == ""); }

TEST_CASE("every call of a plugin is passed on to it") {
  CHECK(text_of(checked_findings(tree())) == "");
}

TEST_CASE("every shipped experiment of native learners has a fingerprint that a test compares") {
  const std::string table = std::string(SKERRY_SOURCE_DIR) + "/tests/experiments/fingerprints.txt";
  const std::vector<Source> experiments = shipped_experiments();
  REQUIRE(experiments.size() >= 10);
  CHECK(text_of(fingerprint_findings(experiments, read_text(table), tree())) == "");
}

TEST_CASE("every folder with sources explains itself in a short README") {
  CHECK(text_of(folder_findings(SKERRY_SOURCE_DIR, tree())) == "");
}

TEST_CASE("every plugin folder is built and every test folder runs") {
  CHECK(text_of(build_findings(SKERRY_SOURCE_DIR, tree())) == "");
}

}  // namespace
}  // namespace skerry::tidy

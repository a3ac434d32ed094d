// The scripts of the README: they share one build folder in any order, and say where the time went.
#include <regex>

#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;

std::string text_in_tree(const std::string& path) {
  return text_of_file(fs::path(SKERRY_SOURCE_DIR) / path);
}

/// The first line of a script that configures a build folder, unchanged.
std::string configure_line(const std::string& script) {
  const std::string text = text_in_tree(script);
  std::smatch line;
  REQUIRE(std::regex_search(text, line, std::regex(R"((^|\n)(cmake --preset [^\n]*))")));
  return line[2];
}

/// One build folder that scripts configure by turns.
class SharedBuild {
 public:
  void configure_as(const std::string& script) {
    good(run_in(scratch_.path(),
                {"bash", "-c", "torch=OFF && cd \"$0\" && " + configure_line(script) + " -B \"$1\"",
                 SKERRY_SOURCE_DIR, folder()}));
  }
  bool builds(const std::string& target) {
    return has(
        good(run_in(scratch_.path(), {SKERRY_CMAKE, "--build", folder(), "--target", "help"})),
        target + ":");
  }

 private:
  std::string folder() const { return (scratch_ / "build").string(); }

  ScratchFolder scratch_;
};

TEST_CASE("the first run and the tests may share a build folder in any order") {
  SharedBuild build;
  for (const bool tests : {false, true, false}) {
    build.configure_as(tests ? "tests/run.sh" : "experiments/quickstart.sh");
    CHECK(build.builds("skerry_experiments"));
    CHECK(build.builds("test-tidy") == tests);
    CHECK(build.builds("bench-event_queue") == tests);
  }
}

TEST_CASE("a preset states every option, so that none is left over from another configuration") {
  const std::string lists = text_in_tree("CMakeLists.txt");
  const std::string presets = text_in_tree("CMakePresets.json");
  const std::string release = presets.substr(0, presets.find("\"inherits\""));
  const std::regex option(R"(\n(?:option|set)\((SKERRY_\w+))");
  int options = 0;
  for (auto at = std::sregex_iterator(lists.begin(), lists.end(), option);
       at != std::sregex_iterator(); ++at, ++options) {
    INFO("the preset \"release\" does not say " << (*at)[1]);
    CHECK(has(release, "\"" + (*at)[1].str() + "\": "));
  }
  CHECK(options >= 4);
}

/// The output of a script that sources tests/times.sh and then does as told in `folder`.
Ended run_timed(const ScratchFolder& folder, const std::string& then) {
  const std::string sourced = "set -euo pipefail; source \"$0/tests/times.sh\"; ";
  return run_in(folder.path(), {"bash", "-c", sourced + then, SKERRY_SOURCE_DIR});
}

TEST_CASE("a script of tests ends with the minutes of its parts, also after a failure") {
  const ScratchFolder folder;
  const Ended well = run_timed(folder, "part one; part two; echo done");
  CHECK(good(well) == "== one\n== two\ndone\n== minutes\n  0:00  one\n  0:00  two\n");
  const Ended failed = run_timed(folder, "part one; SECONDS=135; part two; false; part three");
  CHECK(failed.code == 1);
  CHECK(failed.out == "== one\n== two\n== minutes\n  2:15  one\n  0:00  two, failed\n");
}

TEST_CASE("a script of tests names its ten slowest test cases, the slowest first") {
  const ScratchFolder folder;
  std::string log = "Start testing: Nov 28 15:00 UTC\n";
  for (int i = 1; i <= 12; ++i) {
    const std::string number = std::to_string(i) + "/12 Test";
    log += number + "ing: sim: case " + std::to_string(i) + "\n" + number + ": sim: case " +
           std::to_string(i) + "\nOutput:\n<end of output>\nTest time =   " + std::to_string(i) +
           ".50 sec\n";
  }
  folder.put("Testing/Temporary/LastTest.log", log);
  const std::string said = good(run_timed(folder, "tested_folders=(.)"));
  CHECK(has(said, "test cases of ., seconds\n   12.50  sim: case 12\n   11.50  sim: case 11\n"));
  CHECK(has(said, "    3.50  sim: case 3\n== minutes\n"));
}

}  // namespace
}  // namespace skerry

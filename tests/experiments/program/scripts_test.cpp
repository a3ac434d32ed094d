// The README's two commands share one build folder: whichever ran last, each finds what it needs
// there.
#include <regex>

#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;

std::string text_in_tree(const std::string& path) {
  return text_of_file(fs::path(SKERRY_SOURCE_DIR) / path);
}

/// The first line of a script that configures a build folder, as it stands there.
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

}  // namespace
}  // namespace skerry

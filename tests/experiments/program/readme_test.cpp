// Takes the aggregator from the README, builds it against an installed Skerry, and runs it.
#include "tests/experiments/program/installed.hpp"

namespace skerry {
namespace {

using datasets::ScratchFolder;

std::string cpp_of_readme() {
  const std::string text = text_of_file(std::filesystem::path(SKERRY_SOURCE_DIR) / "README.md");
  const std::string opening = "```cpp\n";
  const auto begin = text.find(opening);
  REQUIRE(begin != std::string::npos);
  const auto code = begin + opening.size();
  return text.substr(code, text.find("```", code) - code);
}

TEST_CASE("the aggregator in the README builds, loads and aggregates as it is") {
  const Installed skerry;
  const ScratchFolder& folder = skerry.scratch();
  folder.put("midrange.cpp", cpp_of_readme());
  folder.put("CMakeLists.txt",
             "cmake_minimum_required(VERSION 3.25)\nproject(midrange LANGUAGES CXX)\n"
             "find_package(Skerry REQUIRED)\nskerry_plugin(midrange midrange.cpp)\n");
  skerry.build(folder.path());
  good(skerry.run(folder.path(), {"new", "scenario", "try"}));
  const std::string said = good(skerry.run(
      folder.path(), {"run", "try.json", "--plugin", "build/midrange.so", "--set",
                      "server={\"reduce\": \"midrange\", \"optimizer\": {\"name\": \"sgd\", "
                      "\"learning_rate\": 1}}",
                      "--set", R"(stop={"any": [{"rounds": 2}]})", "--out", "results"}));
  CHECK(has(said, "rounds"));
  CHECK(has(text_of_file(folder / "results/scenario.json"), "\"midrange\""));
}

}  // namespace
}  // namespace skerry

#include <algorithm>
#include <regex>

#include "experiments/new_files.hpp"
#include "tests/experiments/program/installed.hpp"

namespace skerry {
namespace {

using datasets::ScratchFolder;

TEST_CASE("a new scenario of every paradigm is good, and runs as it is") {
  const ScratchFolder folder;
  good(skerry_in(folder.path(), {"new", "scenario", "first"}));
  good(skerry_in(folder.path(), {"validate", "first.json"}));
  good(skerry_in(folder.path(),
                 {"run", "first.json", "--set", R"(stop={"any": [{"rounds": 2}]})", "--out", "a"}));
  good(skerry_in(folder.path(), {"new", "scenario", "second", "--paradigm", "joint_inference"}));
  good(skerry_in(folder.path(), {"validate", "second.json"}));
  good(skerry_in(folder.path(), {"run", "second.json", "--set", "requests.count=5", "--out", "b"}));
  CHECK(has(text_of_file(folder / "second.json"), "\"name\": \"second\""));
}

TEST_CASE("nothing that is there is overwritten") {
  const ScratchFolder folder;
  folder.put("mine.json", "mine");
  check_complaint(skerry_in(folder.path(), {"new", "scenario", "mine"}), 2,
                  "mine.json is there already");
  CHECK(text_of_file(folder / "mine.json") == "mine");
  folder.put("rule/CMakeLists.txt", "mine");
  check_complaint(skerry_in(folder.path(), {"new", "plugin", "reducer", "rule"}), 2,
                  "rule/CMakeLists.txt is there already; nothing was written");
  CHECK(!std::filesystem::exists(folder / "rule/rule.cpp"));
}

TEST_CASE("a slot, a paradigm and a name that cannot be are refused with those that can") {
  check_complaint(run_skerry({"new"}), 2, "scenario or plugin is needed");
  check_complaint(run_skerry({"new", "senario", "x"}), 2, "nothing new is called \"senario\"");
  check_complaint(run_skerry({"new", "scenario"}), 2, "a name is needed");
  check_complaint(run_skerry({"new", "scenario", "../x"}), 2, "\"../x\" is not made of");
  check_complaint(run_skerry({"new", "scenario", "x", "--paradigm", "federatd"}), 2,
                  "no paradigm \"federatd\"; nearest \"federated\"");
  check_complaint(run_skerry({"new", "plugin", "reducr", "x"}), 2,
                  "no slot \"reducr\"; nearest \"reducer\"");
  check_complaint(run_skerry({"new", "plugin", "reducer", "MyRule"}), 2,
                  "\"MyRule\" is not made of small letters");
  check_complaint(run_skerry({"new", "plugin", "reducer"}), 2, "a slot and a name are needed");
}

TEST_CASE("a new scenario may be named as its file") {
  const ScratchFolder folder;
  CHECK(good(skerry_in(folder.path(), {"new", "scenario", "base.json"})) == "base.json\n");
  CHECK(has(text_of_file(folder / "base.json"), "\"name\": \"base\""));
  check_complaint(run_skerry({"new", "scenario", ".json"}), 2, "is not made of");
}

TEST_CASE("a new plugin that would be called as another of its slot is refused") {
  check_complaint(run_skerry({"new", "plugin", "reducer", "mean"}), 2,
                  "there is a reducer \"mean\" already");
  check_complaint(run_skerry({"new", "plugin", "local_method", "fedprox"}), 2,
                  "there is a local method \"fedprox\" already");
  good(run_skerry({"new", "plugin", "selector", "mean"}));
}

TEST_CASE("a new plugin can be of every slot of the SDK") {
  const Words slots = experiments::offered_slots();
  for (const auto& header :
       std::filesystem::directory_iterator(std::string(SKERRY_SOURCE_DIR) + "/algorithms/sdk")) {
    if (header.path().extension() != ".hpp") continue;
    static const std::regex kSlot(R"re(kSlot = "([\w ]+)")re");
    const std::string text = text_of_file(header.path());
    std::smatch found;
    if (!std::regex_search(text, found, kSlot)) continue;
    std::string slot = found[1];
    std::ranges::replace(slot, ' ', '_');
    INFO(slot);
    CHECK(std::ranges::count(slots, slot) == 1);
  }
}

TEST_CASE("a new plugin of every slot compiles against the installed headers and is loaded",
          "[.long]") {
  const Installed skerry;
  const ScratchFolder& folder = skerry.scratch();
  const Words slots = experiments::offered_slots();
  REQUIRE(slots.size() == 12);
  std::string all = "cmake_minimum_required(VERSION 3.25)\nproject(all LANGUAGES CXX)\n";
  for (const std::string& slot : slots) {
    good(skerry.run(folder.path(), {"new", "plugin", slot, "my_" + slot}));
    all += "add_subdirectory(my_" + slot + ")\n";
  }
  folder.put("CMakeLists.txt", all);
  skerry.build(folder.path());
  Words describe{"describe"}, list{"list"};
  for (const std::string& slot : slots) {
    const std::string name = "my_" + slot;
    describe.push_back(name);
    for (Words* words : {&describe, &list}) {
      words->push_back("--plugin");
      words->push_back("build/" + name + "/" + name + ".so");
    }
  }
  const std::string listed = good(skerry.run(folder.path(), list));
  const std::string described = good(skerry.run(folder.path(), describe));
  for (const std::string& slot : slots) {
    INFO(slot);
    CHECK(has(listed, "  my_" + slot + " "));
    CHECK(has(described, "\"my_" + slot + "\": "));
  }
}

TEST_CASE("a copied plugin says of what, and its comments still speak of the original") {
  const experiments::Template all{"algorithms/selection/all.cpp",
                                  "// All nodes.\n\nclass All final : public Selector {\n"
                                  "  // All as they are.\n  explicit All(const Config&) {}\n};\n"
                                  "SKERRY_PLUGIN(Selector, All, \"all\", \"everybody\")\n"};
  CHECK(
      experiments::copied_plugin(all, "my_few") ==
      "// MyFew: begun as a copy of \"all\" (algorithms/selection/all.cpp), of which the comments "
      "speak.\n//\n// All nodes.\n\nclass MyFew final : public Selector {\n"
      "  // All as they are.\n  explicit MyFew(const Config&) {}\n};\n"
      "SKERRY_PLUGIN(Selector, MyFew, \"my_few\", \"everybody\")\n");
}

}  // namespace
}  // namespace skerry

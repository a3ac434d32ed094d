// Bad plugin files: each gives one clear error, and the program survives.

#include <map>

#include "algorithms/sdk/plugin.hpp"
#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

using datasets::ScratchFolder;

/// Compiles a shared library from source text.
void compile(const ScratchFolder& folder, const std::string& name, const std::string& source) {
  folder.put(name + ".cpp", source);
  good(run_in(folder.path(),
              {SKERRY_CXX, "-std=c++20", "-shared", "-fPIC", name + ".cpp", "-o", name + ".so"}));
}

/// Source of a file that exports this stamp and, if a name is given, a reducer of that name. It has
/// the SDK's layout but does not include the SDK, so that many such files compile quickly.
std::string exporting(const AbiStamp& stamp, const std::string& name = "",
                      const std::string& more = "") {
  std::ostringstream text;
  text << "struct Stamp { unsigned magic, size, interface_version, compiler, cxx11_abi, "
          "sanitizers; };\n"
       << "struct Entry { const char *slot, *name, *purpose, *file, *example; void *describe, "
          "*resolve, "
          "*make;\n"
       << "               const Entry* next; };\n"
       << "struct Exports { Stamp stamp; const Entry* const* first; void (*loaded)(); };\n"
       << "static void loaded() {}\n"
       << "static const Entry entry{\"reducer\", \"" << name
       << "\", \"of a test\", \"x.cpp\", 0, 0, 0, 0, 0};\n"
       << "static const Entry* const head = " << (name.empty() ? "nullptr" : "&entry") << ";\n"
       << "extern \"C\" Exports skerry_plugin_exports() {\n  return {{" << stamp.magic << "u, "
       << stamp.size << "u, " << stamp.interface_version << "u, " << stamp.compiler << "u, "
       << stamp.cxx11_abi << "u, " << stamp.sanitizers << "u}, &head, &loaded};\n}\n"
       << more;
  return text.str();
}

std::string constructor(const std::string& body) {
  return "#include <cstdlib>\n#include <stdexcept>\n#include <unistd.h>\n" +
         exporting(our_stamp(), "fresh",
                   "[[gnu::constructor]] static void at_load() { " + body + " }\n");
}

void check_refused(const ScratchFolder& folder, const std::string& file, const std::string& why) {
  INFO(file);
  check_complaint(skerry_in(folder.path(), {"list", "--plugin", file}), 2,
                  "plugin \"" + file + "\": " + why);
}

TEST_CASE("what is no shared library is refused by what it is") {
  const ScratchFolder folder;
  folder.put("text.so", "not a library\n");
  folder.put("empty.so", "");
  folder.put("folder/file", "");
  compile(folder, "whole", exporting(our_stamp(), "fresh"));
  const std::string whole = text_of_file(folder / "whole.so");
  check_refused(folder, "nowhere.so", "No such file or directory");
  check_refused(folder, "folder", "is not a file");
  check_refused(folder, "text.so", "is not a shared library");
  check_refused(folder, "empty.so", "is not a shared library");
  for (const std::size_t size :
       {std::size_t{4}, std::size_t{64}, std::size_t{1000}, whole.size() / 2}) {
    folder.put("cut.so", whole.substr(0, size));
    check_refused(folder, "cut.so", "");
  }
}

TEST_CASE("a library that exports the right stamp and a new name is taken") {
  const ScratchFolder folder;
  compile(folder, "fresh", exporting(our_stamp(), "fresh"));
  CHECK(has(good(skerry_in(folder.path(), {"list", "reducer", "--plugin", "fresh.so"})), "fresh "));
}

TEST_CASE("a library that is no plugin, or another program's, is refused") {
  const ScratchFolder folder;
  compile(folder, "ordinary", "int x;\n");
  check_refused(folder, "ordinary.so", "is not a Skerry plugin");
  AbiStamp other = our_stamp();
  other.magic ^= 1;
  compile(folder, "magic", exporting(other, "fresh"));
  check_refused(folder, "magic.so", "is not a Skerry plugin");
  other = our_stamp();
  other.size += 4;
  compile(folder, "size", exporting(other, "fresh"));
  check_refused(folder, "size.so", "is not a Skerry plugin");
}

std::string changes_since(std::uint32_t version) {
  std::string text;
  for (const InterfaceChange& change : kInterfaceChanges) {
    if (change.version <= version) continue;
    text += "new in version " + std::to_string(change.version) + ": " + change.what + "; ";
  }
  return text.substr(0, text.size() - 2);
}

TEST_CASE("a plugin of other headers or another compiler is refused, saying which and what to do") {
  const ScratchFolder folder;
  const AbiStamp ours = our_stamp();
  AbiStamp other = ours;
  ++other.interface_version;
  compile(folder, "version", exporting(other, "fresh"));
  check_refused(folder, "version.so",
                "was built with interface version " + std::to_string(ours.interface_version + 1) +
                    ", this program with " + std::to_string(ours.interface_version) +
                    ": build it again");
  for (const std::uint32_t old : {1u, ours.interface_version - 1}) {
    other.interface_version = old;
    compile(folder, "old", exporting(other, "fresh"));
    check_refused(folder, "old.so",
                  "was built with interface version " + std::to_string(old) +
                      ", this program with " + std::to_string(ours.interface_version) +
                      ": build it again; " + changes_since(old));
  }
  other = ours;
  ++other.compiler;
  compile(folder, "compiler", exporting(other, "fresh"));
  check_refused(folder, "compiler.so", "was built with g++ " + std::to_string(ours.compiler + 1));
  other = ours;
  other.sanitizers ^= 1;
  compile(folder, "sanitizers", exporting(other, "fresh"));
  check_refused(folder, "sanitizers.so", "was built with sanitizers ");
}

TEST_CASE("a name that is taken is refused, naming both files") {
  const ScratchFolder folder;
  compile(folder, "taken", exporting(our_stamp(), "mean"));
  check_refused(folder, "taken.so", "two plugins are called reducer \"mean\": ");
  compile(folder, "fresh", exporting(our_stamp(), "fresh"));
  check_complaint(
      skerry_in(folder.path(), {"list", "--plugin", "fresh.so", "--plugin", "fresh.so"}), 2,
      "two plugins are called reducer \"fresh\": ");
}

TEST_CASE("a file that aborts, ends or throws while it is loaded does no harm") {
  const ScratchFolder folder;
  const std::map<std::string, std::pair<std::string, std::string>> faults{
      {"aborts", {"abort();", "crashes while it is loaded"}},
      {"follows_null", {"*static_cast<volatile int*>(nullptr) = 1;", ""}},
      {"exits", {"exit(0);", "ends the program while it is loaded"}},
      {"leaves", {"_exit(0);", "ends the program while it is loaded"}},
      {"throws", {"throw std::runtime_error(\"at load\");", ""}}};
  for (const auto& [name, fault] : faults) {
    compile(folder, name, constructor(fault.first));
    check_refused(folder, name + ".so", fault.second);
  }
}

TEST_CASE("a file that never returns while it is loaded does no harm", "[.long]") {
  const ScratchFolder folder;
  compile(folder, "loops", constructor("for (volatile int i = 0;; ++i) {}"));
  check_refused(folder, "loops.so", "does not finish loading");
}

TEST_CASE("a list of plugins that leads nowhere does no harm") {
  const ScratchFolder folder;
  std::string source = exporting(our_stamp(), "fresh");
  const std::string end = "0, 0, 0, 0};";
  source.replace(source.find(end), end.size(), "0, 0, 0, reinterpret_cast<const Entry*>(8)};");
  compile(folder, "lost", source);
  check_refused(folder, "lost.so", "");
}

TEST_CASE("run refuses a bad plugin before it looks for data") {
  const ScratchFolder folder;
  folder.put("text.so", "not a library\n");
  folder.put("s.json", "{}");
  check_complaint(skerry_in(folder.path(), {"run", "s.json", "--plugin", "text.so"}), 2,
                  "plugin \"text.so\": is not a shared library");
}

}  // namespace
}  // namespace skerry

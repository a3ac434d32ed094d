#include "datasets/user_path.hpp"

#include <cstdlib>
#include <optional>

#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

/// A variable of the environment as a test wants it, until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* now = std::getenv(name)) before_ = now;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("a tilde at the front stands for the home directory, and nowhere else") {
  const Variable home("HOME", "/home/ada");
  const std::pair<const char*, const char*> rows[] = {
      {"~", "/home/ada"},   {"~/", "/home/ada/"}, {"~/data/t.csv", "/home/ada/data/t.csv"},
      {"~bob/x", "~bob/x"}, {"a/~/x", "a/~/x"},   {"", ""},
      {"/x/~", "/x/~"}};
  for (const auto& [given, meant] : rows) CHECK(user_path(given) == meant);
  const Variable none("HOME", "");
  CHECK(user_path("~/x") == "~/x");
}

TEST_CASE("sources and the folders of the environment may be in the home directory") {
  const ScratchFolder folder;
  const Variable home("HOME", folder.path().string());
  const DataEnvironment environment{.search_folders = {"/nowhere"}};
  CHECK(resolve_path(environment, "~/t.csv") == folder / "t.csv");
  const Variable data("SKERRY_DATA", "~/a:~/b"), cache("SKERRY_CACHE", "~/cache");
  const auto process = DataEnvironment::of_process(1);
  CHECK(process.cache == folder / "cache");
  CHECK(process.search_folders == std::vector<std::filesystem::path>{folder / "a", folder / "b"});
}

}  // namespace skerry::datasets

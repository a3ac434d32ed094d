#include "datasets/child_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

extern char** environ;

namespace skerry::datasets {

namespace {

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// The line that says most: the first that mentions an error, else the last.
std::string telling_line(const std::filesystem::path& file) {
  std::ifstream input(file);
  std::string line, last;
  while (std::getline(input, line)) {
    if (line.find("rror") != std::string::npos) return ": " + line;
    if (!line.empty()) last = ": " + line;
  }
  return last;
}

}  // namespace

Status run_program(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  FileActions actions;
  const int written = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addchdir_np(actions.get(), folder.c_str());
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, "stdout", written, 0644);
  posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "stderr", written, 0644);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  if (error != 0) return Failure{command[0] + ": " + std::strerror(error)};
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return {};
  return Failure{command[0] + " failed" + telling_line(folder / "stderr")};
}

}  // namespace skerry::datasets

// Runs programs, mainly the one under test, as a user's shell would.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry {

using Words = std::vector<std::string>;

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// How a program ended and what it said.
struct Ended {
  int code = 0;  // 128 + the signal that ended it
  std::string out, err;
};

/// A program that runs beside the test. It is killed at the end of its scope, or with the test.
class Running {
 public:
  Running(const std::filesystem::path& folder, const Words& words) : folder_(folder) {
    static int count = 0;
    name_ = "said-" + std::to_string(count++);
    Words copy = words;
    std::vector<char*> pointers;
    for (std::string& word : copy) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string out = (folder_ / (name_ + ".out")).string();
    const std::string err = (folder_ / (name_ + ".err")).string();
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
      dup2(open(out.c_str(), kNew, 0600), STDOUT_FILENO);
      dup2(open(err.c_str(), kNew, 0600), STDERR_FILENO);
      if (chdir(folder_.c_str()) == 0) execvp(pointers[0], pointers.data());
      _exit(127);
    }
  }
  ~Running() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Ended wait() {
    int status = 0;
    REQUIRE(waitpid(child_, &status, 0) == child_);
    child_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out(),
            text_of_file(folder_ / (name_ + ".err"))};
  }
  void send(int signal) { kill(child_, signal); }
  /// Whether a signal that was sent to it waits for a thread of it to take it.
  bool has_pending(int signal) const {
    const std::string status = text_of_file("/proc/" + std::to_string(child_) + "/status");
    const auto at = status.find("ShdPnd:");
    if (at == std::string::npos) return false;
    return (std::stoull(status.substr(at + 7), nullptr, 16) >> (signal - 1) & 1) != 0;
  }
  /// What it has printed so far.
  std::string out() const { return text_of_file(folder_ / (name_ + ".out")); }
  bool over() const {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == child_;
  }

 private:
  std::filesystem::path folder_;
  std::string name_;
  pid_t child_ = 0;
};

inline Ended run_in(const std::filesystem::path& folder, const Words& words) {
  return Running(folder, words).wait();
}

/// The program under test: its command and arguments.
inline Words skerry_words(const Words& arguments) {
  Words words{SKERRY_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

inline Ended skerry_in(const std::filesystem::path& folder, const Words& arguments) {
  return run_in(folder, skerry_words(arguments));
}

/// Runs it in an empty folder that is removed afterwards.
inline Ended run_skerry(const Words& arguments) {
  const datasets::ScratchFolder folder;
  return skerry_in(folder.path(), arguments);
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Checks that it printed one line that contains `part`, and ended with that exit code.
inline void check_complaint(const Ended& ended, int code, const std::string& part) {
  INFO("standard error: " << ended.err << "standard output: " << ended.out);
  CHECK(ended.code == code);
  CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
  CHECK(has(ended.err, part));
}

/// Ends the test unless the program succeeded. @return its output.
inline std::string good(const Ended& ended) {
  INFO("standard error: " << ended.err << "standard output: " << ended.out);
  REQUIRE(ended.code == 0);
  return ended.out;
}

}  // namespace skerry

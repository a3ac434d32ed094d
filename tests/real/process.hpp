#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace skerry {

/// A program that runs beside the test; killed with its owner. Its output goes to a file.
class Process {
 public:
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& output);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  /// SIGKILL, and waits until it is gone.
  void kill();
  /// Asks it to end (SIGTERM).
  void terminate();
  /// Stops it (SIGSTOP) until resume().
  void pause();
  void resume();
  /// Waits for its end. @return its exit code; -1 if a signal ended it, or after `seconds`.
  int wait(int seconds = 120);
  bool running();
  std::string output() const;
  /// Waits until the output contains the text. False if the program ended or time is up.
  bool says(const std::string& text, int seconds = 60);

 private:
  pid_t id_ = -1;
  int code_ = -1;
  std::filesystem::path output_;
};

}  // namespace skerry

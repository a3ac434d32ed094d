#include "tests/real/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace skerry {

namespace {
constexpr auto kPoll = std::chrono::milliseconds(10);
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& output)
    : output_(output) {
  std::vector<char*> values{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    values.push_back(const_cast<char*>(argument.c_str()));
  values.push_back(nullptr);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  id_ = ::fork();
  if (id_ == 0) {
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execv(program.c_str(), values.data());
    ::_exit(127);
  }
  ::close(file);
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(code_, other.code_);
  std::swap(output_, other.output_);
  return *this;
}

Process::~Process() { kill(); }

bool Process::running() {
  if (id_ <= 0) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == 0) return true;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  id_ = -1;
  return false;
}

void Process::kill() {
  if (!running()) return;
  ::kill(id_, SIGKILL);
  wait();
}

void Process::terminate() {
  if (running()) ::kill(id_, SIGTERM);
}

void Process::pause() {
  if (running()) ::kill(id_, SIGSTOP);
}

void Process::resume() {
  if (running()) ::kill(id_, SIGCONT);
}

int Process::wait(int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (running()) {
    if (std::chrono::steady_clock::now() > end) return -1;
    std::this_thread::sleep_for(kPoll);
  }
  return code_;
}

std::string Process::output() const {
  std::ifstream file(output_);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Process::says(const std::string& text, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const bool alive = running();
    if (output().find(text) != std::string::npos) return true;
    if (!alive || std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace skerry

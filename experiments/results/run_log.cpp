#include "experiments/results/run_log.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "experiments/results/manifest.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::experiments {

Status RunLog::add(const std::string& line) const {
  std::string text = utc_text(std::chrono::system_clock::now()) + " " + line;
  std::replace(text.begin(), text.end(), '\n', ' ');
  text += '\n';
  const host::FileHandle file(
      ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.open()) return Failure{file_.string() + ": " + std::strerror(errno)};
  return host::write_all(file, std::as_bytes(std::span(text)), file_);
}

bool is_run_log(const std::filesystem::path& file) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z ";
  std::string head(kForm.size(), '\0');
  if (!std::ifstream(file).read(head.data(), static_cast<std::streamsize>(head.size()))) {
    return false;
  }
  for (char& c : head) c = c >= '0' && c <= '9' ? '0' : c;
  return head == kForm;
}

}  // namespace skerry::experiments

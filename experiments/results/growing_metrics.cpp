#include "experiments/results/growing_metrics.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "experiments/results/tidy_csv.hpp"

namespace skerry::experiments {

Status GrowingMetrics::begin() {
  written_ = 0;
  handle_ = host::FileHandle(::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!handle_.open()) return Failure{file_.string() + ": " + std::strerror(errno)};
  const std::string header = metrics_csv({});
  return host::write_all(handle_, std::as_bytes(std::span(header)), file_);
}

Status GrowingMetrics::take(const host::MetricLog& metrics) {
  if (!handle_.open()) return {};
  const std::size_t settled = metrics.settled();
  std::string text;
  for (std::size_t place = written_; place < settled; ++place) {
    for (const host::MetricRow& row : metrics.at(place)) text += metric_row_csv(row);
  }
  written_ = settled;
  if (text.empty()) return {};
  Status status = host::write_all(handle_, std::as_bytes(std::span(text)), file_);
  if (!status) handle_ = {};  // the file may end within a row
  return status;
}

}  // namespace skerry::experiments

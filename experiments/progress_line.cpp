#include "experiments/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "algorithms/sdk/time.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

constexpr auto kOnTerminal = std::chrono::milliseconds(100);

/// Columns of the terminal; 0 if it does not tell.
std::size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// The beginning of `text` that fits on one line, so that the next text can overwrite it.
std::string cut(std::string text, std::size_t width) {
  while (width > 0 && display_width(text) >= width) {
    do {
      text.pop_back();
    } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80);
  }
  return text;
}

}  // namespace

std::string ProgressWords::text() const {
  std::string text = step;
  if (!seed.empty()) text += " · " + seed;
  if (!headline.empty()) text += " · " + headline;
  if (seconds_left) {
    const double whole = std::ceil(std::min(*seconds_left, 9e9));
    text += " · " + to_string(Duration::seconds(static_cast<std::int64_t>(whole))) + " left";
  }
  return text;
}

std::optional<double> TimeLeft::seconds(std::optional<double> share, Clock::time_point now) {
  if (share != latest_) grown_ = now;
  latest_ = share;
  if (!share || *share <= share_.value_or(0)) return std::nullopt;
  const double took = std::chrono::duration<double>(grown_ - began_).count();
  const double still = std::chrono::duration<double>(now - grown_).count();
  if (still > took) return std::nullopt;
  return std::max(took * (1 - *share) / (*share - share_.value_or(0)) - still, 0.0);
}

void ProgressLine::show(const ProgressWords& words, Clock::time_point now) {
  next_ = now + (options_.terminal ? Clock::duration(kOnTerminal) : options_.every);
  if (options_.terminal) {
    std::fprintf(stderr, "\r\033[K%s", cut(words.text(), columns()).c_str());
    std::fflush(stderr);
  } else {
    std::fprintf(stderr, "%s\n", words.text().c_str());
  }
  shown_ = options_.terminal;
}

void ProgressLine::hide() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

void add_progress_options(Options& options) {
  options.add()("progress-every", boost::program_options::value<unsigned>()->default_value(5),
                "seconds between two lines of progress where standard error is no terminal; 0: "
                "whenever something may have changed");
  options.add()("quiet", "say nothing of progress");
}

ProgressLine::Options progress_options_of(const Options& options) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string(kind) == "dumb";
  return {.quiet = options.has("quiet"),
          .terminal = ::isatty(STDERR_FILENO) == 1 && !dumb,
          .every = std::chrono::seconds(options.get<unsigned>("progress-every"))};
}

}  // namespace skerry::experiments

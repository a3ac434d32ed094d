#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "datasets/file_bytes.hpp"
#include "experiments/command.hpp"
#include "experiments/options.hpp"
#include "experiments/results/report_page.hpp"
#include "experiments/results/summary.hpp"

namespace skerry::experiments {

namespace {

/// Whether this command wrote the file.
bool is_page(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string beginning(1 << 16, '\0');
  in.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return beginning.starts_with("<!doctype html>") &&
         beginning.find("· Skerry</title>") != std::string::npos;
}

}  // namespace

int report_command(std::span<const std::string> arguments) {
  namespace po = boost::program_options;
  Options options(
      "report RUN… [--out FILE]",
      "Shows runs, alone or against each other: a summary here and a page of pictures. RUN is "
      "a run's\nfolder, or a folder with a run for each of several seeds; differences are "
      "taken against the first.");
  options.add()("out,o", po::value<std::string>(),
                "the page; report.html in the first RUN unless given");
  options.positional("run", -1);
  if (const auto code = options.parse(arguments)) return *code;
  const auto names = options.list("run");
  if (names.empty()) return options.complain("the folder of a run is needed");
  const std::vector<std::filesystem::path> folders(names.begin(), names.end());
  const auto groups = read_groups(folders);
  if (!groups) {
    std::fprintf(stderr, "skerry: %s\n", groups.message().c_str());
    return kUserError;
  }
  const std::filesystem::path file = options.has("out")
                                         ? std::filesystem::path(options.get<std::string>("out"))
                                         : groups->front().folder / "report.html";
  const Status there = datasets::check_folder_of(file);
  if (!there) return fail(there.failure());
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored) && !is_page(file)) {
    std::fprintf(stderr, "skerry: %s: exists and is not an earlier page; it is not replaced\n",
                 file.c_str());
    return kUserError;
  }
  if (const Status written = datasets::write_file(file, report_page(*groups)); !written) {
    return fail(written.failure());
  }
  std::fputs(summary_text(*groups).c_str(), stdout);
  std::printf("\n%s\n", file.string().c_str());
  return kDone;
}

}  // namespace skerry::experiments

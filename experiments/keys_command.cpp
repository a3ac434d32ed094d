#include <cstdio>
#include <optional>

#include "experiments/command.hpp"
#include "experiments/options.hpp"
#include "real/keys.hpp"

namespace skerry::experiments {

namespace {

int done_or_failed(const Status& status) {
  if (status) return kDone;
  std::fprintf(stderr, "skerry: %s\n", status.message().c_str());
  return exit_code_of(status.failure());
}

int list(const real::KeyFolder& folder) {
  const auto all = folder.list();
  if (!all) return done_or_failed(all.failure());
  for (const real::CertificateInfo& one : all.value()) {
    std::printf("%-12s %s %s%s\n", one.name.c_str(), one.expires.c_str(), one.file.c_str(),
                one.expired ? "  EXPIRED" : "");
  }
  return kDone;
}

/// `edge-0..7` names eight edges. Nothing where a range runs backwards, or over 100,000 edges.
std::optional<std::vector<std::string>> names_of(const std::string& text) {
  unsigned first = 0, last = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "edge-%u..%u%n", &first, &last, &used) == 2 &&
      static_cast<std::size_t>(used) == text.size()) {
    if (first > last || last - first >= 100'000) return std::nullopt;
    std::vector<std::string> names;
    for (unsigned i = first; i <= last; ++i) names.push_back("edge-" + std::to_string(i));
    return names;
  }
  return std::vector{text};
}

}  // namespace

int keys_command(std::span<const std::string> arguments) {
  namespace po = boost::program_options;
  Options options("keys (init | add NAME... | list) --keys FOLDER [OPTIONS]",
                  "Makes the certificates by which nodes know each other: init makes an authority, "
                  "add makes keys of cloud, operator, edge-0, edge-0..7. Give each node ca.crt and "
                  "its own two files; keep ca.key.");
  options.positional("what", -1);
  options.add()("keys", po::value<std::string>(), "the folder")(
      "days", po::value<int>()->default_value(365), "how long certificates are valid");
  if (const auto code = options.parse(arguments)) return *code;
  const auto what = options.list("what");
  if (what.empty() || !options.has("keys")) {
    return options.complain("init, add or list, and --keys FOLDER are needed");
  }
  const int days = options.get<int>("days");
  if (days < 1 || days > 36'500) return options.complain("--days is between 1 and 36500");
  real::KeyFolder folder(options.get<std::string>("keys"));
  if (what[0] == "list" && what.size() == 1) return list(folder);
  if (what[0] == "init" && what.size() == 1) {
    return done_or_failed(folder.make_authority(10 * days));
  }
  if (what[0] != "add" || what.size() < 2) {
    return options.complain("init, add NAME... or list is needed");
  }
  for (std::size_t i = 1; i < what.size(); ++i) {
    const auto names = names_of(what[i]);
    if (!names) return options.complain(what[i] + ": a range goes up, over 100000 edges at most");
    for (const std::string& name : *names) {
      if (const Status added = folder.add(name, days); !added) return done_or_failed(added);
    }
  }
  return kDone;
}

}  // namespace skerry::experiments

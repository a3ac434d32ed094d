#include <algorithm>
#include <optional>

#include "tests/tidy/rules.hpp"

namespace skerry::tidy {

namespace {

struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may_include;  // besides itself
};

// The layers from top to bottom. The longest folder that matches a path decides.
const std::vector<Layer>& layers() {
  static const std::vector<Layer> all{
      {"tests", {""}},
      {"bench", {"algorithms", "datasets", "scenarios", "sim", "real", "experiments"}},
      {"experiments", {"algorithms", "datasets", "scenarios", "sim", "real"}},
      {"sim",
       {"algorithms/sdk", "datasets", "scenarios/role", "scenarios/host", "scenarios/schema"}},
      {"sim/mpi", {"algorithms/sdk", "scenarios/role", "scenarios/host"}},
      {"real",
       {"algorithms/sdk", "datasets", "scenarios/role", "scenarios/host", "scenarios/schema"}},
      {"scenarios",
       {"algorithms/sdk", "datasets", "scenarios/role", "scenarios/schema", "scenarios/parts"}},
      {"scenarios/parts", {"algorithms/sdk", "datasets", "scenarios/role"}},
      {"scenarios/role", {"algorithms/sdk"}},
      {"scenarios/host", {"algorithms/sdk", "datasets", "scenarios/role"}},
      {"scenarios/schema", {"algorithms/sdk", "datasets", "scenarios/role"}},
      {"datasets", {"algorithms/sdk"}},
      {"algorithms", {"algorithms/sdk"}},
      {"algorithms/learners", {"algorithms/kernels", "algorithms/sdk"}},
      {"algorithms/losses", {"algorithms/kernels", "algorithms/sdk"}},
      {"algorithms/kernels", {"algorithms/sdk"}},
      {"algorithms/sdk", {}},
  };
  return all;
}

const Layer& layer_of(std::string_view path) {
  const Layer* best = nullptr;
  for (const Layer& layer : layers()) {
    if (below(path, layer.folder) && (!best || layer.folder.size() > best->folder.size())) {
      best = &layer;
    }
  }
  return *best;
}

/// The folder that a file may include freely: its own if it is in a slot of algorithms/ or in a
/// paradigm of scenarios/, else its whole layer.
std::string own_folder(const Source& source, const Layer& layer) {
  const bool parts = layer.folder == "algorithms" || layer.folder == "scenarios";
  if (!parts) return std::string(layer.folder);
  return source.path.substr(0, source.path.find('/', layer.folder.size() + 1));
}

std::string why(std::string_view from, std::string_view included) {
  if (below(from, "algorithms/sdk")) return "the SDK is the bottom and sees no other folder";
  if (below(from, "algorithms")) {
    return "algorithms see algorithms/sdk only; what a plugin needs of the world belongs in a "
           "context "
           "of its slot";
  }
  if (below(from, "sim") && below(included, "sim")) {
    return "the simulation and the ranks that serve it meet in scenarios/host/places.hpp";
  }
  if (below(from, "sim") && below(included, "real")) return "sim/ and real/ never see each other";
  if (below(from, "real") && below(included, "sim")) return "sim/ and real/ never see each other";
  if (below(from, "scenarios")) {
    return "a paradigm sees the SDK, datasets/, scenarios/role and scenarios/schema; what two "
           "share "
           "belongs there, what drivers share in scenarios/host";
  }
  return "includes point downwards only; move what both need to the lower folder";
}

struct Outside {
  std::vector<std::string_view> headers;  // beginnings
  std::vector<std::string_view> homes;    // beginnings of paths
  std::string_view instead;
};

const std::vector<Outside>& outside() {
  static const std::vector<Outside> all{
      {{"torch/", "ATen/", "c10/"},
       {"algorithms/learners/torch_", "bench/", "tests/"},
       "LibTorch stays in algorithms/learners/torch_*.cpp (13 s a file)"},
      {{"grpc", "google/protobuf/"},
       {"real/", "bench/", "tests/"},
       "gRPC and protobuf stay in real/"},
      {{"nlohmann/"},
       {"scenarios/schema/", "experiments/", "tests/"},
       "JSON stays in scenarios/schema and experiments/; plugins and roles see ConfigNode"},
      {{"hdf5", "H5"},
       {"experiments/", "tests/"},
       "HDF5 stays in the results store of experiments/"},
      {{"sqlite3"},
       {"experiments/models/sqlite.cpp", "tests/"},
       "SQLite stays in experiments/models/sqlite.cpp; ask its Database"},
      {{"boost/program_options"},
       {"experiments/", "bench/"},
       "the command line stays in experiments/"},
      {{"mpi.h"}, {"sim/mpi/mpi_channel.cpp"}, "MPI stays in sim/mpi/mpi_channel.cpp"},
      {{"catch2/"},
       {"tests/catch"},
       "include tests/catch.hpp, the one place that names the framework"},
      {{"random"},
       {"tests/", "bench/", "real/keys"},
       "draw from RandomStream (algorithms/sdk/random.hpp): the same numbers on every machine"},
      {{"thread", "mutex", "shared_mutex", "condition_variable", "future"},
       {"scenarios/role/", "scenarios/host/", "datasets/", "sim/", "real/", "experiments/",
        "bench/", "tests/", "algorithms/learners/torch_"},
       "threads belong to the drivers (scenarios/host/executor.hpp)"},
      {{"fstream", "filesystem", "iostream"},
       {"datasets/", "scenarios/host/", "scenarios/schema/", "sim/", "real/", "experiments/",
        "bench/", "tests/", "algorithms/learners/torch_"},
       "plugins and roles see bytes and values; files belong to datasets/, to scenarios/host and "
       "schema, and above"},
      {{"chrono"},
       {"scenarios/host/", "real/", "experiments/", "bench/", "tests/"},
       "time is SimTime and Duration (algorithms/sdk/time.hpp), and comes with each input"},
      {{"Eigen/"},
       {"algorithms/learners/", "algorithms/aggregation/", "algorithms/compression/",
        "algorithms/continual/", "algorithms/allocation/", "datasets/", "experiments/", "bench/",
        "tests/"},
       "Eigen types never cross the SDK (their layout depends on -march); use std::span"},
  };
  return all;
}

struct Include {
  std::string path;
  bool quoted = false;
};

std::optional<Include> include_of(std::string_view line) {
  const auto skip_blanks = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_blanks();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with("include")) return std::nullopt;
  line.remove_prefix(7);
  skip_blanks();
  const bool quoted = line.starts_with('"');
  const std::size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(1, end - 1)), quoted};
}

std::string listed(const std::vector<std::string_view>& folders) {
  std::string text;
  for (std::string_view folder : folders) text += (text.empty() ? "" : ", ") + std::string(folder);
  return text.empty() ? "nothing else" : text;
}

std::optional<std::string> own_include_fault(const Source& source, const std::string& included) {
  if (included.find('/') == std::string::npos || included.starts_with("../")) {
    return "include \"" + included + "\" from the root: \"" + source.folder() + "/" + included +
           "\"";
  }
  const Layer& layer = layer_of(source.path);
  if (below(included, own_folder(source, layer)) && &layer_of(included) == &layer) {
    return std::nullopt;
  }
  for (std::string_view folder : layer.may_include) {
    if (folder.empty() || below(included, folder)) return std::nullopt;
  }
  return "may not include \"" + included + "\": " + why(source.path, included) +
         " (allowed: " + own_folder(source, layer) + ", " + listed(layer.may_include) + ")";
}

std::optional<std::string> outside_include_fault(const Source& source,
                                                 const std::string& included) {
  for (const Outside& rule : outside()) {
    const auto begins = [](std::string_view text) {
      return [text](std::string_view start) { return text.starts_with(start); };
    };
    // A name with a slash or a library's prefix is a beginning, a standard header a whole name.
    const bool named = std::any_of(rule.headers.begin(), rule.headers.end(), [&](auto header) {
      const bool standard = included.find_first_of("/.") == std::string::npos;
      return standard ? included == header : std::string_view(included).starts_with(header);
    });
    if (!named || std::any_of(rule.homes.begin(), rule.homes.end(), begins(source.path))) continue;
    return "may not include <" + included + ">: " + std::string(rule.instead);
  }
  return std::nullopt;
}

}  // namespace

Findings include_findings(const Source& source) {
  Findings findings;
  const auto lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto include = include_of(lines[i]);
    if (!include) continue;
    const bool ours = include->quoted && !include->path.ends_with(".pb.h");
    const auto fault =
        ours ? own_include_fault(source, include->path)
             : outside_include_fault(source, include->quoted ? "google/protobuf/" : include->path);
    if (fault) findings.push_back({source.path, i + 1, *fault});
  }
  return findings;
}

}  // namespace skerry::tidy

// Every shipped experiment ends in the bits that the table pins, for any number of threads, whether
// or not it was interrupted. SKERRY_PRINT_FINGERPRINTS=1 prints the table's lines instead of
// comparing with them.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "algorithms/sdk/printable.hpp"
#include "datasets/published_files.hpp"
#include "tests/experiments/shipped_run.hpp"

namespace skerry {
namespace {

struct Fingerprint {
  std::string data, schedule, numerics;
};

/// Reads tests/experiments/fingerprints.txt, one run per line: name data schedule numerics.
std::map<std::string, Fingerprint> pinned() {
  std::ifstream file(std::string(SKERRY_SOURCE_DIR) + "/tests/experiments/fingerprints.txt");
  std::map<std::string, Fingerprint> table;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    Fingerprint print;
    words >> name >> print.data >> print.schedule >> print.numerics;
    table[name] = print;
  }
  return table;
}

void check_pinned(const std::string& name, std::uint64_t data, const host::RunRecord& record) {
  if (std::getenv("SKERRY_PRINT_FINGERPRINTS") != nullptr) {
    std::printf("%s %s %s %s\n", name.c_str(), hex16(data).c_str(),
                hex16(record.schedule_fingerprint).c_str(),
                hex16(record.numerics_fingerprint).c_str());
    return;
  }
  const auto table = pinned();
  const auto line = table.find(name);
  INFO(name << " is not in tests/experiments/fingerprints.txt");
  REQUIRE(line != table.end());
  if (line->second.data != hex16(data)) {
    WARN(name << ": other data than the table was made with; not compared");
    return;
  }
  CHECK(line->second.schedule == hex16(record.schedule_fingerprint));
  CHECK(line->second.numerics == hex16(record.numerics_fingerprint));
}

bool mnist_is_there() {
  const auto cache = datasets::default_cache() / "mnist" / "train-images-idx3-ubyte";
  return std::filesystem::exists(cache);
}

bool fashion_mnist_is_there() {
  const std::filesystem::path installed = "/usr/share/datasets/fashion-mnist";
  const auto cache = datasets::default_cache() / "fashion-mnist" / "train-images-idx3-ubyte";
  return std::filesystem::exists(installed) || std::filesystem::exists(cache);
}

/// Whether the first file of a data set that people get by hand is where its source looks.
bool is_there(const std::string& name, const std::string& file) {
  for (const auto& folder : datasets::folders_of(name, datasets::DataEnvironment::of_process(1))) {
    if (std::filesystem::exists(folder / file) || std::filesystem::exists(folder / (file + ".gz")))
      return true;
  }
  return false;
}

/// Checks the run with one, two and eight threads, repeated, and interrupted in the middle.
void check_all_ways(const std::string& name, const std::vector<std::string>& overrides) {
  ShippedRun shipped_run(name, overrides);
  const host::RunRecord one = shipped_run.run(1);
  check_pinned(name, shipped_run.data_hash(), one);
  check_same(one, shipped_run.run(2));
  check_same(one, shipped_run.run(8));
  check_same(one, shipped_run.run(2));
  check_same(one, shipped_run.interrupted_and_resumed(2));
}

TEST_CASE("the generated twin of each experiment has the same bits in every way of running it") {
  const auto name = GENERATE(as<std::string>(), "fedavg-blobs", "fedprox-dirichlet-blobs",
                             "scaffold-pathological-blobs", "fedbuff-blobs",
                             "median-attacked-blobs", "top-k-blobs", "joint-blobs",
                             "incremental-sea", "incremental-canary-blobs", "fedavg-friedman");
  check_all_ways(name, {});
}

TEST_CASE("a million edges, for three rounds, have the same bits in every way of running them") {
  check_all_ways("population", {R"(stop={"any": [{"rounds": 3}]})"});
}

TEST_CASE("each experiment on MNIST, shortened, has the same bits in every way of running it",
          "[.long]") {
  if (!mnist_is_there()) {
    WARN("MNIST is not in the cache: only the generated twins were compared");
    return;
  }
  const auto name = GENERATE(as<std::string>(), "fedavg-mnist", "fedprox-dirichlet",
                             "scaffold-pathological", "fedbuff", "median-attacked", "top-k");
  check_all_ways(name, {R"(stop={"any": [{"rounds": 3}]})"});
}

TEST_CASE(
    "the experiment on Fashion-MNIST, shortened, has the same bits in every way of running it") {
  if (!fashion_mnist_is_there()) {
    WARN("Fashion-MNIST is neither installed (Debian's dataset-fashion-mnist) nor in the cache");
    return;
  }
  check_all_ways("fedavg-fashion-mnist", {R"(stop={"any": [{"rounds": 3}]})"});
}

TEST_CASE("joint inference on MNIST, shortened, has the same bits in every way of running it",
          "[.long]") {
  if (!mnist_is_there()) return;
  check_all_ways(
      "joint-mnist",
      {"requests.count=50", "thresholds=[0.0, 0.1, 0.3, 0.5]", "cloud_model.train.epochs=1",
       R"(cloud_model.model={"name": "cnn", "channels": [4], "hidden": [16]})"});
}

TEST_CASE("incremental learning on drifting sensors, shortened, has the same bits in every way") {
  if (!is_there("gas_drift", "batch1.dat")) {
    WARN("gas_drift is not in $SKERRY_DATA");
    return;
  }
  check_all_ways("incremental-gas-drift", {"until=10 min"});
}

TEST_CASE("incremental learning on weather, shortened, has the same bits in every way") {
  if (!is_there("ne_weather", "NEweather_data.csv")) {
    WARN("ne_weather is not in $SKERRY_DATA");
    return;
  }
  check_all_ways("incremental-weather", {"until=3 h"});
}

TEST_CASE("incremental learning on MNIST, shortened, has the same bits in every way of running it",
          "[.long]") {
  if (!mnist_is_there()) return;
  check_all_ways("incremental-rotating-mnist", {"until=30 min"});
}

}  // namespace
}  // namespace skerry

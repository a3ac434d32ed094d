// Builds experiments/plugin-example outside the tree against an installed Skerry, and runs it in
// simulation and between processes.

#include <thread>

#include "algorithms/sdk/reducer.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/experiments/program/installed.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;

/// The example, copied to a place outside the tree and built.
class Example {
 public:
  Example() {
    fs::copy(fs::path(SKERRY_SOURCE_DIR) / "experiments/plugin-example", folder());
    skerry_.build(folder());
    REQUIRE(fs::exists(plugin()));
  }
  const Installed& skerry() const { return skerry_; }
  fs::path folder() const { return skerry_.folder("example"); }
  std::string plugin() const { return (folder() / "build/mean_around_median.so").string(); }
  Ended run(const Words& arguments) const { return skerry_.run(folder(), arguments); }

 private:
  Installed skerry_;
};

/// Waits until the cloud listens. @return its address.
std::string address_of(const Running& cloud) {
  const std::string before = "listening on port ";
  while (!has(cloud.out(), "edges\n") && !cloud.over()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::string said = cloud.out();
  REQUIRE(has(said, before));
  return "127.0.0.1:" + std::to_string(std::stoi(said.substr(said.find(before) + before.size())));
}

/// SHA-256 of the model in a run's folder.
std::string model_of(const fs::path& run_folder) {
  const auto manifest = schema::parse_json(text_of_file(run_folder / "manifest.json"));
  REQUIRE(manifest.ok());
  const ConfigNode* model = manifest->find("model");
  REQUIRE(model != nullptr);
  return *model->find("sha256")->as_string();
}

void check_symbols(const Example& example) {
  const std::string symbols =
      good(run_in(example.folder(), {"nm", "-D", "-C", "--defined-only", example.plugin()}));
  INFO(symbols);
  CHECK(std::count(symbols.begin(), symbols.end(), '\n') == 1);
  CHECK(has(symbols, " skerry_plugin_exports\n"));
}

void check_values(const Example& example) {
  Registry registry = host::built_in_plugins();
  REQUIRE(host::load_plugin_file(example.plugin(), registry).message() == "");
  const auto rule =
      registry.make(Choice<Reducer>{"mean_around_median", ConfigNode::Object{{"beta", 0.4}}});
  const std::vector<std::vector<float>> updates{
      {1, -1e30f}, {2, 5}, {1e30f, 6}, {3, 1e30f}, {4, 7}};
  const std::vector<std::span<const float>> values(updates.begin(), updates.end());
  std::vector<float> out(2);
  rule->gather(values, std::vector<UpdateInfo>(5), out);
  CHECK(out == std::vector<float>{3, 6});
}

/// One cloud and two edges, processes of the installed program on this machine, against one
/// simulation.
void check_live(const Example& example) {
  const Words shared{"mean-around-median.json",
                     "--plugin",
                     example.plugin(),
                     "--set",
                     "nodes.edges=2",
                     "--set",
                     R"(stop={"any": [{"rounds": 3}]})"};
  const auto words = [&](const std::string& command, const Words& more) {
    Words all{example.skerry().program(), command};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  Words simulated = shared, live = shared;
  for (const char* word : {"--out", "simulated"}) simulated.emplace_back(word);
  for (const char* word : {"--out", "live", "--plaintext", "--listen", "127.0.0.1:0"}) {
    live.emplace_back(word);
  }
  good(run_in(example.folder(), words("run", simulated)));
  Running cloud(example.folder(), words("cloud", live));
  const std::string address = address_of(cloud);
  const auto edge = [&](const std::string& name) {
    return words("edge",
                 {"--cloud", address, "--node", name, "--plaintext", "--plugin", example.plugin()});
  };
  Running first(example.folder(), edge("edge-0")), second(example.folder(), edge("edge-1"));
  const std::string said = good(cloud.wait());
  good(first.wait());
  good(second.wait());
  INFO(said);
  CHECK(has(said, "ends in the same bits\n"));
  const std::string model = model_of(example.folder() / "simulated");
  CHECK(has(said, "\nmodel " + model + "\n"));
  CHECK(model_of(example.folder() / "live") == model);
}

TEST_CASE("a plugin built against the installed headers does the same in simulation and live",
          "[.long]") {
  const Example example;
  check_symbols(example);
  check_values(example);
  CHECK(has(good(example.run({"describe", "mean_around_median", "--plugin", example.plugin()})),
            "beta "));
  check_complaint(example.run({"validate", "mean-around-median.json"}), 2,
                  "no reducer \"mean_around_median\"");
  good(example.run(
      {"run", "mean-around-median.json", "--plugin", example.plugin(), "--out", "results"}));
  CHECK(has(text_of_file(example.folder() / "results/manifest.json"), "mean_around_median.so"));
  check_live(example);
}

}  // namespace
}  // namespace skerry

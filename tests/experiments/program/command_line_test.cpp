// How every command answers --help and wrong arguments.

#include "scenarios/schema/json.hpp"
#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

namespace fs = std::filesystem;
using datasets::ScratchFolder;

std::string shipped(const std::string& name) {
  return std::string(SKERRY_SOURCE_DIR) + "/experiments/" + name + ".json";
}

/// The commands that the program says it has.
Words commands() {
  const std::string text = good(run_skerry({"--help"}));
  Words names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  REQUIRE(names.size() >= 8);
  return names;
}

TEST_CASE("every command answers --help with its usage") {
  std::vector<Words> all;
  for (const std::string& name : commands()) all.push_back({name});
  for (const char* part : {"fetch", "info", "partition", "stream"}) all.push_back({"data", part});
  for (const char* part : {"scenario", "plugin"}) all.push_back({"new", part});
  for (Words words : all) {
    std::string name;
    for (const std::string& word : words) name += (name.empty() ? "" : " ") + word;
    words.emplace_back("--help");
    const std::string text = good(run_skerry(words));
    CHECK(text.starts_with("usage: skerry " + name));
    CHECK(has(text, "--help"));
  }
}

TEST_CASE("an option that no command has is one line and exit code 2") {
  for (const std::string& name : commands()) {
    INFO(name);
    check_complaint(run_skerry({name, "--frobnicate"}), 2, "--frobnicate");
  }
}

TEST_CASE("an unknown command is one line and names the nearest") {
  check_complaint(run_skerry({"lst"}), 2, "skerry: no command \"lst\"; nearest \"list\"");
  check_complaint(run_skerry({"frobnicate"}), 2, "see skerry --help");
  check_complaint(run_skerry({"data", "partiton"}), 2, "nearest \"data partition\"");
  CHECK(run_skerry({}).code == 2);
}

TEST_CASE("help and version are commands and options alike") {
  CHECK(good(run_skerry({"--version"})) == good(run_skerry({"version"})));
  for (const std::string& name : commands()) {
    INFO(name);
    CHECK(good(run_skerry({"help", name})) == good(run_skerry({name, "--help"})));
  }
  CHECK(good(run_skerry({"help"})) == good(run_skerry({"--help"})));
  check_complaint(run_skerry({"help", "rnu"}), 2, "no command \"rnu\"; nearest \"run\"");
  check_complaint(run_skerry({"rnu"}), 2, "no command \"rnu\"; nearest \"run\"");
  CHECK(has(good(run_skerry({"new", "--help"})), "--paradigm P"));
}

TEST_CASE("a misspelt option is one line and names the nearest") {
  check_complaint(run_skerry({"run", "x.json", "--sede", "3"}), 2, "nearest \"--seed\"");
  check_complaint(run_skerry({"list", "--plugn", "x.so"}), 2, "nearest \"--plugin\"");
}

TEST_CASE("values that no option can mean are one line and exit code 2") {
  check_complaint(run_skerry({"run", "x.json", "--out", ""}), 2, "skerry: --out is empty; usage: ");
  check_complaint(run_skerry({"validate", ""}), 2, "skerry: an argument is empty; usage: ");
  for (const char* option : {"--grace=-1", "--checkpoint-every=-1", "--seed=-1"}) {
    check_complaint(run_skerry({"cloud", "x.json", option}), 2, "which is less than 0; usage: ");
  }
  check_complaint(run_skerry({"run", "x.json", "--checkpoint-every=-1"}), 2, "is -1, which is");
}

TEST_CASE("seeds that no scenario can hold, or that contradict each other, are one line") {
  const std::string scenario = shipped("fedavg-blobs");
  const auto refused = [&](const Words& options, const std::string& why) {
    Words words{"run", scenario};
    words.insert(words.end(), options.begin(), options.end());
    check_complaint(run_skerry(words), 2, why);
  };
  refused({"--seed", "18446744073709551615"}, "a seed is at most 9223372036854775807");
  refused({"--seeds", "18446744073709551610..18446744073709551615"}, "a seed is at most ");
  refused({"--seed", "18446744073709551616"}, "is not a list of seeds");
  refused({"--seeds", "1,2,1"}, "the seed 1 is given twice");
  refused({"--seed", "1", "--seeds", "2,3"}, "contradict each other");
  check_complaint(run_skerry({"cloud", scenario, "--plaintext", "--seed", "18446744073709551615"}),
                  2, "/seed: 18446744073709551615 is outside ");
}

TEST_CASE("describe lists every key, also those inside lists and what may be left out") {
  const std::string federated = good(run_skerry({"describe", "federated"}));
  for (const char* key : {"at_least", "virtual_time", "fraction", "every", "\"fedadam\""}) {
    INFO(key);
    CHECK(has(federated, key));
  }
  const std::string world = good(run_skerry({"describe", "world"}));
  for (const char* key : {"factor", "\"raspberry-pi-4\"", "jitter", "share", "until"}) {
    INFO(key);
    CHECK(has(world, key));
  }
  CHECK(has(good(run_skerry({"describe", "joint_inference"})), "passes over the training set"));
  CHECK(has(good(run_skerry({"describe", "metrics"})), "edges/personal_loss_worst"));
  CHECK(has(good(run_skerry({"describe", "metrics", "--format", "json"})), "\"train/loss\""));
}

TEST_CASE("describe says a scenario in words, with the layers of its models and what they cost") {
  const std::string text = good(run_skerry({"describe", shipped("fedavg-blobs"), "--set",
                                            R"(model={"name": "mlp", "hidden": [16]})", "--set",
                                            R"(update.up=["float16"])"}));
  INFO(text);
  for (const char* part : {"fedavg-blobs: federated, ", "stop            after ", "fc1.weight",
                           "model: mlp (hidden [16]", "numerics native-1", " forward, ",
                           "payload, up: ", "update, up      float16", "a cloud and "}) {
    INFO(part);
    CHECK(has(text, part));
  }
  const std::string joint = good(run_skerry({"describe", shipped("joint-blobs")}));
  CHECK(has(joint, "\nedge's model: "));
  CHECK(has(joint, "\ncloud's model: "));
  CHECK(has(joint, "stop            when the requests of every threshold are over"));
  // The examples of a million edges are drawn when read; describing them must not draw any.
  CHECK(has(good(run_skerry({"describe", shipped("population")})), "a cloud and 1000000 edges"));
  check_complaint(run_skerry({"describe", "gone.json"}), 2, "gone.json: cannot be read");
}

TEST_CASE("a described model counts its parameters, operations and bytes") {
  const std::string scenario = std::string(SKERRY_SOURCE_DIR) + "/experiments/fedavg-blobs.json";
  const auto node = schema::parse_json(good(run_skerry(
      {"describe", scenario, "--format", "json", "--set", R"(model={"name": "softmax"})", "--set",
       R"(data.source={"name": "synthetic_blobs", "classes": 4, "features": 5})"})));
  REQUIRE(node.ok());
  REQUIRE(node->as_array()->size() == 1);
  const ConfigNode* models = node->as_array()->front().find("models");
  REQUIRE(models != nullptr);
  const ConfigNode& model = models->as_array()->front();
  CHECK(*model.find("parameters")->as_integer() == 4 * 5 + 4);
  CHECK(*model.find("bytes")->as_integer() == 4 * (4 * 5 + 4));
  CHECK(*model.find("flops_forward")->as_double() >= 2 * 4 * 5);
  CHECK(*model.find("wire_bytes_up")->as_integer() >= 4 * (4 * 5 + 4));
  CHECK(model.find("tensors")->as_array()->front().find("shape")->text() == "[4, 5]");
}

TEST_CASE("list shows terms, and presets with what they stand for") {
  const std::string text = good(run_skerry({"list"}));
  CHECK(has(text, "\nterm\n"));
  CHECK(has(text, "clip_gradient"));
  CHECK(has(text, "\npreset of server\n"));
  CHECK(has(text, "raspberry-pi-4"));
  const std::string presets = good(run_skerry({"list", "preset of server"}));
  CHECK(has(presets, "fedavgm"));
  CHECK(has(presets, "\"momentum\": 0.9"));
  CHECK(has(good(run_skerry({"list", "--format", "json"})), "\"fedadam\""));
}

TEST_CASE("a format that nothing writes is refused, naming those there are") {
  check_complaint(run_skerry({"version", "--format", "xml"}), 2,
                  "no format \"xml\"; all: \"text\" and \"json\"");
}

TEST_CASE("a number of threads that makes no sense is refused by every command that takes one") {
  for (const char* command : {"run", "cloud", "edge", "replay"}) {
    for (const char* threads : {"0", "1025", "4096"}) {
      check_complaint(run_skerry({command, "--threads", threads}), 2,
                      "--threads is between 1 and 1024");
    }
  }
}

TEST_CASE("a run tells a script what it came to, and nothing else") {
  const datasets::ScratchFolder folder;
  const std::string scenario = std::string(SKERRY_SOURCE_DIR) + "/experiments/fedavg-blobs.json";
  const auto node = schema::parse_json(good(skerry_in(
      folder.path(), {"run", scenario, "--seeds", "1,2", "--out", "run", "--format", "json"})));
  REQUIRE(node.ok());
  const ConfigNode* runs = node->find("runs");
  REQUIRE(runs != nullptr);
  REQUIRE(runs->as_array() != nullptr);
  CHECK(runs->as_array()->size() == 2);
  const ConfigNode* metrics = node->find("final");
  REQUIRE(metrics != nullptr);
  const ConfigNode* accuracy = metrics->find("test/accuracy");
  REQUIRE(accuracy != nullptr);
  CHECK(accuracy->find("n") != nullptr);
}

TEST_CASE(
    "a run that can neither go on nor end is one line and exit code 3, and keeps what it has") {
  const datasets::ScratchFolder folder;
  const std::string scenario = std::string(SKERRY_SOURCE_DIR) + "/experiments/fedavg-blobs.json";
  const std::string crash =
      R"(world.faults=[{"kind": "crash", "nodes": ["cloud"], "at": "100 ms"}])";
  const std::string why = "the run could not go on: stands still after step ";
  check_complaint(skerry_in(folder.path(), {"run", scenario, "--set", crash, "--out", "run"}), 3,
                  scenario + ": " + why);
  CHECK(std::filesystem::exists(folder.path() / "run/model.npz"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "run.checkpoints"));
  check_complaint(
      skerry_in(folder.path(), {"run", scenario, "--set", crash, "--out", "run", "--resume"}), 3,
      "run: " + why);
  CHECK(has(good(skerry_in(folder.path(), {"report", "run"})), ", could not go on: stands still "));
}

TEST_CASE("version says what a bug report needs, to people and to scripts") {
  const std::string text = good(run_skerry({"version"}));
  for (const char* part :
       {"skerry ", "source ", "compiler ", "-ffp-contract=off", "kernels ", "hdf5 ", "grpc "}) {
    INFO(part);
    CHECK(has(text, part));
  }
  const auto node = schema::parse_json(good(run_skerry({"version", "--format", "json"})));
  REQUIRE(node.ok());
  for (const char* key : {"version", "commit", "compiler", "flags", "kernels", "processor"}) {
    INFO(key);
    const ConfigNode* value = node->find(key);
    REQUIRE(value != nullptr);
    REQUIRE(value->as_string() != nullptr);
    CHECK(*value->as_string() != "");
  }
  const ConfigNode* libraries = node->find("libraries");
  REQUIRE(libraries != nullptr);
  REQUIRE(libraries->as_object() != nullptr);
  for (const auto& [name, version] : *libraries->as_object()) {
    INFO(name);
    CHECK(version.text() != "\"\"");
  }
}

TEST_CASE("options that contradict each other, or name what cannot be, are refused") {
  const std::string scenario = std::string(SKERRY_SOURCE_DIR) + "/experiments/fedavg-blobs.json";
  struct Case {
    Words words;
    std::string said;
  };
  const std::vector<Case> cases{
      {{"run", scenario, "--seed", "1", "--set", "seed=2"}, "--set seed contradicts --seed"},
      {{"cloud", scenario, "--plaintext", "--record"},
       "--record keeps inputs in the folder of --state"},
      {{"cloud", scenario, "--plaintext", "--listen", "127.0.0.1:99999"},
       "a port between 0 and 65535"},
      {{"edge", "--cloud", "127.0.0.1:99999", "--node", "0", "--plaintext"}, "is not HOST:PORT"},
      {{"edge", "--cloud", "nonsense", "--node", "0", "--plaintext"}, "is not HOST:PORT"},
      {{"edge", "--cloud", "127.0.0.1:1", "--node", "0", "--plaintext", "--watch", "rows.csv"},
       "--watch keeps which rows were taken in the folder of --state"},
      {{"cloud", scenario, "--plaintext", "--labels", "labels.csv"},
       "--labels: this paradigm asks for no labels"},
      {{"status", "nonsense", "--plaintext"}, "is not HOST:PORT"}};
  for (const auto& [words, said] : cases) check_complaint(run_skerry(words), 2, said);
}

TEST_CASE("what is not what a command needs is exit code 2") {
  const ScratchFolder folder;
  fs::create_directories(folder / "a/run");
  folder.put("run/scenario.json", "{}");
  const auto says = [&folder](const Words& words, const std::string& text) {
    check_complaint(skerry_in(folder.path(), words), 2, text);
  };
  for (const char* command : {"run", "validate"}) {
    says({command, "a"}, "a: is a folder, not a scenario");
    says({command, "run"},
         "run: is a folder, not a scenario; that of its run is run/scenario.json");
  }
  says({"replay", "a"}, "a: is not the state folder of a cloud: it holds no run");
  says({"replay", "run/scenario.json"}, "it holds no run");
  says({"keys", "add", "cloud", "--keys", "k"}, "make an authority first: skerry keys init");
  says({"keys", "list", "--keys", "k"}, "k: cannot be read");
  good(skerry_in(folder.path(), {"keys", "init", "--keys", "k"}));
  says({"keys", "init", "--keys", "k"}, "exists already");
  says({"keys", "add", "x", "--keys", "k"}, "\"x\" is not a node");
  const std::string far = " may be reached from other machines, so it needs --keys";
  says({"cloud", "s.json", "--plaintext", "--listen", "0.0.0.0:0"}, "--listen: 0.0.0.0:0" + far);
  says({"cloud", "s.json", "--plaintext", "--listen", "127.0.0.1"}, "is not HOST:PORT");
  says({"edge", "--plaintext", "--node", "0", "--cloud", "10.0.0.1:1"},
       "--cloud: 10.0.0.1:1" + far);
  says({"status", "10.0.0.1:1", "--plaintext"}, "10.0.0.1:1" + far);
}

TEST_CASE("names that no file can have are refused in words") {
  const std::string name(300, 'x');
  const auto says = [](const Words& words) {
    check_complaint(run_skerry(words), 2, "File name too long");
  };
  says({"new", "scenario", name});
  says({"new", "plugin", "reducer", name});
  says({"run", name});
  says({"run", shipped("fedavg-blobs"), "--out", name});
  says({"run", shipped("fedavg-blobs"), "--set", "name=" + name});
  says({"data", "partition", shipped("fedavg-blobs"), "--svg", name});
  says({"keys", "init", "--keys", name});
  says({"list", "--plugin", name});
}

TEST_CASE("a command whose output is lost has failed") {
  const datasets::ScratchFolder folder;
  Words words{"/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh"};
  for (const std::string& word : skerry_words({"list"})) words.push_back(word);
  check_complaint(run_in(folder.path(), words), 3, "standard output: No space left on device");
  words.resize(4);
  for (const std::string& word :
       skerry_words({"run", shipped("fedavg-blobs"), "--quiet", "--out", "kept"})) {
    words.push_back(word);
  }
  check_complaint(run_in(folder.path(), words), 3, "standard output: No space left on device");
  CHECK(fs::exists(folder / "kept/manifest.json"));
}

}  // namespace
}  // namespace skerry

// `skerry model` and `skerry data list`, as a user sees them.
#include "scenarios/schema/json.hpp"
#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

constexpr char kLoop[] = R"({"version": 1, "name": "loop", "paradigm": "incremental", "seed": 5,
  "data": {"source": {"name": "sea", "samples": 800, "test_samples": 10},
           "stream": {"name": "drift", "experiences": 4, "every": "10 min"}},
  "model": "softmax",
  "serve": {"every": "1 min", "threshold": 0.1, "sample": 0.2},
  "labels": {"delay": "30 s"},
  "trigger": {"metric": "samples/new", "at_least": 25},
  "train": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "policy": "window", "window": 200},
  "deploy": "always", "nodes": {"edges": 2}})";

/// A folder with the results of that loop, in `run`.
struct Loop {
  datasets::ScratchFolder folder;
  Loop() {
    folder.put("s.json", kLoop);
    good(skerry({"run", "s.json", "--out", "run"}));
  }
  Ended skerry(const Words& words) const { return skerry_in(folder.path(), words); }
  ConfigNode json(Words words) const {
    words.insert(words.end(), {"--format", "json"});
    auto node = schema::parse_json(good(skerry(words)));
    INFO(node.message());
    REQUIRE(node.ok());
    return *node;
  }
};

TEST_CASE("the models of a simulated run are listed, shown and compared") {
  const Loop loop;
  const std::string text = good(loop.skerry({"model", "list", "run"}));
  CHECK(text.starts_with("model  tags"));
  CHECK(has(text, "edge-0, edge-1"));
  const ConfigNode list = loop.json({"model", "list", "run"});
  const auto& models = *list.as_array();
  REQUIRE(models.size() >= 3);
  CHECK(models[0].find("tags")->text() == R"(["retired"])");
  CHECK(*models[0].find("trained_on")->as_string() == "history: 1 experience");
  CHECK(models.back().find("serving")->as_array()->size() == 2);
  CHECK(models[1].find("parents")->text() == "[1]");
  // The deployed model is the one that the run ended with.
  const ConfigNode shown = loop.json({"model", "show", "run", "deployed"});
  const auto manifest = schema::parse_json(text_of_file(loop.folder.path() / "run/manifest.json"));
  REQUIRE(manifest.ok());
  CHECK(has(manifest->text(), *shown.find("sha256")->as_string()));
  CHECK(std::filesystem::exists(loop.folder.path() / *shown.find("parameters")->as_string()));
  const ConfigNode first = loop.json({"model", "show", "run", "1"});
  CHECK(first.find("came_from")->text() == "[]");
  CHECK(first.find("led_to")->as_array()->size() + 1 == models.size());
  CHECK(has(good(loop.skerry({"model", "diff", "run", "1", "deployed"})), "parameters"));
  const ConfigNode data = loop.json({"data", "list", "run"});
  REQUIRE(data.as_array()->size() == models.size());
  CHECK((*data.as_array())[1].find("models")->text() == "[2]");
  CHECK((*data.as_array())[0].find("hash")->text() != (*data.as_array())[1].find("hash")->text());
}

TEST_CASE("the same scenario leaves the same models, with one thread or two") {
  const Loop loop;
  good(loop.skerry({"run", "s.json", "--out", "again", "--threads", "2"}));
  ConfigNode lists[2] = {loop.json({"model", "list", "run"}),
                         loop.json({"model", "list", "again"})};
  for (ConfigNode& list : lists) {
    for (ConfigNode& model : *list.as_array()) model.erase("parameters");
  }
  CHECK(lists[0] == lists[1]);
}

TEST_CASE("what cannot be done with models is said") {
  const Loop loop;
  check_complaint(loop.skerry({"model", "list", "nowhere"}), 2, "nowhere: no such folder");
  check_complaint(loop.skerry({"model", "list", "."}), 2,
                  "holds several runs; name one of them, such as ./run");
  std::filesystem::create_directory(loop.folder.path() / "empty");
  check_complaint(loop.skerry({"data", "list", "empty"}), 2, "empty: has no list of models");
  check_complaint(loop.skerry({"model", "show", "run", "99"}), 2,
                  "run: no model \"99\"; there are");
  check_complaint(loop.skerry({"model", "show", "run"}), 2, "and a model are needed");
  check_complaint(loop.skerry({"model", "lst"}), 2, "nearest \"model list\"");
  check_complaint(loop.skerry({"model"}), 2, "one of list, show, diff, tag and rollback");
  check_complaint(loop.skerry({"model", "tag", "run", "1", "good"}), 2,
                  "Give the address of the live cloud, HOST:PORT; the models of a run that is over "
                  "stay as they are");
  check_complaint(loop.skerry({"model", "rollback", "127.0.0.1:1", "--plaintext"}), 3,
                  "127.0.0.1:1");
  for (Words words : {Words{"model", "rollback", "127.0.0.1:1"},
                      {"model", "tag", "127.0.0.1:1", "1", "good"},
                      {"status", "127.0.0.1:1"}}) {
    words.insert(words.end(), {"--name", "edge-0", "--plaintext"});
    check_complaint(loop.skerry(words), 2,
                    "--name goes with --keys: --plaintext shows no certificate");
  }
  check_complaint(loop.skerry({"model", "tag", "127.0.0.1:1", "1", "two words", "--plaintext"}), 2,
                  "named by one word");
}

TEST_CASE("a run that trains one model lists it at its end") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", R"({"version": 1, "name": "s", "paradigm": "federated",
      "data": {"source": {"name": "synthetic_blobs", "samples": 60, "test_samples": 30}},
      "model": "softmax", "local": {"optimizer": "sgd"},
      "server": {"reduce": "mean", "optimizer": "sgd"},
      "stop": {"any": [{"rounds": 2}]}, "nodes": {"edges": 2}})");
  good(skerry_in(folder.path(), {"run", "s.json", "--out", "run"}));
  const std::string text = good(skerry_in(folder.path(), {"model", "list", "run"}));
  CHECK(has(text, "1      final"));
  CHECK(has(text, "test/accuracy"));
}

}  // namespace
}  // namespace skerry

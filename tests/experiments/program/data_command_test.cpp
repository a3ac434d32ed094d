#include "scenarios/schema/json.hpp"
#include "tests/experiments/program/program.hpp"

namespace skerry {
namespace {

constexpr char kScenario[] = R"({"name": "s", "paradigm": "federated",
  "data": {"source": {"name": "synthetic_blobs", "classes": 4, "features": 8, "samples": 400, "test_samples": 50},
           "partition": {"name": "dirichlet", "alpha": 0.5}},
  "model": "softmax", "local": {"optimizer": "sgd"}, "server": {"reduce": "mean", "optimizer": "sgd"},
  "stop": {"any": [{"rounds": 1}]}, "nodes": {"edges": 5}})";

ConfigNode json(const Ended& ended) {
  auto node = schema::parse_json(good(ended));
  INFO(node.message());
  REQUIRE(node.ok());
  return *node;
}

std::int64_t integer(const ConfigNode& node, const char* key) {
  const ConfigNode* value = node.find(key);
  REQUIRE(value != nullptr);
  REQUIRE(value->as_integer() != nullptr);
  return *value->as_integer();
}

TEST_CASE("data info says what a source holds, with the parameters given") {
  const ConfigNode node = json(run_skerry({"data", "info", "synthetic_blobs", "--set", "classes=3",
                                           "--set", "samples=90", "--format", "json"}));
  CHECK(integer(node, "train") == 90);
  CHECK(integer(node, "test") == 1000);
  CHECK(integer(node, "classes") == 3);
  CHECK(node.find("input")->text() == "[32]");
  CHECK(node.find("class_sizes")->text() == "[30, 30, 30]");
  CHECK(node.find("hash")->as_string()->size() == 16);
  const std::string text = good(run_skerry({"data", "info", "synthetic_blobs"}));
  CHECK(has(text, "6000 to train, 1000 to test"));
}

TEST_CASE("data info of a scenario is that of its source") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  const ConfigNode node =
      json(skerry_in(folder.path(), {"data", "info", "s.json", "--format", "json"}));
  CHECK(integer(node, "train") == 400);
  CHECK(integer(node, "classes") == 4);
}

TEST_CASE("data info says what a table's columns hold, and what gives the class away") {
  const datasets::ScratchFolder folder;
  std::string table = "id,when,colour,age,label\n";
  for (int i = 0; i < 30; ++i) {
    table += std::to_string(i) + ",2017-05-" + std::to_string(10 + i / 2) + "," +
             (i % 3 == 0 ? "red" : "blue") + "," + (i == 4 ? "NA" : std::to_string(i * 7 % 10)) +
             (i % 3 == 0 ? ",yes\n" : ",no\n");
  }
  folder.put("t.csv", table);
  const Words info = {"data", "info", "csv", "--set", "train=t.csv", "--set", "time=when"};
  Words as_json = info;
  as_json.insert(as_json.end(), {"--format", "json"});
  const ConfigNode node = json(skerry_in(folder.path(), as_json));
  const auto& columns = *node.find("columns")->as_array();
  REQUIRE(columns.size() == 3);
  CHECK(columns[0].text() ==
        R"({"name": "id", "holds": "whole numbers", "missing": 0, "missing_in_test": 0, )"
        R"("least": 0.0, "mean": 14.5, "most": 29.0})");
  CHECK(columns[1].text() ==
        R"({"name": "colour", "holds": "words", "missing": 0, "missing_in_test": 0, )"
        R"("words": [{"word": "blue", "rows": 20}, {"word": "red", "rows": 10}]})");
  CHECK(integer(columns[2], "missing") == 1);
  CHECK(node.find("time")->find("last")->text() == "\"2017-05-24\"");
  CHECK(node.find("notes")->as_array()->size() == 2);
  CHECK(node.find("remarks")->as_array()->size() == 1);
  const std::string text = good(skerry_in(folder.path(), info));
  for (const char* line :
       {"recorded     from 2017-05-10 to 2017-05-24\n", "no               20         66.7 %\n",
        "colour                             2 words                  blue 66.7 %, red 33.3 %\n",
        "age                                whole numbers  1         0, ",
        "note         column \"id\" is the number of the row, from 0 in steps of 1",
        "note         column \"colour\" determines the class: each of its 2 values",
        "remark       a run refuses it: t.csv: line 2: column \"colour\": holds words"}) {
    INFO(text);
    CHECK(has(text, line));
  }
}

TEST_CASE("a run says what it did with gaps, and refuses those that it was not told about") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  std::string table = "a,colour,label\n";
  for (int i = 0; i < 40; ++i) {
    table += (i == 7 ? "" : std::to_string(i % 5)) + (i % 2 == 0 ? ",red,x\n" : ",blue,y\n");
  }
  folder.put("t.csv", table);
  const auto validate = [&](const std::string& more) {
    return skerry_in(folder.path(),
                     {"validate", "s.json", "--set", "data.partition=iid", "--set",
                      R"(data.source={"name": "csv", "train": "t.csv", )" + more + "}"});
  };
  check_complaint(validate(R"("categories": "codes")"), 2,
                  "t.csv: line 9: column \"a\": is missing; \"missing\" says what becomes of gaps");
  const Ended filled = validate(R"("categories": "codes", "missing": "mean")");
  CHECK(filled.code == 0);
  CHECK(has(filled.err,
            "s.json: warning: /data/source: t.csv: column \"a\": 1 of 40 values were "
            "missing and are now the mean, 2\n"));
}

TEST_CASE("data info without a source lists the sets that can be fetched") {
  const std::string text = good(run_skerry({"data", "info"}));
  CHECK(has(text, "mnist "));
  CHECK(has(text, "fashion-mnist "));
}

TEST_CASE("data info complains of what it does not know, and of files that cannot be read") {
  check_complaint(run_skerry({"data", "info", "mnst"}), 2,
                  "no data source \"mnst\"; nearest \"mnist\"");
  check_complaint(run_skerry({"data", "info", "synthetic_blobs", "--set", "classs=3"}), 2,
                  "nearest \"classes\"");
  check_complaint(run_skerry({"data", "info", "nowhere.json"}), 2, "nowhere.json: cannot be read");
  check_complaint(run_skerry({"data", "info", "csv", "--set", "train=nowhere.csv"}), 2,
                  "nowhere.csv");
}

TEST_CASE("data that cannot be read, or a picture that has no place, is the user's to mend") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  for (const char* part : {"partition", "stream"}) {
    check_complaint(skerry_in(folder.path(), {"data", part, "s.json", "--set",
                                              R"(data.source={"name": "csv", "train": "no.csv"})"}),
                    2, "no.csv: No such file or directory");
    check_complaint(skerry_in(folder.path(), {"data", part, "s.json", "--svg", "no/p.svg"}), 2,
                    "--svg no/p.svg: no does not exist");
  }
}

TEST_CASE("data fetch that no mirror answers is exit code 3, one line, and leaves no file") {
  const datasets::ScratchFolder folder;
  const Ended ended = run_in(
      folder.path(), {"env", "SKERRY_CACHE=" + (folder / "cache").string(), SKERRY_PROGRAM, "data",
                      "fetch", "mnist", "--mirror", "file://" + (folder / "nowhere/").string()});
  check_complaint(ended, 3, "cannot fetch mnist: file://");
  CHECK(std::filesystem::is_empty(folder / "cache/mnist"));
  check_complaint(run_skerry({"data", "fetch", "mnits"}), 2,
                  "no data set \"mnits\"; nearest \"mnist\"");
  check_complaint(run_skerry({"data", "fetch"}), 2, "the name of a data set is needed; all: ");
}

TEST_CASE("data partition counts every sample once and draws the picture asked for") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  const ConfigNode node =
      json(skerry_in(folder.path(), {"data", "partition", "s.json", "--svg", "s.svg", "--format",
                                     "json", "--edges", "8"}));
  CHECK(integer(node, "edges") == 8);
  std::int64_t samples = 0;
  const auto& rows = *node.find("counts")->as_array();
  REQUIRE(rows.size() == 8);
  for (const ConfigNode& row : rows) {
    REQUIRE(row.as_array()->size() == 4);
    for (const ConfigNode& count : *row.as_array()) samples += *count.as_integer();
  }
  CHECK(samples == 400);
  const std::string picture = text_of_file(folder / "s.svg");
  CHECK(picture.starts_with("<svg "));
  CHECK(has(picture, "8 edges"));
  const std::string text = good(skerry_in(folder.path(), {"data", "partition", "s.json"}));
  CHECK(has(text, "edge-4 "));
  CHECK(has(text, "distance from all"));
}

TEST_CASE("a tilde stands for the home directory in arguments and in scenarios") {
  const datasets::ScratchFolder home, elsewhere;
  home.put("s.json", kScenario);
  home.put("t.csv", "a,label\n1,x\n2,y\n");
  const Words there = {"env", "HOME=" + home.path().string(), SKERRY_PROGRAM, "data"};
  const auto run = [&](const Words& arguments) {
    Words words = there;
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_in(elsewhere.path(), words);
  };
  CHECK(good(run({"partition", "~/s.json", "--svg=~/s.svg"})) != "");
  CHECK(text_of_file(home / "s.svg").starts_with("<svg "));
  CHECK(has(good(run({"info", "csv", "--set", "train=~/t.csv"})), (home / "t.csv").string()));
}

TEST_CASE(
    "data partition complains of a wrong scenario, and fails where the picture cannot be written") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  check_complaint(skerry_in(folder.path(), {"data", "partition"}), 2, "a scenario file is needed");
  check_complaint(
      skerry_in(folder.path(), {"data", "partition", "s.json", "--set", "data.partition=idd"}), 2,
      "s.json: /data/partition");
  check_complaint(skerry_in(folder.path(), {"data", "partition", "s.json", "--edges", "500"}), 2,
                  "s.json: /data/partition: ");
  check_complaint(skerry_in(folder.path(), {"data", "partition", "s.json", "--svg", "nowhere/s.svg",
                                            "--format", "json"}),
                  2, "--svg nowhere/s.svg: nowhere does not exist");
}

TEST_CASE("data stream counts every sample once and draws the picture asked for") {
  const datasets::ScratchFolder folder;
  folder.put("s.json", kScenario);
  const Words stream = {"data", "stream", "s.json", "--set",
                        R"(data.stream={"name": "class_incremental", "shared": false})"};
  Words as_json = stream;
  as_json.insert(as_json.end(), {"--format", "json", "--svg", "s.svg"});
  const ConfigNode node = json(skerry_in(folder.path(), as_json));
  CHECK(node.find("stream")->text() == "\"class_incremental\"");
  std::int64_t samples = 0;
  const auto& edges = *node.find("train")->as_array();
  REQUIRE(edges.size() == 5);
  for (const ConfigNode& edge : edges) {
    const auto& experiences = *edge.find("experiences")->as_array();
    REQUIRE(experiences.size() == 2);
    for (const ConfigNode& one : experiences) {
      for (const ConfigNode& count : *one.find("counts")->as_array())
        samples += *count.as_integer();
    }
  }
  CHECK(samples == 400);
  CHECK(node.find("test")->find("experiences")->as_array()->size() == 2);
  const std::string picture = text_of_file(folder / "s.svg");
  CHECK(picture.starts_with("<svg "));
  CHECK(has(picture, "5 edges, 2 experiences in 2 h"));
  const std::string text = good(skerry_in(folder.path(), stream));
  CHECK(has(text, "edge-4\n"));
  CHECK(has(text, "cloud, test set"));
  check_complaint(skerry_in(folder.path(), {"data", "stream", "s.json"}), 2,
                  "\"s\" has no data.stream");
  check_complaint(
      skerry_in(folder.path(), {"data", "stream", "s.json", "--set", "data.stream=drift"}), 2,
      "data.stream: drift: the training set has no attributes");
}

}  // namespace
}  // namespace skerry

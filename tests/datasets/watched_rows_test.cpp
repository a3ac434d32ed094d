// Rows from outside: what is taken of a file or folder, and what becomes of it.
#include "datasets/watched_rows.hpp"

#include "datasets/example_rows.hpp"
#include "datasets/label_rows.hpp"
#include "datasets/npz.hpp"
#include "datasets/samples.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {
namespace {

using Words = std::vector<std::string>;

Duration at_ms(std::int64_t ms) { return Duration::milliseconds(ms); }

WatchedRows watched(const ScratchFolder& folder) {
  auto rows = WatchedRows::open({.path = folder.path(), .arrays = true, .ignored = {"not.csv"}});
  REQUIRE(rows.message() == "");
  return std::move(*rows);
}

/// A table of two features and two classes.
DataSet table(const Words& features = {"a", "b"}) {
  const DataSchema schema{.input = {2}, .classes = 2};
  DataSet data{.class_names = {"calm", "storm"}, .feature_names = features};
  data.train = std::make_shared<FloatSamples>(schema, std::vector<float>(4),
                                              std::vector<std::int32_t>{0, 1});
  return data;
}

ExampleRows rows_of(const DataSet& data) { return {data, data.train->schema()}; }

}  // namespace

TEST_CASE("files of a folder are taken once each, in order, when they have settled") {
  const ScratchFolder folder;
  auto rows = watched(folder);
  folder.put("b.csv", "a\n3\n");
  folder.put("a.csv", "a\n1\n2");
  folder.put("not.csv", "a\n9\n");
  folder.put("c.csv.part", "a\n9\n");
  folder.put(".d.csv", "a\n9\n");
  CHECK(rows.next(at_ms(0), 100).empty());
  CHECK(rows.next(at_ms(900), 100).empty());
  auto portion = rows.next(at_ms(1100), 100);
  CHECK(portion.file == folder / "a.csv");
  CHECK(portion.header == "a");
  REQUIRE(portion.lines.size() == 2);
  CHECK(portion.lines[1].text == "2");
  CHECK(portion.ended);
  REQUIRE(rows.finish(true).ok());
  CHECK(std::filesystem::exists(folder / "taken/a.csv"));
  portion = rows.next(at_ms(1200), 100);
  CHECK(portion.file == folder / "b.csv");
  REQUIRE(rows.finish(false).ok());
  CHECK(std::filesystem::exists(folder / "refused/b.csv"));
  // The same name again is another file.
  folder.put("a.csv", "a\n7\n");
  CHECK(rows.next(at_ms(1300), 100).empty());
  portion = rows.next(at_ms(2400), 100);
  REQUIRE(portion.lines.size() == 1);
  REQUIRE(rows.finish(true).ok());
  CHECK(std::filesystem::exists(folder / "taken/a.csv.2"));
  CHECK(rows.next(at_ms(9000), 100).empty());
}

TEST_CASE("a file that still changes is not taken") {
  const ScratchFolder folder;
  auto rows = watched(folder);
  folder.put("a.csv", "a\n1\n");
  CHECK(rows.next(at_ms(0), 100).empty());
  folder.put("a.csv", "a\n1\n2\n");
  CHECK(rows.next(at_ms(1500), 100).empty());
  CHECK(rows.next(at_ms(2600), 100).lines.size() == 2);
}

TEST_CASE("a reader that begins again goes on in the middle of a folder's file, or behind it") {
  const ScratchFolder folder;
  auto first = watched(folder);
  folder.put("a.csv", "a\n1\n2\n3\n");
  (void)first.next(at_ms(0), 2);
  CHECK(first.next(at_ms(1100), 2).lines.size() == 2);
  auto second = watched(folder);
  second.go_on(first.place());
  const auto portion = second.next(at_ms(0), 2);
  REQUIRE(portion.lines.size() == 1);
  CHECK(portion.lines[0].text == "3");
  CHECK(portion.ended);
  // Killed before it could move the file.
  auto third = watched(folder);
  third.go_on(second.place());
  CHECK(third.next(at_ms(0), 2).empty());
  CHECK(std::filesystem::exists(folder / "taken/a.csv"));
  CHECK(third.next(at_ms(5000), 2).empty());
}

TEST_CASE("a place that cannot be watched is refused") {
  const ScratchFolder folder;
  const auto fault = [&](const std::string& path) {
    const auto rows = WatchedRows::open({.path = path, .arrays = false, .ignored = {}});
    CHECK(rows.failure().of_input);
    return rows.message();
  };
  const std::string missing = (folder / "missing").string();
  CHECK_THAT(fault(missing + "/"), Catch::Contains("there is no such folder to watch"));
  CHECK_THAT(fault(missing + "/rows.csv"), Catch::Contains(missing));
}

TEST_CASE(
    "a row becomes an example of the agreed features and classes, or is refused with a reason") {
  struct Row {
    const char* header;
    const char* line;
    std::vector<float> values;
    std::int32_t label;
    const char* fault;
  };
  const Row cases[] = {
      {"a,b,label", "1,2,storm", {1, 2}, 1, ""},
      {"label,b,a", "calm,2,1", {1, 2}, 0, ""},
      {"time,b,label,a", "12:00,2,,1", {1, 2}, -1, ""},
      {"a,b", "1,2", {1, 2}, -1, ""},
      {"a,b,label", "\"1\",2, storm ", {1, 2}, 1, ""},
      {"a,b,label", "1,2", {}, 0, "2 cells, the header has 3"},
      {"a,b,label", "1,x,storm", {}, 0, "column \"b\": \"x\" is not a number"},
      {"a,b,label", "1,,storm", {}, 0, "column \"b\": is missing"},
      {"a,b,label", "1,1e99,storm", {}, 0, "column \"b\": \"1e99\" is not a finite float32"},
      {"a,b,label",
       "1,2,rain",
       {},
       0,
       "column \"label\": label \"rain\" is none of the 2 classes: \"calm\" and \"storm\""},
      {"a,b,label", "1,\"2,storm", {}, 0, "a quoted cell is never closed"},
      {"a,label",
       "1,storm",
       {},
       0,
       "the header does not fit: no column \"b\"; nearest \"a\"; all: \"a\" and \"label\""},
      {"a,b,a", "1,2,3", {}, 0, "the header does not fit: two columns are called \"a\""},
  };
  for (const Row& row : cases) {
    INFO(row.header << " | " << row.line);
    auto rows = rows_of(table());
    (void)rows.take_header(row.header);
    ExampleBatch batch;
    CHECK(rows.add(row.line, batch).message() == row.fault);
    CHECK(batch.values == row.values);
    CHECK(batch.labels.size() == row.values.size() / 2);
    if (!batch.labels.empty()) CHECK(batch.labels[0] == row.label);
  }
}

TEST_CASE("without names of features, all columns but the class are values") {
  auto rows = rows_of(table({}));
  ExampleBatch batch;
  REQUIRE(rows.take_header("x,label,y").ok());
  REQUIRE(rows.add("1,storm,2", batch).ok());
  CHECK(batch.values == std::vector<float>{1, 2});
  CHECK(rows.take_header("x,y,z,label").message() ==
        "the header does not fit: 3 columns besides \"label\", an example has 2 values");
}

TEST_CASE("rows are normalised as the node's own data is") {
  DataSet data = table();
  const std::vector<float> own{0, 10, 4, 30};
  data.table.scale = std::make_shared<const Standardisation>(own, 2);
  auto rows = rows_of(data);
  ExampleBatch batch;
  REQUIRE(rows.take_header("a,b").ok());
  REQUIRE(rows.add("4,10", batch).ok());
  CHECK(batch.values == std::vector<float>{1, -1});
}

TEST_CASE("values of a source of bytes stay bytes") {
  const DataSchema schema{.input = {2}, .classes = 2, .scale = 255};
  static const std::uint8_t kBytes[] = {1, 2};
  DataSet data;
  data.train = std::make_shared<ByteSamples>(schema, nullptr, kBytes, std::vector<std::int32_t>{0});
  auto rows = rows_of(data);
  ExampleBatch batch;
  REQUIRE(rows.take_header("x,y,label").ok());
  REQUIRE(rows.add("255,0,1", batch).ok());
  CHECK(batch.bytes == std::vector<std::uint8_t>{255, 0});
  CHECK(rows.add("256,0,1", batch).message() ==
        "column \"x\": 256 is no byte: whole numbers from 0 to 255 are");
  CHECK(batch.bytes.size() == 2);
}

TEST_CASE("NumPy files hold examples, with labels or without") {
  const ScratchFolder folder;
  const auto path = folder / "some.npz";
  const std::vector<float> inputs{1, 2, 3, 4};
  const auto write = [&](const std::vector<std::int32_t>& labels, const Shape& shape) {
    REQUIRE(write_npz(path, {{"inputs", shape, DType::kFloat32, std::as_bytes(std::span(inputs))},
                             {"labels",
                              {static_cast<std::uint32_t>(labels.size())},
                              DType::kInt32,
                              std::as_bytes(std::span(labels))}})
                .ok());
  };
  const auto rows = rows_of(table());
  write({1, -1}, {2, 2});
  const auto batch = rows.read_arrays(path);
  REQUIRE(batch.message() == "");
  CHECK(batch->values == inputs);
  CHECK(batch->labels == std::vector<std::int32_t>{1, -1});
  write({1, 2}, {2, 2});
  CHECK_THAT(rows.read_arrays(path).message(),
             Catch::Contains("labels: element 1: 2 is no class: 0 to 1 are, and -1"));
  write({1}, {4, 1});
  CHECK_THAT(rows.read_arrays(path).message(),
             Catch::Contains("inputs: holds [4, 1], not examples of [2]"));
  folder.put("text.npz", "no archive");
  CHECK_THAT(rows.read_arrays(folder / "text.npz").message(), Catch::Contains("text.npz"));
}

TEST_CASE("labels of people name an example and its class") {
  struct Row {
    const char* header;
    const char* line;
    const char* fault;  // empty: it says that edge-3:17 is a storm
  };
  const Row cases[] = {
      {"id,label", "edge-3:17,storm", ""},
      {"id,answered,a,label", "edge-3:17,calm,2.5, storm ", ""},
      {"id,label", "edge-3:17,rain",
       "label \"rain\" is none of the 2 classes: \"calm\" and \"storm\""},
      {"id,label", "edge-3,storm", "\"edge-3\" is no name of an example, such as \"edge-0:17\""},
      {"id,label", "cloud:1,storm", "\"cloud:1\" is no name of an example, such as \"edge-0:17\""},
      {"id,label", "edge-3:17", "1 cells, the header has 2"},
      {"id,class", "edge-3:17,storm",
       "the header does not fit: no column \"label\"; all: \"id\" and \"class\"; the first line is "
       "\"id,label\", and rows follow it"},
  };
  for (const Row& row : cases) {
    INFO(row.header << " | " << row.line);
    LabelRows rows({"calm", "storm"});
    (void)rows.take_header(row.header);
    const auto given = rows.read(row.line);
    CHECK(given.message() == row.fault);
    if (!given) continue;
    REQUIRE(given->has_value());
    CHECK(example_name((*given)->node, (*given)->position) == "edge-3:17");
    CHECK((*given)->label == 1);
  }
  LabelRows rows({"calm", "storm"});
  REQUIRE(rows.take_header("id,label").ok());
  CHECK_FALSE(rows.read("edge-3:17,")->has_value());  // nobody has labelled it yet
}

}  // namespace skerry::datasets

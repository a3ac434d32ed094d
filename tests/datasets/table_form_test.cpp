// Words and gaps among the inputs of a CSV file: what becomes of them, and what is said.
#include "datasets/table_form.hpp"

#include "datasets/example_rows.hpp"
#include "datasets/node_data.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

using Words = std::vector<std::string>;
using Floats = std::vector<float>;

ConfigNode list(const ConfigNode::Array& items) { return ConfigNode(items); }

Result<DataSet> load(const ScratchFolder& folder, ConfigNode::Object parameters,
                     std::optional<TableAgreement> table = {}) {
  const Registry registry = all_plugins();
  if (std::ranges::find(parameters, "train", &std::pair<std::string, ConfigNode>::first) ==
      parameters.end()) {
    parameters.emplace_back("train", "t.csv");
  }
  return registry.make(choose<DataSource>(registry, "csv", parameters))
      ->load({.search_folders = {folder.path()}, .table = std::move(table)});
}

Floats inputs_of(const Samples& samples) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < samples.size(); ++row) rows.push_back(row);
  Floats inputs(rows.size() * samples.schema().input_size());
  samples.inputs(rows, inputs);
  return inputs;
}

/// Without the folder's name.
std::string short_text(const ScratchFolder& folder, std::string text) {
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
    text.erase(at, prefix.size());
  }
  return text;
}

/// A table, how it is read, and what it is read to.
struct Read {
  const char* name;
  const char* table;
  ConfigNode::Object parameters;
  Words features;
  Floats inputs;
  Words remarks = {};
};

void check(const std::vector<Read>& rows) {
  for (const Read& row : rows) {
    INFO(row.name);
    const ScratchFolder folder;
    folder.put("t.csv", row.table);
    const auto data = load(folder, row.parameters);
    REQUIRE(data.message() == "");
    CHECK(data->feature_names == row.features);
    CHECK(inputs_of(*data->train) == row.inputs);
    Words remarks;
    for (const std::string& remark : data->remarks) remarks.push_back(short_text(folder, remark));
    CHECK(remarks == row.remarks);
  }
}

}  // namespace

TEST_CASE("words become the inputs that the scenario asks for") {
  check({
      {"one-hot",
       "a,colour,label\n1,red,x\n2,blue,y\n3, red ,x\n",
       {{"categories", "one_hot"}},
       {"a", "colour=blue", "colour=red"},
       {1, 0, 1, 2, 1, 0, 3, 0, 1}},
      {"codes",
       "colour,a,label\nred,1,x\nblue,2,y\ngreen,3,x\n",
       {{"categories", "codes"}},
       {"colour", "a"},
       {2, 1, 0, 2, 1, 3}},
      {"one word only, one-hot",
       "colour,label\nred,x\nred,y\n",
       {{"categories", "one_hot"}},
       {"colour=red"},
       {1, 1}},
      {"numbers that are words",
       "zip,label\n8000,x\n10,y\n8000,x\n",
       {{"categories", "codes"}, {"categorical", list({"zip"})}},
       {"zip"},
       {1, 0, 1}},
      {"a gap among words is none of them",
       "colour,label\nred,x\n,y\nblue,x\n",
       {{"categories", "one_hot"}, {"missing", "mean"}},
       {"colour=blue", "colour=red"},
       {0, 1, 0, 0, 1, 0},
       {"t.csv: column \"colour\": 1 of 3 values were missing and are now none of its words"}},
      {"a gap among words as a code",
       "colour,label\nred,x\nnull,y\nblue,x\n",
       {{"categories", "codes"}, {"missing", "constant"}},
       {"colour"},
       {1, 2, 0},
       {"t.csv: column \"colour\": 1 of 3 values were missing and are now the code 2"}},
  });
}

TEST_CASE("gaps are filled or dropped as the scenario asks for, and it is said") {
  check({
      {"the mean of what is there",
       "a,b,label\n1,5,x\n,NA,y\n5,7,x\n",
       {{"missing", "mean"}},
       {"a", "b"},
       {1, 5, 3, 6, 5, 7},
       {"t.csv: column \"a\": 1 of 3 values were missing and are now the mean, 3",
        "t.csv: column \"b\": 1 of 3 values were missing and are now the mean, 6"}},
      {"a constant",
       "a,label\n1,x\n?,y\nnan,x\nNULL,y\n",
       {{"missing", "constant"}, {"missing_value", -1.5}},
       {"a"},
       {1, -1.5, -1.5, -1.5},
       {"t.csv: column \"a\": 3 of 4 values were missing and are now -1.5"}},
      {"rows are dropped for every column that is read",
       "a,who,label,note\n1,u,x,\n2,,y,\n3,v,NA,\n,,x,\n5,w,y,\n",
       {{"missing", "drop"}, {"natural_id", "who"}, {"drop", list({"note"})}},
       {"a"},
       {1, 5},
       {"t.csv: 3 of 5 rows were left out; missing is \"a\" in 1, \"who\" in 2, \"label\" in 1"}},
      {"rows without a label are dropped, and gaps filled from the others",
       "a,label\n1,x\n,y\n100,\n3,x\n",
       {{"missing", "mean"}, {"missing_label", "drop"}},
       {"a"},
       {1, 2, 3},
       {"t.csv: 1 of 4 rows were left out; missing is \"label\" in 1",
        "t.csv: column \"a\": 1 of 3 values were missing and are now the mean, 2"}},
      {"a number that stands for a gap",
       "a,label\n1,x\n-999,y\n3,x\n",
       {{"missing", "mean"}, {"missing_words", list({"-999"})}},
       {"a"},
       {1, 2, 3},
       {"t.csv: column \"a\": 1 of 3 values were missing and are now the mean, 2"}},
      {"a word that is no gap here",
       "land,label\nNA,x\nDE,y\n",
       {{"categories", "codes"}, {"missing_words", list({"unknown"})}},
       {"land"},
       {1, 0}},
      {"gaps are filled before columns are standardised",
       "a,label\n1,x\n,y\n3,x\n",
       {{"missing", "constant"}, {"missing_value", 2}, {"standardise", true}},
       {"a"},
       {-1.2247449f, 0, 1.2247449f},
       {"t.csv: column \"a\": 1 of 3 values were missing and are now 2"}},
  });
}

TEST_CASE("what a scenario does not say how to read is refused with line, column and key") {
  struct Row {
    const char* table;
    ConfigNode::Object parameters;
    const char* fault;
  };
  const Row rows[] = {
      {"a,colour,label\n1,red,x\n2,blue,y\n3,red,x\n4,green,x\n5,brown,x\n",
       {},
       "t.csv: line 2: column \"colour\": holds words (\"red\", \"blue\" and \"green\" and 1 other "
       "words), an input is a number; \"categories\" says how they become numbers: \"one_hot\" or "
       "\"codes\"; or leave the column out with \"drop\""},
      {"a,label\n1,x\n2,y\n?,x\n",
       {},
       "t.csv: line 4: column \"a\": is missing; \"missing\" says what becomes of gaps: \"drop\", "
       "\"mean\" or \"constant\""},
      {"a,label\n1,x\nred,y\n3,x\n",
       {{"categories", "codes"}},
       "t.csv: line 3: column \"a\": \"red\" is not a number, 2 of 3 rows hold one; where all are "
       "words, list the column in \"categorical\""},
      {"a,b,label\n1,,x\n2,,y\n",
       {{"missing", "mean"}},
       "t.csv: line 2: column \"b\": is missing, here and in every other row; leave the column out "
       "with \"drop\""},
      {"a,b,label\n1,,x\n2,,y\n",
       {{"missing", "drop"}},
       "t.csv: line 3: no row is left: something is missing in each of 2"},
      {"a,label\n1,x\n2,\n", {{"missing", "mean"}}, "t.csv: line 3: column \"label\": is missing"},
      {"a,label\n1,x\ninf,y\n",
       {{"missing", "mean"}, {"categories", "codes"}},
       "t.csv: line 3: column \"a\": \"inf\" is not a finite float32"},
      {"a=b,a,label\n1,b,x\n2,c,y\n",
       {{"categories", "one_hot"}},
       "t.csv: two inputs would be called \"a=b\", a column and a word of another one; rename the "
       "column"},
  };
  for (const Row& row : rows) {
    const ScratchFolder folder;
    folder.put("t.csv", row.table);
    CHECK(short_text(folder, load(folder, row.parameters).message()) == row.fault);
  }
  const ScratchFolder folder;
  std::string names = "name,label\n";
  for (int i = 0; i < 30; ++i) names += "n" + std::to_string(i) + (i % 2 == 0 ? ",x\n" : ",y\n");
  folder.put("t.csv", names);
  CHECK(short_text(folder, load(folder, {{"categories", "one_hot"}}).message()) ==
        "t.csv: line 2: column \"name\": 30 different words in 30 rows look like ids or free text; "
        "leave the column out with \"drop\", or list it in \"categorical\"");
  CHECK(load(folder, {{"categories", "one_hot"}, {"categorical", list({"name"})}}).message() == "");
}

TEST_CASE("a test file has the words and means of the training file") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,colour,label\n1,red,x\n3,blue,y\n");
  folder.put("u.csv", "a,colour,label\nNA,blue,x\n100,,y\n");
  const ConfigNode::Object given = {
      {"test", "u.csv"}, {"categories", "one_hot"}, {"missing", "mean"}};
  const auto data = load(folder, given);
  REQUIRE(data.message() == "");
  CHECK(inputs_of(*data->test) == Floats{2, 1, 0, 100, 0, 0});
  REQUIRE(data->gaps.size() == 2);
  CHECK(data->gaps[0].column == "a");
  CHECK(data->gaps[0].train == 0);
  CHECK(data->gaps[0].test == 1);
  CHECK(data->remarks.size() == 2);
  folder.put("u.csv", "a,colour,label\n1,pink,x\n");
  CHECK(short_text(folder, load(folder, given).message()) ==
        "u.csv: line 2: column \"colour\": \"pink\" is none of the column's 2 words: \"blue\" and "
        "\"red\"");
  folder.put("u.csv", "a,colour,label\n1,7,x\n");
  CHECK(short_text(folder, load(folder, given).message())
            .starts_with("u.csv: line 2: column \"colour\": \"7\" is none of"));
  folder.put("u.csv", "a,colour,label\nx,red,x\n");
  CHECK(short_text(folder, load(folder, given).message()) ==
        "u.csv: line 2: column \"a\": \"x\" is not a number");
  folder.put("u.csv", "a,colour,label\n1,red,x\n");
  const auto before = load(folder, given)->content_hash;
  folder.put("t.csv", "a,colour,label\n1,rot,x\n3,blau,y\n");
  folder.put("u.csv", "a,colour,label\n1,rot,x\n");
  CHECK(load(folder, given)->content_hash != before);
}

TEST_CASE("rows that come during a run become what the training file's rows became") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,colour,label\n1,red,x\n,blue,y\n5,red,x\n");
  struct Row {
    ConfigNode::Object parameters;
    const char* header;
    const char* line;
    Floats values;
    const char* fault = "";
  };
  const ConfigNode::Object one_hot = {{"categories", "one_hot"}, {"missing", "mean"}};
  const ConfigNode::Object scaled = {
      {"categories", "codes"}, {"missing", "constant"}, {"standardise", true}};
  const ConfigNode::Object dropped = {{"categories", "codes"}, {"missing", "drop"}};
  const Row rows[] = {
      {one_hot, "colour,more,a", "blue,z,4", {4, 1, 0}},
      {one_hot, "a,colour", "NA, red", {3, 0, 1}},
      {one_hot, "a,colour,label", ",,y", {3, 0, 0}},
      {one_hot,
       "a,colour",
       "1,pink",
       {},
       "column \"colour\": \"pink\" is none of the column's 2 words: \"blue\" and \"red\""},
      {one_hot, "a,colour", "x,red", {}, "column \"a\": \"x\" is not a number"},
      {one_hot,
       "a,label",
       "1,x",
       {},
       "the header does not fit: no column \"colour\"; all: \"a\" and \"label\""},
      {scaled, "a,colour", "2,red", {0, 0.70710677f}},
      {scaled, "a,colour", ",blue", {-0.9258201f, -1.4142135f}},
      {dropped, "a,colour", ",red", {}, "column \"a\": is missing: the row is left out"},
      {dropped, "a,colour", "2,red", {2, 0}},
  };
  for (const Row& row : rows) {
    INFO(row.header << " | " << row.line);
    const auto data = load(folder, row.parameters);
    REQUIRE(data.message() == "");
    ExampleRows examples(*data, data->train->schema());
    (void)examples.take_header(row.header);
    ExampleBatch batch;
    CHECK(examples.add(row.line, batch).message() == row.fault);
    REQUIRE(batch.values.size() == row.values.size());
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      CHECK(batch.values[i] == Approx(row.values[i]).margin(1e-6));
    }
    CHECK(batch.labels.size() == (row.values.empty() ? 0 : 1));
  }
}

TEST_CASE("a table takes words, means and scales that were agreed on") {
  const ScratchFolder cloud, site;
  const ConfigNode::Object given = {
      {"categories", "one_hot"}, {"missing", "mean"}, {"standardise", true}};
  cloud.put("t.csv", "a,colour,label\n1,red,x\n,blue,y\n5,green,x\n");
  const auto theirs = load(cloud, given);
  REQUIRE(theirs.message() == "");
  const TableAgreement agreed = table_agreement_of(*theirs);
  REQUIRE(agreed.columns.size() == 2);
  CHECK(agreed.columns[0].mean == 3);
  CHECK(agreed.columns[1].words == Words{"blue", "green", "red"});
  site.put("t.csv", "a,colour,label\n,red,x\n1,red,y\n");
  const auto own = load(site, given, agreed);
  REQUIRE(own.message() == "");
  CHECK(own->feature_names == theirs->feature_names);
  const Floats all = inputs_of(*theirs->train), some = inputs_of(*own->train);
  CHECK(some[0] == all[4]);  // the cloud's mean
  CHECK(Floats(some.begin() + 4, some.end()) == Floats(all.begin(), all.begin() + 4));
  site.put("t.csv", "a,colour,label\n1,pink,x\n");
  CHECK(short_text(site, load(site, given, agreed).message()) ==
        "t.csv: line 2: column \"colour\": \"pink\" is none of the column's 3 words: \"blue\", "
        "\"green\" and \"red\"");
  site.put("t.csv", "a,colour,label\n,red,x\n");
  TableAgreement no_means = agreed;
  no_means.columns.erase(no_means.columns.begin());
  CHECK(short_text(site, load(site, given, no_means).message())
            .starts_with("t.csv: line 2: column \"a\": is missing, and no mean was agreed on"));
  site.put("t.csv", "a,colour,label\n1,red,x\n");
  const auto plain = load(site, {{"missing", "mean"}}, agreed);  // the encoding, too, is agreed on
  REQUIRE(plain.message() == "");
  CHECK(plain->feature_names == theirs->feature_names);
  CHECK(short_text(site, plain->remarks.at(0)) ==
        "t.csv: the columns are not standardised, the cloud's are");
}

TEST_CASE("keys of gaps that can have no effect are refused") {
  const Registry registry = all_plugins();
  const auto complaint = [&](ConfigNode::Object parameters) {
    Problems problems;
    struct Document {
      Choice<DataSource> source;
      void fields(FieldReader& v) { v("source", source, {}); }
    } document;
    parameters.emplace_back("name", "csv");
    parameters.emplace_back("train", "t.csv");
    FieldReader(registry, problems)
        .read(ConfigNode(ConfigNode::Object{{"source", ConfigNode(parameters)}}), document, "");
    return problems.text("s.json");
  };
  CHECK(complaint({{"missing", "mean"}, {"missing_value", 2}}) ==
        "s.json: /source/missing_value: has no effect: \"missing\" is not constant\n");
  CHECK(complaint({{"missing", "constant"}, {"missing_value", 1e39}}) ==
        "s.json: /source/missing_value: is not a finite float32\n");
  CHECK(complaint({{"categories", "onehot"}}).find("\"one_hot\"") != std::string::npos);
  CHECK(complaint({{"missing", "constant"}, {"missing_value", 2}}) == "");
}

}  // namespace skerry::datasets

#include "datasets/csv.hpp"

#include <set>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/printable.hpp"
#include "datasets/attributes.hpp"
#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/idx_files.hpp"
#include "tests/datasets/plugins.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

using Words = std::vector<std::string>;

Result<CsvTable> parse(const std::string& text, const CsvOptions& options = {.label = "kind"}) {
  return parse_csv(text, "t.csv", options);
}

Result<DataSet> load(const ScratchFolder& folder, const ConfigNode::Object& parameters) {
  const Registry registry = all_plugins();
  return registry.make(choose<DataSource>(registry, "csv", parameters))
      ->load({.search_folders = {folder.path()}});
}

}  // namespace

TEST_CASE("a table is read with its features, labels and lines") {
  const auto table = parse("a,kind,b\n1,x,2.5\n\n-3e2,y,+4\n");
  REQUIRE(table.message() == "");
  CHECK(table->features == Words{"a", "b"});
  CHECK(table->inputs == std::vector<float>{1, 2.5f, -300, 4});
  CHECK(table->labels == Words{"x", "y"});
  CHECK(table->lines == std::vector<std::size_t>{2, 4});
}

TEST_CASE(
    "quotes, doubled quotes, line breaks in quotes, CRLF and a byte order mark are understood") {
  const auto table = parse("\xef\xbb\xbf\"a\",\"the \"\"kind\"\"\"\r\n\"1\",\"x,\ny\"\r\n2, z \r\n",
                           {.label = "the \"kind\""});
  REQUIRE(table.message() == "");
  CHECK(table->inputs == std::vector<float>{1, 2});
  CHECK(table->labels == Words{"x,\ny", "z"});
  CHECK(table->lines == std::vector<std::size_t>{2, 4});
}

TEST_CASE("a file whose first line is a sample gets its column names from the options") {
  const auto table = parse("1,x\n2,y\n", {.label = "kind", .header = {"a", "kind"}});
  REQUIRE(table.message() == "");
  CHECK(table->features == Words{"a"});
  CHECK(table->inputs == std::vector<float>{1, 2});
  CHECK(table->lines == std::vector<std::size_t>{1, 2});
  CHECK(parse("1,x,3\n", {.label = "kind", .header = {"a", "kind"}}).message() ==
        "t.csv: line 1: 3 cells, the header has 2");
}

TEST_CASE("a table in UTF-16 is the same table, in either order of bytes") {
  const ScratchFolder folder;
  const std::string plain = "a,kind\r\n1,caf\xc3\xa9\n2,\xf0\x9f\x98\x80\n";
  const std::u16string wide = u"\ufeffa,kind\r\n1,caf\u00e9\n2,\U0001f600\n";
  const auto in_file = [&](bool big_endian, std::size_t left_out = 0) {
    std::string text;
    for (const char16_t unit : wide) {
      const char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
      text += big_endian ? high : low;
      text += big_endian ? low : high;
    }
    return text.substr(0, text.size() - left_out);
  };
  const auto expected = parse(plain);
  REQUIRE(expected.message() == "");
  for (const bool big_endian : {false, true}) {
    const auto table =
        read_csv(folder.put("w.csv", in_file(big_endian)), CsvOptions{.label = "kind"});
    REQUIRE(table.message() == "");
    CHECK(table->features == expected->features);
    CHECK(table->labels == expected->labels);
    CHECK(table->inputs == expected->inputs);
  }
  const auto packed =
      read_csv(folder.put("w.csv.gz", gzip_text(in_file(true))), CsvOptions{.label = "kind"});
  CHECK(packed->labels == expected->labels);
  const auto fault = [&](const std::string& text) {
    const auto path = folder.put("x.csv", text);
    const std::string message = read_csv(path, CsvOptions{.label = "kind"}).message();
    REQUIRE(message.starts_with(path.string() + ": "));
    return message.substr(path.string().size() + 2);
  };
  CHECK(fault(in_file(false, 1)) == "byte 40: the file ends inside a character");
  CHECK(fault(in_file(false, 4)) == "byte 36: half a character of UTF-16");
  CHECK(fault(std::string("\xff\xfe\0\0a\0\0\0", 8)) ==
        "byte 0: is UTF-32; UTF-8 and UTF-16 are read");
  CHECK(csv_cells("\xff\xfe" + std::string("a\0,\0", 4), ',').message() ==
        "the file is in UTF-16; rows that come during a run must be in UTF-8");
}

TEST_CASE("the last line needs no line break") {
  CHECK(parse("a,kind\n1,x")->inputs == std::vector<float>{1});
}

TEST_CASE("columns can be dropped, and one can name who made a sample") {
  const auto table =
      parse("id;a;kind;note\n7;1;x;hello\n9;2;x;\n",
            {.label = "kind", .natural_id = "id", .drop = {"note"}, .separator = ';'});
  REQUIRE(table.message() == "");
  CHECK(table->features == Words{"a"});
  CHECK(table->makers == Words{"7", "9"});
}

TEST_CASE("a table may come without a label") {
  const auto table = parse("a,b\n1,2\n", {.label = ""});
  REQUIRE(table.message() == "");
  CHECK(table->features == Words{"a", "b"});
  CHECK(table->inputs == std::vector<float>{1, 2});
  CHECK(table->labels.empty());
}

TEST_CASE("what is wrong with a table is said once, with the line") {
  CHECK(parse("").message() == "t.csv: line 1: the file is empty");
  CHECK(parse("a,kind\n").message() == "t.csv: line 1: no samples follow the header");
  CHECK(parse("a,kin\n1,x\n").message() ==
        "t.csv: line 1: no column \"kind\"; nearest \"kin\"; all: \"a\" and \"kin\"");
  CHECK(parse("a,a,kind\n").message() == "t.csv: line 1: two columns are called \"a\"");
  CHECK(parse("kind\nx\n").message() == "t.csv: line 1: no column is left to learn from");
  CHECK(parse("a,kind\n1,x\n1\n").message() == "t.csv: line 3: 1 cells, the header has 2");
  CHECK(parse("a,kind\n1,x,2\n").message() == "t.csv: line 2: 3 cells, the header has 2");
  CHECK(parse("a,kind\n,x\n").message() == "t.csv: line 2: column \"a\": is missing");
  CHECK(parse("a,kind\n1,\n").message() == "t.csv: line 2: column \"kind\": is missing");
  CHECK(parse("a,kind\n12b,x\n").message() ==
        "t.csv: line 2: column \"a\": \"12b\" is not a number");
  for (const std::string number : {"nan", "inf", "-Infinity", "1e39", "1e400"}) {
    CHECK(parse("a,kind\n1,x\n" + number + ",x\n").message() ==
          "t.csv: line 3: column \"a\": \"" + number + "\" is not a finite float32");
  }
  CHECK(parse("a,kind\n1,\"x\n2,y\n").message() == "t.csv: line 2: a quoted cell is never closed");
  CHECK(parse("a,kind\n1,\"x\"y\n").message() == "t.csv: line 2: something follows a quoted cell");
}

TEST_CASE("a data frame's index is refused as a feature, and can be dropped or named") {
  const std::string rest =
      " has no name: row numbers are nothing to learn from; leave it out with \"drop\": [\"";
  CHECK(parse(",a,kind\n0,1,x\n").message() ==
        "t.csv: line 1: column 1" + rest + "\"], or give it a name");
  CHECK(parse("a,Unnamed: 0,kind\n1,0,x\n").message() ==
        "t.csv: line 1: column 2" + rest + "Unnamed: 0\"], or give it a name");
  const auto dropped =
      parse_csv(",a,kind\n0,1,x\n", "t.csv", {.label = "kind", .natural_id = "", .drop = {""}});
  REQUIRE(dropped.message() == "");
  CHECK(dropped->features == Words{"a"});
  CHECK(parse("index,a,kind\n0,1,x\n").ok());
}

TEST_CASE("no shortening of a table reads past its end or invents a sample") {
  const std::string whole = "a,\"kind\"\n1,\"x\"\"z\"\n2,\"w\"\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto table = parse(whole.substr(0, size));
    INFO("cut to " << size);
    if (table.ok()) CHECK(table->lines.size() <= 2);
    if (!table.ok()) CHECK(table.message().find("t.csv: line ") == 0);
  }
}

TEST_CASE("the csv source numbers classes and makers") {
  const ScratchFolder folder;
  folder.put("train.csv", "who,a,b,label\ntom,1,5,wet\nann,3,5,dry\ntom,5,5,dry\n");
  folder.put("test.csv", "who,a,b,label\nzoe,3,5,wet\n");
  const auto data = load(
      folder,
      {{"train", "train.csv"}, {"test", "test.csv"}, {"natural_id", "who"}, {"standardise", true}});
  REQUIRE(data.message() == "");
  CHECK(data->class_names == Words{"dry", "wet"});
  CHECK(data->natural_ids == std::vector<std::uint32_t>{1, 0, 1});
  std::vector<std::uint32_t> rows = {0, 1, 2};
  std::vector<std::int32_t> labels(3);
  data->train->labels(rows, labels);
  CHECK(labels == std::vector<std::int32_t>{1, 0, 0});
  std::vector<float> inputs(6);
  data->train->inputs(rows, inputs);
  CHECK(inputs[0] == Approx(-std::sqrt(1.5)));
  CHECK(inputs[4] == Approx(std::sqrt(1.5)));
  CHECK(inputs[1] == 0);  // a constant column
  rows = {0}, inputs.resize(2);
  data->test->inputs(rows, inputs);
  CHECK(inputs[0] == 0);  // by the training file's mean
}

TEST_CASE("whole numbers in the label column are the classes themselves") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,label\n1,0\n1,3\n");
  const auto data = load(folder, {{"train", "t.csv"}});
  CHECK(data->train->schema().classes == 4);
  folder.put("u.csv", "a,label\n1,0\n1,4\n");
  CHECK(load(folder, {{"train", "t.csv"}, {"test", "u.csv"}}).message() ==
        (folder / "u.csv").string() +
            ": line 3: column \"label\": label \"4\" is none of the 4 classes: \"0\", \"1\", \"2\" "
            "and \"3\"");
}

TEST_CASE("whole numbers most of which would be classes without a row are sorted, and named") {
  struct Row {
    std::vector<const char*> labels;
    std::size_t classes;
    Words ends;  // the first name and the last one
  };
  const Row table[] = {
      {{"0", "99"}, 100, {"0", "99"}},
      {{"0", "100"}, 2, {"0", "100"}},
      {{"2020", "9", "2021"}, 3, {"9", "2021"}},
      {{"0", "50000", "100000"}, 3, {"0", "100000"}},
      {{"500000000", "1000000000", "0"}, 3, {"0", "500000000"}},  // as words are
  };
  for (const Row& row : table) {
    const ScratchFolder folder;
    std::string text = "a,label\n";
    for (const char* label : row.labels) text += std::string("1,") + label + "\n";
    folder.put("t.csv", text);
    const auto data = load(folder, {{"train", "t.csv"}});
    REQUIRE(data.message() == "");
    CHECK(data->train->schema().classes == row.classes);
    CHECK(Words{data->class_names.front(), data->class_names.back()} == row.ends);
  }
}

TEST_CASE(
    "columns of numbers to predict are targets, in the order asked for, in the place of a class") {
  const ScratchFolder folder;
  folder.put("t.csv", "rooms,price,label,rent\n3,100.5,9,7\n4,-2,8,0.25\n");
  const ConfigNode::Array targets{"rent", "price"};
  const auto data = load(folder, {{"train", "t.csv"}, {"targets", targets}, {"test", "t.csv"}});
  REQUIRE(data.message() == "");
  const DataSchema& schema = data->train->schema();
  CHECK(schema.values == 2);
  CHECK(schema.classes == 0);
  CHECK(data->target_names == Words{"rent", "price"});
  CHECK(data->feature_names == Words{"rooms", "label"});
  const std::uint32_t rows[] = {1, 0};
  std::vector<float> found(4);
  for (const auto& samples : {data->train, data->test}) {
    samples->targets(rows, found);
    CHECK(found == std::vector<float>{0.25f, -2, 7, 100.5f});
  }
  const auto one = load(folder, {{"train", "t.csv"}, {"targets", ConfigNode::Array{"price"}}});
  CHECK(one->content_hash != data->content_hash);
}

TEST_CASE("what is wrong with a target is said, and a row without one is left out only if asked") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,y\n1,2\n1,NA\n2,3\n");
  const ConfigNode::Array y{"y"};
  CHECK(load(folder, {{"train", "t.csv"}, {"targets", y}}).message() ==
        (folder / "t.csv").string() + ": line 3: column \"y\": \"NA\" is not a number");
  const auto left = load(folder, {{"train", "t.csv"}, {"targets", y}, {"missing_label", "drop"}});
  REQUIRE(left.message() == "");
  CHECK(left->train->size() == 2);
  CHECK(left->remarks.size() == 1);
  CHECK(load(folder, {{"train", "t.csv"}, {"targets", ConfigNode::Array{"z"}}})
            .message()
            .find("no column \"z\"") != std::string::npos);
  folder.put("u.csv", "a,y\n1,1e39\n");
  CHECK(load(folder, {{"train", "u.csv"}, {"targets", y}})
            .message()
            .find("line 2: column \"y\": \"1e39\" is not a finite float32") != std::string::npos);
}

TEST_CASE("listed class names give their own order") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,label\n1,dry\n1,wet\n");
  const ConfigNode names(ConfigNode::Array{"wet", "dry", "snow"});
  const auto data = load(folder, {{"train", "t.csv"}, {"class_names", names}});
  CHECK(data->train->schema().classes == 3);
  const std::uint32_t row = 0;
  std::int32_t label = 0;
  data->train->labels(std::span(&row, 1), std::span(&label, 1));
  CHECK(label == 1);
}

TEST_CASE("class names that cannot tell classes apart are refused where they are written") {
  const auto complaint = [](const ConfigNode::Array& names) {
    Problems problems;
    Choice<DataSource> choice;
    struct Document {
      Choice<DataSource>& source;
      void fields(FieldReader& v) { v("source", source, {}); }
    } document{choice};
    const Registry registry = all_plugins();
    const ConfigNode source =
        ConfigNode::Object{{"name", "csv"}, {"train", "t.csv"}, {"class_names", ConfigNode(names)}};
    FieldReader(registry, problems)
        .read(ConfigNode(ConfigNode::Object{{"source", source}}), document, "");
    return problems.text("s.json");
  };
  const std::string place = "s.json: /source/class_names: ";
  CHECK(complaint({"a", "b"}).empty());
  CHECK(complaint({"a", "A", "7", "007", "very  good"}).empty());
  CHECK(complaint({"a", "a", "b"}).starts_with(place + "\"a\" is listed twice"));
  CHECK(complaint({"a", ""}).starts_with(place + "a class needs a name"));
  CHECK(complaint({"a", " "}).starts_with(place + "a class needs a name"));
  CHECK(complaint({"a", "b "}).starts_with(place + "\"b \" has spaces around it"));
  CHECK(complaint({"1", "1.0"}).starts_with(place + "\"1\" and \"1.0\" name the same class"));
  CHECK(complaint({"not dry", "notdry"})
            .starts_with(place + "\"not dry\" and \"notdry\" name the same class"));
}

TEST_CASE("a column that holds no class labels is refused with the line and the reason") {
  const ScratchFolder folder;
  const auto complaint = [&](const std::vector<std::string>& labels) {
    std::string text = "a,label\n";
    for (const std::string& label : labels) text += "1," + label + "\n";
    folder.put("t.csv", text);
    const std::string message = load(folder, {{"train", "t.csv"}}).message();
    const std::string file = (folder / "t.csv").string();
    const std::string way_out = "; if such labels are classes, list them in \"class_names\"";
    if (!message.starts_with(file) || !message.ends_with(way_out)) return message;
    return message.substr(file.size(), message.size() - file.size() - way_out.size());
  };
  const std::string line_3 = ": line 3: column \"label\": ";
  CHECK(complaint({"1", "0.5", "2"}) ==
        line_3 +
            "\"0.5\" is a real number, a value to predict; a label is a word or a whole number");
  CHECK(complaint({"0", "nan"}) == line_3 + "\"nan\" stands for a missing label");
  CHECK(complaint({"wet", "NA"}) == line_3 + "\"NA\" stands for a missing label");
  CHECK(complaint({"not dry", "notdry"}) ==
        line_3 + "\"notdry\" differs from \"not dry\" in spaces alone");
  std::vector<std::string> prices;
  for (int i = 0; i < 11; ++i) prices.push_back(std::to_string(9500 + 7 * i));
  for (int i = 0; i < 10; ++i) prices.push_back("9500");
  CHECK(complaint(prices) ==
        ": column \"label\": 11 different labels for 21 samples look like values to predict, or "
        "ids, not like classes");
  prices.push_back("9500");  // half of 22
  CHECK(complaint(prices) == "");
  CHECK(complaint({"x", "\ty", "y\t", "z"}) == "");
}

TEST_CASE("listed class names are believed, whatever they look like") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,label\n1,0.5\n1,NA\n");
  const ConfigNode names(ConfigNode::Array{"NA", "0.5"});
  CHECK(load(folder, {{"train", "t.csv"}, {"class_names", names}}).message() == "");
}

TEST_CASE("whole numbers written as floats are the same classes in every file") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,label\n1,1.0\n1,2.000e+00\n1,0.0\n");
  folder.put("u.csv", "a,label\n1,2\n");
  const auto data = load(folder, {{"train", "t.csv"}, {"test", "u.csv"}});
  REQUIRE(data.message() == "");
  CHECK(data->class_names == Words{"0", "1", "2"});
  std::vector<std::int32_t> labels(3);
  data->train->labels(std::vector<std::uint32_t>{0, 1, 2}, labels);
  CHECK(labels == std::vector<std::int32_t>{1, 2, 0});
}

TEST_CASE("who made a sample may be a number a sample") {
  const ScratchFolder folder;
  std::string text = "who,a,label\n";
  for (int i = 0; i < 12; ++i) text += std::to_string(i) + ".5,1,x\n";
  folder.put("t.csv", text);
  const auto data = load(folder, {{"train", "t.csv"}, {"natural_id", "who"}});
  REQUIRE(data.message() == "");
  CHECK(std::set(data->natural_ids.begin(), data->natural_ids.end()).size() == 12);
}

TEST_CASE("test files with other columns are refused") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,label\n1,0\n");
  folder.put("u.csv", "b,label\n1,0\n");
  CHECK(load(folder, {{"train", "t.csv"}, {"test", "u.csv"}}).message() ==
        (folder / "u.csv").string() + ": line 1: its columns are not those of " +
            (folder / "t.csv").string());
}

TEST_CASE("the csv source reads attributes and times beside the inputs") {
  const ScratchFolder folder;
  folder.put("t.csv", "a,when,land,age,label\n1,2017-05-02,NA,3,x\n2,2017-05-01T12:30,DE,-4.5,y\n");
  folder.put("u.csv", "a,when,land,age,label\n1,1970-01-01T00:00:01.5+01:00,FR,7,y\n");
  const ConfigNode::Object plain = {{"train", "t.csv"},
                                    {"test", "u.csv"},
                                    {"drop", ConfigNode(ConfigNode::Array{"when", "land", "age"})}};
  const ConfigNode::Object given = {{"train", "t.csv"},
                                    {"test", "u.csv"},
                                    {"time", "when"},
                                    {"attributes", ConfigNode(ConfigNode::Array{"land", "age"})}};
  const auto data = load(folder, given);
  REQUIRE(data.message() == "");
  CHECK(data->feature_names == Words{"a"});
  REQUIRE(data->train_attributes.columns.size() == 2);
  const AttributeColumn& land = *data->train_attributes.find("land");
  CHECK(land.levels == Words{"DE", "FR", "NA"});  // of both files; NA is a word among words
  CHECK(land.codes == std::vector<std::uint32_t>{2, 0});
  CHECK(data->test_attributes.find("land")->codes == std::vector<std::uint32_t>{1});
  CHECK(data->train_attributes.find("age")->numbers == std::vector<double>{3, -4.5});
  CHECK(data->test_attributes.find("age")->numbers == std::vector<double>{7});
  CHECK(data->train_attributes.time_s == std::vector<double>{1493683200, 1493641800});
  CHECK(data->test_attributes.time_s == std::vector<double>{1.5 - 3600});
  CHECK(data->content_hash != load(folder, plain)->content_hash);
  folder.put("t.csv", "a,when,land,age,label\n1,2017-05-02,NA,3,x\n2,2017-05-01T12:31,DE,-4.5,y\n");
  CHECK(data->content_hash != load(folder, given)->content_hash);
}

TEST_CASE("dates count days from 1970, leap days of all centuries included") {
  const auto days = [](const std::string& date) {
    const auto time = parse_recorded_time(date);
    REQUIRE(time.message() == "");
    CHECK(time->is_date);
    return time->seconds / 86400;
  };
  CHECK(days("1970-01-01") == 0);
  CHECK(days("1969-12-31") == -1);
  CHECK(days("2000-02-29") == 11016);
  CHECK(days("2000-03-01") == 11017);
  CHECK(days("1900-03-01") == -25508);
  CHECK(days("2026-11-29") == 20786);
  CHECK(days("0000-01-01") == -719528);
  CHECK(days("9999-12-31") == 2932896);
  CHECK(days("2000-01-01T12:00") == 10957.5);
  CHECK_FALSE(parse_recorded_time("1900-02-29").ok());
  CHECK_FALSE(parse_recorded_time("2017-13-01").ok());
  CHECK_FALSE(parse_recorded_time("2017-04-31").ok());
}

TEST_CASE("what is wrong with an attribute or a time is said with file, line and column") {
  const ScratchFolder folder;
  const auto complaint = [&](const std::string& train, const std::string& test = "") {
    folder.put("t.csv", "a,when,age,label\n" + train);
    if (!test.empty()) folder.put("u.csv", "a,when,age,label\n" + test);
    const std::string message = load(folder, {{"train", "t.csv"},
                                              {"test", test.empty() ? "" : "u.csv"},
                                              {"time", "when"},
                                              {"attributes", ConfigNode(ConfigNode::Array{"age"})}})
                                    .message();
    const std::string path = folder.path().string() + "/";
    return message.starts_with(path) ? message.substr(path.size()) : message;
  };
  CHECK(complaint("1,5,5,x\n1,-1.5e3,6,x\n") == "");
  CHECK(complaint("1,5,5,x\n1,,6,x\n") == "t.csv: line 3: column \"when\": is missing");
  CHECK(complaint("1,5,5,x\n1,5,,x\n") == "t.csv: line 3: column \"age\": is missing");
  CHECK(complaint("1,soon,5,x\n") ==
        "t.csv: line 2: column \"when\": \"soon\" is neither a number of seconds nor a date such "
        "as 2017-05-01 or 2017-05-01T12:30:15");
  for (const std::string wrong :
       {"2017-5-1", "2017-05-01T", "2017-05-01T12", "2017-05-01T24:00", "2017-05-01T12:30:60",
        "2017-05-01T12:30:15.", "2017-05-01T12:30+1", "2017-05-01x", "2017-05-01T12:30:15Zz"}) {
    CHECK(complaint("1," + wrong + ",5,x\n").find("is neither a number of seconds nor a date") !=
          std::string::npos);
  }
  CHECK(complaint("1,2017-02-29,5,x\n") ==
        "t.csv: line 2: column \"when\": \"2017-02-29\" is a date that no calendar has");
  CHECK(complaint("1,inf,5,x\n") ==
        "t.csv: line 2: column \"when\": \"inf\" is not a finite number of seconds");
  CHECK(complaint("1,5,5,x\n1,2017-05-01,5,x\n") ==
        "t.csv: line 3: column \"when\": \"2017-05-01\" is a date, the lines before have numbers");
  CHECK(complaint("1,5,5,x\n", "1,2017-05-01,5,x\n") ==
        "u.csv: line 2: column \"when\": dates in one file, numbers in the other");
  CHECK(complaint("1,5,5,x\n1,5,NA,x\n") ==
        "t.csv: line 3: column \"age\": \"NA\" stands for a missing value, the others are numbers");
  CHECK(complaint("1,5,5,x\n", "1,5,6,x\n1,5,inf,x\n") ==
        "u.csv: line 3: column \"age\": \"inf\" is not a finite number");
  CHECK(complaint("1,5,5,x\n", "1,5,old,x\n") == "");
  const auto named_twice =
      parse_csv("a,kind\n1,x\n", "t.csv",
                {.label = "kind", .natural_id = "", .drop = {}, .attributes = {"kind"}});
  CHECK(named_twice.message() ==
        "t.csv: line 1: column \"kind\" is named twice, as an attribute or time");
}

TEST_CASE("what a file holds is told in characters that a terminal only shows") {
  CHECK(printable("a\n\tb\x1b[31m\x7f\xc2\x9b caf\xc3\xa9") ==
        "a\\n\\tb\\x1b[31m\\x7f\\x9b caf\xc3\xa9");
  const std::string nul("a,kind\n1\0,x\n", 13);
  CHECK(parse(nul).message() == "t.csv: line 2: column \"a\": \"1\\x00\" is not a number");
  CHECK(parse("a\x1b,a\x1b,kind\n").message() ==
        "t.csv: line 1: two columns are called \"a\\x1b\"");
}

}  // namespace skerry::datasets

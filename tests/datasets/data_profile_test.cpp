// What `skerry data info` finds in a data set.
#include "datasets/data_profile.hpp"

#include "datasets/samples.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

using Words = std::vector<std::string>;
using Kind = ColumnProfile::Kind;

/// A table whose columns are functions of the row's number.
DataSet loaded(const ScratchFolder& folder, const std::string& train, const std::string& test = "",
               ConfigNode::Object parameters = {}) {
  const Registry registry = all_plugins();
  folder.put("t.csv", train);
  parameters.emplace_back("train", "t.csv");
  if (!test.empty()) {
    folder.put("u.csv", test);
    parameters.emplace_back("test", "u.csv");
  }
  auto data = registry.make(choose<DataSource>(registry, "csv", parameters))
                  ->load({.search_folders = {folder.path()}, .only_looks = true});
  REQUIRE(data.message() == "");
  return std::move(*data);
}

/// Numbers without any order.
int shuffled(int row) { return row * 37 % 101; }

struct Planted {
  const char* name;
  std::string (*cell)(int row);  // of a column x; the class is the parity of shuffled()
  Words notes;
};

std::string whole(int number) { return std::to_string(number); }
int parity(int row) { return shuffled(row) % 2; }

}  // namespace

TEST_CASE("what gives the class or the row away is noted once, and nothing else is") {
  const Planted rows[] = {
      {"a fair column", [](int row) { return whole(shuffled(row + 5) * 7 % 50); }, {}},
      {"a fair column of words", [](int row) { return "w" + whole(shuffled(row + 5) % 7); }, {}},
      {"the row's number",
       [](int row) { return whole(row); },
       {"column \"x\" is the number of the row, from 0 in steps of 1: nothing to learn from; leave "
        "it out with \"drop\""}},
      {"steps backwards",
       [](int row) { return whole(-5 * row - 1) + ".5"; },
       {"column \"x\" is the number of the row, from -1.5 in steps of -5: nothing to learn from; "
        "leave it out with \"drop\""}},
      {"a clock",
       [](int row) { return whole(row * row + row); },
       {"column \"x\" rises from each row to the next: it tells the order of the rows"}},
      {"a countdown",
       [](int row) { return whole(9000 - row * row - row); },
       {"column \"x\" falls from each row to the next: it tells the order of the rows"}},
      {"blocks",
       [](int row) { return whole(row / 30); },
       {"the rows are sorted by column \"x\", which has 4 values"}},
      {"one value",
       [](int) { return whole(7); },
       {"column \"x\" has one value only: nothing to learn from"}},
      {"one word",
       [](int) { return std::string("red"); },
       {"column \"x\" has one value only: nothing to learn from"}},
      {"the class as a number",
       [](int row) { return whole(10 - 3 * parity(row)); },
       {"column \"x\" determines the class: each of its 2 values comes with one class only"}},
      {"the class as words",
       [](int row) { return "w" + whole(2 * (row % 3) + parity(row)); },
       {"column \"x\" determines the class: each of its 6 values comes with one class only"}},
      {"the class as a range",
       [](int row) { return whole(shuffled(row) + 500 * parity(row)); },
       {"column \"x\" determines the class: the ranges of its values in the classes do not "
        "overlap"}},
      {"the class but for one row",
       [](int row) { return whole(row == 50 ? 1 - parity(row) : parity(row)); },
       {}},
  };
  for (const Planted& row : rows) {
    for (const bool one_hot : {false, true}) {
      for (const bool standardise : {false, true}) {
        INFO(row.name << (one_hot ? ", one-hot" : ", codes")
                      << (standardise ? ", standardised" : ""));
        const ScratchFolder folder;
        std::string text = "x,y,label\n";
        for (int i = 0; i < 100; ++i) {
          text += row.cell(i) + "," + whole(shuffled(2 * i + 3)) + (parity(i) ? ",a\n" : ",b\n");
        }
        const DataSet data =
            loaded(folder, text, "",
                   {{"categories", one_hot ? "one_hot" : "codes"}, {"standardise", standardise}});
        CHECK(profile_of(data).notes == row.notes);
      }
    }
  }
}

TEST_CASE("columns are told by what they hold, gaps in rows that are kept or not included") {
  const ScratchFolder folder;
  const std::string text =
      "n,real,bit,colour,same,label\n2,0.5,1,red,4,x\n4,,0,blue,4,y\n9,2.5,1,red,4,x\n,1,0,,4,y\n";
  for (const bool standardise : {false, true}) {
    const DataProfile profile = profile_of(
        loaded(folder, text, "n,real,bit,colour,same,label\n1,,1,red,4,x\n",
               {{"categories", "one_hot"}, {"missing", "mean"}, {"standardise", standardise}}));
    REQUIRE(profile.columns.size() == 5);
    const auto kind = [&](std::size_t i) { return profile.columns[i].kind; };
    CHECK(kind(0) == Kind::kWhole);  // the mean of 2, 4 and 9 is 5
    CHECK(kind(1) == Kind::kNumbers);
    CHECK(kind(2) == Kind::kYesOrNo);
    CHECK(kind(3) == Kind::kWords);
    CHECK(kind(4) == Kind::kConstant);
    CHECK(profile.columns[0].least == 2);
    CHECK(profile.columns[0].mean == 5);
    CHECK(profile.columns[0].most == 9);
    CHECK(profile.columns[0].missing == 1);
    CHECK(profile.columns[1].missing == 1);
    CHECK(profile.columns[1].missing_in_test == 1);
    CHECK(profile.columns[2].missing == 0);
    CHECK(profile.columns[3].words ==
          std::vector<std::pair<std::string, std::uint64_t>>{{"blue", 1}, {"red", 2}});
    CHECK(profile.columns[3].missing == 1);
    CHECK(profile.train_classes == std::vector<std::uint64_t>{2, 2});
    CHECK(profile.test_classes == std::vector<std::uint64_t>{1, 0});
    CHECK(profile.notes == Words{"column \"same\" has one value only: nothing to learn from"});
  }
  const DataProfile dropped =
      profile_of(loaded(folder, text, "", {{"categories", "codes"}, {"missing", "drop"}}));
  CHECK(dropped.rows == 2);
  CHECK(dropped.columns[0].missing == 1);
  CHECK(dropped.columns[1].missing == 1);
}

TEST_CASE("repeated rows are counted, those of another class, and those of the test set") {
  const ScratchFolder folder;
  const DataProfile profile =
      profile_of(loaded(folder, "a,b,label\n1,2,x\n1,2,y\n3,4,x\n1,2,x\n3,4,x\n5,6,y\n",
                        "a,b,label\n3,4,y\n7,8,x\n1,2,x\n2,1,x\n"));
  CHECK(profile.repeated == 3);
  CHECK(profile.contrary == 1);
  CHECK(profile.in_both == 2);
}

TEST_CASE("who only looks is told what a run would refuse") {
  const ScratchFolder folder;
  const DataSet data = loaded(folder, "a,colour,mixed,label\n1,red,5,x\n,blue,old,y\n3,red,7,x\n");
  REQUIRE(data.remarks.size() == 1);
  CHECK(data.remarks[0] ==
        "a run refuses it: " + (folder / "t.csv").string() +
            ": line 3: column \"a\": is missing; \"missing\" says what becomes of gaps: \"drop\", "
            "\"mean\" or \"constant\"");
  const DataProfile profile = profile_of(data);
  CHECK(profile.columns[0].missing == 1);
  CHECK(profile.columns[1].kind == Kind::kWords);
  CHECK(profile.columns[2].kind == Kind::kWords);
  const DataSet unlabelled = loaded(folder, "a,label\n1,x\n2,\n3,y\n");
  CHECK(unlabelled.train->size() == 2);
  CHECK(unlabelled.remarks.at(0) ==
        "a run refuses rows without a label; \"missing_label\": \"drop\" leaves them out");
}

TEST_CASE("images are looked at as they are held, and constant pixels are counted") {
  const DataSchema schema{.input = {1, 3, 3}, .classes = 3, .scale = 255, .mean = 0.5};
  std::vector<std::uint8_t> bytes(std::size_t{9} * 40);
  std::vector<std::int32_t> labels;
  for (std::size_t row = 0; row < 40; ++row) {
    bytes[9 * row + 4] = static_cast<std::uint8_t>(row * 29 % 256);
    bytes[9 * row + 5] = static_cast<std::uint8_t>(row * 77 % 256);
    labels.push_back(row * 7 % 5 < 2 ? 0 : 2);
  }
  DataSet data;
  data.train = std::make_shared<ByteSamples>(schema, nullptr, bytes.data(), labels);
  const DataProfile profile = profile_of(data);
  CHECK(profile.columns[5].most == 237);
  CHECK(profile.columns[5].kind == Kind::kWhole);
  CHECK(profile.notes ==
        Words{"1 of 3 classes have no training sample: \"1\"",
              "7 of 9 columns have one value only, such as \"input 0\", \"input 1\", \"input 2\", "
              "\"input 3\" and \"input 6\""});
}

TEST_CASE("times are told as dates that read back") {
  for (const char* text :
       {"1970-01-01", "1969-12-31", "2000-02-29", "1900-03-01", "2026-11-29", "0000-03-01",
        "0001-01-01", "9999-12-31", "1600-02-29", "2017-05-01T12:30:15"}) {
    const auto time = parse_recorded_time(text);
    REQUIRE(time.message() == "");
    CHECK(date_text(time->seconds) == text);
  }
}

}  // namespace skerry::datasets

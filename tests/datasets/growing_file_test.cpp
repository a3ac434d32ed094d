// A file that another program writes while we read it.
#include "datasets/growing_file.hpp"

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// What a writer does to the file, and what one read() gives after it.
struct Turn {
  enum What { kAppend, kWriteAnew, kReplace } what = kAppend;
  std::string text;
  Words lines;              // as number:text
  std::string remark = "";  // that the reader makes, without the file's name
};

struct Story {
  const char* name;
  std::vector<Turn> turns;
  const char* header = "a,label";
};

const std::vector<Story>& stories() {
  static const std::vector<Story> all{
      {"whole lines", {{Turn::kAppend, "a,label\n1,x\n2,y\n", {"2:1,x", "3:2,y"}}}},
      {"nothing new", {{Turn::kAppend, "a,label\n1,x\n", {"2:1,x"}}, {Turn::kAppend, "", {}}}},
      {"a half line waits for its rest",
       {{Turn::kAppend, "a,label\n1,x\n2,", {"2:1,x"}},
        {Turn::kAppend, "y", {}},
        {Turn::kAppend, "\n3,z\n", {"3:2,y", "4:3,z"}}}},
      {"half a header", {{Turn::kAppend, "a,la", {}}, {Turn::kAppend, "bel\n1,x\n", {"2:1,x"}}}},
      {"CRLF and a byte order mark",
       {{Turn::kAppend,
         "\xef\xbb\xbf"
         "a,label\r\n1,x\r\n",
         {"2:1,x"}},
        {Turn::kAppend, "2,y\r\n", {"3:2,y"}}}},
      {"empty lines are counted and left out",
       {{Turn::kAppend, "a,label\n\n1,x\n\r\n2,y\n", {"3:1,x", "5:2,y"}}}},
      {"a file that is cut short",
       {{Turn::kAppend, "a,label\n1,x\n2,y\n", {"2:1,x", "3:2,y"}},
        {Turn::kWriteAnew,
         "a,label\n7,z\n",
         {"2:7,z"},
         "was cut short after 3 lines had been read; it is read from its first line again"}}},
      {"a file that is written anew, and longer",
       {{Turn::kAppend, "a,label\n1,x\n", {"2:1,x"}},
        {Turn::kWriteAnew,
         "a,label\n7,z\n8,z\n",
         {"2:7,z", "3:8,z"},
         "was written anew after 2 lines had been read; it is read from its first line again"}}},
      {"a file that is replaced",
       {{Turn::kAppend, "a,label\n1,x\n", {"2:1,x"}},
        {Turn::kReplace,
         "b,label\n7,z\n",
         {},
         "was replaced after 2 lines; the new file is read from its first line"},
        {Turn::kAppend, "", {"2:7,z"}}},
       "b,label"},
      {"the rest of a file that is replaced, its last line without an end",
       {{Turn::kAppend, "a,label\n1,x\n2,y", {"2:1,x"}},
        {Turn::kReplace,
         "a,label\n",
         {"3:2,y"},
         "was replaced after 3 lines; the new file is read from its first line"},
        {Turn::kAppend, "7,z\n", {"2:7,z"}}}},
  };
  return all;
}

void write(const fs::path& path, const Turn& turn) {
  if (turn.what == Turn::kReplace) fs::rename(path, path.string() + ".1");
  const bool anew = turn.what == Turn::kWriteAnew;
  std::ofstream(path, std::ios::binary | (anew ? std::ios::trunc : std::ios::app)) << turn.text;
}

Words texts(const GrowingFile::Portion& portion) {
  Words all;
  for (const auto& line : portion.lines) {
    all.push_back(std::to_string(line.number) + ":" + line.text);
  }
  return all;
}

TEST_CASE("each line of a growing file comes once, whatever its writer does") {
  // A reader that lives through the story, and one that begins anew each time where it was.
  for (const bool begins_anew : {false, true}) {
    for (const Story& story : stories()) {
      INFO(story.name << (begins_anew ? ", by a new reader each time" : ""));
      const ScratchFolder folder;
      const fs::path path = folder / "rows.csv";
      auto file = std::make_unique<GrowingFile>(path);
      for (const Turn& turn : story.turns) {
        const bool replaces = turn.what == Turn::kReplace;
        if (replaces && begins_anew) break;  // see the next case
        write(path, turn);
        const auto got = file->read(100);
        REQUIRE(got.message() == "");
        CHECK(texts(*got) == turn.lines);
        const Words said =
            turn.remark.empty() ? Words{} : Words{path.string() + ": " + turn.remark};
        CHECK(got->remarks == said);
        if (begins_anew) file = std::make_unique<GrowingFile>(path, file->place());
      }
      if (!begins_anew) CHECK(file->header() == story.header);
    }
  }
}

TEST_CASE("what a file got before it was replaced is lost if nobody read it, and that is said") {
  const ScratchFolder folder;
  const fs::path path = folder.put("rows.csv", "a\n1\n");
  FilePlace place;
  {
    GrowingFile file(path);
    CHECK(texts(*file.read(100)) == Words{"2:1"});
    place = file.place();
  }
  fs::rename(path, folder / "rows.csv.1");
  folder.put("rows.csv", "a\n5\n");
  GrowingFile file(path, place);
  const auto got = file.read(100);
  CHECK(texts(*got) == Words{"2:5"});
  REQUIRE(got->remarks.size() == 1);
  CHECK(got->remarks[0] == path.string() +
                               ": was replaced while nobody read it; lines that the old file got "
                               "after 2 lines are lost");
}

TEST_CASE("many lines come in portions, and a file that is whole ends without a line break") {
  const ScratchFolder folder;
  GrowingFile file(folder.put("rows.csv", "a\n1\n2\n3"));
  auto got = file.read(2, true);
  CHECK(texts(*got) == Words{"2:1", "3:2"});
  CHECK_FALSE(got->ended);
  got = file.read(2, true);
  CHECK(texts(*got) == Words{"4:3"});
  CHECK(got->ended);
}

TEST_CASE("a line that is too long is named and skipped") {
  const ScratchFolder folder;
  const std::string endless(GrowingFile::kLongest + 100, 'x');
  GrowingFile file(folder.put("rows.csv", "a\n" + endless + "\n3\n"));
  std::vector<GrowingFile::Line> lines;
  for (int i = 0; i < 4; ++i) {
    const auto got = file.read(100);
    lines.insert(lines.end(), got->lines.begin(), got->lines.end());
  }
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == 2);
  CHECK(lines[0].fault == "is longer than a mebibyte");
  CHECK(lines[1].text == "3");
}

TEST_CASE("a file that is not there yet is waited for, and a folder is no file") {
  const ScratchFolder folder;
  GrowingFile file(folder / "rows.csv");
  CHECK(file.read(100)->lines.empty());
  folder.put("rows.csv", "a\n1\n");
  CHECK(texts(*file.read(100)) == Words{"2:1"});
  CHECK_THAT(GrowingFile(folder.path()).read(100).message(), Catch::Contains("directory"));
}

}  // namespace
}  // namespace skerry::datasets

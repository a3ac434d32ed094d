// What people are asked, as they see it.
#include "real/label_desk.hpp"

#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/scenarios/errands.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::real {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Questions about the examples of a payload, of edge 2 from position 7 on.
role::AskLabels questions(Payload inputs, std::uint32_t count) {
  role::AskLabels asked{.questions = {},
                        .inputs = role::PayloadRef::of({1, 1}, {std::move(inputs), {}})};
  for (std::uint32_t i = 0; i < count; ++i) {
    asked.questions.push_back({NodeId::edge(2), 7 + i, i, static_cast<std::int32_t>(i % 2)});
  }
  return asked;
}

template <class T>
Payload examples(const std::vector<T>& values, DType type) {
  Payload made;
  Record& record =
      made.add({"input", std::make_shared<const Layout>(Layout::flat("input", values.size(), type)),
                Reduce::kEach});
  std::ranges::copy(std::as_bytes(std::span(values)), record.overwrite().begin());
  return made;
}

LabelDesk::Options table(const std::filesystem::path& labels) {
  const std::vector<float> own{0, 10, 4, 30};
  return {.labels = labels,
          .schema = {.input = {2}, .classes = 2},
          .table = {.scale = std::make_shared<const datasets::Standardisation>(own, 2)},
          .features = {"warm, dry", "b"},
          .classes = {"calm", "storm"},
          .say = {}};
}

const char* const kAsked = "id,answered,\"warm, dry\",b\nedge-2:7,calm,4,10\nedge-2:8,storm,0,30\n";

/// A paradigm whose cloud waits for the labels of examples at odd positions, and takes them.
struct OddOnes final : role::Paradigm {
  struct Cloud final : role::Role {
    bool awaits_label(NodeId, std::uint32_t position) const override { return position % 2 == 1; }
    void save(ByteWriter&) const override {}
    void load(ByteReader&) override {}
    void on_labels(const role::LabelsArrived& said, SimTime, role::Effects& effects) override {
      role::LabelsHeard heard;
      for (const auto& label : said.labels) {
        if (label.position % 2 == 1) {
          ++heard.taken;
        } else {
          heard.objections.push_back({label.line, "is even"});
        }
      }
      effects.heard(std::move(heard));
    }
  };
  role::JobKinds kinds;
  std::unique_ptr<role::Role> make_role(NodeId) const override { return std::make_unique<Cloud>(); }
  const role::JobKinds& jobs() const override { return kinds; }
  std::string_view numerics() const override { return "none"; }
};

struct Driven {
  OddOnes paradigm;
  NodeDriver driver{paradigm, {.self = NodeId::cloud(), .edges = 3}};
  Driven() { REQUIRE(driver.recover().ok()); }
};

}  // namespace

TEST_CASE("rows that a program sends are refused one by one, in the order of their lines") {
  const ScratchDirectory place;
  auto desk = LabelDesk::open(table(place / "labels.csv"));
  REQUIRE(desk.message() == "");
  Driven driven;
  const auto taken = (*desk)->take(driven.driver,
                                   "id,label\r\nedge-2:7,calm\r\nedge-2:8,storm\n\nx,calm\nedge-2:"
                                   "9,\nedge-2:10,calm\nedge-2:11,1");
  CHECK(taken.refusal == "");
  CHECK(taken.heard.taken == 1);
  CHECK(taken.unlabelled == 1);
  std::string lines;
  for (const auto& one : taken.heard.objections) {
    lines += std::to_string(one.line) + " " + one.why + "\n";
  }
  CHECK(lines ==
        "3 is even\n"
        "5 \"x\" is no name of an example, such as \"edge-0:17\"\n"
        "7 is even\n"
        "8 label \"1\" is none of the 2 classes: \"calm\" and \"storm\"\n");
  const std::uint64_t inputs = driven.driver.inputs();
  std::string many = "id,label\n";
  for (std::size_t i = 0; i <= LabelDesk::kMostRows; ++i) many += "edge-2:7,calm\n";
  CHECK((*desk)->take(driven.driver, many).refusal == "more than 4096 rows at a time");
  for (const char* text : {"", "edge-2:7,calm\n"}) {
    CHECK_THAT((*desk)->take(driven.driver, text).refusal,
               Catch::StartsWith("the header does not fit: no column \"id\""));
  }
  CHECK(driven.driver.inputs() == inputs);  // what is refused whole is no input
}

TEST_CASE("a program is told page by page what waits, with files of examples") {
  const ScratchDirectory place;
  auto options = table(place.path());
  options.schema = {.input = {1, 2, 3}, .classes = 2, .scale = 255};
  options.table = {};
  auto desk = LabelDesk::open(options);
  REQUIRE(desk.message() == "");
  constexpr std::uint32_t kCount = 1300;
  std::vector<std::uint8_t> pixels(6 * kCount, 'x');
  (*desk)->write(questions(examples(pixels, DType::kUint8), kCount));
  const Driven driven;
  std::vector<std::size_t> sizes;
  std::string rows;
  std::uint64_t from = 0;
  do {
    const auto page = (*desk)->waiting(driven.driver, from);
    REQUIRE(page.message() == "");
    CHECK(page->header == "id,answered,file\n");
    CHECK(page->classes == std::vector<std::string>{"calm", "storm"});
    sizes.push_back(page->files.size());
    for (const auto& [name, content] : page->files) {
      REQUIRE(name.starts_with("examples/edge-2-"));
      REQUIRE(content == "P5\n3 2\n255\nxxxxxx");
    }
    rows += page->rows;
    from = page->next;
  } while (from != 0);
  CHECK(sizes == std::vector<std::size_t>{500, 150});
  CHECK(std::ranges::count(rows, '\n') == 650);
  CHECK(rows.starts_with("edge-2:7,calm,examples/edge-2-7.pgm\nedge-2:9,"));
  CHECK((*desk)->waiting(driven.driver, 1 << 30)->next == 0);
}

TEST_CASE("people see the values of a table's row as its file would hold them, once each") {
  const ScratchDirectory place;
  const auto asked = questions(examples<float>({1, -1, -1, 1}, DType::kFloat32), 2);
  {
    auto desk = LabelDesk::open(table(place / "labels.csv"));
    REQUIRE(desk.message() == "");
    (*desk)->write(asked);
  }
  CHECK(text_of(place / "to_label.csv") == kAsked);
  // A process was killed in the middle of a row; the next one is told all questions again.
  std::filesystem::resize_file(place / "to_label.csv", std::string_view(kAsked).size() - 5);
  auto desk = LabelDesk::open(table(place / "labels.csv"));
  REQUIRE(desk.message() == "");
  (*desk)->write(asked);
  CHECK(text_of(place / "to_label.csv") == kAsked);
}

TEST_CASE("people see images of bytes, and arrays of other examples") {
  const ScratchDirectory place;
  auto options = table(place.path());
  options.schema = {.input = {1, 2, 3}, .classes = 2, .scale = 255};
  options.table = {};
  auto desk = LabelDesk::open(options);
  REQUIRE(desk.message() == "");
  std::vector<std::uint8_t> pixels(12);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>('a' + i);
  (*desk)->write(questions(examples(pixels, DType::kUint8), 2));
  CHECK(text_of(place / "examples/edge-2-8.pgm") == "P5\n3 2\n255\nghijkl");
  CHECK_THAT(text_of(place / "to_label.csv"),
             Catch::EndsWith("edge-2:8,storm,examples/edge-2-8.pgm\n"));
  (*desk)->write(questions(examples(std::vector<float>(6, 0.5f), DType::kFloat32), 1));
  CHECK(std::filesystem::exists(place / "examples/edge-2-7.npz"));
}

TEST_CASE("questions of another run are not mistaken for those of this one") {
  const ScratchDirectory place;
  std::ofstream(place / "to_label.csv") << kAsked;
  auto desk = LabelDesk::open(table(place / "labels.csv"));
  REQUIRE(desk.message() == "");
  const Errands errands(Errands::Plan{.edges = 1});
  NodeDriver driver(errands, {.self = NodeId::cloud(), .edges = 1});
  REQUIRE(driver.recover().ok());
  const Status attached = (*desk)->attach(driver);
  CHECK(attached.failure().of_input);
  CHECK(attached.message() ==
        (place / "to_label.csv").string() +
            ": holds the questions of another run; remove it, and the labels beside it");
  CHECK_THAT(LabelDesk::open(table(place / "to_label.csv")).message(),
             Catch::Contains("name another file"));
}

}  // namespace skerry::real

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

}  // namespace

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

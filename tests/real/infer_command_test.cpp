// skerry infer, and what it needs: addresses, tokens, the form of examples.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <limits>

#include "datasets/npy.hpp"
#include "datasets/npz.hpp"
#include "real/access_token.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/real/asked_edge.hpp"

namespace skerry {
namespace {

using real::InferAddress;
using real::make_room_for_socket;

template <class T>
void write_npy(const std::filesystem::path& file, DType type, const Shape& shape,
               const std::vector<T>& values) {
  std::ofstream out(file, std::ios::binary);
  out << datasets::npy_header(type, shape);
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
}

/// Pictures of 3 x 4 bytes in three classes: class c is bright in row c.
struct Pictures {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int64_t> labels;

  explicit Pictures(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      labels.push_back(static_cast<std::int64_t>(i % 3));
      for (std::size_t at = 0; at < 12; ++at) {
        const bool bright = at / 4 == i % 3;
        bytes.push_back(static_cast<std::uint8_t>((bright ? 200 : 10) + (7 * i + at) % 40));
      }
    }
  }
  std::vector<datasets::NamedArray> arrays(const std::string& split) const {
    const auto count = static_cast<std::uint32_t>(labels.size());
    return {{"x_" + split, {count, 3, 4}, DType::kUint8, std::as_bytes(std::span(bytes))},
            {"y_" + split, {count}, DType::kInt64, std::as_bytes(std::span(labels))}};
  }
};

/// The answers that `skerry infer --format json` printed.
ConfigNode::Array answers_of(Process& infer) {
  INFO(infer.output());
  REQUIRE(infer.wait() == 0);
  const auto node = schema::parse_json(infer.output());
  REQUIRE(node.ok());
  REQUIRE(node->find("answers") != nullptr);
  return *node->find("answers")->as_array();
}

/// A column "class", then the bytes, twelve an example.
void write_csv(const std::filesystem::path& file, const std::vector<std::uint8_t>& bytes) {
  std::ofstream csv(file);
  csv << "class";
  for (int at = 0; at < 12; ++at) csv << ",p" << at;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 12 == 0) csv << "\n0";
    csv << ',' << int{bytes[i]};
  }
}

void check_as_oracle(const ConfigNode::Array& answers, const Oracle& oracle) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(*answers[i].find("index") == ConfigNode(static_cast<std::int64_t>(i)));
    CHECK(*answers[i].find("label") == ConfigNode(oracle.said()[i].joint()));
    CHECK(*answers[i].find("from") == ConfigNode(oracle.said()[i].hard ? "cloud" : "edge"));
    CHECK(answers[i].find("seconds")->as_double() != nullptr);
  }
}

void check_same_answers(const ConfigNode::Array& some, const ConfigNode::Array& others) {
  REQUIRE(some.size() == others.size());
  for (std::size_t i = 0; i < some.size(); ++i) {
    CHECK(*some[i].find("label") == *others[i].find("label"));
    CHECK(*some[i].find("from") == *others[i].find("from"));
  }
}

TEST_CASE("skerry infer asks from NumPy and CSV files, as bytes or as values, in order") {
  const Pictures train(120), test(12);
  const ScratchDirectory data;
  auto arrays = train.arrays("train");
  for (auto& array : test.arrays("test")) arrays.push_back(array);
  REQUIRE(datasets::write_npz(data / "pictures.npz", arrays).ok());
  AskedScenario scenario;
  scenario.source = R"({"name": "npz", "scale": 255, "mean": 0.25, "deviation": 0.5, "path": ")" +
                    (data / "pictures.npz").string() + "\"}";
  const Oracle oracle(scenario);
  LiveRun live(scenario.text(), 1);
  live.start_cloud();
  live.start_edge(0, {"--serve", "0", "--state", live.folder("state").string()});
  const WayToAsk way = WayToAsk::to(live.edge(0));
  CHECK(way.token_file == (live.folder("state") / "infer.token").string());
  wait_until_it_answers(way.client());
  const real::ExampleForm form = wait_for_form(way.client());
  CHECK(form.bytes);
  CHECK(form.shape == Shape{3, 4});
  CHECK(form.classes == 3);
  const auto infer = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"infer", way.address, "--token", way.token_file});
    return live.command(more);
  };

  write_npy(data / "bytes.npy", DType::kUint8, {12, 3, 4}, test.bytes);
  Process json = infer({"--npy", data / "bytes.npy", "--format", "json", "--at-once", "5"});
  const ConfigNode::Array answers = answers_of(json);
  REQUIRE(answers.size() == 12);
  check_as_oracle(answers, oracle);

  // The values into which the edge turns bytes, sent as values, are the same example.
  std::vector<float> values;
  for (const std::uint8_t byte : test.bytes) values.push_back((byte / 255.0f - 0.25f) / 0.5f);
  write_npy(data / "values.npy", DType::kFloat32, {12, 12}, values);
  write_csv(data / "bytes.csv", test.bytes);
  Process from_values = infer({"--npy", data / "values.npy", "--format", "json"});
  Process from_csv = infer({"--csv", data / "bytes.csv", "--drop", "class", "--format", "json"});
  for (Process* same : {&from_values, &from_csv}) {
    check_same_answers(answers_of(*same), answers);
  }
  write_npy(data / "one.npy", DType::kUint8, {3, 4},
            std::vector<std::uint8_t>(test.bytes.begin(), test.bytes.begin() + 12));
  Process text = infer({"--npy", data / "one.npy"});
  CHECK(text.wait() == 0);
  INFO(text.output());
  CHECK(text.output().starts_with("0: " + std::to_string(oracle.said()[0].joint()) + "  "));
  CHECK(text.output().ends_with(" ms\n"));

  const auto complaint = [&](std::vector<std::string> more) {
    Process asked = infer(std::move(more));
    CHECK(asked.wait() == 2);
    return asked.output();
  };
  write_npy(data / "wrong.npy", DType::kUint8, {2, 5}, std::vector<std::uint8_t>(10));
  CHECK(complaint({"--npy", data / "wrong.npy"}) ==
        "skerry: " + (data / "wrong.npy").string() +
            ": has the shape [2, 5]; an example is [3, 4], many have one more extent in front\n");
  CHECK(complaint({"--csv", data / "bytes.csv"}).find("13 columns; an example has 12 values") !=
        std::string::npos);
  CHECK(complaint({"--npy", data / "values.npy", "--as", "bytes"}).find("element 0: is no byte") !=
        std::string::npos);
  CHECK(complaint({}).find("--npy FILE or --csv FILE is needed") != std::string::npos);
  Process no_token = live.command({"infer", way.address, "--npy", data / "one.npy"});
  CHECK(no_token.wait() == 2);
  live.edge(0).kill();
  Process gone = infer({"--npy", data / "one.npy"});
  CHECK(gone.wait() == 3);
  CHECK(gone.output().starts_with("skerry: " + way.address + ": UNAVAILABLE: "));
}

TEST_CASE("addresses that other machines could reach cannot be written down") {
  const auto text = [](const char* given) {
    const auto address = InferAddress::parse(given);
    return address ? address->text() : address.message();
  };
  CHECK(text("7000") == "127.0.0.1:7000");
  CHECK(text("0") == "127.0.0.1:0");
  CHECK(text("localhost:7000") == "127.0.0.1:7000");
  CHECK(text("[::1]:7000") == "[::1]:7000");
  CHECK(text("unix:/run/edge.sock") == "unix:/run/edge.sock");
  CHECK(text("unix:///run/edge.sock") == "unix:/run/edge.sock");
  CHECK(text("unix:edge.sock") ==
        "unix:" + (std::filesystem::current_path() / "edge.sock").string());
  CHECK(InferAddress::parse("unix:/a b%c")->target() == "unix:/a%20b%25c");
  for (const char* wrong :
       {"", "edge", "0.0.0.0:7000", "[::]:7000", "10.0.0.7:7000", "example.org:7000", "127.0.0.1",
        "70000", "-1", "127.0.0.1:", "::1:7000"}) {
    INFO(wrong);
    CHECK(text(wrong).find("is neither unix:PATH nor a port of this machine") != std::string::npos);
  }
  CHECK(text("unix:") == "unix: is followed by the path of a socket");
  const std::string longest = "/" + std::string(107, 'a');
  CHECK(InferAddress::parse("unix:" + longest).message() ==
        longest + ": is too long for a socket: at most 107 bytes");
}

TEST_CASE("whoever makes room for a socket waits for whoever does so in the same folder") {
  const datasets::ScratchFolder folder;
  auto first = make_room_for_socket(folder / "a.sock");
  REQUIRE(first.ok());
  auto second = std::async(std::launch::async,
                           [&] { return make_room_for_socket(folder / "b.sock").message(); });
  CHECK(second.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  first = Failure{"let go"};
  CHECK(second.get() == "");
}

TEST_CASE("a token is made once, is its owner's only, and matches nothing else") {
  const ScratchDirectory scratch;
  const auto file = scratch / "folder/token";
  std::string text;
  {
    const auto token = real::AccessToken::in_file(file);
    REQUIRE(token.message() == "");
    text = real::read_token(file).value();
    CHECK(text.size() == 64);
    CHECK(token->matches(text));
    CHECK_FALSE(token->matches(""));
    CHECK_FALSE(token->matches(text + "0"));
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string other = text;
      other[i] ^= 1;
      CHECK_FALSE(token->matches(other));
    }
  }
  CHECK(real::AccessToken::in_file(file)->matches(text));  // kept for the next process
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(real::AccessToken::in_file(file).message() ==
        file.string() + ": others may read the token; remove the file, or chmod 600 it");
  std::filesystem::create_symlink(file, scratch / "link");
  CHECK(real::AccessToken::in_file(scratch / "link").message() ==
        (scratch / "link").string() + ": is not a plain file");
  std::filesystem::path temporary;
  {
    const auto token = real::AccessToken::temporary("skerry-test");
    REQUIRE(token.message() == "");
    temporary = token->file();
    struct stat found {};
    REQUIRE(::stat(temporary.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    CHECK(token->matches(real::read_token(temporary).value()));
  }
  CHECK_FALSE(std::filesystem::exists(temporary));
}

TEST_CASE("the temporary token of a process that was killed goes when the next one is made") {
  const std::string name = "skerry-killed-" + std::to_string(::getpid());
  const auto living = real::AccessToken::temporary(name);
  REQUIRE(living.message() == "");
  const auto abandoned = std::filesystem::temp_directory_path() / (name + "-abcdef");
  std::ofstream(abandoned) << std::string(64, 'a') << "\n";
  REQUIRE(::chmod(abandoned.c_str(), 0600) == 0);
  const auto next = real::AccessToken::temporary(name);
  REQUIRE(next.message() == "");
  CHECK_FALSE(std::filesystem::exists(abandoned));
  CHECK(std::filesystem::exists(living->file()));
  CHECK(std::filesystem::exists(next->file()));
}

TEST_CASE("examples fit in any shape that says the same") {
  const real::ExampleForm form{.shape = {1, 2, 3}, .classes = 2, .bytes = true};
  for (const Shape& same : {Shape{1, 2, 3}, Shape{2, 3}, Shape{6}, Shape{2, 1, 3}}) {
    INFO(to_string(same));
    CHECK(form.fits(same));
  }
  for (const Shape& other : {Shape{3, 2}, Shape{7}, Shape{}, Shape{2, 3, 2}}) {
    INFO(to_string(other));
    CHECK_FALSE(form.fits(other));
  }
  const std::vector<std::uint8_t> bytes{0, 1, 2, 3, 4, 255};
  const Payload payload = form.payload_of(bytes, {}).value();
  CHECK(payload.at("input").layout() == Layout::flat("input", 6, DType::kUint8));
  CHECK(payload.at("input").bytes()[5] == std::byte{255});
  const float wrong = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values{0, 1, 2, 3, 4, wrong};
  CHECK(form.payload_of(values, {}).message() == "value 5 is not finite");
}

}  // namespace
}  // namespace skerry

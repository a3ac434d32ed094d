#include "algorithms/sdk/archive.hpp"

#include "algorithms/sdk/config_node.hpp"
#include "algorithms/sdk/node_set.hpp"
#include "algorithms/sdk/record.hpp"
#include "tests/catch.hpp"

namespace skerry {
namespace {

struct Everything {
  std::uint32_t number = 0;
  std::string text;
  std::vector<double> values;
  std::optional<bool> flag;
  std::map<std::string, std::uint8_t> table;
  std::variant<std::uint8_t, std::string> either;

  bool operator==(const Everything&) const = default;
  template <class A>
  void archive(A& a) {
    a(number, text, values, flag, table, either);
  }
};

const Everything kSample{7, "seven", {1.5, -2}, true, {{"a", 1}, {"b", 2}}, std::string("right")};

TEST_CASE("a set of nodes knows whom it has, lists them in order, and is read back") {
  NodeSet set;
  CHECK_FALSE(set.contains(NodeId::edge(70)));
  CHECK_FALSE(set.erase(NodeId::edge(70)));
  for (const std::uint32_t k : {70u, 3u, 63u, 1000u}) CHECK(set.insert(NodeId::edge(k)));
  CHECK(set.insert(NodeId::cloud()));
  CHECK_FALSE(set.insert(NodeId::edge(63)));
  CHECK(set.erase(NodeId::edge(3)));
  CHECK(set.size() == 4);
  const std::vector<NodeId> expected{NodeId::cloud(), NodeId::edge(63), NodeId::edge(70),
                                     NodeId::edge(1000)};
  CHECK(set.list() == expected);
  CHECK(to_bytes(set) == to_bytes(expected));
  const auto again = from_bytes<NodeSet>(to_bytes(set));
  REQUIRE(again.has_value());
  CHECK(again->list() == expected);
  CHECK(again->size() == 4);
}

TEST_CASE("what is archived is read back") {
  CHECK(from_bytes<Everything>(to_bytes(kSample)) == kSample);
}

TEST_CASE("every truncation and every longer text is refused") {
  ByteVector bytes = to_bytes(kSample);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(from_bytes<Everything>(std::span(bytes).first(size)).has_value());
  }
  bytes.push_back(std::byte{0});
  CHECK_FALSE(from_bytes<Everything>(bytes).has_value());
}

TEST_CASE("a size larger than the bytes that came allocates nothing") {
  ByteVector bytes = to_bytes(std::uint64_t{1} << 60);
  CHECK_FALSE(from_bytes<std::vector<double>>(bytes).has_value());
  CHECK_FALSE(from_bytes<std::string>(bytes).has_value());
}

TEST_CASE("a payload survives saving, and damage anywhere is refused or read as other values") {
  Payload payload;
  auto layout = std::make_shared<const Layout>(
      std::vector<TensorSpec>{{"fc1.weight", {2, 3}}, {"fc1.bias", {2}}});
  Record& model = payload.add({"model", layout});
  for (std::size_t i = 0; i < model.size(); ++i) model.f32()[i] = static_cast<float>(i);
  const ByteVector bytes = save_payload(payload);
  const auto loaded = load_payload(bytes);
  REQUIRE(loaded.ok());
  CHECK(loaded->at("model").layout() == *layout);
  CHECK(loaded->at("model").f32("fc1.bias")[1] == 7.0f);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(load_payload(std::span(bytes).first(size)).ok());
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ByteVector damaged = bytes;
    damaged[i] ^= std::byte{0xff};
    (void)load_payload(damaged);  // must neither crash nor allocate without bound
  }
}

TEST_CASE("groups of a layout are one span each") {
  const Layout layout({{"head", {4}, Group::kPrivate}, {"body", {3}, Group::kShared}});
  CHECK(layout.tensors()[0].name == "body");
  CHECK(layout.offset(1) == 3);
  CHECK(layout.size(Group::kPrivate) == 4);
}

TEST_CASE("merging a patch follows RFC 7386") {
  ConfigNode node = ConfigNode::Object{{"a", 1}, {"b", ConfigNode::Object{{"c", 2}, {"d", 3}}}};
  node.merge(
      ConfigNode::Object{{"b", ConfigNode::Object{{"c", 5}, {"d", ConfigNode()}}}, {"e", "x"}});
  CHECK(node.text() == R"({"a": 1, "b": {"c": 5}, "e": "x"})");
}

}  // namespace
}  // namespace skerry

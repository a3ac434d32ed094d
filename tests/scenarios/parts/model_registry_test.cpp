// What a registry knows of models: where they come from, where they serve, what may be forgotten.
#include "scenarios/parts/model_registry.hpp"

#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

SimTime at_s(std::int64_t s) { return SimTime::at(Duration::seconds(s)); }

role::PayloadRef some_model(std::uint64_t number) {
  Payload payload;
  payload.add({"model", std::make_shared<const Layout>(Layout::flat("w", 3))});
  return role::PayloadRef::of({77, number}, {payload, {}});
}

ModelVersion add(ModelRegistry& registry, std::vector<ModelVersion> parents = {}) {
  const std::uint64_t number = registry.all().size() + 1;
  return registry.add({.parents = std::move(parents),
                       .hash = 1000 + number,
                       .made = at_s(static_cast<std::int64_t>(number)),
                       .model = some_model(number)});
}

TEST_CASE("a registry numbers models and knows what each came from") {
  ModelRegistry registry;
  CHECK(add(registry) == 1);
  CHECK(add(registry, {1}) == 2);
  CHECK(add(registry, {1}) == 3);
  CHECK(add(registry, {2, 3}) == 4);
  CHECK(add(registry) == 5);
  CHECK(registry.ancestors(4) == std::vector<ModelVersion>{1, 2, 3});
  CHECK(registry.ancestors(1).empty());
  CHECK(registry.descendants(1) == std::vector<ModelVersion>{2, 3, 4});
  CHECK(registry.descendants(3) == std::vector<ModelVersion>{4});
  CHECK(registry.descendants(5).empty());
  CHECK(registry.find(0) == nullptr);
  CHECK(registry.find(6) == nullptr);
  REQUIRE(registry.find_hash(1003) != nullptr);
  CHECK(registry.find_hash(1003)->version == 3);
  CHECK(registry.find_hash(7) == nullptr);
  registry.tag(2, "candidate");
  registry.measure(2, "accuracy", 0.75);
  CHECK(registry.find(2)->tags.contains("candidate"));
  CHECK(registry.find(2)->metrics.at("accuracy") == 0.75);
  registry.untag(2, "candidate");
  CHECK(registry.find(2)->tags.empty());
}

TEST_CASE("a registry knows who serves with what, and an old word changes nothing") {
  ModelRegistry registry;
  add(registry);
  add(registry, {1});
  const NodeId a = NodeId::edge(0), b = NodeId::edge(1);
  CHECK(registry.served(a) == nullptr);
  CHECK(registry.serves(a, 1, at_s(10)));
  CHECK(registry.serves(b, 1, at_s(11)));
  CHECK(registry.serves(a, 2, at_s(20)));
  CHECK(*registry.served(a) == ServedModel{2, at_s(20), 1});
  CHECK_FALSE(registry.serves(a, 1, at_s(15)));
  CHECK_FALSE(registry.serves(a, 9, at_s(30)));
  CHECK(registry.serves(a, 2, at_s(25)));  // said again
  CHECK(*registry.served(a) == ServedModel{2, at_s(20), 1});
  CHECK(registry.nodes_with(1) == std::vector<NodeId>{b});
  CHECK(registry.went_back(a, at_s(40)));
  CHECK(*registry.served(a) == ServedModel{1, at_s(40), 0});
  CHECK_FALSE(registry.went_back(a, at_s(50)));
  CHECK_FALSE(registry.went_back(NodeId::edge(7), at_s(50)));
  CHECK(registry.nodes_with(1) == std::vector<NodeId>{a, b});
}

TEST_CASE("parameters are kept of models that serve, could serve again, or are new") {
  ModelRegistry registry(2);
  add(registry);
  registry.serves(NodeId::edge(0), 1, at_s(1));
  for (ModelVersion v = 1; v <= 5; ++v) add(registry, {v});
  const auto kept = [&] {
    std::vector<ModelVersion> versions;
    for (const ModelEntry& entry : registry.all()) {
      if (entry.model) versions.push_back(entry.version);
    }
    return versions;
  };
  CHECK(kept() == std::vector<ModelVersion>{1, 5, 6});
  registry.serves(NodeId::edge(0), 6, at_s(2));
  add(registry, {6});
  CHECK(kept() == std::vector<ModelVersion>{1, 6, 7});
  registry.went_back(NodeId::edge(0), at_s(3));
  add(registry, {7});
  CHECK(kept() == std::vector<ModelVersion>{1, 7, 8});
  CHECK(registry.all().size() == 8);  // what is known of them stays
  CHECK(registry.find(3)->hash == 1003);
}

}  // namespace
}  // namespace skerry::parts

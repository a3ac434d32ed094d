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
  const role::Catalogue& known = registry.catalogue();
  CHECK(known.ancestors(4) == std::vector<ModelVersion>{1, 2, 3});
  CHECK(known.ancestors(1).empty());
  CHECK(known.descendants(1) == std::vector<ModelVersion>{2, 3, 4});
  CHECK(known.descendants(3) == std::vector<ModelVersion>{4});
  CHECK(known.descendants(5).empty());
  CHECK(registry.find(0) == nullptr);
  CHECK(registry.find(6) == nullptr);
  registry.measure(2, "accuracy", 0.75);
  CHECK(registry.find(2)->metrics.at("accuracy") == 0.75);
}

TEST_CASE("a person names a model by its number, a tag or its hash") {
  ModelRegistry registry;
  for (int i = 0; i < 3; ++i) add(registry);
  REQUIRE(registry.tag(2, "spring"));
  const role::Catalogue& known = registry.catalogue();
  CHECK(*known.named("3") == 3);
  CHECK(*known.named("spring") == 2);
  CHECK(*known.named("candidate") == 3);  // the newest that has it
  CHECK(*known.named("00000000000003e9") == 1);
  CHECK(known.named("7").message() ==
        "no model \"7\"; there are models 1 to 3, and the tags candidate, spring");
  CHECK(known.named("winter").failure().of_input);
  CHECK(role::Catalogue().named("1").message() == "there are no models yet");
}

TEST_CASE("an operator's tags are words, and none of the registry's own") {
  ModelRegistry registry;
  add(registry);
  CHECK(registry.tag(1, "v1.2_b-c"));
  CHECK(registry.find(1)->tags == std::set<std::string>{"candidate", "v1.2_b-c"});
  CHECK(registry.untag(1, "v1.2_b-c"));
  CHECK(registry.untag(1, "v1.2_b-c").message() == "model 1 has no tag \"v1.2_b-c\"");
  CHECK_THAT(registry.tag(1, "7").message(), Catch::Contains("a tag is a letter, then"));
  CHECK_THAT(registry.tag(1, "two words").message(), Catch::Contains("is no tag"));
  CHECK_THAT(registry.tag(1, std::string(41, 'a')).message(), Catch::Contains("is no tag"));
  CHECK_THAT(registry.untag(1, "candidate").message(), Catch::Contains("choose another word"));
  CHECK(registry.find(1)->tags == std::set<std::string>{"candidate"});
}

TEST_CASE("tags say what became of each model, also after going back") {
  ModelRegistry registry;
  const auto tags = [&](ModelVersion version) { return registry.find(version)->tags; };
  using Tags = std::set<std::string>;
  CHECK(registry.way_back("", false).message() == "no model is deployed yet");
  for (int i = 0; i < 5; ++i) add(registry);
  registry.deployed(1);
  CHECK(registry.way_back("", false).message() ==
        "model 1 is deployed, and no other one was before it");
  registry.rejected(2);
  registry.deployed(3);
  registry.deployed(4);
  CHECK(tags(1) == Tags{"retired"});
  CHECK(tags(2) == Tags{"rejected"});
  CHECK(tags(4) == Tags{"deployed"});
  CHECK(registry.way_back("", false)->version == 3);
  CHECK(registry.way_back("", true)->version == 4);  // what is on trial goes
  CHECK(registry.way_back("4", false).message() == "model 4 is what is deployed");
  CHECK(registry.way_back("2", false).message() ==
        "model 2 is none of those that were deployed before model 4");
  registry.go_back(3);
  CHECK(tags(4) == Tags{"rolled back"});
  CHECK(tags(3) == Tags{"deployed"});
  // What was skipped over is not gone back to later.
  registry.deployed(5);
  registry.go_back(1);
  CHECK(tags(5) == Tags{"rolled back"});
  CHECK(tags(3) == Tags{"retired"});
  CHECK(registry.way_back("", false).message() ==
        "model 1 is deployed, and no other one was before it");
  CHECK(registry.way_back("3", false).message() ==
        "model 3 is none of those that were deployed before model 1");
}

TEST_CASE("a model whose parameters are forgotten cannot be gone back to") {
  ModelRegistry registry(1);
  for (ModelVersion v = 1; v <= 3; ++v) {
    add(registry);
    registry.deployed(v);
  }
  CHECK(registry.way_back("", false)->version == 2);
  CHECK(registry.way_back("1", false).message() ==
        "the parameters of model 1 are forgotten: they are kept of models that serve or could be "
        "gone back to at once, and of the newest 1");
}

TEST_CASE("each change of a registry has a higher revision, and the row that changed says so") {
  ModelRegistry registry;
  const role::Catalogue& known = registry.catalogue();
  std::uint64_t before = known.revision;
  const auto changed = [&](std::uint64_t row) {
    const bool once = known.revision > before && row > before;
    before = known.revision;
    return once;
  };
  add(registry);
  CHECK(changed(known.models[0].changed));
  registry.measure(1, "loss", 2);
  CHECK(changed(known.models[0].changed));
  registry.answered(1, 3);
  CHECK(changed(known.models[0].changed));
  registry.deployed(1);
  CHECK(changed(known.models[0].changed));
  registry.serves(NodeId::edge(0), 1, at_s(1));
  CHECK(changed(known.serving.at(NodeId::edge(0)).changed));
  registry.serves(NodeId::edge(0), 1, at_s(2));
  CHECK(known.revision == before);  // said again
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
  CHECK(registry.catalogue().nodes_with(1) == std::vector<NodeId>{b});
  CHECK(registry.serves(a, 1, at_s(40)));  // back: the other one is given up
  CHECK(*registry.served(a) == ServedModel{1, at_s(40), 0});
  CHECK(registry.catalogue().nodes_with(1) == std::vector<NodeId>{a, b});
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
  registry.serves(NodeId::edge(0), 1, at_s(3));
  add(registry, {7});
  CHECK(kept() == std::vector<ModelVersion>{1, 7, 8});
  CHECK(registry.all().size() == 8);  // what is known of them stays
  CHECK(registry.find(3)->hash == 1003);
}

}  // namespace
}  // namespace skerry::parts

#include "scenarios/parts/membership.hpp"

#include "tests/catch.hpp"
#include "tests/scenarios/staged_scenario.hpp"

namespace skerry::parts {
namespace {

struct Fixture {
  role::StagedScenario staged{R"({
    "version": 1, "name": "small", "paradigm": "federated",
    "data": {"source": {"name": "synthetic_blobs", "classes": 3, "features": 4, "samples": 160,
                        "test_samples": 60, "seed": 2}},
    "model": "softmax", "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
    "server": "fedavg", "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 8}})"};
  Membership members{*staged.data};
  role::Effects effects;

  role::Message to(std::uint32_t edge) {
    role::Message message;
    message.from = NodeId::cloud();
    message.to = NodeId::edge(edge);
    return message;
  }
};

TEST_CASE("in a simulation every edge is present from the start, until it is lost") {
  Fixture f;
  f.members.start({.edges = 8, .all_joined = true});
  CHECK(f.members.present_at_most() == 8);
  CHECK(f.members.everybody_has_joined());
  CHECK(f.members.samples(NodeId::edge(2)) == 20);
  f.members.lost(NodeId::edge(2));
  CHECK_FALSE(f.members.present(NodeId::edge(2)));
  CHECK_FALSE(f.members.send(f.to(2), f.effects));
  CHECK(f.members.send(f.to(3), f.effects));
  CHECK(f.effects.list().size() == 1);
  f.members.joined({NodeId::edge(2), 20}, f.effects);
  CHECK(f.members.present_at_most() == 8);
  CHECK(f.effects.list().size() == 1);  // what was dropped stays dropped
}

TEST_CASE("where the cloud can ask who is there, present is who is neither absent nor lost") {
  struct Odd final : role::Presence {
    bool absent(NodeId edge) const override { return edge.index() % 2 == 1; }
    SimTime next_return() const override { return SimTime::at(Duration::seconds(7)); }
  } odd;
  Fixture f;
  f.members.start({.edges = 8, .all_joined = true});
  f.members.see(&odd);
  f.members.lost(NodeId::edge(0));
  CHECK_FALSE(f.members.present(NodeId::edge(0)));
  CHECK_FALSE(f.members.present(NodeId::edge(1)));
  CHECK(f.members.present(NodeId::edge(2)));
  CHECK(f.members.present_at_most() == 7);
  CHECK(f.members.has_present(3));
  CHECK_FALSE(f.members.has_present(4));
  CHECK_FALSE(f.members.send(f.to(3), f.effects));
  f.members.wake_at_return(9, f.effects);
  REQUIRE(f.effects.list().size() == 1);
  CHECK(std::get<role::SetTimer>(f.effects.list()[0]).at == SimTime::at(Duration::seconds(7)));
  f.members.see(nullptr);
  CHECK(f.members.has_present(7));
  f.members.wake_at_return(9, f.effects);
  CHECK(f.effects.list().size() == 1);
}

TEST_CASE("live, what is sent to an edge that never joined is held until it does, in order") {
  Fixture f;
  f.members.start({.edges = 8, .all_joined = false});
  CHECK(f.members.present_at_most() == 0);
  for (std::uint16_t kind = 0; kind < 3; ++kind) {
    role::Message message = f.to(5);
    message.kind = kind;
    CHECK(f.members.send(std::move(message), f.effects));
  }
  CHECK(f.effects.list().empty());
  ByteWriter writer;
  writer(f.members);
  Membership restored(*f.staged.data);
  ByteReader reader(writer.bytes());
  reader(restored);
  REQUIRE(reader.finished());
  restored.joined({NodeId::edge(5), 77}, f.effects);
  REQUIRE(f.effects.list().size() == 3);
  for (std::uint16_t kind = 0; kind < 3; ++kind) {
    CHECK(std::get<role::Send>(f.effects.list()[kind]).message.kind == kind);
  }
  CHECK(restored.samples(NodeId::edge(5)) == 77);
  restored.lost(NodeId::edge(5));
  CHECK_FALSE(restored.send(f.to(5), f.effects));
  CHECK_FALSE(restored.everybody_has_joined());
}

TEST_CASE("nothing leaves for a node that is none of the scenario's edges") {
  Fixture f;
  f.members.start({.edges = 8, .all_joined = false});
  CHECK_FALSE(f.members.send(f.to(8), f.effects));
  f.members.joined({NodeId::edge(8), 1}, f.effects);
  CHECK(f.members.present_at_most() == 0);
  CHECK(f.effects.list().empty());
}

}  // namespace
}  // namespace skerry::parts

#include <limits>

#include "scenarios/parts/round_messages.hpp"
#include "tests/catch.hpp"
#include "tests/real/arena.hpp"

namespace skerry {
namespace {

constexpr int kRounds = 4;

/// The model of a run in which only edges 0 to 3 took part.
std::string model_of_four() {
  static const std::string model = [] {
    Arena arena(arena_scenario(kRounds, 4));
    arena.start_cloud();
    for (std::uint32_t k = 0; k < 4; ++k) arena.start_edge(k);
    return arena.finish();
  }();
  return model;
}

/// The model of a run in which all five took part and behaved.
std::string model_of_five() {
  static const std::string model = [] {
    Arena arena(arena_scenario(kRounds, 5));
    arena.start_cloud();
    arena.start_edges();
    return arena.finish();
  }();
  return model;
}

void join_all(Arena& arena, const Tampering& of_the_last) {
  arena.start_cloud();
  for (std::uint32_t k = 0; k < 4; ++k) arena.start_edge(k);
  arena.start_edge(4, of_the_last);
}

bool is_update(const role::Message& message) {
  return message.kind == static_cast<std::uint16_t>(parts::RoundMessage::kUpdate);
}

TEST_CASE("updates that are not finite are refused, counted, and change no bit of the model") {
  const float poison =
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
               -std::numeric_limits<float>::infinity());
  Arena arena(arena_scenario(kRounds, 5));
  join_all(arena, {.spoil =
                       [poison](role::JobResult& result) {
                         for (role::Content& content : result.outputs) {
                           const std::string name = content.payload.records()[0]->name();
                           content.payload.open(name).f32().back() = poison;
                         }
                       },
                   .resend = {}});
  CHECK(arena.finish() == model_of_four());
  CHECK(arena.metric("updates/refused/not finite") == kRounds);
}

TEST_CASE("updates of another shape are refused, counted, and change no bit of the model") {
  Arena arena(arena_scenario(kRounds, 5));
  join_all(
      arena,
      {.spoil =
           [](role::JobResult& result) {
             for (role::Content& content : result.outputs) {
               content.payload.add({"more", std::make_shared<const Layout>(Layout::flat("x", 3))});
             }
           },
       .resend = {}});
  CHECK(arena.finish() == model_of_four());
  CHECK(arena.metric("updates/refused/wrong shape") == kRounds);
}

TEST_CASE("updates for a round that is over are refused, counted, and change no bit of the model") {
  Arena arena(arena_scenario(kRounds, 5));
  join_all(arena, {.spoil = {}, .resend = [](const role::Message& message) {
                     if (!is_update(message)) return std::vector{message};
                     role::Message stale = message;
                     auto update = *from_bytes<parts::Update>(message.body);
                     --update.round;
                     --update.dispatch;
                     stale.body = to_bytes(update);
                     return std::vector{stale, message};
                   }});
  CHECK(arena.finish() == model_of_five());
  CHECK(arena.metric("updates/refused/stale round") == kRounds);
}

TEST_CASE("an update that comes twice counts once") {
  Arena arena(arena_scenario(kRounds, 5));
  join_all(arena, {.spoil = {}, .resend = [](const role::Message& message) {
                     if (!is_update(message)) return std::vector{message};
                     return std::vector{message, message};
                   }});
  CHECK(arena.finish() == model_of_five());
}

TEST_CASE("an update without its payload or with a body of noise is refused") {
  Arena arena(arena_scenario(kRounds, 5));
  int count = 0;
  join_all(arena, {.spoil = {}, .resend = [&count](const role::Message& message) {
                     if (!is_update(message)) return std::vector{message};
                     role::Message bad = message;
                     if (++count % 2 == 0) {
                       bad.payloads.clear();
                     } else {
                       bad.body = ByteVector(5, std::byte{0xee});
                     }
                     return std::vector{bad};
                   }});
  CHECK(arena.finish() == model_of_four());
  CHECK(arena.metric("updates/refused/wrong shape") == kRounds);
}

TEST_CASE("messages of kinds that nobody knows change nothing") {
  Arena arena(arena_scenario(kRounds, 5));
  join_all(arena, {.spoil = {}, .resend = [](const role::Message& message) {
                     role::Message strange = message;
                     strange.kind = 4711;
                     return std::vector{strange, message};
                   }});
  CHECK(arena.finish() == model_of_five());
}

}  // namespace
}  // namespace skerry

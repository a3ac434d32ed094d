#include "scenarios/joint_inference/phase_board.hpp"

#include "tests/catch.hpp"

namespace skerry::joint_inference {

TEST_CASE(
    "phase 0 is owed by those without the model, a later phase by those that did not report") {
  const NodeId a = NodeId::edge(0), b = NodeId::edge(1), c = NodeId::edge(2);
  PhaseBoard board;
  board.start(3);
  board.begin(0);
  CHECK(board.owing() == std::set{a, b, c});
  board.set_model(b, true);
  CHECK(board.owing() == std::set{a, c});
  CHECK_FALSE(board.served(b));
  board.set_model(a, true);
  board.set_model(c, true);
  CHECK(board.owing().empty());

  board.begin(1);
  CHECK(board.owing() == std::set{a, b, c});
  CHECK(board.served(c));
  CHECK_FALSE(board.served(c));
  board.set_model(c, false);  // it restarted; it has reported all the same
  CHECK_FALSE(board.owes(c));
  CHECK_FALSE(board.has_model(c));
  CHECK(board.owes(a));
  board.begin(2);
  CHECK(board.owes(c));
}

}  // namespace skerry::joint_inference

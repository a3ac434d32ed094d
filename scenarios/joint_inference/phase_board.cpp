#include "scenarios/joint_inference/phase_board.hpp"

namespace skerry::joint_inference {

namespace {

std::set<NodeId> all_edges(std::uint32_t edges) {
  std::set<NodeId> all;
  for (std::uint32_t k = 0; k < edges; ++k) all.insert(all.end(), NodeId::edge(k));
  return all;
}

}  // namespace

void PhaseBoard::start(std::uint32_t edges) {
  edges_ = edges;
  phase_ = 0;
  without_model_ = all_edges(edges);
  unserved_.clear();
}

void PhaseBoard::begin(std::uint32_t phase) {
  phase_ = phase;
  if (phase > 0) unserved_ = all_edges(edges_);
}

void PhaseBoard::set_model(NodeId edge, bool held) {
  if (held) {
    without_model_.erase(edge);
  } else {
    without_model_.insert(edge);
  }
}

}  // namespace skerry::joint_inference

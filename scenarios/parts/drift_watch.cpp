#include "scenarios/parts/drift_watch.hpp"

namespace skerry::parts {

Drift DriftWatch::observe(NodeId node, double value) {
  if (detector_ == nullptr) return Drift::kNone;
  Watched& watched = nodes_[node];
  if (!watched.detector) watched.detector = registry_.make(*detector_);
  return watched.detector->add({&value, 1}, RandomStream(seed_, "drift", node, watched.seen++));
}

void DriftWatch::save(ByteWriter& writer) const {
  writer(std::uint64_t{nodes_.size()});
  for (const auto& [node, watched] : nodes_) {
    ByteWriter state;
    watched.detector->save(state);
    writer(node, watched.seen, state.bytes());
  }
}

void DriftWatch::load(ByteReader& reader) {
  nodes_.clear();
  std::uint64_t size = 0;
  reader(size);
  if (size > 0 && detector_ == nullptr) reader.fail();
  for (; size > 0 && reader.ok(); --size) {
    NodeId node;
    Watched watched;
    ByteVector state;
    reader(node, watched.seen, state);
    watched.detector = registry_.make(*detector_);
    ByteReader of_detector(state);
    watched.detector->load(of_detector);
    if (!of_detector.finished()) reader.fail();
    nodes_[node] = std::move(watched);
  }
}

}  // namespace skerry::parts

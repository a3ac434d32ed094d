#include "sim/network.hpp"

namespace skerry::sim {

Network::Network(const World& world) : world_(world) {
  side(Way::kUp).link = SharedLink(world.shared(true));
  side(Way::kDown).link = SharedLink(world.shared(false));
}

void Network::set_out(Way way, Transfer& transfer, SimTime now) {
  transfer.began = now;
  side(way).link.add({.id = transfer.edge.number(),
                      .bytes = transfer.bytes,
                      .cap = world_.cap(transfer.edge, way == Way::kUp)},
                     now);
}

void Network::send(Way way, Transfer transfer, SimTime now) {
  auto& queue = side(way).queues[transfer.edge];
  queue.push_back(transfer);
  if (queue.size() == 1) set_out(way, queue.front(), now);
}

std::vector<Transfer> Network::take_finished(Way way, SimTime now) {
  std::vector<Transfer> finished;
  for (const FlowId flow : side(way).link.take_finished(now)) {
    const NodeId edge = NodeId::from_number(static_cast<std::uint32_t>(flow));
    const auto queue = side(way).queues.find(edge);
    finished.push_back(queue->second.front());
    queue->second.erase(queue->second.begin());
    if (queue->second.empty()) {
      side(way).queues.erase(queue);
    } else {
      set_out(way, queue->second.front(), now);
    }
  }
  return finished;
}

Network::Dropped Network::drop(Way way, NodeId edge, SimTime now) {
  Dropped dropped;
  const auto queue = side(way).queues.find(edge);
  if (queue == side(way).queues.end()) return dropped;
  const Transfer& first = queue->second.front();
  dropped.sent = first.bytes - side(way).link.remove(edge.number(), now);
  dropped.sending = now - first.began;
  for (const Transfer& transfer : queue->second) dropped.messages.push_back(transfer.message);
  side(way).queues.erase(queue);
  return dropped;
}

void Network::save(ByteWriter& writer) const {
  for (const Side& one : sides_) {
    writer(one.link.save(), one.alarm, one.queues);
  }
}

void Network::load(ByteReader& reader) {
  for (Side& one : sides_) {
    SharedLink::Snapshot snapshot;
    reader(snapshot, one.alarm, one.queues);
    if (!reader.ok()) return;
    one.link = SharedLink::load(snapshot);
  }
}

}  // namespace skerry::sim

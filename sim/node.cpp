#include "sim/node.hpp"

#include <algorithm>
#include <cstring>

namespace skerry::sim {

PackedNode::PackedNode(const Node& node) {
  SKERRY_CHECK(node.idle(), "only an idle node is packed");
  ByteWriter writer;
  node.role->save(writer);
  writer(node.device_alarm.generation());
  SKERRY_CHECK(writer.held().empty(), "an idle role holds no payload");
  assign(writer.bytes());
}

Node PackedNode::unpack(std::unique_ptr<role::Role> role) const {
  Node node;
  ByteReader reader(bytes());
  std::uint32_t generation = 0;
  role->load(reader);
  reader(generation);
  SKERRY_CHECK(reader.finished(), "a role reads back what it saved");
  node.role = std::move(role);
  node.device_alarm = Alarm(generation);
  return node;
}

using Size = std::uint32_t;

std::span<const std::byte> PackedNode::bytes() const {
  if (!block_) return {};
  Size size;
  std::memcpy(&size, block_.get(), sizeof size);
  return {block_.get() + sizeof size, size};
}

void PackedNode::assign(std::span<const std::byte> bytes) {
  const auto size = static_cast<Size>(bytes.size());
  block_ = std::make_unique_for_overwrite<std::byte[]>(sizeof size + bytes.size());
  std::memcpy(block_.get(), &size, sizeof size);
  std::copy(bytes.begin(), bytes.end(), block_.get() + sizeof size);
}

}  // namespace skerry::sim

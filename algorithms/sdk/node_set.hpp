#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "algorithms/sdk/ids.hpp"

namespace skerry {

/// Some nodes of a run, as one bit a node up to the largest that was ever in it: for sets that a
/// large part of a population enters and leaves all the time. Every change and query is O(1).
class NodeSet {
 public:
  bool contains(NodeId node) const {
    const std::size_t word = node.number() / 64;
    return word < words_.size() && (words_[word] & bit(node)) != 0;
  }
  /// True if it was not there.
  bool insert(NodeId node) {
    const std::size_t word = node.number() / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    const bool fresh = (words_[word] & bit(node)) == 0;
    words_[word] |= bit(node);
    size_ += fresh ? 1 : 0;
    return fresh;
  }
  /// True if it was there.
  bool erase(NodeId node) {
    if (!contains(node)) return false;
    words_[node.number() / 64] &= ~bit(node);
    --size_;
    return true;
  }
  std::size_t size() const { return size_; }

  /// Ascending; the archived form.
  std::vector<NodeId> list() const {
    std::vector<NodeId> nodes;
    nodes.reserve(size_);
    for (std::size_t word = 0; word < words_.size(); ++word) {
      for (std::uint64_t left = words_[word]; left != 0; left &= left - 1) {
        const auto number = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
        nodes.push_back(NodeId::from_number(static_cast<std::uint32_t>(number)));
      }
    }
    return nodes;
  }
  template <class A>
  void archive(A& a) {
    std::vector<NodeId> nodes;
    if constexpr (!A::kReading) nodes = list();
    a(nodes);
    if constexpr (A::kReading) {
      *this = {};
      for (const NodeId node : nodes) insert(node);
    }
  }

 private:
  static std::uint64_t bit(NodeId node) { return std::uint64_t{1} << (node.number() % 64); }

  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace skerry

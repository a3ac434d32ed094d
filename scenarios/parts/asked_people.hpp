#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"

namespace skerry::parts {

/// Examples of one node: rows of its stream.
struct Examples {
  NodeId node;
  std::vector<std::uint32_t> rows;
  bool operator==(const Examples&) const = default;
  template <class A>
  void archive(A& a) {
    a(node, rows);
  }
};

/// Examples whose class people were asked, and what they have said. The first label of an example
/// stands.
///
/// Memory: some 50 bytes for each open question, and for each of the newest `kRemembered` labels.
class AskedPeople {
 public:
  /// @param examples  with names that nobody was asked about before.
  void ask(const Examples& examples);

  enum class Said : std::uint8_t {
    kLabel,    // an answer to an open question
    kAgain,    // the label that the example has already
    kOther,    // another one; the first stands
    kUnknown,  // nobody asked, or it is long ago
  };
  Said hear(NodeId node, std::uint32_t position, std::int32_t label);
  /// The label that an example got; nullopt if it got none, or if that is long ago.
  std::optional<std::int32_t> label_of(NodeId node, std::uint32_t position) const;
  bool awaits(NodeId node, std::uint32_t position) const {
    return open_.contains({node, position});
  }
  std::uint64_t open() const { return open_.size(); }

  static constexpr std::size_t kRemembered = 10'000;

  template <class A>
  void archive(A& a) {
    std::vector<Name> open(open_.begin(), open_.end());
    a(open, given_, order_, next_);
    if constexpr (A::kReading) open_ = {open.begin(), open.end()};
  }

 private:
  using Name = std::pair<NodeId, std::uint32_t>;
  std::set<Name> open_;
  std::map<Name, std::int32_t> given_;
  std::map<std::uint64_t, Name> order_;  // of the labels that are remembered
  std::uint64_t next_ = 0;
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::host {

/// One measured number: what, of whom, when, in which round (or for which request).
struct MetricRow {
  std::string name;
  NodeId node;
  SimTime time;
  std::uint64_t step = 0;
  double value = 0;

  bool operator==(const MetricRow&) const = default;
  template <class A>
  void archive(A& a) {
    a(name, node, time, step, value);
  }
};

/// Everything a run measured, in the order in which it was decided to measure it: rows of
/// evaluations that finish later take the place reserved for them, so the order does not depend on
/// threads.
class MetricLog {
 public:
  void add(MetricRow row);
  /// A place for rows that come later; open until they do.
  std::size_t reserve();
  void fill(std::size_t place, std::vector<MetricRow> rows);

  /// Places so far. What stands in one never changes once it is filled.
  std::size_t places() const { return places_.size(); }
  const std::vector<MetricRow>& at(std::size_t place) const { return places_[place]; }

  /// How many places come before the first open one: nothing in them changes any more.
  std::size_t settled() const;
  /// Writes the places from one to before another.
  void save(ByteWriter& writer, std::size_t from, std::size_t to) const;
  /// Adds places that save() wrote.
  void load_more(ByteReader& reader);
  /// What follows on the settled places: they were, or are to be, written apart.
  void save_open(ByteWriter& writer) const;
  void load_open(ByteReader& reader);

  /// All rows; places not filled yet are empty.
  std::vector<MetricRow> rows() const;
  /// The last value of a metric, or `otherwise`.
  double last(std::string_view name, double otherwise) const;

  template <class A>
  void archive(A& a) {
    a(places_, open_);
  }

 private:
  std::vector<std::vector<MetricRow>> places_;
  std::vector<std::uint64_t> open_;  // ascending
};

}  // namespace skerry::host

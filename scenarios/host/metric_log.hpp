#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/ids.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::host {

/// One measured number: its name, its node, and when and in which step (a round or a request) it
/// was measured.
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

/// Everything a run measured, in the order in which measurements were decided on. The rows of an
/// evaluation that finishes later fill a place that was reserved for them, so the order does not
/// depend on threads. Used by one thread.
class MetricLog {
 public:
  void add(MetricRow row);
  /// Reserves a place for rows that come later. It is open until fill().
  std::size_t reserve();
  void fill(std::size_t place, std::vector<MetricRow> rows);

  /// Number of places so far. A place that is filled never changes.
  std::size_t places() const { return places_.size(); }
  const std::vector<MetricRow>& at(std::size_t place) const { return places_[place]; }

  /// How many places come before the first open one. They never change.
  std::size_t settled() const;
  /// Writes the places `from` to `to` - 1.
  void save(ByteWriter& writer, std::size_t from, std::size_t to) const;
  /// Adds places that save() wrote.
  void load_more(ByteReader& reader);
  /// Writes what follows the settled places, which save() writes; load_open() reads it after them.
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

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "scenarios/role/effects.hpp"

namespace skerry::parts {

/// Numbers the jobs of one node, names their random streams, and starts them. A role has one book,
/// which its parts share, so no number is given twice.
class JobBook {
 public:
  JobBook(NodeId node, std::uint64_t seed) : node_(node), seed_(seed) {}

  /// Completes and starts a job whose kind, inputs and body are set.
  /// @param key_round  the third part of the key of its random streams (StreamKey::round).
  /// @param step       which step of the metrics, and which group of spans, it belongs to.
  /// Returns its number.
  std::uint64_t start(role::Job job, Round key_round, std::uint64_t step, role::Effects& effects) {
    job.number = ++last_;
    job.node = node_;
    job.key = {seed_, node_, key_round};
    job.step = step;
    effects.start(std::move(job));
    return last_;
  }
  /// The number that start() will give next.
  std::uint64_t next() const { return last_ + 1; }
  NodeId node() const { return node_; }
  std::uint64_t seed() const { return seed_; }

  template <class A>
  void archive(A& a) {
    a(last_);
  }

 private:
  NodeId node_;
  std::uint64_t seed_;
  std::uint64_t last_ = 0;
};

/// What a part wants to remember of each of its jobs under way.
template <class Note>
class JobNotes {
 public:
  void add(std::uint64_t job, Note note) { notes_.emplace(job, std::move(note)); }
  /// The job has ended: removes and returns its note; nullopt if it has none here.
  std::optional<Note> take(std::uint64_t job) {
    auto note = notes_.extract(job);
    if (note.empty()) return std::nullopt;
    return std::move(note.mapped());
  }
  bool empty() const { return notes_.empty(); }
  void clear() { notes_.clear(); }

  template <class A>
  void archive(A& a) {
    a(notes_);
  }

 private:
  std::map<std::uint64_t, Note> notes_;
};

}  // namespace skerry::parts

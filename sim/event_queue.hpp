#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "algorithms/sdk/check.hpp"
#include "sim/event.hpp"

namespace skerry::sim {

/// The pending events of a simulation, popped in the order of happens_before().
///
/// A monotone radix heap [Ahuja, Mehlhorn, Orlin, Tarjan 1990] with digits of five bits: simulated
/// time never runs backwards, so an event waits in the bucket of the highest digit in which its
/// time differs from now, and of that digit's value. When the lowest bucket is opened its events
/// move to lower ones, at most 12 times in an event's life and usually a few. Equal times share a
/// bucket from first to last and every move keeps their order, so events of one instant come out as
/// they went in, by priority, and any number of ties costs nothing.
///
/// Cost: push O(1), pop O(1) amortised per bucket passed, 32 bytes an event. Not thread-safe.
class EventQueue {
 public:
  /// Adds an event and numbers it. Its time must be neither before now() nor never().
  void push(Event event);
  /// Removes the first event and moves now() to its time. The queue must not be empty.
  Event pop();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Time of the last event popped; the start of the run before that.
  SimTime now() const { return now_; }
  /// Time of the event that pop() would return, never() when there is none. O(1).
  SimTime next_time() const;

  /// Everything a queue is, in canonical form: queues that behave alike have equal snapshots.
  struct Snapshot {
    SimTime now;
    std::uint64_t next_sequence = 0;
    std::vector<Event> pending;  // in the order of happens_before

    bool operator==(const Snapshot&) const = default;

    template <class A>
    void archive(A& a) {
      a(now, next_sequence, pending);
    }
  };
  Snapshot save() const;
  /// A queue that goes on exactly as the saved one would have.
  static EventQueue load(const Snapshot& snapshot);

 private:
  /// The events of the present instant that have one priority, first in first out.
  struct Lane {
    std::vector<Event> events;
    std::size_t head = 0;
  };
  /// Events whose times first differ from now in the same digit, and have the same value there.
  struct Bucket {
    std::vector<Event> events;
    SimTime earliest = SimTime::never();

    void clear() {
      events.clear();
      earliest = SimTime::never();
    }
  };
  static constexpr unsigned kDigitBits = 5;
  static constexpr std::size_t kDigits = 63 / kDigitBits + 1;
  static constexpr std::size_t kValues = std::size_t{1} << kDigitBits;

  void place(const Event& event);
  /// The bucket of the earliest events that are not of the present instant; there must be one.
  std::size_t lowest_bucket() const;
  /// Moves now() to the earliest event of that bucket, which counts as empty from then on.
  Bucket& open_lowest_bucket();
  /// Moves the events of an open bucket to lower digits and the present instant.
  void spread(Bucket& open);

  SimTime now_;
  std::uint64_t next_sequence_ = 0;
  std::size_t size_ = 0;
  std::uint64_t filled_lanes_ = 0;                      // bit p: lane p has events
  std::uint32_t filled_digits_ = 0;                     // bit i: some bucket of digit i has events
  std::array<std::uint32_t, kDigits> filled_values_{};  // of digit i, bit v: bucket v has events
  std::array<Lane, kPriorities> lanes_;
  std::array<Bucket, kDigits * kValues> buckets_;  // digit i, value v: at i * kValues + v
};

inline void EventQueue::push(Event event) {
  SKERRY_CHECK(event.time >= now_, "an event was pushed into the past");
  SKERRY_CHECK(event.time < SimTime::never(), "an event that never happens was pushed");
  event.sequence = next_sequence_++;
  ++size_;
  place(event);
}

inline void EventQueue::place(const Event& event) {
  const auto differing = static_cast<std::uint64_t>(event.time.count() ^ now_.count());
  if (differing == 0) {
    const auto lane = static_cast<std::size_t>(event.priority);
    lanes_[lane].events.push_back(event);
    filled_lanes_ |= std::uint64_t{1} << lane;
    return;
  }
  const unsigned digit = static_cast<unsigned>(std::bit_width(differing) - 1) / kDigitBits;
  const auto shifted = static_cast<std::uint64_t>(event.time.count()) >> (digit * kDigitBits);
  const std::size_t value = shifted % kValues;
  Bucket& bucket = buckets_[digit * kValues + value];
  bucket.events.push_back(event);
  if (event.time < bucket.earliest) bucket.earliest = event.time;
  filled_digits_ |= 1u << digit;
  filled_values_[digit] |= 1u << value;
}

inline EventQueue::Bucket& EventQueue::open_lowest_bucket() {
  const std::size_t index = lowest_bucket();
  const std::size_t digit = index / kValues;
  filled_values_[digit] &= filled_values_[digit] - 1;
  if (filled_values_[digit] == 0) filled_digits_ &= filled_digits_ - 1;
  now_ = buckets_[index].earliest;
  return buckets_[index];
}

inline std::size_t EventQueue::lowest_bucket() const {
  const auto digit = static_cast<std::size_t>(std::countr_zero(filled_digits_));
  return digit * kValues + static_cast<std::size_t>(std::countr_zero(filled_values_[digit]));
}

inline Event EventQueue::pop() {
  SKERRY_CHECK(size_ > 0, "pop from an empty event queue");
  --size_;
  if (filled_lanes_ == 0) {
    Bucket& lowest = open_lowest_bucket();
    if (lowest.events.size() == 1) {
      const Event only = lowest.events.front();
      lowest.clear();
      return only;
    }
    spread(lowest);
  }
  const auto index = static_cast<std::size_t>(std::countr_zero(filled_lanes_));
  Lane& lane = lanes_[index];
  const Event event = lane.events[lane.head++];
  if (lane.head == lane.events.size()) {
    lane.events.clear();
    lane.head = 0;
    filled_lanes_ &= filled_lanes_ - 1;
  }
  return event;
}

}  // namespace skerry::sim

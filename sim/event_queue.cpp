#include "sim/event_queue.hpp"

#include <algorithm>

namespace skerry::sim {

SimTime EventQueue::next_time() const {
  if (filled_lanes_ != 0) return now_;
  if (filled_digits_ == 0) return SimTime::never();
  return buckets_[lowest_bucket()].earliest;
}

void EventQueue::spread(Bucket& open) {
  // Times in other buckets first differ from the new now in the same digit as from the old one:
  // only this bucket has to move, and all of it moves to lower digits.
  for (const Event& event : open.events) place(event);
  open.clear();
}

EventQueue::Snapshot EventQueue::save() const {
  Snapshot snapshot{.now = now_, .next_sequence = next_sequence_, .pending = {}};
  snapshot.pending.reserve(size_);
  for (const Lane& lane : lanes_) {
    snapshot.pending.insert(snapshot.pending.end(),
                            lane.events.begin() + static_cast<std::ptrdiff_t>(lane.head),
                            lane.events.end());
  }
  for (const Bucket& bucket : buckets_) {
    snapshot.pending.insert(snapshot.pending.end(), bucket.events.begin(), bucket.events.end());
  }
  std::sort(snapshot.pending.begin(), snapshot.pending.end(), happens_before);
  return snapshot;
}

EventQueue EventQueue::load(const Snapshot& snapshot) {
  SKERRY_CHECK(std::is_sorted(snapshot.pending.begin(), snapshot.pending.end(), happens_before),
               "a saved event queue is out of order");
  EventQueue queue;
  queue.now_ = snapshot.now;
  queue.next_sequence_ = snapshot.next_sequence;
  queue.size_ = snapshot.pending.size();
  for (const Event& event : snapshot.pending) {
    SKERRY_CHECK(event.time >= snapshot.now, "a saved event lies in the past");
    queue.place(event);
  }
  return queue;
}

}  // namespace skerry::sim

#pragma once

#include <variant>

#include "scenarios/host/places.hpp"

namespace skerry::mpi {

// What rank 0 tells the others.

/// A run begins: prepare, and answer Ready. What `run` holds is up to the program.
struct Begin {
  ByteVector run;
  template <class A>
  void archive(A& a) {
    a(run);
  }
};
/// A payload under a key; its records travel in the same parcel. To rank 0: the answer to Ask.
struct Lend {
  host::PayloadKey key = 0;
  ByteVector sums;  // empty where there are none
  template <class A>
  void archive(A& a) {
    a(key, sums);
  }
};
struct Ask {
  host::PayloadKey key = 0;
  template <class A>
  void archive(A& a) {
    a(key);
  }
};
struct Drop {
  host::PayloadKey key = 0;
  template <class A>
  void archive(A& a) {
    a(key);
  }
};
/// The run is over: forget it, jobs included, and answer Ended.
struct End {
  template <class A>
  void archive(A&) {}
};
/// No more runs.
struct Quit {
  template <class A>
  void archive(A&) {}
};
using Told = std::variant<Begin, host::Order, Lend, Ask, Drop, End, Quit>;

// What they answer.

struct Ready {
  ByteVector answer;
  template <class A>
  void archive(A& a) {
    a(answer);
  }
};
struct Finished {
  std::uint64_t task = 0;
  ByteVector report;
  bool failed = false;
  JobFailure failure;  // where it failed: in place of results
  template <class A>
  void archive(A& a) {
    a(task, report, failed, failure);
  }
};
struct Ended {
  template <class A>
  void archive(A&) {}
};
using Answer = std::variant<Ready, Finished, Lend, Ended>;

}  // namespace skerry::mpi

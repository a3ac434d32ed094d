#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "algorithms/sdk/time.hpp"

namespace skerry::parts {

/// How long it takes after each change of experience until answers are as good as before it: what a
/// researcher measures and no deployed system could know.
///
/// Answers are counted at checks; an experience begins with the first check after its border. Only
/// answers between two checks after the border tell whether they have recovered.
///
/// Definition: answers have recovered at the first of two checks in a row, of those at which there
/// were answers, whose accuracies both are within `within` of that over the whole experience
/// before. One good check may be luck: few answers lie between two checks. A good check that the
/// next border follows at once is not confirmed, and does not count.
class Recovery {
 public:
  /// @param borders  when experiences begin, after the first; ascending.
  /// @param within   how much worse than before still counts as recovered.
  Recovery(std::vector<SimTime> borders, double within)
      : borders_(std::move(borders)), within_(within) {}

  struct Recovered {
    std::uint32_t border = 0;  // from 1: which experience had begun
    Duration took;
  };
  /// What was answered since the last check.
  /// @param now  when the last of it came.
  /// Says when answers have recovered from the last border, at the check that confirms it.
  std::optional<Recovered> check(SimTime now, std::uint64_t requests, std::uint64_t correct);
  /// Borders from which answers have not recovered, by now or before the next one came; nothing
  /// where there was no border yet before which answers were right.
  std::optional<std::uint32_t> unrecovered() const {
    return opened_ ? std::optional(never_ + (open_ ? 1 : 0)) : std::nullopt;
  }

  template <class A>
  void archive(A& a) {
    a(passed_, last_, open_, opened_, good_, requests_, correct_, before_, never_);
  }

 private:
  std::vector<SimTime> borders_;
  double within_;
  std::uint32_t passed_ = 0;                  // borders
  SimTime last_;                              // check
  bool opened_ = false;                       // ever
  bool open_ = false;                         // answers have not recovered from the last one
  std::optional<Duration> good_;              // the last check was, so long after the border
  std::uint64_t requests_ = 0, correct_ = 0;  // of this experience
  double before_ = 0;                         // accuracy over the one before
  std::uint32_t never_ = 0;                   // recovered from before the next one came
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>

namespace skerry::parts {

/// Counts what came to nothing in a row, so that a run that could go on like that for ever ends.
class Fruitless {
 public:
  /// A task begins. @param most  how often in a row; 0 for a task that ends all the same.
  void begin(std::uint32_t most) {
    most_ = most;
    in_a_row_ = 0;
  }
  void worked() { in_a_row_ = 0; }
  /// It came to nothing again. True when that is enough.
  bool failed() { return ++in_a_row_ >= most_ && most_ > 0; }

  template <class A>
  void archive(A& a) {
    a(most_, in_a_row_);
  }

 private:
  std::uint32_t most_ = 0;
  std::uint32_t in_a_row_ = 0;
};

}  // namespace skerry::parts

#pragma once

#include <cstdint>

namespace skerry::parts {

/// Counts fruitless rounds or steps in a row, to end a run that could go on like that for ever.
class Fruitless {
 public:
  /// A task begins.
  /// @param most  how many in a row are too many; 0: no number is, since the task ends anyway.
  void begin(std::uint32_t most) {
    most_ = most;
    in_a_row_ = 0;
  }
  /// A round or step was not fruitless.
  void worked() { in_a_row_ = 0; }
  /// A round or step was fruitless. True if that was one too many.
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

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace skerry::real {

/// Lines for people of which many may come at once: the first few of a minute are said, the rest is
/// counted. Used by one thread.
class FewLines {
 public:
  /// @param what  the rest are: "more rows were refused".
  FewLines(std::function<void(const std::string& line)> say, std::string what)
      : say_(std::move(say)), what_(std::move(what)) {}

  void say(const std::string& line) {
    if (said_ == 0) began_ = std::chrono::steady_clock::now();
    if (++said_ <= kFew && say_) say_(line);
  }
  /// To be called now and then: at the end of a minute it says how many were counted.
  void look() {
    if (said_ == 0 || std::chrono::steady_clock::now() - began_ < kMinute) return;
    if (said_ > kFew && say_) say_(std::to_string(said_ - kFew) + " " + what_);
    said_ = 0;
  }

 private:
  static constexpr std::uint64_t kFew = 5;
  static constexpr auto kMinute = std::chrono::seconds(60);
  std::function<void(const std::string& line)> say_;
  std::string what_;
  std::uint64_t said_ = 0;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace skerry::real

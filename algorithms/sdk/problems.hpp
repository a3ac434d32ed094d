#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skerry {

/// What a user got wrong: all of it at once, each with the place in the document.
class Problems {
 public:
  struct Problem {
    std::string pointer;  // JSON pointer, "/server/reduce/name"; empty for the whole document
    std::string message;
  };

  void add(std::string pointer, std::string message) {
    problems_.push_back({std::move(pointer), std::move(message)});
  }
  bool empty() const { return problems_.empty(); }
  /// Whether one of the first `count` problems is about the value at the pointer, or inside it.
  bool concern(std::string_view pointer, std::size_t count) const;
  std::size_t size() const { return problems_.size(); }
  const std::vector<Problem>& all() const { return problems_; }
  /// One line each: `fedavg.json: /server/reduce/name: no reducer "meen"; …`.
  std::string text(std::string_view file) const;

 private:
  std::vector<Problem> problems_;
};

/// The candidate closest to `word` (fewest edits), or empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// `"mean", "median" and "buffered"`.
std::string listed(const std::vector<std::string>& words);

}  // namespace skerry

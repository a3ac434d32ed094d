#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "algorithms/sdk/check.hpp"

namespace skerry {

/// What went wrong, in words for the person who can mend it.
struct Failure {
  std::string message;
  /// Whether the user gave something wrong, such as a file that does not suit the run. If not, the
  /// world has failed. A command's exit code tells the two apart.
  bool of_input = false;
};

/// The failure of something that the user gave.
inline Failure wrong_input(std::string message) { return {std::move(message), true}; }

/// A value, or the reason why there is none. For what a user, a file or a peer can cause. Asking
/// for a value that is not there is a bug and stops the program.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}            // NOLINT: a value is a result
  Result(Failure failure) : state_(std::move(failure)) {}  // NOLINT: so is a failure

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    SKERRY_CHECK(ok(), message());
    return std::get<0>(state_);
  }
  const T& value() const& {
    SKERRY_CHECK(ok(), message());
    return std::get<0>(state_);
  }
  T&& value() && {
    SKERRY_CHECK(ok(), message());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The reason. Empty where there is a value.
  std::string message() const { return ok() ? std::string() : std::get<1>(state_).message; }
  Failure failure() const { return ok() ? Failure() : std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

/// Success, or the reason why not.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Failure failure) : failure_(std::move(failure)) {}  // NOLINT: a failure is a status

  bool ok() const { return !failure_.has_value(); }
  explicit operator bool() const { return ok(); }
  std::string message() const { return ok() ? std::string() : failure_->message; }
  Failure failure() const { return failure_.value_or(Failure()); }

 private:
  std::optional<Failure> failure_;
};

}  // namespace skerry

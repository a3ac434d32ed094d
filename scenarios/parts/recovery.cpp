#include "scenarios/parts/recovery.hpp"

#include <utility>

namespace skerry::parts {

std::optional<Recovery::Recovered> Recovery::check(SimTime now, std::uint64_t requests,
                                                   std::uint64_t correct) {
  const bool crosses = passed_ < borders_.size() && now > borders_[passed_];
  if (crosses) {
    while (passed_ < borders_.size() && now > borders_[passed_]) ++passed_;
    never_ += open_ ? 1 : 0;
    if (requests_ > 0) before_ = static_cast<double>(correct_) / static_cast<double>(requests_);
    open_ = requests_ > 0 && before_ > within_;
    opened_ = opened_ || open_;
    good_.reset();
    requests_ = correct_ = 0;
  }
  requests_ += requests;
  correct_ += correct;
  const SimTime since = std::exchange(last_, now);
  if (!open_ || requests == 0 || since < borders_[passed_ - 1]) return std::nullopt;
  const double accuracy = static_cast<double>(correct) / static_cast<double>(requests);
  const auto first = std::exchange(good_, std::nullopt);
  if (accuracy < before_ - within_) return std::nullopt;
  if (!first) {
    good_ = now - borders_[passed_ - 1];
    return std::nullopt;
  }
  open_ = false;
  return Recovered{passed_, *first};
}

}  // namespace skerry::parts

#include "scenarios/parts/round_messages.hpp"

namespace skerry::parts {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNotFinite:
      return "not finite";
    case Refusal::kWrongShape:
      return "wrong shape";
    case Refusal::kStaleRound:
      return "stale round";
    case Refusal::kDuplicate:
      return "duplicate";
    case Refusal::kNotInCohort:
      return "not in the cohort";
    case Refusal::kNotOpened:
      return "not opened";
  }
  return "unknown";
}

}  // namespace skerry::parts

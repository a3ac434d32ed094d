#include "real/protocol.hpp"

namespace skerry::real {

using grpc::StatusCode;
using host::RefusalReason;

namespace {

StatusCode code_of(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kIdentity:
      return StatusCode::PERMISSION_DENIED;
    case RefusalReason::kFenced:
      return StatusCode::ABORTED;
    case RefusalReason::kTooMany:
    case RefusalReason::kTooLarge:
      return StatusCode::RESOURCE_EXHAUSTED;
    case RefusalReason::kDuplicate:
      return StatusCode::ALREADY_EXISTS;
    case RefusalReason::kDamaged:
      return StatusCode::DATA_LOSS;
    case RefusalReason::kMalformed:
    case RefusalReason::kShape:
    case RefusalReason::kNotFinite:
      return StatusCode::INVALID_ARGUMENT;
    case RefusalReason::kNoSession:
    case RefusalReason::kSchema:
    case RefusalReason::kNumerics:
    case RefusalReason::kVersion:
    case RefusalReason::kStaleRound:
    case RefusalReason::kNotInCohort:
    case RefusalReason::kCount:
      return StatusCode::FAILED_PRECONDITION;
  }
  return StatusCode::UNKNOWN;
}

}  // namespace

grpc::Status status_of(RefusalReason reason, const std::string& text) {
  return {code_of(reason), text, std::string(host::to_string(reason))};
}

bool may_retry(const grpc::Status& status) {
  switch (status.error_code()) {
    case StatusCode::PERMISSION_DENIED:
    case StatusCode::UNAUTHENTICATED:
    case StatusCode::FAILED_PRECONDITION:
    case StatusCode::ABORTED:
    case StatusCode::INVALID_ARGUMENT:
    case StatusCode::UNIMPLEMENTED:
      return false;
    default:
      return true;
  }
}

std::string_view name_of(StatusCode code) {
  constexpr std::string_view kNames[] = {"OK",
                                         "CANCELLED",
                                         "UNKNOWN",
                                         "INVALID_ARGUMENT",
                                         "DEADLINE_EXCEEDED",
                                         "NOT_FOUND",
                                         "ALREADY_EXISTS",
                                         "PERMISSION_DENIED",
                                         "RESOURCE_EXHAUSTED",
                                         "FAILED_PRECONDITION",
                                         "ABORTED",
                                         "OUT_OF_RANGE",
                                         "UNIMPLEMENTED",
                                         "INTERNAL",
                                         "UNAVAILABLE",
                                         "DATA_LOSS",
                                         "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

}  // namespace skerry::real

#pragma once

#include "algorithms/sdk/check.hpp"
#include "scenarios/role/job.hpp"

namespace skerry::parts {

/// Reads a job's body. A body that cannot be read is a bug, since jobs come from our own roles.
template <class Body>
Body body_of(const role::Job& job) {
  auto body = from_bytes<Body>(job.body);
  SKERRY_CHECK(body.has_value(), "a job's body is what its role wrote");
  return *std::move(body);
}

/// Reads a job's report. A report that cannot be read is a bug, too.
template <class Report>
Report report_of(const ByteVector& bytes) {
  auto report = from_bytes<Report>(bytes);
  SKERRY_CHECK(report.has_value(), "a job's report is what its kind writes");
  return *std::move(report);
}

}  // namespace skerry::parts

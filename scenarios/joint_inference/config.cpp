#include "scenarios/joint_inference/config.hpp"

#include <set>

#include "algorithms/sdk/printable.hpp"

namespace skerry::joint_inference {

void Config::check(FieldReader& reader) const {
  if (threshold.has_value() == thresholds.has_value()) {
    reader.error("", "says exactly one of \"threshold\" and \"thresholds\"");
  }
  if (thresholds && thresholds->empty()) reader.error("thresholds", "is empty");
  std::set<double> seen;
  for (const double tried : thresholds.value_or(std::vector<double>())) {
    if (seen.insert(tried).second) continue;
    reader.error("thresholds", "lists " + number_text(tried) + " twice");
  }
  if (deadline && *deadline <= Duration()) {
    reader.error("deadline", "must be more than 0 s: the cloud would never be asked");
  }
  if (resend_after < Duration::milliseconds(1)) {
    reader.error("resend_after", "must be at least 1 ms");
  }
}

}  // namespace skerry::joint_inference

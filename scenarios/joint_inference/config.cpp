#include "scenarios/joint_inference/config.hpp"

namespace skerry::joint_inference {

void Config::check(FieldReader& reader) const {
  if (threshold.has_value() == thresholds.has_value()) {
    reader.error("", "says exactly one of \"threshold\" and \"thresholds\"");
  }
  if (thresholds && thresholds->empty()) reader.error("thresholds", "is empty");
  if (resend_after <= Duration()) reader.error("resend_after", "must be longer than nothing");
}

}  // namespace skerry::joint_inference

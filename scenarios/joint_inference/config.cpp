#include "scenarios/joint_inference/config.hpp"

namespace skerry::joint_inference {

void ModelConfig::check(FieldReader& reader) const {
  if (train && !file.empty()) reader.error("", kOneOrigin);
}

void RequestsConfig::check(FieldReader& reader) const {
  if (count.has_value() == duration.has_value()) {
    reader.error("", "says exactly one of \"count\" and \"duration\"");
  }
  if (interval <= Duration()) reader.error("interval", "must be longer than nothing");
}

void Config::check(FieldReader& reader) const {
  if (threshold.has_value() == thresholds.has_value()) {
    reader.error("", "says exactly one of \"threshold\" and \"thresholds\"");
  }
  if (thresholds && thresholds->empty()) reader.error("thresholds", "is empty");
  if (resend_after <= Duration()) reader.error("resend_after", "must be longer than nothing");
}

}  // namespace skerry::joint_inference

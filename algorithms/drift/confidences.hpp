#pragma once

#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/fields.hpp"

namespace skerry {

/// How sure a test has to be of a drift, and of a warning.
struct Confidences {
  double drift_confidence = 0.001;
  double warning_confidence = 0.005;

  template <class V>
  void fields(V& v) {
    v("drift_confidence", drift_confidence,
      {.meaning = "a_D, chance of a false drift", .min = 0, .max = 1, .above_min = true});
    v("warning_confidence", warning_confidence,
      {.meaning = "a_W, chance of a false warning", .min = 0, .max = 1, .above_min = true});
  }
  template <class R>
  void check(R& reader) const {
    if (warning_confidence < drift_confidence) {
      reader.error("warning_confidence", "is below \"drift_confidence\": it would never warn");
    }
  }
  /// @param moved  the test: whether the mean has moved, at a confidence.
  template <class Moved>
  Drift tested(const Moved& moved) const {
    if (moved(drift_confidence)) return Drift::kDrift;
    return moved(warning_confidence) ? Drift::kWarning : Drift::kNone;
  }
};

}  // namespace skerry

#include "algorithms/sdk/prediction.hpp"

#include <algorithm>

#include "algorithms/sdk/elementary.hpp"

namespace skerry {

std::int32_t best_class(std::span<const float> scores) {
  if (scores.size() == 1) return scores[0] > 0 ? 1 : 0;
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<float> class_probabilities(std::span<const float> scores) {
  const float both[2] = {0.0f, scores[0]};
  if (scores.size() == 1) scores = both;
  const double highest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares;
  double sum = 0;
  for (const float score : scores) {
    shares.push_back(exp_f64(score - highest));
    sum += shares.back();
  }
  std::vector<float> probabilities;
  for (const double share : shares) probabilities.push_back(static_cast<float>(share / sum));
  return probabilities;
}

}  // namespace skerry

#include "scenarios/joint_inference/tally.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/sdk/check.hpp"
#include "algorithms/sdk/time.hpp"

namespace skerry::joint_inference {

Tally& Tally::operator+=(const Tally& other) {
  requests += other.requests;
  edge_correct += other.edge_correct;
  joint_correct += other.joint_correct;
  hard += other.hard;
  offloaded += other.offloaded;
  fallbacks += other.fallbacks;
  late += other.late;
  refused += other.refused;
  bytes_up += other.bytes_up;
  latencies_ns.insert(latencies_ns.end(), other.latencies_ns.begin(), other.latencies_ns.end());
  return *this;
}

bool plausible(const Tally& tally) {
  const std::uint64_t most = tally.answered();
  const auto negative = [](std::int64_t latency) { return latency < 0; };
  return most <= tally.requests && tally.edge_correct <= most && tally.joint_correct <= most &&
         tally.hard <= most && tally.offloaded <= tally.hard && tally.fallbacks <= tally.hard &&
         std::none_of(tally.latencies_ns.begin(), tally.latencies_ns.end(), negative);
}

std::int64_t percentile(const std::vector<std::int64_t>& values, double share) {
  SKERRY_CHECK(!values.empty() && share > 0 && share <= 1, "a percentile of something");
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(rank) - 1];
}

std::vector<std::pair<std::string, double>> describe(Tally tally) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  std::vector<std::pair<std::string, double>> metrics{{"joint/requests", number(tally.requests)}};
  if (tally.requests > 0) {
    const double requests = number(tally.requests);
    metrics.emplace_back("joint/accuracy", number(tally.joint_correct) / requests);
    metrics.emplace_back("joint/edge_accuracy", number(tally.edge_correct) / requests);
    metrics.emplace_back("joint/offloaded", number(tally.offloaded) / requests);
    metrics.emplace_back("joint/from_cloud", number(tally.from_cloud()) / requests);
  }
  if (!tally.latencies_ns.empty()) {
    std::sort(tally.latencies_ns.begin(), tally.latencies_ns.end());
    double sum_ns = 0;
    for (const std::int64_t latency : tally.latencies_ns) sum_ns += static_cast<double>(latency);
    metrics.emplace_back("joint/latency_mean_s", sum_ns * 1e-9 / number(tally.answered()));
    const std::pair<const char*, double> shares[] = {
        {"joint/latency_p50_s", 0.5}, {"joint/latency_p95_s", 0.95}, {"joint/latency_p99_s", 0.99}};
    for (const auto& [name, share] : shares) {
      metrics.emplace_back(
          name, Duration::nanoseconds(percentile(tally.latencies_ns, share)).in_seconds());
    }
  }
  metrics.emplace_back("joint/bytes_up", number(tally.bytes_up.wire));
  metrics.emplace_back("joint/fallbacks", number(tally.fallbacks));
  metrics.emplace_back("joint/late", number(tally.late));
  metrics.emplace_back("joint/refused", number(tally.refused));
  if (tally.failed() > 0) metrics.emplace_back("joint/failed", number(tally.failed()));
  return metrics;
}

}  // namespace skerry::joint_inference

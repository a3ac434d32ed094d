#include "scenarios/joint_inference/results.hpp"

#include <utility>

namespace skerry::joint_inference {

namespace {

using role::Better;

std::vector<role::MetricInfo> answers() {
  return {
      {.name = "joint/accuracy",
       .label = "accuracy",
       .unit = "share",
       .meaning = "right answers, wherever they were given",
       .better = Better::kHigher,
       .headline = true,
       .most = 1},
      {.name = "joint/edge_accuracy",
       .label = "edge accuracy",
       .unit = "share",
       .meaning = "requests that the edge's own answer gets right, given or not",
       .better = Better::kHigher,
       .headline = true,
       .most = 1},
      {.name = "joint/cloud_accuracy",
       .label = "cloud accuracy",
       .unit = "share",
       .meaning = "requests that the cloud's model gets right, whether it was asked or not",
       .better = Better::kHigher,
       .headline = true,
       .most = 1},
      {.name = "joint/threshold",
       .label = "threshold",
       .meaning = "difficulty above which a sample goes to the cloud"},
      {.name = "joint/offloaded",
       .label = "offloaded",
       .unit = "share",
       .meaning = "requests sent to the cloud, whether it answered in time or not",
       .most = 1},
      {.name = "joint/from_cloud",
       .label = "answered by cloud",
       .unit = "share",
       .meaning = "requests that the cloud answered in time",
       .most = 1},
  };
}

std::vector<role::MetricInfo> costs() {
  return {
      {.name = "joint/latency_mean_s",
       .label = "latency mean",
       .unit = "s",
       .meaning = "mean time from request to answer",
       .better = Better::kLower},
      {.name = "joint/latency_p50_s",
       .label = "latency p50",
       .unit = "s",
       .meaning = "median time from request to answer",
       .better = Better::kLower,
       .quantile = true},
      {.name = "joint/latency_p95_s",
       .label = "latency p95",
       .unit = "s",
       .meaning = "time to answer that 95 % of requests keep",
       .better = Better::kLower,
       .quantile = true},
      {.name = "joint/latency_p99_s",
       .label = "latency p99",
       .unit = "s",
       .meaning = "time to answer that 99 % of requests keep",
       .better = Better::kLower,
       .quantile = true},
      {.name = "joint/bytes_up",
       .label = "bytes up",
       .unit = "bytes",
       .meaning = "examples sent from edges to cloud, on the wire",
       .better = Better::kLower},
      {.name = "joint/bytes_down",
       .label = "bytes down",
       .unit = "bytes",
       .meaning = "answers sent from cloud to edges, on the wire",
       .better = Better::kLower},
      {.name = "joint/requests",
       .label = "requests",
       .meaning = "requests that were made, and are over"},
      {.name = "joint/fallbacks",
       .label = "fallbacks",
       .meaning = "hard requests that the edge answered all the same, since the cloud did not in "
                  "time"},
      {.name = "joint/late",
       .label = "late answers",
       .meaning = "answers of the cloud that came too late",
       .better = Better::kLower},
      {.name = "joint/refused",
       .label = "refused messages",
       .meaning = "messages that made no sense",
       .better = Better::kLower},
      {.name = "joint/failed",
       .label = "failed requests",
       .meaning = "requests that got no answer, since the edge's model failed",
       .better = Better::kLower},
      {.name = "joint/lost",
       .label = "lost requests",
       .meaning = "requests of edges that never said what became of them: they crashed, were cut "
                  "off, or had no model. They count in no other metric",
       .better = Better::kLower},
  };
}

role::Section offloading() {
  return {.title = "Accuracy against offloading",
          .note =
              "Each mark is one threshold of difficulty: samples above it are sent to the cloud. "
              "Quantiles of several seeds are those of the middle seed, with the lowest and the "
              "highest.",
          .figures = {{.title = "Accuracy",
                       .y = "accuracy",
                       .lines = {{"joint/accuracy", "", ""}},
                       .x = "joint/offloaded",
                       .mark = "joint/threshold"},
                      {.title = "Latency",
                       .y = "latency",
                       .lines = {{"joint/latency_mean_s", "mean", ""},
                                 {"joint/latency_p50_s", "median", ""},
                                 {"joint/latency_p95_s", "95 %", ""},
                                 {"joint/latency_p99_s", "99 %", ""}},
                       .x = "joint/offloaded",
                       .mark = "joint/threshold"}},
          .columns = {"joint/threshold", "joint/offloaded", "joint/from_cloud", "joint/fallbacks",
                      "joint/lost", "joint/accuracy", "joint/edge_accuracy", "joint/cloud_accuracy",
                      "joint/latency_mean_s", "joint/latency_p50_s", "joint/latency_p95_s",
                      "joint/latency_p99_s", "joint/bytes_up"}};
}

}  // namespace

role::Results results() {
  role::Results results;
  results.metrics = answers();
  const auto rest = costs();
  results.metrics.insert(results.metrics.end(), rest.begin(), rest.end());
  results.sections = {offloading()};
  return results;
}

}  // namespace skerry::joint_inference

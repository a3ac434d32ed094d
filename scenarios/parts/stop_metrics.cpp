#include "scenarios/parts/stop_metrics.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace skerry::parts {

namespace {

/// A metric that Measuring notes, and the values that it may take.
struct StopMetric {
  std::string name;
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
};

std::vector<StopMetric> stop_metrics(std::uint32_t edges) {
  std::vector<StopMetric> all;
  for (const char* split : {"test", "validation"}) {
    all.push_back({.name = std::string(split) + "/accuracy", .most = 1});
    all.push_back({.name = std::string(split) + "/loss"});
  }
  all.push_back({.name = "edges/count", .most = static_cast<double>(edges)});
  // The deviation of two values between 0 and 1 is at most the root of a half.
  constexpr double kMostDeviation = 0.7072;
  for (const char* whose : {"edges/", "edges/personal_"}) {
    for (const char* statistic : {"_mean", "_sd", "_p10", "_worst"}) {
      const double most = std::string_view(statistic) == "_sd" ? kMostDeviation : 1;
      all.push_back({.name = std::string(whose) + "accuracy" + statistic, .most = most});
      all.push_back({.name = std::string(whose) + "loss" + statistic});
    }
  }
  return all;
}

/// What keeps a metric from being measured; empty where nothing does.
std::string why_not_measured(const std::string& metric, const EvaluateConfig& evaluate,
                             const role::Outline& outline) {
  if (metric.find("accuracy") != std::string::npos && !outline.has_classes) {
    return "the data has no classes";
  }
  if (metric.starts_with("test/") && !outline.cloud_tests) {
    return "the data's source has no test set";
  }
  if (metric.starts_with("validation/") && !outline.cloud_validates) {
    return "/data/split/server_validation is 0";
  }
  if (!metric.starts_with("edges/")) return "";
  if (!evaluate.edges) return "/evaluate/edges is missing";
  if (!outline.edges_test && metric != "edges/count") return "/data/split/client_test is 0";
  return "";
}

void check_condition(const StopCondition& condition, const EvaluateConfig& evaluate,
                     const role::Outline& outline, const std::string& pointer, Problems& problems) {
  const std::vector<StopMetric> known = stop_metrics(outline.edges);
  const std::string& name = *condition.metric;
  const auto metric = std::find_if(known.begin(), known.end(),
                                   [&](const StopMetric& one) { return one.name == name; });
  if (metric == known.end()) {
    std::vector<std::string> names;
    for (const StopMetric& one : known) names.push_back(one.name);
    const std::string near = nearest(name, names);
    return problems.add(pointer + "/metric",
                        "no metric \"" + name + "\" can end a run" +
                            (near.empty() ? "" : "; nearest \"" + near + "\"") +
                            "; all: " + listed(names));
  }
  if (const std::string why = why_not_measured(name, evaluate, outline); !why.empty()) {
    return problems.add(pointer + "/metric", "\"" + name + "\" is never measured: " + why);
  }
  if (condition.at_least && *condition.at_least > metric->most) {
    problems.add(pointer + "/at_least",
                 "\"" + name + "\" is never more than " + ConfigNode(metric->most).text());
  }
  if (condition.at_most && *condition.at_most < metric->least) {
    problems.add(pointer + "/at_most",
                 "\"" + name + "\" is never less than " + ConfigNode(metric->least).text());
  }
}

}  // namespace

void check_stop(const StopConfig& stop, const EvaluateConfig& evaluate,
                const role::Outline& outline, Problems& problems) {
  const auto check_list = [&](const std::vector<StopCondition>& conditions, const char* list) {
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      if (!conditions[i].metric) continue;
      check_condition(conditions[i], evaluate, outline,
                      "/stop/" + std::string(list) + "/" + std::to_string(i), problems);
    }
  };
  check_list(stop.any, "any");
  check_list(stop.all, "all");
}

}  // namespace skerry::parts

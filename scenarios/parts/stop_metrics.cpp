#include "scenarios/parts/stop_metrics.hpp"

#include <algorithm>
#include <string>

#include "algorithms/sdk/printable.hpp"
#include "scenarios/parts/measuring.hpp"

namespace skerry::parts {

namespace {

/// What keeps a metric from being measured; empty if nothing does.
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
  role::Results known;
  Measuring::declare(known);
  const std::string& name = *condition.metric;
  const role::MetricInfo* metric = known.find(name);
  if (metric == nullptr) {
    std::vector<std::string> names;
    for (const role::MetricInfo& one : known.metrics) names.push_back(one.name);
    return problems.add(pointer + "/metric",
                        "no metric \"" + name + "\" can end a run" + choices(name, names));
  }
  if (const std::string why = why_not_measured(name, evaluate, outline); !why.empty()) {
    return problems.add(pointer + "/metric", "\"" + name + "\" is never measured: " + why);
  }
  std::optional<double> most = metric->most;
  if (name == "edges/count") most = outline.edges;
  if (condition.at_least && most && *condition.at_least > *most) {
    problems.add(pointer + "/at_least",
                 "\"" + name + "\" is never more than " + ConfigNode(*most).text());
  }
  if (condition.at_most && metric->least && *condition.at_most < *metric->least) {
    problems.add(pointer + "/at_most",
                 "\"" + name + "\" is never less than " + ConfigNode(*metric->least).text());
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

#include "scenarios/parts/edge_survey.hpp"

#include <algorithm>
#include <cmath>

namespace skerry::parts {

void EdgeSurvey::begin(Round round, std::vector<NodeId> asked) {
  *this = EdgeSurvey();
  round_ = round;
  for (const NodeId node : asked) awaited_[node] = true;
}

bool EdgeSurvey::answered(NodeId node, const Evaluation& evaluation) {
  if (awaited_.erase(node) == 0) return false;
  heard_ = true;
  if (evaluation.samples > 0) answers_[node] = evaluation;
  return complete();
}

bool EdgeSurvey::lost(NodeId node) { return awaited_.erase(node) > 0 && complete(); }

namespace {

/// Mean, standard deviation (n - 1), tenth percentile (nearest rank from below) and the worst.
void describe(const std::string& name, std::vector<double> values, bool high_is_good,
              std::vector<std::pair<std::string, double>>& metrics) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
  const auto rank = static_cast<std::size_t>(std::ceil(n * 0.1)) - 1;
  metrics.emplace_back(name + "_mean", mean);
  metrics.emplace_back(name + "_sd", deviation);
  metrics.emplace_back(name + "_p10",
                       high_is_good ? values[rank] : values[values.size() - 1 - rank]);
  metrics.emplace_back(name + "_worst", high_is_good ? values.front() : values.back());
}

}  // namespace

std::vector<std::pair<std::string, double>> EdgeSurvey::conclude() {
  std::vector<double> accuracy, loss, personal_accuracy, personal_loss;
  for (const auto& [node, answer] : answers_) {
    accuracy.push_back(answer.accuracy);
    loss.push_back(answer.loss);
    if (answer.personal_accuracy) personal_accuracy.push_back(*answer.personal_accuracy);
    if (answer.personal_loss) personal_loss.push_back(*answer.personal_loss);
  }
  std::vector<std::pair<std::string, double>> metrics{
      {"edges/count", static_cast<double>(answers_.size())}};
  describe("edges/accuracy", std::move(accuracy), true, metrics);
  describe("edges/loss", std::move(loss), false, metrics);
  describe("edges/personal_accuracy", std::move(personal_accuracy), true, metrics);
  describe("edges/personal_loss", std::move(personal_loss), false, metrics);
  *this = EdgeSurvey();
  return metrics;
}

void EdgeSurvey::declare(role::Results& results) {
  struct Statistic {
    std::string name, accuracy, loss;
  };
  const Statistic statistics[] = {
      {"mean", "mean over edges", "mean over edges"},
      {"sd", "standard deviation over edges", "standard deviation over edges"},
      {"p10", "a tenth of the edges have no more", "a tenth of the edges have no less"},
      {"worst", "lowest of all edges", "highest of all edges"}};
  // The deviation of two values between 0 and 1 is at most the root of a half.
  constexpr double kMostDeviation = 0.7072;
  results.metrics.push_back(
      {.name = "edges/count", .label = "edges asked", .meaning = "edges that evaluated the model"});
  for (const bool personal : {false, true}) {
    const std::string whose = personal ? "personal " : "";
    const std::string model = personal ? "its personal model" : "the global model";
    for (const Statistic& each : statistics) {
      const bool spread = each.name == "sd";
      const std::string prefix = personal ? "edges/personal_" : "edges/";
      results.metrics.push_back(
          {.name = prefix + "accuracy_" + each.name,
           .label = whose + "accuracy on edges, " + each.name,
           .unit = "share",
           .meaning = "accuracy on an edge's own data: " + each.accuracy + ", of " + model,
           .better = spread ? role::Better::kLower : role::Better::kHigher,
           .most = spread ? kMostDeviation : 1.0});
      results.metrics.push_back(
          {.name = prefix + "loss_" + each.name,
           .label = whose + "loss on edges, " + each.name,
           .unit = "nats",
           .meaning = "loss on an edge's own data: " + each.loss + ", of " + model,
           .better = role::Better::kLower});
    }
  }
  role::Section section{.title = "Spread over edges", .note = "", .figures = {}, .columns = {}};
  for (const std::string whose : {"", "personal_"}) {
    const std::string name = "edges/" + whose + "accuracy_";
    section.figures.push_back({.title = whose.empty() ? "Accuracy on each edge’s own data"
                                                      : "Accuracy of each edge’s personal model",
                               .y = "accuracy",
                               .lines = {{name + "mean", "mean", name + "sd"},
                                         {name + "p10", "lowest tenth", ""},
                                         {name + "worst", "worst", ""}},
                               .x = "",
                               .mark = ""});
  }
  results.sections.push_back(std::move(section));
}

}  // namespace skerry::parts

#include "scenarios/incremental/results.hpp"

#include "scenarios/incremental/chronicle.hpp"
#include "scenarios/parts/harvest.hpp"
#include "scenarios/parts/traffic.hpp"

namespace skerry::incremental {

namespace {

using role::Better;

std::vector<role::MetricInfo> loop() {
  const auto count = [](const char* name, const char* label, const char* meaning,
                        Better better = Better::kNeither, bool headline = false) {
    return role::MetricInfo{
        .name = name, .label = label, .meaning = meaning, .better = better, .headline = headline};
  };
  return {
      {.name = "sampled/accuracy",
       .label = "sampled accuracy",
       .unit = "share",
       .meaning = "right answers of the deployed model on its newest sampled and labelled ones: "
                  "what the cloud can know",
       .better = Better::kHigher,
       .most = 1},
      count("loop/trainings", "trainings", "trainings since the start", Better::kNeither, true),
      count("loop/deployments", "deployments", "models deployed on all edges since the start",
            Better::kNeither, true),
      count("loop/rejected", "rejected models", "models that the deploy rule was against"),
      count("loop/rollbacks", "rollbacks", "models that went again, since answers were worse"),
      count("loop/spoilt_answers", "spoilt answers", "answers of models that were rolled back",
            Better::kLower),
      count("loop/failed", "failed trainings", "trainings and trials that gave no result",
            Better::kLower),
      count("loop/failed_loads", "failed loads",
            "orders to load a model that an edge could not "
            "carry out",
            Better::kLower),
      count("loop/refused", "refused messages", "messages that made no sense", Better::kLower),
      count("model/deployed", "deployed model", "number of the model that is deployed"),
      {.name = "retrain/loss",
       .label = "training loss",
       .unit = "nats",
       .meaning = "mean loss over the steps of a training",
       .better = Better::kLower},
      {.name = "trial/accuracy",
       .label = "accuracy of a new model",
       .unit = "share",
       .meaning = "on sampled and labelled examples, before it is deployed",
       .better = Better::kHigher,
       .most = 1},
      {.name = "trial/deployed_accuracy",
       .label = "accuracy of the deployed model",
       .unit = "share",
       .meaning = "on the same examples as a new model",
       .better = Better::kHigher,
       .most = 1},
      {.name = "drift/recovery_s",
       .label = "mean recovery time",
       .unit = "s",
       .meaning = "from the beginning of an experience until answers are as good as before it, "
                  "twice in a row; of those that recovered",
       .better = Better::kLower,
       .headline = true,
       .averaged = true,
       .step = "experience"},
      count("drift/unrecovered", "unrecovered drifts",
            "experiences in which answers have not been as good as before them", Better::kLower,
            true),
  };
}

role::Section answers() {
  return {.title = "Answers",
          .note =
              "Served accuracy is measured; sampled accuracy is what the cloud can know of it, "
              "from the answers that were sampled and have labels. A drift is where an "
              "experience begins; the loop is not told.",
          .figures =
              {{.title = "Accuracy, and what happened in the loop",
                .y = "accuracy",
                .lines = {{"served/accuracy", "served", ""}, {"sampled/accuracy", "sampled", ""}},
                .events = {{"event/drift", "drift"},
                           {"event/detection", "detected"},
                           {"event/training", "training"},
                           {"event/failed", "failed"},
                           {"event/rejected", "rejected"},
                           {"event/deployed", "deployed"},
                           {"event/rolled_back", "rolled back"}}},
               {.title = "Which model edges answer with",
                .y = "share of the edges",
                .lines = {{"edges/with_model", "model", ""}},
                .drawn = role::Drawn::kLayers},
               {.title = "Staleness", .y = "staleness", .lines = {{"served/staleness_s", "", ""}}}},
          .columns = {}};
}

role::Section turns() {
  return {.title = "The loop",
          .note = "A turn begins where the trigger starts a training.",
          .figures = {{.title = "One turn",
                       .y = "since the trigger",
                       .lines = {{"turn/training_s", "training", ""},
                                 {"turn/trial_s", "trial", ""},
                                 {"turn/shadow_s", "shadow", ""},
                                 {"turn/canary_s", "canary", ""},
                                 {"turn/everyone_s", "everyone", ""}},
                       .drawn = role::Drawn::kPhases},
                      {.title = "Turns",
                       .y = "since the start",
                       .lines = {{"loop/trainings", "trained", ""},
                                 {"loop/deployments", "deployed", ""},
                                 {"loop/rejected", "rejected", ""},
                                 {"loop/rollbacks", "rolled back", ""}}}},
          .columns = {}};
}

role::Section costs() {
  return {.title = "Costs",
          .note =
              "Parts of a bar: what was spent before the first training, and from one training "
              "to the next.",
          .figures = {{.title = "What the run cost",
                       .y = "",
                       .lines = {},
                       .drawn = role::Drawn::kTotals,
                       .events = {{"event/training", "training"}}},
                      {.title = "Labels", .y = "labels", .lines = {{"labels/bought", "", ""}}}},
          .columns = {}};
}

}  // namespace

role::Results results() {
  role::Results results;
  parts::Harvest::declare(results);
  for (role::MetricInfo& metric : loop()) results.metrics.push_back(std::move(metric));
  parts::Traffic::declare(results);
  Chronicle::declare(results);
  results.step = "check";
  results.sections = {answers(), turns(), costs()};
  return results;
}

}  // namespace skerry::incremental

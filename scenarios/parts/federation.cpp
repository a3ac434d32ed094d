#include "scenarios/parts/federation.hpp"

#include <algorithm>
#include <string>

namespace skerry::parts {

namespace {

/// What the cloud is asked to train on, and whether anybody can be asked at all.
void check_asking(const FederationConfig& config, const role::ParadigmContext& context,
                  Problems& problems) {
  const auto ask = context.registry.make(config.server.reduce)->ask();
  if (!ask) return;
  const std::string name = "\"" + config.server.reduce.name + "\"";
  if (config.rounds.mode == Mode::kAsync) {
    problems.add("/server/reduce/name", name +
                                            " asks for work when a round begins: it needs "
                                            "\"rounds\": {\"mode\": \"sync\"}");
  }
  for (const NodeId node : ask->nodes) {
    if (node.is_edge() && node.index() >= context.edges) {
      problems.add("/server/reduce/name",
                   name + " asks " + to_string(node) + ", of which the scenario knows nothing");
    }
    if (node.is_cloud() && context.data.size(node, Split::kValidation) == 0 &&
        !context.edges_only) {
      problems.add("/data/split/server_validation",
                   "is 0: " + name + " needs examples of the cloud's own (its root data set)");
    }
  }
}

void check_measured(const FederationConfig& config, const role::ParadigmContext& context,
                    Problems& problems) {
  if (context.data.size(NodeId::cloud(), Split::kTest) > 0 ||
      context.data.size(NodeId::cloud(), Split::kValidation) > 0) {
    return;
  }
  for (const auto& condition : config.stop.any) {
    if (condition.metric && !condition.metric->starts_with("edges/")) {
      problems.add("/stop/any", "the cloud has no test or validation data, so \"" +
                                    *condition.metric + "\" is never measured");
    }
  }
}

}  // namespace

void check_federation(const FederationConfig& config, const role::ParadigmContext& context,
                      Problems& problems) {
  const auto reducer = context.registry.make(config.server.reduce);
  const auto selector = context.registry.make(config.select.selector);
  const ReducerTraits traits = reducer->traits();
  const std::uint32_t cohort = config.select.cohort(context.edges);
  if (config.rounds.mode == Mode::kAsync && selector->asks()) {
    problems.add("/select/name", "\"" + config.select.selector.name +
                                     "\" asks nodes before it selects, which needs rounds: "
                                     "\"rounds\": {\"mode\": \"sync\"}");
  }
  if (config.rounds.mode == Mode::kSync && traits.buffer > 0) {
    problems.add("/server/reduce/name", "\"" + config.server.reduce.name +
                                            "\" steps when its buffer is full: it needs "
                                            "\"rounds\": {\"mode\": \"async\"}");
  }
  if (config.rounds.mode == Mode::kSync &&
      std::max(traits.minimum, config.rounds.minimum) > cohort) {
    problems.add("/select", "a cohort of " + std::to_string(cohort) + " is smaller than the " +
                                std::to_string(std::max(traits.minimum, config.rounds.minimum)) +
                                " updates a round needs");
  }
  Terms::check(config.local.terms, "/local/terms", problems);
  UpdatePath::check(config.server, config.update, context.registry, problems);
  const TransformList up(config.update.up, context.registry);
  if (config.rounds.mode == Mode::kAsync && up.exchanges() > 0) {
    problems.add("/update/up",
                 "asks for further exchanges, which needs rounds: "
                 "\"rounds\": {\"mode\": \"sync\"}");
  }
  check_asking(config, context, problems);
  check_measured(config, context, problems);
}

void check_hazards(const FederationConfig& config, const role::Hazards& hazards,
                   Problems& problems) {
  if (!hazards.loses_messages || config.rounds.deadline || ends_in_time(config.stop)) return;
  problems.add("/rounds/deadline",
               "is missing: the world loses messages, and the cloud would wait for ever for the "
               "answer to a lost one");
}

Federation::Federation(const FederationConfig& config, const role::ParadigmContext& context,
                       const Learner& learner, Channel channel, role::JobKinds& kinds)
    : config_(config),
      registry_(context.registry),
      data_(context.data),
      seeds_(context.seeds),
      edges_(context.edges),
      channel_(channel),
      training_(config.local, context.registry, learner, context.data, context.edges),
      evaluator_(learner, context.data, &training_.method()),
      path_(config.server, config.update, training_,
            {.registry = context.registry,
             .learner = learner,
             .population = context.edges,
             .seeds = context.seeds,
             .entropy = context.entropy}),
      keeps_state_(!training_.state_shape().empty() || !path_.codec_state().empty()),
      kinds_{.initialise = kinds.add(path_.initialise()),
             .train = kinds.add(training_.on_edge()),
             .train_for_ask = kinds.add(training_.for_ask()),
             .end_experience = kinds.add(training_.on_boundary()),
             .encode = kinds.add(path_.encode()),
             .decode = kinds.add(path_.decode()),
             .accumulate = kinds.add(path_.accumulate()),
             .finish = kinds.add(path_.finish()),
             .evaluate = kinds.add(evaluator_.on_cloud()),
             .evaluate_on_edge = kinds.add(evaluator_.on_node()),
             .encode_down = kinds.add(path_.encode_down()),
             .decode_down = kinds.add(path_.decode_down())} {}

}  // namespace skerry::parts

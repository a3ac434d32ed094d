#include "scenarios/parts/federation.hpp"

#include <algorithm>
#include <string>

#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/measuring.hpp"
#include "scenarios/parts/stop_metrics.hpp"
#include "scenarios/parts/traffic.hpp"
#include "scenarios/parts/update_ledger.hpp"

namespace skerry::parts {

namespace {

/// Checks what the cloud is asked to train on, and whether anybody can be asked at all.
void check_asking(const FederationConfig& config, const role::Outline& outline,
                  Problems& problems) {
  const auto ask = outline.registry.make(config.server.reduce)->ask();
  if (!ask) return;
  const std::string name = "\"" + config.server.reduce.name + "\"";
  if (config.rounds.mode == Mode::kAsync) {
    problems.add("/server/reduce/name", name +
                                            " asks for work when a round begins: it needs "
                                            "\"rounds\": {\"mode\": \"sync\"}");
  }
  for (const NodeId node : ask->nodes) {
    if (node.is_edge() && node.index() >= outline.edges) {
      problems.add("/server/reduce/name",
                   name + " asks " + to_string(node) + ", of which the scenario knows nothing");
    }
    if (node.is_cloud() && !outline.cloud_validates) {
      problems.add("/data/split/server_validation",
                   "is 0: " + name + " needs examples of the cloud's own (its root data set)");
    }
  }
}

/// How many updates make the next model, if all come.
std::uint32_t updates_of_step(const FederationConfig& config, const ReducerTraits& reducer,
                              std::uint32_t edges) {
  const std::uint32_t cohort = config.select.cohort(edges);
  if (config.rounds.mode == Mode::kSync) return cohort;
  return reducer.buffer > 0 ? reducer.buffer : config.rounds.concurrency.value_or(cohort);
}

/// Finds what the method does already. Two pulls add up: that of either is not what it says.
void check_terms(const LocalConfig& local, Problems& problems) {
  Terms::check(local.terms, "/local/terms", problems);
  for (std::size_t i = 0; i < local.terms.size(); ++i) {
    if (local.method.name != "fedprox" || local.terms[i].name != "proximal") continue;
    problems.add("/local/terms/" + std::to_string(i),
                 "\"proximal\" is the pull that the method \"fedprox\" has already: take one of "
                 "them");
  }
}

/// A schedule over rounds that has to end where the run does.
void check_schedule(const RateSchedule& schedule, const StopConfig& stop,
                    const std::string& pointer, Problems& problems) {
  if (!schedule.needs_end()) return;
  const auto rounds = last_round(stop);
  if (!rounds) {
    problems.add(pointer + "/total",
                 "is missing, and \"stop\" has no \"rounds\" that could tell where the cosine "
                 "ends");
  } else if (*rounds <= schedule.warm_up) {
    problems.add(pointer + "/warm_up", "takes " + std::to_string(schedule.warm_up) +
                                           " rounds, and the run ends after " +
                                           std::to_string(*rounds));
  }
}

/// Finds numbers of edges that the scenario does not have, and rounds that could never count.
void check_numbers(const FederationConfig& config, const role::Outline& outline,
                   const ReducerTraits& reducer, Problems& problems) {
  const auto at_most_all = [&](const std::optional<std::uint32_t>& number, const char* pointer) {
    if (!number || *number <= outline.edges) return;
    problems.add(pointer, "is " + std::to_string(*number) + ", but the scenario has " +
                              std::to_string(outline.edges) + " edges");
  };
  at_most_all(config.select.count, "/select/count");
  at_most_all(config.rounds.concurrency, "/rounds/concurrency");
  at_most_all(config.rounds.start_with, "/rounds/start_with");
  const std::uint32_t cohort = config.select.cohort(outline.edges);
  const std::uint32_t needed = std::max(reducer.minimum, config.rounds.minimum);
  if (config.rounds.over_select > 0 && cohort >= outline.edges) {
    problems.add("/rounds/over_select", "has no effect: a cohort is all of the " +
                                            std::to_string(outline.edges) + " edges");
  }
  if (config.rounds.mode == Mode::kSync && needed > cohort) {
    problems.add("/select", "a cohort of " + std::to_string(cohort) + " is smaller than the " +
                                std::to_string(needed) + " updates a round needs");
  }
  const std::uint32_t buffer = updates_of_step(config, reducer, outline.edges);
  if (config.rounds.mode == Mode::kAsync && needed > buffer) {
    problems.add("/rounds/minimum", "the " + std::to_string(buffer) +
                                        " updates of a step are fewer than the " +
                                        std::to_string(needed) + " it needs");
  }
}

}  // namespace

void check_federation(const FederationConfig& config, const role::Outline& outline,
                      Problems& problems) {
  const auto selector = outline.registry.make(config.select.selector);
  const ReducerTraits traits = outline.registry.make(config.server.reduce)->traits();
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
  if (!selector->sized()) {
    const std::string why = "means nothing with \"" + config.select.selector.name +
                            "\", which takes every edge that is eligible";
    if (config.select.fraction) problems.add("/select/fraction", why);
    if (config.select.count) problems.add("/select/count", why);
  }
  check_numbers(config, outline, traits, problems);
  check_schedule(config.local.schedule, config.stop, "/local/schedule", problems);
  check_schedule(config.server.schedule, config.stop, "/server/schedule", problems);
  check_terms(config.local, problems);
  if (outline.schema) check_data(config, outline.registry, *outline.schema, problems);
  UpdatePath::check(config.server, config.update, outline.registry, problems);
  const TransformList up(config.update.up, outline.registry);
  if (config.rounds.mode == Mode::kAsync && up.exchanges() > 0) {
    problems.add("/update/up",
                 "asks for further exchanges, which needs rounds: "
                 "\"rounds\": {\"mode\": \"sync\"}");
  }
  check_asking(config, outline, problems);
  if (config.evaluate.edges && !outline.edges_test) {
    problems.add("/evaluate/edges",
                 "no edge has an example to test on: /data/split/client_test is 0");
  }
  check_stop(config.stop, config.evaluate, outline, problems);
}

namespace {

/// Rounds whose rate is 0 change nothing.
void remark_on(const RateSchedule& schedule, const StopConfig& stop, const std::string& pointer,
               std::vector<std::string>& remarks) {
  const auto rounds = last_round(stop);
  if (!schedule.total || schedule.floor.value_or(0) > 0) return;
  if (rounds && *rounds <= *schedule.total) return;
  remarks.push_back(pointer + "/total: the learning rate is 0 after " +
                    std::to_string(*schedule.total) + " rounds, and the run " +
                    (rounds ? "has " + std::to_string(*rounds) : std::string("may have more")));
}

}  // namespace

std::vector<std::string> remarks_of(const FederationConfig& config, const Registry& registry,
                                    std::uint32_t edges) {
  std::vector<std::string> remarks;
  remark_on(config.local.schedule, config.stop, "/local/schedule", remarks);
  remark_on(config.server.schedule, config.stop, "/server/schedule", remarks);
  const auto reducer = registry.make(config.server.reduce);
  const ReducerTraits traits = reducer->traits();
  const std::uint32_t updates = updates_of_step(config, traits, edges);
  if (traits.bound != ReducerTraits::Bound::kNone && !reducer->withstands(updates, 1)) {
    remarks.push_back("/server/reduce: " + in_words(config.server.reduce) +
                      " withstands not even one wild update among the " + std::to_string(updates) +
                      " of a round");
  }
  if (config.rounds.concurrency && (config.select.fraction || config.select.count)) {
    remarks.push_back(std::string("/select/") + (config.select.count ? "count" : "fraction") +
                      ": has no effect beside /rounds/concurrency, which says how many edges train "
                      "at a time");
  }
  return remarks;
}

role::Results federation_results(const FederationConfig& config) {
  role::Results results;
  results.step = "round";
  if (config.rounds.deadline && config.rounds.mode == Mode::kSync) {
    results.step_limit_s = config.rounds.deadline->in_seconds();
  }
  Measuring::declare(results);
  UpdateLedger::declare(results);
  Traffic::declare(results);
  return results;
}

void check_data(const FederationConfig& config, const Registry& registry, const DataSchema& schema,
                Problems& problems) {
  Terms::check_data(registry, config.local.terms, schema, "/local/terms", problems);
}

void check_hazards(const FederationConfig& config, const role::Hazards& hazards,
                   Problems& problems) {
  if (!hazards.loses_messages || config.rounds.deadline || ends_in_time(config.stop)) return;
  problems.add("/rounds/deadline",
               "is missing: the world loses messages, and the cloud would wait for ever for the "
               "answer to a lost one");
}

Federation::Federation(const FederationConfig& config, const role::ParadigmContext& context,
                       const Learner& learner, Channel channel, role::JobKinds& kinds,
                       UpdatePath::Origin origin)
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
             .rounds = last_round(config.stop).value_or(0),
             .seeds = context.seeds,
             .origin = std::move(origin),
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

float Federation::rate_scale(Round round) const {
  const std::uint32_t rounds = last_round(config_.stop).value_or(0);
  return static_cast<float>(config_.local.schedule.factor(round > 0 ? round - 1 : 0, rounds));
}

}  // namespace skerry::parts

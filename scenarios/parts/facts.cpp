#include "scenarios/parts/facts.hpp"

namespace skerry::parts {

namespace {

std::string batches(std::uint32_t size) {
  return size == 0 ? "one batch of everything" : "batches of " + std::to_string(size);
}

/// "; rate over rounds: cosine (warm_up 3)", or nothing where the rate stays.
std::string rate(const RateSchedule& schedule, const std::string& over) {
  if (schedule.constant()) return "";
  ConfigNode node = FieldWriter::write(schedule);
  const std::string shape = *node.find("shape")->as_string();
  node.erase("shape");
  if (schedule.warm_up == 0) node.erase("warm_up");
  return "; rate over " + over + ": " + in_words(shape, node);
}

std::string local(const LocalConfig& config) {
  std::string text = in_words(config.method) + "; ";
  text += config.steps > 0 ? counted(config.steps, "step") : counted(config.passes(), "epoch");
  return text + " in " + batches(config.batch_size) + "; " + in_words(config.optimizer) +
         rate(config.schedule, "rounds") + rate(config.step_schedule, "steps");
}

std::string cohort(const SelectConfig& select, const RoundsConfig& rounds, std::uint32_t edges) {
  if (rounds.mode == Mode::kAsync) {
    const std::uint32_t at_once = rounds.concurrency.value_or(select.cohort(edges));
    return counted(at_once, "edge") + " of " + std::to_string(edges) + " at a time; " +
           in_words(select.selector);
  }
  return counted(select.cohort(edges), "edge") + " of " + std::to_string(edges) + " in a round; " +
         in_words(select.selector);
}

std::string rounds_in_words(const RoundsConfig& rounds) {
  std::string text = rounds.mode == Mode::kAsync
                         ? "asynchronous: a step whenever the buffer is full"
                         : "synchronous";
  if (rounds.deadline) text += "; deadline " + to_string(*rounds.deadline);
  if (rounds.over_select > 0) {
    text += "; " + ConfigNode(rounds.over_select).text() + " of the cohort asked beside it";
  }
  if (rounds.minimum > 1) text += "; at least " + counted(rounds.minimum, "update");
  return text;
}

std::string every(std::uint32_t rounds) {
  return std::string("every ") + (rounds == 1 ? "round" : std::to_string(rounds) + " rounds");
}

}  // namespace

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string in_words(const std::string& name, const ConfigNode& parameters) {
  std::string inside;
  if (const ConfigNode::Object* keys = parameters.as_object()) {
    for (const auto& [key, value] : *keys) {
      if (value.is_null() || key == "name") continue;
      const std::string* text = value.as_string();
      if (text != nullptr && text->empty()) continue;
      inside += (inside.empty() ? "" : ", ") + key + " " + (text ? *text : value.text());
    }
  }
  return inside.empty() ? name : name + " (" + inside + ")";
}

std::vector<role::Fact> facts_of(const FederationConfig& config, std::uint32_t edges) {
  std::vector<role::Fact> facts;
  facts.push_back({"cohort", cohort(config.select, config.rounds, edges)});
  facts.push_back({"local training", local(config.local)});
  if (!config.local.terms.empty()) facts.push_back({"local terms", in_words(config.local.terms)});
  facts.push_back({"update, up", in_words(config.update.up)});
  const bool change = config.update.down_sends == DownSends::kChange;
  facts.push_back(
      {"model, down", in_words(config.update.down) + (change ? "; sent as its change" : "")});
  facts.push_back({"server", in_words(config.server.reduce) + ", then " +
                                 in_words(config.server.optimizer) +
                                 rate(config.server.schedule, "rounds")});
  if (!config.server.stages.empty()) {
    facts.push_back({"server stages", in_words(config.server.stages)});
  }
  facts.push_back({"rounds", rounds_in_words(config.rounds)});
  const EvaluateConfig& evaluate = config.evaluate;
  std::string measured = every(evaluate.every.rounds);
  if (evaluate.edges) measured += "; on edges " + every(evaluate.edges->every.rounds);
  facts.push_back({"evaluation", std::move(measured)});
  facts.push_back({"stop", in_words(config.stop)});
  return facts;
}

}  // namespace skerry::parts

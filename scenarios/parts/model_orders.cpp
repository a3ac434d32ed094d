#include "scenarios/parts/model_orders.hpp"

#include <vector>

namespace skerry::parts {

namespace {

ModelOrderDone refused(std::string why) { return {.reply = {false, std::move(why)}}; }

ModelOrderDone change_tag(const std::vector<std::string>& words, ModelRegistry& registry) {
  if (words.size() != 3) return refused("\"" + words[0] + "\" needs a model and a tag");
  const auto model = registry.catalogue().named(words[1]);
  if (!model) return refused(model.message());
  const bool gives = words[0] == "tag";
  const Status changed = gives ? registry.tag(*model, words[2]) : registry.untag(*model, words[2]);
  if (!changed) return refused(changed.message());
  return {.reply = {true, model_name(*model) + (gives ? " has" : " no longer has") + " the tag \"" +
                              words[2] + "\""}};
}

ModelOrderDone roll_back(const std::vector<std::string>& words, ModelRegistry& registry,
                         Rollout& rollout, SimTime now, role::Effects& effects) {
  if (words.size() > 2) return refused("\"rollback\" goes back to one model");
  if (const auto edge = rollout.going_back(now)) {
    return refused("a rollback to " + model_name(rollout.deployed().version) +
                   " is under way: " + to_string(*edge) + " has not answered yet");
  }
  const ModelVersion trial = rollout.candidate().version, deployed = rollout.deployed().version;
  const auto target = registry.way_back(words.size() == 2 ? words[1] : "", trial != 0);
  if (!target) return refused(target.message());
  if (trial != 0) registry.rolled_back(trial);
  registry.go_back(target->version);
  rollout.go_back(*target, now, effects);
  const ModelVersion gone = trial != 0 ? trial : deployed;
  std::string text =
      "every edge goes back to " + model_name(target->version) + "; " + model_name(gone);
  if (trial != 0 && target->version != deployed) text += " and " + model_name(deployed);
  return {
      .reply = {true, text + " will not answer any more"}, .gone = gone, .on_trial = trial != 0};
}

}  // namespace

std::vector<CommandForm> model_order_forms() {
  return {"tag MODEL TAG", "untag MODEL TAG", "rollback [MODEL]"};
}

std::optional<ModelOrderDone> carry_out_model_order(const std::string& command,
                                                    ModelRegistry& registry, Rollout& rollout,
                                                    SimTime now, role::Effects& effects) {
  const std::vector<std::string> words = words_of(command);
  if (words.empty()) return std::nullopt;
  if (words[0] == "tag" || words[0] == "untag") return change_tag(words, registry);
  if (words[0] == "rollback") return roll_back(words, registry, rollout, now, effects);
  return std::nullopt;
}

}  // namespace skerry::parts

#include "scenarios/parts/rollout.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/random.hpp"

namespace skerry::parts {

void RolloutConfig::check(FieldReader& reader) const {
  if (hold < Duration()) reader.error("hold", "is negative");
  if (resend_after <= Duration()) reader.error("resend_after", "must be longer than nothing");
  if (hold > Duration()) return;
  const char* const useless = "has no effect while \"hold\" is 0 s: nothing would be seen of it";
  if (canary) reader.error("canary", useless);
  if (shadow) reader.error("shadow", useless);
  if (margin) reader.error("margin", useless);
  if (examples) reader.error("examples", useless);
}

std::string in_words(const RolloutConfig& config) {
  if (config.hold == Duration()) return "on all edges at once, and it stays";
  std::string words = config.shadow ? "in the shadow, " : "";
  if (config.canary) words += "on " + number_text(*config.canary) + " of the edges, ";
  return words + "on all, " + to_string(config.hold) + " each; back if " +
         number_text(config.allowed_loss()) + " less accurate than the model before on " +
         std::to_string(config.judged_on()) + " labelled answers";
}

/// Drawn for each model anew.
bool Rollout::in_canary(NodeId edge) const {
  const std::uint32_t edges = membership_.size();
  const double share = config_.canary.value_or(1) * edges;
  const auto canaries = std::max(std::uint64_t{1}, static_cast<std::uint64_t>(share + 0.5));
  const KeyedPermutation order(seed_, "canary/" + std::to_string(candidate_.version), edges);
  return order(edge.index()) < canaries;
}

const NumberedModel& Rollout::wanted(NodeId edge) const {
  const bool fresh = step_ == Step::kEveryone || (step_ == Step::kCanary && in_canary(edge));
  return fresh ? candidate_ : deployed_;
}

/// Tells an edge what it should have, if it has not been told yet, or not answered for long.
void Rollout::order(NodeId edge, SimTime now, role::Effects& effects) {
  if (!membership_.present(edge)) return;
  const NumberedModel& serving = wanted(edge);
  if (serving.version == 0) return;
  Told& told = edges_[edge];
  // Canaries come after the shadow: the others keep the model there until they answer with it.
  const bool in_step =
      step_ == Step::kShadow || (config_.shadow && step_ == Step::kCanary && !in_canary(edge));
  const bool watches = in_step && told.serving == serving.version;
  const ModelVersion shadow = watches ? candidate_.version : 0;
  const bool news = told.wanted != serving.version || told.shadow != shadow;
  const bool overdue = !told.answered && now - told.at >= config_.resend_after;
  if (!news && !overdue) return;
  const bool lacks = told.lacks(serving.version);
  const bool in_shadow = told.answered && told.shadow == serving.version;
  told.number = ++number_;
  told.at = now;
  told.answered = false;
  const ModelVersion had =
      std::max(std::exchange(told.wanted, serving.version), std::exchange(told.shadow, shadow));
  told.back = shadow == 0 && (in_shadow || (had > serving.version && !lacks));
  role::Message sent;
  if (shadow != 0) {
    sent =
        channel_.message(NodeId::cloud(), edge, RolloutKind::kInstall,
                         InstallOrder{told.number, shadow, InstallAs::kShadow}, {candidate_.model});
  } else if (told.back) {
    sent = channel_.message(NodeId::cloud(), edge, RolloutKind::kGoBack,
                            GoBackOrder{told.number, serving.version});
  } else {
    sent = channel_.message(NodeId::cloud(), edge, RolloutKind::kInstall,
                            InstallOrder{told.number, serving.version, InstallAs::kServing},
                            {serving.model});
  }
  traffic_.went_down(sent);
  membership_.send(std::move(sent), effects);
}

void Rollout::order_all(SimTime now, role::Effects& effects) {
  for (std::uint32_t k = 0; k < membership_.size(); ++k) order(NodeId::edge(k), now, effects);
}

void Rollout::first(NumberedModel model, SimTime now, role::Effects& effects) {
  deployed_ = std::move(model);
  order_all(now, effects);
}

void Rollout::enter(Step step, SimTime now, role::Effects& effects) {
  step_ = step;
  since_ = now;
  order_all(now, effects);
}

/// The step after this one; kNone after the last.
Rollout::Step Rollout::next() const {
  switch (step_) {
    case Step::kNone:
      if (config_.shadow) return Step::kShadow;
      [[fallthrough]];
    case Step::kShadow:
      return config_.canary ? Step::kCanary : Step::kEveryone;
    case Step::kCanary:
      return Step::kEveryone;
    case Step::kEveryone:
      return Step::kNone;
  }
  return Step::kNone;
}

void Rollout::begin(NumberedModel model, SimTime now, role::Effects& effects) {
  candidate_ = std::move(model);
  load_fault_.clear();
  goes_back_ = false;
  enter(next(), now, effects);
}

/// The model under way goes: edges that have it are to go back.
void Rollout::drop_candidate() {
  outcomes_.erase(candidate_.version);
  candidate_ = {};
  load_fault_.clear();
  goes_back_ = true;
}

void Rollout::go_back(NumberedModel target, SimTime now, role::Effects& effects) {
  if (target.version != deployed_.version) {
    outcomes_.erase(deployed_.version);
    deployed_ = std::move(target);
  }
  drop_candidate();
  enter(Step::kNone, now, effects);
}

std::optional<NodeId> Rollout::going_back(SimTime now) const {
  if (!goes_back_ || now - since_ >= config_.resend_after) return std::nullopt;
  for (const auto& [edge, told] : edges_) {
    const bool back = told.serving == deployed_.version && told.answered;
    if (!back && membership_.present(edge)) return edge;
  }
  return std::nullopt;
}

void Rollout::Window::add(bool one, std::size_t most) {
  right.push_back(one);
  if (right.size() > most) right.erase(right.begin());
}

double Rollout::Window::share() const {
  return static_cast<double>(std::count(right.begin(), right.end(), true)) /
         static_cast<double>(right.size());
}

void Rollout::judged(const Judgement& judgement) {
  const auto note = [this](ModelVersion version, bool right) {
    if (version == 0 || (version != deployed_.version && version != candidate_.version)) return;
    outcomes_[version].add(right, config_.judged_on());
  };
  note(judgement.version, judgement.right);
  note(judgement.shadow, judgement.shadow_right);
  of_edges_[judgement.node].add(judgement.right, config_.judged_on());
}

std::optional<double> Rollout::accuracy(ModelVersion version) const {
  const auto found = outcomes_.find(version);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second.share();
}

std::vector<double> Rollout::accuracies() const {
  std::vector<double> shares(membership_.size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [node, window] : of_edges_) shares[node.index()] = window.share();
  return shares;
}

/// Why the new model is worse than the one before it; nothing where it is not, or nobody can tell.
std::optional<std::string> Rollout::worse() const {
  if (!load_fault_.empty()) return load_fault_;
  const auto found = outcomes_.find(candidate_.version);
  if (found == outcomes_.end() || found->second.right.size() < config_.judged_on()) return {};
  const auto before = accuracy(deployed_.version);
  const double now = *accuracy(candidate_.version);
  if (!before || now >= *before - config_.allowed_loss()) return std::nullopt;
  char text[96];
  std::snprintf(text, sizeof text, "accuracy %.3f against %.3f of the model before it", now,
                *before);
  return text;
}

std::optional<Rollout::Ended> Rollout::check(SimTime now, role::Effects& effects) {
  if (step_ != Step::kNone) {
    if (auto why = worse()) {
      const ModelVersion gone = candidate_.version;
      drop_candidate();
      enter(Step::kNone, now, effects);
      return Ended{false, std::move(*why), gone};
    }
    if (now - since_ >= config_.hold) {
      const bool last = step_ == Step::kEveryone;
      if (last) {
        outcomes_.erase(deployed_.version);
        deployed_ = std::exchange(candidate_, {});
      }
      enter(next(), now, effects);
      if (last) return Ended{true, {}, deployed_.version};
    }
  }
  order_all(now, effects);
  return std::nullopt;
}

std::optional<ModelVersion> Rollout::on_installed(const role::Message& message) {
  const auto said = from_bytes<Installed>(message.body);
  const bool known = membership_.known(message.from) && message.payloads.empty();
  if (!said || !known || !channel_.is(message, RolloutKind::kInstalled) || said->number > number_) {
    ++refused_;
    return std::nullopt;
  }
  Told& told = edges_[message.from];
  const bool changed = said->serving != told.serving;
  const bool answers = said->number == told.number && !told.answered;
  if (changed)
    told.before = answers && told.back && said->serving == told.before ? 0 : told.serving;
  told.serving = said->serving;
  if (answers) {
    told.answered = said->fault.empty();
    if (!told.answered) {
      ++failed_loads_;
      last_fault_ = to_string(message.from) + ": " + said->fault;
      const bool of_candidate = candidate_.version != 0 && (told.shadow == candidate_.version ||
                                                            told.wanted == candidate_.version);
      if (of_candidate && !told.back) load_fault_ = last_fault_;
      if (told.back) told.wanted = told.shadow = 0;  // it lacks the model: the next order brings it
    }
  }
  return changed ? std::optional(said->serving) : std::nullopt;
}

void Rollout::on_peer_joined(NodeId node, SimTime now, role::Effects& effects) {
  const auto found = edges_.find(node);
  if (found != edges_.end() && !found->second.answered) found->second.wanted = 0;
  order(node, now, effects);
}

}  // namespace skerry::parts

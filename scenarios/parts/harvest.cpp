#include "scenarios/parts/harvest.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace skerry::parts {

Harvest::News Harvest::on_message(const role::Message& message, SimTime now,
                                  role::Effects& effects) {
  News news;
  if (!membership_.known(message.from)) {
    ++refused_;
  } else if (wiring_.reports.is(message, ServingKind::kServed)) {
    take_served(message, now);
  } else if (wiring_.reports.is(message, ServingKind::kExamples)) {
    take_examples(message, now, effects);
  } else {
    const auto seen = from_bytes<DriftSeen>(message.body);
    const bool sound = seen && wiring_.reports.is(message, ServingKind::kDrift) &&
                       (seen->drift == Drift::kWarning || seen->drift == Drift::kDrift);
    if (sound) news.drift = seen->drift;
    if (news.drift == Drift::kDrift) drifted_.insert(message.from);
    refused_ += sound ? 0 : 1;
  }
  return news;
}

void Harvest::take_served(const role::Message& message, SimTime now) {
  const auto served = from_bytes<Served>(message.body);
  const ModelEntry* model = served ? models_.find(served->version) : nullptr;
  if (!served || served->correct > served->requests || served->hard > served->requests ||
      served->mined > served->requests || (served->requests > 0 && model == nullptr)) {
    ++refused_;
    return;
  }
  fresh_.requests += served->requests;
  fresh_.correct += served->correct;
  fresh_.hard += served->hard;
  fresh_.missed += served->missed;
  hard_ += served->hard;
  expect(message.from, served->mined);
  if (served->requests > 0) {
    fresh_.staleness_s += (now - model->made).in_seconds() * served->requests;
    models_.answered(served->version, served->requests);
  }
  if (served->over) over_.insert(message.from);
}

bool Harvest::plausible(const ExamplesSent& sent, const role::Message& message) const {
  const auto classes = static_cast<std::int32_t>(wiring_.serving.data().schema().classes);
  if (message.payloads.size() != 1 || !message.payloads[0] || sent.mined.empty()) return false;
  const ExampleFormat& format = wiring_.serving.examples();
  if (format.count(message.payloads[0].shape()) != sent.mined.size()) return false;
  if (models_.find(sent.version) == nullptr) return false;
  if (sent.shadow != 0 && models_.find(sent.shadow) == nullptr) return false;
  const auto sound = [&](const Mined& one) {
    return one.predicted >= 0 && one.predicted < classes && one.shadow >= -1 &&
           one.shadow < classes && one.truth >= -1 && one.truth < classes;
  };
  const auto falls = [](const Mined& a, const Mined& b) { return a.position >= b.position; };
  return std::ranges::all_of(sent.mined, sound) &&
         std::ranges::adjacent_find(sent.mined, falls) == sent.mined.end();
}

void Harvest::expect(NodeId node, std::int64_t more) {
  std::int64_t& expected = on_their_way_[node];
  expected += more;
  if (expected == 0) on_their_way_.erase(node);
}

/// Asks for labels of what is new, as far as the budget goes.
void Harvest::take_examples(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto sent = from_bytes<ExamplesSent>(message.body);
  if (!sent || !plausible(*sent, message)) {
    ++refused_;
    return;
  }
  Examples fresh = examples_.add({.node = message.from,
                                  .version = sent->version,
                                  .shadow = sent->shadow,
                                  .mined = sent->mined,
                                  .inputs = message.payloads[0]});
  if (!fresh.rows.empty()) expect(message.from, -static_cast<std::int64_t>(sent->mined.size()));
  const std::uint32_t bought = labelling_.ask(fresh, now, effects);
  fresh.rows.erase(fresh.rows.begin(), fresh.rows.begin() + bought);
  examples_.give_up(fresh);
}

Harvest::News Harvest::on_timer(std::uint64_t timer) {
  News news;
  const auto labelled = labelling_.on_timer(timer);
  if (!labelled) return news;
  const Labeller labeller{.error_rate = wiring_.labelling.error_rate,
                          .classes = wiring_.serving.data().schema().classes,
                          .seed = wiring_.seed};
  for (const std::uint32_t row : labelled->rows) {
    const auto judgement = examples_.label(labelled->node, row, labeller);
    if (!judgement) continue;
    news.judgements.push_back(*judgement);
    const Drift said = watch_.observe(judgement->node, judgement->right ? 0 : 1);
    if (said == Drift::kDrift) drifted_.insert(judgement->node);
    news.drift = std::max(news.drift, said);
  }
  return news;
}

bool Harvest::over(bool only_present) const {
  if (labelling_.open() > 0 || !membership_.everybody_has_joined()) return false;
  if (!only_present && !on_their_way_.empty()) return false;
  for (std::uint32_t k = 0; k < membership_.size(); ++k) {
    const NodeId edge = NodeId::edge(k);
    const bool counts = !only_present || membership_.present(edge);
    if (counts && !over_.contains(edge)) return false;
  }
  return true;
}

bool Harvest::deserted() const { return !membership_.has_present(1); }

std::uint32_t Harvest::owing() const {
  return membership_.size() - static_cast<std::uint32_t>(over_.size());
}

bool Harvest::settle_missed(std::uint64_t came) {
  const std::uint64_t told = total_.requests + total_.missed + fresh_.requests + fresh_.missed;
  if (came <= told) return false;
  fresh_.missed += came - told;
  return true;
}

void Harvest::record(std::uint64_t step, role::Effects& effects) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const Count now = std::exchange(fresh_, {});
  total_.requests += now.requests;
  total_.correct += now.correct;
  total_.missed += now.missed;
  effects.metric("served/requests", step, number(now.requests));
  effects.metric("served/missed", step, number(now.missed));
  if (now.requests > 0) {
    const double requests = number(now.requests);
    effects.metric("served/accuracy", step, number(now.correct) / requests);
    effects.metric("served/hard", step, number(now.hard) / requests);
    effects.metric("served/staleness_s", step, now.staleness_s / requests);
  }
  if (total_.requests > 0) {
    const double accuracy = number(total_.correct) / number(total_.requests);
    effects.metric("served/mean_accuracy", step, accuracy);
  }
  labelling_.record(step, effects);
}

void Harvest::record_end(std::uint64_t step, role::Effects& effects) const {
  for (const ModelEntry& model : models_.all()) {
    effects.metric("answers/of_model", {model.version, false}, static_cast<double>(model.answers));
  }
  // An example may come before the word that it was sent.
  std::int64_t lost = 0;
  for (const auto& [node, examples] : on_their_way_) lost += std::max<std::int64_t>(examples, 0);
  if (lost > 0) effects.metric("examples/lost", step, static_cast<double>(lost));
}

void Harvest::declare(role::Results& results) {
  using role::Better;
  const std::vector<role::MetricInfo> served = {
      {.name = "served/mean_accuracy",
       .label = "mean accuracy",
       .unit = "share",
       .meaning = "right answers of all that edges gave since the start",
       .better = Better::kHigher,
       .headline = true,
       .most = 1},
      {.name = "served/accuracy",
       .label = "served accuracy",
       .unit = "share",
       .meaning = "right answers of those that edges gave since the last check",
       .better = Better::kHigher,
       .most = 1},
      {.name = "served/requests", .label = "requests", .meaning = "answered since the last check"},
      {.name = "served/missed",
       .label = "missed requests",
       .meaning = "came while an edge was away, and nobody answered; since the last check",
       .better = Better::kLower},
      {.name = "served/hard",
       .label = "hard requests",
       .unit = "share",
       .meaning = "of those since the last check, scored above the threshold",
       .most = 1},
      {.name = "served/staleness_s",
       .label = "staleness",
       .unit = "s",
       .meaning = "mean time since the model was trained that gave an answer",
       .better = Better::kLower},
      {.name = "answers/of_model",
       .label = "answers of a model",
       .meaning = "answers of one model, whose number is the step; recorded at the end",
       .step = "model"},
      {.name = "examples/lost",
       .label = "lost examples",
       .meaning = "edges sent them to be labelled, and they had not come when the run ended",
       .better = Better::kLower}};
  results.metrics.insert(results.metrics.end(), served.begin(), served.end());
  Labelling::declare(results);
}

void Harvest::save(ByteWriter& writer) const {
  writer(labelling_, examples_, fresh_, total_, on_their_way_, hard_, refused_);
  writer(std::vector(over_.begin(), over_.end()), drifted());
  watch_.save(writer);
}

void Harvest::load(ByteReader& reader) {
  std::vector<NodeId> over, drifted;
  reader(labelling_, examples_, fresh_, total_, on_their_way_, hard_, refused_);
  reader(over, drifted);
  over_ = {over.begin(), over.end()};
  drifted_ = {drifted.begin(), drifted.end()};
  watch_.load(reader);
}

}  // namespace skerry::parts

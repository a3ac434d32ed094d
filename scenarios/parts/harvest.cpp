#include "scenarios/parts/harvest.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "algorithms/sdk/printable.hpp"
#include "datasets/label_rows.hpp"

namespace skerry::parts {

Harvest::News Harvest::on_message(const role::Message& message, SimTime now,
                                  role::Effects& effects) {
  News news;
  if (!membership_.known(message.from)) {
    ++refused_;
  } else if (wiring_.reports.is(message, ServingKind::kServed)) {
    const auto served = from_bytes<Served>(message.body);
    if (!served || !take_served(message.from, *served, now)) ++refused_;
  } else if (wiring_.reports.is(message, ServingKind::kServedLive)) {
    take_live(message, now);
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

/// False where it makes no sense.
bool Harvest::take_served(NodeId from, const Served& served, SimTime now) {
  const ModelEntry* model = models_.find(served.version);
  if (served.correct > served.requests || served.hard > served.requests ||
      served.mined > served.requests || (served.requests > 0 && model == nullptr)) {
    return false;
  }
  fresh_.requests += served.requests;
  fresh_.correct += served.correct;
  fresh_.hard += served.hard;
  fresh_.missed += served.missed;
  hard_ += served.hard;
  expect(from, served.mined);
  if (served.requests > 0) {
    fresh_.staleness_s += (now - model->made).in_seconds() * served.requests;
    models_.answered(served.version, served.requests);
  }
  if (served.over) over_.insert(from);
  return true;
}

void Harvest::take_live(const role::Message& message, SimTime now) {
  const auto live = from_bytes<ServedLive>(message.body);
  const std::uint64_t told =
      live ? std::uint64_t{live->served.requests} + live->served.missed : std::uint64_t{0};
  if (!live || live->unknown > live->served.requests - live->served.correct || live->live > told ||
      live->served.over || !take_served(message.from, live->served, now)) {
    ++refused_;
    return;
  }
  fresh_.unknown += live->unknown;
  fresh_.live += live->live;
  fresh_.faulty += live->faulty;
  open_ended_.insert(message.from);
  over_.erase(message.from);
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
  if (!labelling_.by_people()) leave_out_unknown(fresh);
  const std::uint32_t bought = labelling_.ask(fresh, now, effects);
  if (labelling_.by_people()) {
    const Examples asked{fresh.node, {fresh.rows.begin(), fresh.rows.begin() + bought}};
    ask_people(*sent, asked, message, effects);
  }
  fresh.rows.erase(fresh.rows.begin(), fresh.rows.begin() + bought);
  examples_.give_up(fresh);
}

/// The oracle cannot say what nobody knows.
void Harvest::leave_out_unknown(Examples& fresh) {
  const auto unknown = std::ranges::stable_partition(
      fresh.rows, [&](std::uint32_t row) { return examples_.truth(fresh.node, row) >= 0; });
  labelling_.leave_out(unknown.size());
  examples_.give_up({fresh.node, {unknown.begin(), unknown.end()}});
  fresh.rows.erase(unknown.begin(), unknown.end());
}

void Harvest::ask_people(const ExamplesSent& sent, const Examples& bought,
                         const role::Message& message, role::Effects& effects) const {
  if (bought.rows.empty()) return;
  role::AskLabels questions{.questions = {}, .inputs = message.payloads[0]};
  auto row = bought.rows.begin();
  for (std::uint32_t place = 0; place < sent.mined.size() && row != bought.rows.end(); ++place) {
    const Mined& mined = sent.mined[place];
    if (mined.position != *row) continue;
    ++row;
    questions.questions.push_back({bought.node, mined.position, place, mined.predicted});
  }
  effects.ask(std::move(questions));
}

/// An example has its label.
void Harvest::labelled(NodeId node, std::uint32_t row, std::int32_t label, News& news) {
  const auto judgement = examples_.label(node, row, label);
  if (!judgement) return;
  news.judgements.push_back(*judgement);
  const Drift said = watch_.observe(judgement->node, judgement->right ? 0 : 1);
  if (said == Drift::kDrift) drifted_.insert(judgement->node);
  news.drift = std::max(news.drift, said);
}

Harvest::News Harvest::on_timer(std::uint64_t timer) {
  News news;
  const auto examples = labelling_.on_timer(timer);
  if (!examples) return news;
  const Labeller labeller{.error_rate = wiring_.labelling.error_rate,
                          .classes = wiring_.serving.data().schema().classes,
                          .seed = wiring_.seed};
  for (const std::uint32_t row : examples->rows) {
    const std::int32_t truth = examples_.truth(examples->node, row);
    if (truth < 0) continue;
    labelled(examples->node, row, labeller.label(truth, examples->node, row), news);
  }
  return news;
}

/// Why a label answers no question; empty if it does, or if it says what is known.
std::string Harvest::objection(const role::LabelsArrived::Label& label,
                               AskedPeople::Said said) const {
  if (said == AskedPeople::Said::kUnknown) return "nobody asked about it";
  if (said != AskedPeople::Said::kOther) return "";
  const auto names = datasets::class_names_of(wiring_.serving.data().data_set());
  const auto name = [&](std::int32_t number) {
    const auto place = static_cast<std::size_t>(number);
    return in_quotes(place < names.size() ? names[place] : std::to_string(number));
  };
  const auto first = labelling_.people()->label_of(label.node, label.position);
  return "was labelled " + name(*first) + " before, now " + name(label.label) +
         "; the first label stands";
}

/// What people said is noted. Returns why a label was not taken; empty if it says what is known.
std::string Harvest::hear(const role::LabelsArrived::Label& label, role::LabelsHeard& heard,
                          News& news) {
  const auto classes = static_cast<std::int32_t>(wiring_.serving.data().schema().classes);
  if (label.label < 0 || label.label >= classes) {
    labelling_.could_not_read(1);
    return "there is no class " + std::to_string(label.label);
  }
  const auto said = labelling_.hear(label.node, label.position, label.label);
  if (said == AskedPeople::Said::kLabel) {
    ++heard.taken;
    labelled(label.node, label.position, label.label, news);
  }
  if (said == AskedPeople::Said::kAgain) ++heard.again;
  return objection(label, said);
}

Harvest::News Harvest::on_labels(const role::LabelsArrived& said, role::Effects& effects) {
  constexpr std::size_t kNamed = 3;
  News news;
  role::LabelsHeard heard;
  labelling_.people_label();
  labelling_.could_not_read(said.faulty);
  for (const role::LabelsArrived::Label& label : said.labels) {
    const std::string why = hear(label, heard, news);
    if (why.empty()) continue;
    heard.objections.push_back(
        {label.line, datasets::example_name(label.node, label.position) + ": " + why});
  }
  const std::size_t objections = heard.objections.size();
  for (std::size_t i = 0; i < std::min(objections, kNamed); ++i) {
    effects.remark(said.source + ": line " + std::to_string(heard.objections[i].line) + ": " +
                   heard.objections[i].why);
  }
  if (objections > kNamed) {
    effects.remark(said.source + ": and " + std::to_string(objections - kNamed) +
                   " more labels that answer no question");
  }
  effects.heard(std::move(heard));
  return news;
}

bool Harvest::over(bool only_present) const {
  if (labelling_.open() > 0 || !membership_.everybody_has_joined()) return false;
  if (!only_present && !on_their_way_.empty()) return false;
  for (std::uint32_t k = 0; k < membership_.size(); ++k) {
    const NodeId edge = NodeId::edge(k);
    const bool counts = !only_present || membership_.present(edge) || open_ended_.contains(edge);
    if (counts && !over_.contains(edge)) return false;
  }
  return true;
}

std::uint32_t Harvest::owing() const {
  return membership_.size() - static_cast<std::uint32_t>(over_.size());
}

bool Harvest::settle_missed(std::uint64_t came) {
  const std::uint64_t told =
      total_.requests + total_.missed + fresh_.requests + fresh_.missed - total_.live - fresh_.live;
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
  total_.unknown += now.unknown;
  total_.live += now.live;
  effects.metric("served/requests", step, number(now.requests));
  effects.metric("served/missed", step, number(now.missed));
  if (open_ended()) {
    effects.metric("served/live", step, number(now.live));
    effects.metric("served/faulty", step, number(now.faulty));
  }
  if (now.known() > 0) {
    effects.metric("served/accuracy", step, number(now.correct) / number(now.known()));
  }
  if (now.requests > 0) {
    const double requests = number(now.requests);
    effects.metric("served/hard", step, number(now.hard) / requests);
    effects.metric("served/staleness_s", step, now.staleness_s / requests);
  }
  if (total_.known() > 0) {
    const double accuracy = number(total_.correct) / number(total_.known());
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
       .meaning = "right answers of all since the start whose true class is known",
       .better = Better::kHigher,
       .headline = true,
       .most = 1},
      {.name = "served/accuracy",
       .label = "served accuracy",
       .unit = "share",
       .meaning = "right answers of those since the last check whose true class is known",
       .better = Better::kHigher,
       .most = 1},
      {.name = "served/requests", .label = "requests", .meaning = "answered since the last check"},
      {.name = "served/missed",
       .label = "missed requests",
       .meaning = "came while an edge was away, and nobody answered; since the last check",
       .better = Better::kLower},
      {.name = "served/live",
       .label = "requests from outside",
       .meaning = "of those answered or missed since the last check, came from outside the run"},
      {.name = "served/faulty",
       .label = "faulty rows",
       .meaning = "rows from outside that made no example, since the last check",
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
  writer(std::vector(over_.begin(), over_.end()), drifted(),
         std::vector(open_ended_.begin(), open_ended_.end()));
  watch_.save(writer);
}

void Harvest::load(ByteReader& reader) {
  std::vector<NodeId> over, drifted, open_ended;
  reader(labelling_, examples_, fresh_, total_, on_their_way_, hard_, refused_);
  reader(over, drifted, open_ended);
  over_ = {over.begin(), over.end()};
  drifted_ = {drifted.begin(), drifted.end()};
  open_ended_ = {open_ended.begin(), open_ended.end()};
  watch_.load(reader);
}

}  // namespace skerry::parts

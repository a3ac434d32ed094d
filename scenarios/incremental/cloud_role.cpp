#include "scenarios/incremental/cloud_role.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/incremental/incremental.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/parts/job_body.hpp"

namespace skerry::incremental {

namespace {

constexpr std::uint8_t kCheckTimer = 0;

}  // namespace

CloudRole::CloudRole(const Incremental& incremental)
    : incremental_(incremental),
      book_(NodeId::cloud(), incremental.sampling_seed()),
      membership_(incremental.data()),
      trigger_(incremental.config().trigger),
      harvest_(incremental.harvest(), membership_, registry_),
      rollout_(incremental.config().rollout, incremental.rollout_channel(), membership_, traffic_,
               incremental.sampling_seed()),
      recovery_(incremental.borders(), incremental.config().evaluate.recovered_within),
      chronicle_(incremental.borders(), incremental.data().edges()) {
  const parts::Federation* federation = incremental.federation();
  if (federation) rounds_ = parts::make_rounds(*federation, {book_, membership_, traffic_, true});
}

void CloudRole::save(ByteWriter& writer) const {
  writer(book_, membership_, traffic_, trigger_, registry_, rollout_, recovery_, chronicle_, stage_,
         job_, taking_in_, dropped_, fresh_, trained_on_, checks_, turns_, refused_, stopped_);
  harvest_.save(writer);
  if (rounds_) rounds_->save(writer);
}

void CloudRole::load(ByteReader& reader) {
  reader(book_, membership_, traffic_, trigger_, registry_, rollout_, recovery_, chronicle_, stage_,
         job_, taking_in_, dropped_, fresh_, trained_on_, checks_, turns_, refused_, stopped_);
  harvest_.load(reader);
  if (rounds_) rounds_->load(reader);
}

void CloudRole::on_start(const role::Start& begun, SimTime now, role::Effects& effects) {
  membership_.start(begun);
  trigger_.fired(moment(now, values(now)));
  role::Job job;
  job.kind = incremental_.kinds().prepare;
  start(std::move(job), effects);
}

void CloudRole::start(role::Job job, role::Effects& effects) {
  job_ = book_.start(std::move(job), static_cast<Round>(turns_.trainings), checks_, effects);
}

void CloudRole::take_in(const role::PayloadRef& model, role::Effects& effects) {
  role::Job job;
  job.kind = incremental_.kinds().take_in;
  job.inputs = {model};
  taking_in_ = true;
  start(std::move(job), effects);
}

// What edges say.

void CloudRole::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (rounds_ && rounds_->on_message(message, now, effects)) return look_at_rounds(now, effects);
  traffic_.went_up(message);
  if (harvest_.owns(message)) return learnt(harvest_.on_message(message, now, effects));
  if (!rollout_.owns(message)) {
    ++refused_;
  } else if (const auto version = rollout_.on_installed(message)) {
    const parts::ServedModel* had = registry_.served(message.from);
    const parts::ModelVersion before = had == nullptr ? 0 : had->version;
    if (registry_.serves(message.from, *version, now)) chronicle_.serves(before, *version);
  }
}

void CloudRole::learnt(const parts::Harvest::News& news) {
  for (const parts::Judgement& judgement : news.judgements) rollout_.judged(judgement);
  trigger_.detected(news.drift);
  chronicle_.detected(news.drift);
}

// Time.

void CloudRole::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (harvest_.owns(timer)) return learnt(harvest_.on_timer(timer));
  if (timer == incremental_.channel().timer(kCheckTimer)) return check(now, effects);
  if (rounds_ && rounds_->on_timer(timer, now, effects)) look_at_rounds(now, effects);
}

/// The loop goes on, if it is time to.
void CloudRole::check(SimTime now, role::Effects& effects) {
  ++checks_;
  harvest_.examples().settle();
  const auto ended = rollout_.check(now, effects);
  if (ended) {
    rolled_out(*ended, now, effects);
  } else {
    chronicle_.enter(phase(), turns_.trainings, now, effects);
  }
  record(now, effects);
  if (ends_at(now)) {
    return stop("after " + to_string(*incremental_.config().until), false, now, effects);
  }
  if (stage_ == Stage::kWaiting && stop_if_over(now, effects)) return;
  if (stage_ == Stage::kWaiting) train_if_triggered(now, effects);
  if (now > incremental_.patience_ends() && harvest_.labelling().open() == 0 &&
      !harvest_.open_ended()) {
    return give_up(now, effects);
  }
  const Duration every = incremental_.config().check_every;
  effects.set_timer(incremental_.channel().timer(kCheckTimer), now + every);
}

bool CloudRole::ends_at(SimTime now) const {
  const auto& until = incremental_.config().until;
  return until && now.since_start() >= *until;
}

/// Ends the run if all that came has been answered. After the end of the stream, edges that are
/// away, and what is on its way, are waited for during some checks.
bool CloudRole::stop_if_over(SimTime now, role::Effects& effects) {
  const bool late = now > incremental_.grace_ends();
  if (!harvest_.over(late)) return false;
  if (harvest_.owing() == 0) {
    stop("the stream is over", false, now, effects);
  } else {
    const bool nobody = harvest_.owing() == membership_.size();
    stop("the stream is over; " + std::to_string(harvest_.owing()) + " of " +
             parts::counted(membership_.size(), "edge") + " were away to the end",
         nobody, now, effects);
  }
  return true;
}

/// What should have ended with the stream has not.
void CloudRole::give_up(SimTime now, role::Effects& effects) {
  std::string why = "the stream has long been over, and ";
  if (harvest_.over(true)) {
    why += "a training does not end";
  } else if (harvest_.answered() == 0 && rollout_.failed_loads() > 0) {
    why += "no edge could load the first model (" + rollout_.last_fault() + ")";
  } else {
    why += "an edge has not answered what came to it";
  }
  stop(why, true, now, effects);
}

// The loop.

void CloudRole::turn(Turn turn, SimTime now, role::Effects& effects) {
  const auto next = incremental::next(stage_, turn);
  SKERRY_CHECK(next.has_value(), "a stage ends as it can");
  stage_ = *next;
  chronicle_.turned({turn, phase(), turns_.trainings}, checks_, now, effects);
}

Phase CloudRole::phase() const {
  if (stage_ == Stage::kWaiting) return Phase::kNone;
  if (stage_ == Stage::kTraining) return Phase::kTraining;
  if (stage_ == Stage::kEvaluating) return Phase::kTrial;
  if (rollout_.step() == parts::Rollout::Step::kShadow) return Phase::kShadow;
  return rollout_.step() == parts::Rollout::Step::kCanary ? Phase::kCanary : Phase::kEveryone;
}

parts::Trigger::Moment CloudRole::moment(SimTime now, const parts::TriggerValues& values) const {
  const Duration begins = incremental_.config().time_of_beginning();
  const std::int64_t day = Duration::seconds(24 * 3600).count();
  return {now, Duration::nanoseconds((begins.count() + now.count() % day) % day), values};
}

/// What the cloud can know: conditions of the trigger look at nothing else.
parts::TriggerValues CloudRole::values(SimTime now) const {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const parts::LabelledExamples& examples = harvest_.examples();
  const parts::Labelling& labelling = harvest_.labelling();
  parts::TriggerValues values{{"samples/new", {number(examples.fresh())}},
                              {"samples/kept", {number(examples.kept())}},
                              {"samples/judged", {number(examples.judged())}},
                              {"samples/hard", {number(harvest_.hard())}},
                              {"labels/bought", {number(labelling.bought())}}};
  if (const auto left = labelling.left()) values["labels/left"] = {number(*left)};
  const parts::ModelVersion deployed = rollout_.deployed().version;
  if (const auto accuracy = rollout_.accuracy(deployed)) values["sampled/accuracy"] = {*accuracy};
  if (incremental_.config().trigger.looks_at("edges/accuracy")) {
    values["edges/accuracy"] = rollout_.accuracies();
  }
  if (const auto* model = registry_.find(deployed)) {
    values["model/age_s"] = {(now - model->made).in_seconds()};
  }
  return values;
}

void CloudRole::train_if_triggered(SimTime now, role::Effects& effects) {
  const auto known = values(now);
  trigger_.look(moment(now, known));
  if (!trigger_.holds(moment(now, known))) return;
  if (!begin_training(now, effects)) return;
  trigger_.fired(moment(now, known));
  harvest_.forget_hard();
  harvest_.forget_drift();
  fresh_ = {};
  turn(Turn::kTriggered, now, effects);
  if (rounds_) look_at_rounds(now, effects);
}

/// False where there is nothing to learn from.
bool CloudRole::begin_training(SimTime now, role::Effects& effects) {
  const RetrainConfig& train = incremental_.config().train;
  const bool from_scratch = train.policy == parts::Policy::kFromScratch;
  const role::PayloadRef& base = rollout_.deployed().model;
  const auto learnt = harvest_.examples().to_learn(train.policy, train.learns());
  if (rounds_) {
    ++turns_.trainings;
    parts::RoundsTask task{.model = from_scratch ? role::PayloadRef() : base};
    if (train.who == Who::kDrifted) task.nodes = harvest_.drifted();
    rounds_->begin(task, now, effects);
    return true;
  }
  if (learnt.empty()) return false;
  ++turns_.trainings;
  trained_on_ = learnt.size();
  start(parts::Retraining::job(incremental_.kinds().retrain, {base}, learnt, from_scratch),
        effects);
  return true;
}

/// The rounds of a training may have ended.
void CloudRole::look_at_rounds(SimTime now, role::Effects& effects) {
  const auto& ended = rounds_->ended();
  if (stage_ != Stage::kTraining || job_ != 0 || !ended) return;
  if (std::exchange(dropped_, false)) return turn(Turn::kDropped, now, effects);
  if (!ended->failed && ended->nothing_learnt.empty() && ended->model) {
    return take_in(ended->model, effects);
  }
  ++turns_.failed;
  turn(Turn::kTrainingFailed, now, effects);
}

void CloudRole::made_first(const role::PayloadRef& model, std::uint64_t hash, SimTime now,
                           role::Effects& effects) {
  const Incremental::FirstView view = incremental_.first_view();
  const auto version = registry_.add({.hash = hash,
                                      .numerics = std::string(incremental_.numerics()),
                                      .trained_on = view.words,
                                      .data_hash = view.hash,
                                      .samples = view.samples,
                                      .made = now,
                                      .model = model});
  registry_.deployed(version);
  rollout_.first({version, model}, now, effects);
  const std::int64_t every = incremental_.config().check_every.count();
  effects.set_timer(incremental_.channel().timer(kCheckTimer),
                    SimTime::at(Duration::nanoseconds((now.count() / every + 1) * every)));
}

void CloudRole::trained(const role::PayloadRef& model, const parts::Retrained& report, SimTime now,
                        role::Effects& effects) {
  const RetrainConfig& train = incremental_.config().train;
  const bool from_scratch = train.policy == parts::Policy::kFromScratch;
  std::vector<parts::ModelVersion> parents;
  if (!from_scratch) parents.push_back(rollout_.deployed().version);
  const auto version =
      registry_.add({.parents = parents,
                     .hash = report.hash,
                     .numerics = std::string(incremental_.numerics()),
                     .trained_on = rounds_ ? "what came to edges"
                                           : parts::counted(trained_on_, "labelled example"),
                     .data_hash = report.data_hash,
                     .samples = trained_on_,
                     .made = now,
                     .model = model});
  fresh_ = {version, model};
  if (!rounds_) {
    registry_.measure(version, "train/loss", report.loss);
    effects.metric("retrain/loss", checks_, report.loss);
  }
  turn(Turn::kTrained, now, effects);
  const auto trial = harvest_.examples().to_judge();
  if (trial.empty()) {
    return compared({.why = "nothing to judge it by: no sampled answer has a label"}, now, effects);
  }
  start(parts::Retraining::job(incremental_.kinds().compare,
                               {fresh_.model, rollout_.deployed().model}, trial),
        effects);
}

void CloudRole::compared(const parts::Compared& found, SimTime now, role::Effects& effects) {
  if (found.examples > 0) {
    registry_.measure(fresh_.version, "accuracy", found.accuracy);
    registry_.measure(fresh_.version, "loss", found.loss);
    effects.metric("trial/accuracy", checks_, found.accuracy);
    effects.metric("trial/deployed_accuracy", checks_, found.deployed_accuracy);
  }
  if (!found.deploy) {
    ++turns_.rejected;
    registry_.rejected(fresh_.version);
    fresh_ = {};
    return turn(Turn::kRejected, now, effects);
  }
  rollout_.begin(std::exchange(fresh_, {}), now, effects);
  turn(Turn::kWorthwhile, now, effects);
}

void CloudRole::rolled_out(const parts::Rollout::Ended& ended, SimTime now,
                           role::Effects& effects) {
  if (ended.deployed) {
    ++turns_.deployed;
    registry_.deployed(ended.version);
    harvest_.examples().deployed();
    return turn(Turn::kDeployed, now, effects);
  }
  ++turns_.rolled_back;
  registry_.rolled_back(ended.version);
  turn(Turn::kRolledBack, now, effects);
}

/// An operator has had every edge go back.
void CloudRole::gone_back(SimTime now, role::Effects& effects) {
  ++turns_.rolled_back;
  if (stage_ == Stage::kDeploying) return turn(Turn::kRolledBack, now, effects);
  const bool from_it = incremental_.config().train.policy != parts::Policy::kFromScratch;
  if (stage_ == Stage::kEvaluating || (stage_ == Stage::kTraining && from_it)) drop(now, effects);
}

/// Ends a training or a trial that is under way. Rounds end in their own time.
void CloudRole::drop(SimTime now, role::Effects& effects) {
  if (job_ != 0) effects.cancel(std::exchange(job_, 0));
  const bool rounds_go_on = rounds_ && stage_ == Stage::kTraining && !rounds_->ended();
  taking_in_ = false;
  if (fresh_.version != 0) registry_.dropped(std::exchange(fresh_, {}).version);
  if (rounds_go_on) {
    dropped_ = true;
  } else {
    turn(Turn::kDropped, now, effects);
  }
}

// Jobs.

void CloudRole::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (finished.number != job_) {
    if (rounds_ && rounds_->on_job(finished, now, effects)) look_at_rounds(now, effects);
    return;
  }
  job_ = 0;
  const bool first = registry_.all().empty();
  if (std::exchange(taking_in_, false)) {
    const auto hash = parts::report_of<std::uint64_t>(finished.report);
    if (first) return made_first(finished.outputs[0], hash, now, effects);
    return trained(finished.outputs[0], {.hash = hash}, now, effects);
  }
  if (first) return take_in(finished.outputs[0], effects);
  if (stage_ == Stage::kTraining) {
    return trained(finished.outputs[0], parts::report_of<parts::Retrained>(finished.report), now,
                   effects);
  }
  compared(parts::report_of<parts::Compared>(finished.report), now, effects);
}

void CloudRole::on_job_failed(const role::JobFailed& failed, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (failed.number != job_) {
    if (rounds_ && rounds_->on_job_failed(failed, now, effects)) look_at_rounds(now, effects);
    return;
  }
  job_ = 0;
  taking_in_ = false;
  if (registry_.all().empty()) {
    return stop("on the cloud, " + failed.failure.message(), true, now, effects);
  }
  ++turns_.failed;
  fresh_ = {};
  turn(stage_ == Stage::kTraining ? Turn::kTrainingFailed : Turn::kEvaluationFailed, now, effects);
}

// Peers and people.

void CloudRole::on_peer_joined(const role::PeerJoined& peer, SimTime now, role::Effects& effects) {
  if (stopped_ || !membership_.known(peer.node)) return;
  const bool was_present = membership_.present(peer.node);
  membership_.joined(peer, effects);
  rollout_.on_peer_joined(peer.node, now, effects);
  if (!rounds_) return;
  rounds_->on_peer_joined(peer.node, was_present, now, effects);
  look_at_rounds(now, effects);
}

void CloudRole::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  membership_.lost(node);
  if (!rounds_) return;
  rounds_->on_peer_lost(node, now, effects);
  look_at_rounds(now, effects);
}

void CloudRole::on_request(const role::Request& request, SimTime, role::Effects& effects) {
  effects.answer({.request = request.number,
                  .refusal = "the cloud answers no requests of its own: ask an edge"});
}

void CloudRole::on_command(const role::Command& command, SimTime now, role::Effects& effects) {
  if (stopped_) return;
  if (command.text == "stop") {
    effects.reply({true, "the run ends"});
    return stop("an operator", false, now, effects);
  }
  if (auto done = parts::carry_out_model_order(command.text, registry_, rollout_, now, effects)) {
    effects.reply(done->reply);
    if (done->gone != 0) gone_back(now, effects);
  } else if (trigger_.commanded(command.text)) {
    effects.reply({true, "the trigger will see it at the next check"});
  }
}

void CloudRole::on_labels(const role::LabelsArrived& said, SimTime, role::Effects& effects) {
  if (!stopped_) learnt(harvest_.on_labels(said, effects));
}

// Results.

void CloudRole::record(SimTime now, role::Effects& effects) {
  const auto metric = [&](const char* name, std::uint64_t count) {
    effects.metric(name, checks_, static_cast<double>(count));
  };
  // What is known by now was answered by then.
  const Duration known = now.since_start() - incremental_.config().serve.every;
  const SimTime answered = SimTime::at(std::max(known, Duration()));
  if (const auto recovered = recovery_.check(answered, harvest_.requests(), harvest_.correct())) {
    effects.metric("drift/recovery_s", {recovered->border, false}, recovered->took.in_seconds());
  }
  if (const auto count = recovery_.unrecovered()) metric("drift/unrecovered", *count);
  chronicle_.record(checks_, now, effects);
  harvest_.record(checks_, effects);
  if (const auto accuracy = rollout_.accuracy(rollout_.deployed().version)) {
    effects.metric("sampled/accuracy", checks_, *accuracy);
  }
  metric("loop/trainings", turns_.trainings);
  metric("loop/rejected", turns_.rejected);
  metric("loop/deployments", turns_.deployed);
  metric("loop/rollbacks", turns_.rolled_back);
  std::uint64_t spoilt = 0;
  for (const auto& entry : registry_.all()) {
    if (entry.tags.contains("rolled back")) spoilt += entry.answers;
  }
  metric("loop/spoilt_answers", spoilt);
  metric("loop/failed", turns_.failed);
  metric("loop/failed_loads", rollout_.failed_loads());
  metric("loop/refused", refused_ + rollout_.refused() + harvest_.refused());
  metric("model/deployed", rollout_.deployed().version);
  traffic_.record(checks_, effects);
}

void CloudRole::stop(const std::string& reason, bool failed, SimTime now, role::Effects& effects) {
  stopped_ = true;
  const bool missed = harvest_.settle_missed(incremental_.came(now));
  if (missed || harvest_.requests() > 0) {
    ++checks_;
    record(now, effects);
  }
  harvest_.record_end(checks_, effects);
  role::Stop how{reason, rollout_.deployed().model, failed, {}};
  if (turns_.trainings > 0 && turns_.failed == turns_.trainings) {
    how.nothing_learnt = "each of the " + parts::counted(turns_.trainings, "training") + " failed";
  }
  effects.stop(std::move(how));
}

}  // namespace skerry::incremental

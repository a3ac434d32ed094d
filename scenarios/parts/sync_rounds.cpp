#include "scenarios/parts/sync_rounds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace skerry::parts {

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

}  // namespace

SyncRounds::SyncRounds(const Federation& federation, const CloudParts& parts)
    : federation_(federation),
      pieces_(federation, parts),
      for_selector_(federation, parts.book, parts.membership, parts.traffic, Asker::kSelector),
      for_reducer_(federation, parts.book, parts.membership, parts.traffic, Asker::kReducer) {}

void SyncRounds::begin(const RoundsTask& task, SimTime now, role::Effects& effects) {
  SKERRY_CHECK(!active(), "one task at a time");
  ended_.reset();
  state_.phase = Phase::kPreparing;
  state_.earlier += std::exchange(state_.round, 0);
  state_.round_began = now;
  const StopConfig& rule = task.stop ? *task.stop : config().stop;
  state_.fruitless.begin(ends_without_progress(rule) ? 0 : kMostFruitless);
  pieces_.begin(task, effects);
}

void SyncRounds::stop(const std::string& reason, bool failed, role::Effects& effects) {
  if (!active()) return;
  effects.cancel_timer(deadline_timer());
  state_.phase = Phase::kIdle;
  ended_ = pieces_.end(reason, failed, effects);
}

std::uint64_t SyncRounds::deadline_timer() const { return pieces_.deadline_timer(state_.round); }

void SyncRounds::set_deadline(SimTime now, role::Effects& effects) {
  const auto& deadline = config().rounds.deadline;
  if (deadline) effects.set_timer(deadline_timer(), now + *deadline);
}

// A round begins.

void SyncRounds::begin_round(SimTime now, role::Effects& effects) {
  const auto over = pieces_.measuring.stop_reason(now);
  if (over && pieces_.measuring.survey_last(pieces_.aggregation.down(), effects)) {
    state_.phase = Phase::kEvaluating;
    return;
  }
  if (over) return stop(*over, false, effects);
  if (const auto why = pieces_.measuring.hopeless()) return stop(*why, true, effects);
  if (!pieces_.enough_present(state_.round == 0, federation_.minimum())) {
    state_.phase = Phase::kStarting;  // until somebody joins
    return pieces_.parts.membership.wake_at_return(pieces_.return_timer(), effects);
  }
  ++state_.round;
  state_.round_began = now;
  state_.exchange = {};
  state_.failed = 0;
  for_selector_.clear();
  for_reducer_.clear();
  select(now, effects);
}

void SyncRounds::select(SimTime now, role::Effects& effects) {
  const bool asked = state_.phase == Phase::kSelecting;
  if (asked) effects.cancel_timer(deadline_timer());
  const std::uint32_t wanted = config().select.cohort(pieces_.group.learners());
  const auto with_spares = static_cast<std::uint32_t>(std::min<double>(
      std::ceil(wanted * (1 + config().rounds.over_select)), pieces_.group.learners()));
  SelectContext context{
      .population = pieces_.group,
      .round = state_.round,
      .wanted = with_spares,
      .random = RandomStream(federation_.seeds().sampling, "select", NodeId::cloud(), state_.round),
      .replies = for_selector_.replies(),
      .asked = asked};
  const AnswerOrAsk<Cohort> answer = pieces_.selector->select(context);
  if (const Ask* ask = std::get_if<Ask>(&answer); ask != nullptr && !asked) {
    state_.phase = Phase::kSelecting;
    for_selector_.begin(
        *ask, {state_.round, pieces_.aggregation.down(), pieces_.aggregation.wire_down()}, effects);
    set_deadline(now, effects);
    if (!for_selector_.waits()) select(now, effects);
    return;
  }
  const Cohort* cohort = std::get_if<Cohort>(&answer);
  SKERRY_CHECK(cohort != nullptr, "a selector asks at most once a round");
  state_.cohort = *cohort;
  state_.target = static_cast<std::uint32_t>(cohort->size());
  if (config().rounds.over_select > 0) state_.target = std::min(state_.target, wanted);
  pieces_.dispatch.clear();
  pieces_.ledger.clear_accepted();
  state_.phase = Phase::kTraining;
  pieces_.aggregation.begin(state_.exchange);
  ask_reducer(effects);
  order_training(*cohort, now, effects);
  set_deadline(now, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::ask_reducer(role::Effects& effects) {
  const auto ask = federation_.path().reducer().ask();
  if (!ask) return;
  for_reducer_.begin(
      *ask, {state_.round, pieces_.aggregation.down(), pieces_.aggregation.wire_down()}, effects);
}

void SyncRounds::order_training(const Cohort& cohort, SimTime now, role::Effects& effects) {
  for (const Pick& pick : cohort) {
    pieces_.dispatch.order({.pick = pick,
                            .round = state_.round,
                            .dispatch = state_.earlier + state_.round,
                            .exchange = state_.exchange,
                            .asked = now,
                            .answered = false},
                           pieces_.aggregation.downlink(), effects);
  }
}

// Answers come.

bool SyncRounds::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (!federation_.channel().carries(message)) return false;
  pieces_.parts.traffic.went_up(message);
  if (!active()) return true;
  switch (federation_.channel().kind_of<RoundMessage>(message)) {
    case RoundMessage::kUpdate:
      on_update(message, now, effects);
      break;
    case RoundMessage::kEvaluated:
      on_evaluated(message, now, effects);
      break;
    case RoundMessage::kAsked:
      if (for_reducer_.on_asked(message)) {
        advance(now, effects);
      } else if (for_selector_.on_asked(message) && state_.phase == Phase::kSelecting &&
                 !for_selector_.waits()) {
        select(now, effects);
      }
      break;
    case RoundMessage::kFailed:
      on_failed(message, now, effects);
      break;
    case RoundMessage::kNoBase:
      if (const auto lacks = from_bytes<NoBase>(message.body)) {
        pieces_.dispatch.no_base(message.from, lacks->dispatch, effects);
      }
      break;
    case RoundMessage::kTrain:
    case RoundMessage::kTrainFrom:
    case RoundMessage::kRefused:
    case RoundMessage::kEvaluate:
    case RoundMessage::kAsk:
      break;  // not for the cloud
  }
  return true;
}

bool SyncRounds::in_cohort(NodeId node) const {
  return std::any_of(state_.cohort.begin(), state_.cohort.end(),
                     [node](const Pick& pick) { return pick.node == node; });
}

std::optional<Refusal> SyncRounds::refusal(NodeId from, const Update& update,
                                           const role::Message& message, SimTime now) {
  const Dispatch::Order* order = pieces_.dispatch.find(from);
  const bool current =
      order != nullptr && order->dispatch == update.dispatch && update.exchange == state_.exchange;
  if (!current) {
    const bool asked =
        update.round == state_.round && update.exchange == state_.exchange && in_cohort(from);
    if (update.round >= state_.round && update.exchange >= state_.exchange && !asked) {
      return Refusal::kNotInCohort;
    }
    if (update.round < state_.round) {
      pieces_.selector->observe({.node = from,
                                 .round = update.round,
                                 .fate = Outcome::Fate::kLate,
                                 .loss = 0,
                                 .seconds = (now - state_.round_began).in_seconds()});
    }
    return Refusal::kStaleRound;
  }
  if (order->answered) return Refusal::kDuplicate;
  if (state_.phase != Phase::kTraining) return Refusal::kStaleRound;
  if (message.payloads.size() != 1 || !message.payloads[0] ||
      !role::same_shape(message.payloads[0].shape(),
                        federation_.path().wire_shape(update.exchange))) {
    return Refusal::kWrongShape;
  }
  return std::nullopt;
}

void SyncRounds::on_update(const role::Message& arrived, SimTime now, role::Effects& effects) {
  const auto update = from_bytes<Update>(arrived.body);
  const std::optional<Refusal> why =
      update ? refusal(arrived.from, *update, arrived, now) : Refusal::kWrongShape;
  const Dispatch::Order* order = pieces_.dispatch.find(arrived.from);
  if (why) {
    if (update) {
      pieces_.dispatch.refuse(arrived.from, *update, *why, effects);
    } else {
      pieces_.dispatch.refuse(arrived.from, 0, *why, effects);
    }
    if (*why == Refusal::kWrongShape && order != nullptr && !order->answered) {
      pieces_.dispatch.lose(arrived.from, Outcome::Fate::kRefused, "refused", now);
      answered_or_lost(now, effects);
    }
    return;
  }
  pieces_.dispatch.answered(arrived.from, now);
  pieces_.aggregation.add({.node = arrived.from,
                           .round = order->round,
                           .dispatch = order->dispatch,
                           .staleness = 0,
                           .weight = order->pick.weight,
                           .samples = pieces_.group.samples(arrived.from)},
                          arrived.payloads[0], state_.round, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::on_evaluated(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto evaluated = from_bytes<Evaluated>(message.body);
  if (!evaluated || !plausible(evaluated->evaluation)) {
    pieces_.ledger.count("refused/" + std::string(to_string(Refusal::kWrongShape)));
    return no_answer_from(message.from, now, effects);
  }
  if (pieces_.measuring.on_evaluated(message.from, *evaluated, effects)) {
    return go_on_when_measured(now, effects);
  }
  if (for_reducer_.on_evaluated(message.from, *evaluated)) return advance(now, effects);
  if (state_.phase != Phase::kSelecting) return;
  if (for_selector_.on_evaluated(message.from, *evaluated) && !for_selector_.waits()) {
    select(now, effects);
  }
}

void SyncRounds::on_failed(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto failed = from_bytes<Failed>(message.body);
  if (failed && failed->dispatch == 0) {  // it was to evaluate
    pieces_.ledger.count("evaluations failed");
    return no_answer_from(message.from, now, effects);
  }
  const Dispatch::Order* order = pieces_.dispatch.find(message.from);
  if (!failed || order == nullptr || order->answered || order->dispatch != failed->dispatch ||
      failed->exchange != state_.exchange || state_.phase != Phase::kTraining) {
    return;
  }
  const std::string what = to_string(message.from) + ": " + failed->why;
  pieces_.dispatch.lose(message.from, Outcome::Fate::kLost, "failed", now);
  if (config().local.on_failure == OnFailure::kStop) return stop(what, true, effects);
  if (++state_.failed == state_.cohort.size()) {
    return stop(
        "every edge of round " + std::to_string(state_.round) + " failed; the last was " + what,
        true, effects);
  }
  answered_or_lost(now, effects);
}

/// The node will not answer what a survey or a plugin asked it.
void SyncRounds::no_answer_from(NodeId node, SimTime now, role::Effects& effects) {
  if (pieces_.measuring.no_answer_from(node, effects)) go_on_when_measured(now, effects);
  if (for_reducer_.no_answer_from(node)) advance(now, effects);
  const bool last = for_selector_.no_answer_from(node) && !for_selector_.waits();
  if (last && state_.phase == Phase::kSelecting) select(now, effects);
}

void SyncRounds::answered_or_lost(SimTime now, role::Effects& effects) {
  if (state_.phase != Phase::kTraining) return;
  if (pieces_.dispatch.open() == 0 || pieces_.aggregation.count() >= state_.target) {
    close_round(now, effects);
  } else {
    pieces_.aggregation.accumulate(state_.round, effects);
  }
}

bool SyncRounds::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (!federation_.channel().owns(timer)) return false;
  if (!active()) return true;
  if (pieces_.is_time_limit(timer)) {
    if (const auto over = pieces_.measuring.stop_reason(now)) stop(*over, false, effects);
  } else if (timer == pieces_.return_timer()) {
    if (state_.phase == Phase::kStarting) begin_round(now, effects);
  } else if (timer == deadline_timer()) {
    if (state_.phase == Phase::kSelecting) {
      for_selector_.give_up();
      select(now, effects);
    } else if (state_.phase == Phase::kTraining) {
      close_round(now, effects);
    }
  }
  return true;
}

void SyncRounds::on_peer_joined(NodeId node, bool was_present, SimTime now,
                                role::Effects& effects) {
  pieces_.group.joined(node);
  if (!active()) return;
  if (was_present) {
    no_answer_from(node, now, effects);
    pieces_.dispatch.order_again(node, effects);
  }
  if (state_.phase == Phase::kStarting) begin_round(now, effects);
}

void SyncRounds::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!active()) return;
  no_answer_from(node, now, effects);
  const Dispatch::Order* order = pieces_.dispatch.find(node);
  if (order == nullptr || order->answered) return;
  pieces_.dispatch.give_up(node, now);
  answered_or_lost(now, effects);
}

// A round closes.

void SyncRounds::close_round(SimTime now, role::Effects& effects) {
  effects.cancel_timer(deadline_timer());
  for (const NodeId node : pieces_.dispatch.unanswered()) pieces_.dispatch.give_up(node, now);
  pieces_.aggregation.close();
  state_.phase = Phase::kFinishing;
  advance(now, effects);
}

void SyncRounds::advance(SimTime, role::Effects& effects) {
  if (!active()) return;
  pieces_.aggregation.accumulate(state_.round, effects);
  if (state_.phase != Phase::kFinishing || !pieces_.aggregation.complete()) return;
  if (for_reducer_.waits()) return;
  Aggregation::Finish how{.round = state_.round, .minimum = federation_.minimum()};
  for (std::size_t i = 0; i < for_reducer_.replies().size(); ++i) {
    const role::PayloadRef& result = for_reducer_.results()[i];
    how.replies.push_back({for_reducer_.replies()[i], static_cast<bool>(result)});
    if (result) how.results.push_back(result);
  }
  pieces_.aggregation.finish(std::move(how), effects);
}

bool SyncRounds::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (pieces_.measuring.on_job(finished, effects)) {
    if (active()) go_on_when_measured(now, effects);
    return true;
  }
  if (for_reducer_.on_job(finished)) {
    advance(now, effects);
    return true;
  }
  if (for_selector_.on_job(finished)) {
    if (state_.phase == Phase::kSelecting && !for_selector_.waits()) select(now, effects);
    return true;
  }
  const auto news = pieces_.aggregation.on_job(finished, effects);
  if (!news) return false;
  if (!active()) return true;
  std::visit(Overload{[&](const Aggregation::Nothing&) { advance(now, effects); },
                      [&](const Aggregation::Ready&) { settle_first(now, effects); },
                      [&](const Aggregation::NotOpened& bad) {
                        pieces_.not_opened(bad.update, effects);
                        advance(now, effects);
                      },
                      [&](const Aggregation::Verdicts& verdicts) {
                        pieces_.take_verdicts(verdicts, first_exchange(), effects);
                        advance(now, effects);
                      },
                      [&](const FinishReport& report) { on_finished(report, now, effects); }},
             *news);
  return true;
}

bool SyncRounds::on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) {
  const bool ours = pieces_.measuring.on_job_failed(failed.number) ||
                    for_reducer_.on_job_failed(failed.number) ||
                    for_selector_.on_job_failed(failed.number) ||
                    pieces_.aggregation.on_job_failed(failed.number);
  if (ours) stop("on the cloud, " + failed.failure.message(), true, effects);
  return ours;
}

void SyncRounds::on_finished(const FinishReport& report, SimTime now, role::Effects& effects) {
  pieces_.take_verdicts(report.verdicts, first_exchange(), effects);
  if (report.next != NextExchange::kNone) return again(report.next, now, effects);
  settle_round(report.end, now, effects);
}

/// Orders another exchange from those of the cohort who answered.
void SyncRounds::again(NextExchange next, SimTime now, role::Effects& effects) {
  if (next == NextExchange::kTraining) {
    ++state_.exchange.training;
    state_.exchange.coding = 0;
  } else {
    ++state_.exchange.coding;
  }
  Cohort cohort;
  for (const Pick& pick : state_.cohort) {
    if (pieces_.dispatch.find(pick.node) != nullptr) cohort.push_back(pick);
  }
  pieces_.dispatch.clear();
  pieces_.ledger.clear_accepted();
  state_.target = static_cast<std::uint32_t>(cohort.size());
  state_.phase = Phase::kTraining;
  pieces_.aggregation.begin(state_.exchange);
  order_training(cohort, now, effects);
  set_deadline(now, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::settle_first(SimTime now, role::Effects& effects) {
  state_.phase = Phase::kEvaluating;
  pieces_.measuring.begin(0, state_.round, pieces_.aggregation.down(), effects);
  go_on_when_measured(now, effects);
}

void SyncRounds::settle_round(RoundEnd end, SimTime now, role::Effects& effects) {
  if (end != RoundEnd::kAbandoned && federation_.keeps_state()) pieces_.ledger.settle_accepted();
  pieces_.record(state_.round, now - state_.round_began, end, effects);
  if (end == RoundEnd::kChanged) state_.fruitless.worked();
  if (end != RoundEnd::kChanged && state_.fruitless.failed()) {
    return stop(std::to_string(kMostFruitless) +
                    " rounds in a row changed nothing, and only a metric could end the run",
                true, effects);
  }
  state_.phase = Phase::kEvaluating;
  pieces_.measuring.begin(state_.round, state_.round, pieces_.aggregation.down(), effects);
  go_on_when_measured(now, effects);
}

void SyncRounds::go_on_when_measured(SimTime now, role::Effects& effects) {
  if (state_.phase == Phase::kEvaluating && !pieces_.measuring.waits()) begin_round(now, effects);
}

// State.

void SyncRounds::save(ByteWriter& writer) const {
  writer(for_selector_, for_reducer_, state_, ended_);
  pieces_.save(writer);
}

void SyncRounds::load(ByteReader& reader) {
  reader(for_selector_, for_reducer_, state_, ended_);
  pieces_.load(reader);
  if (state_.phase > Phase::kEvaluating) reader.fail();
}

}  // namespace skerry::parts

#include "scenarios/parts/sync_rounds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace skerry::parts {

namespace {

enum Timer : std::uint8_t { kTimeLimit = 1, kDeadline = 2 };

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

}  // namespace

SyncRounds::SyncRounds(const Federation& federation, const CloudParts& parts)
    : federation_(federation),
      parts_(parts),
      selector_(federation.make_selector()),
      group_(parts.membership),
      dispatch_(federation, parts.membership, parts.traffic, ledger_, *selector_),
      aggregation_(federation, parts.book),
      measuring_(federation, parts.book, parts.membership, parts.traffic),
      for_selector_(federation, parts.book, parts.membership, parts.traffic, Asker::kSelector),
      for_reducer_(federation, parts.book, parts.membership, parts.traffic, Asker::kReducer) {}

void SyncRounds::begin(const RoundsTask& task, SimTime now, role::Effects& effects) {
  SKERRY_CHECK(!active(), "one task at a time");
  ended_.reset();
  group_.restrict_to(task.nodes);
  measuring_.stop_by(task.stop);
  state_.phase = Phase::kPreparing;
  state_.round = 0;
  state_.round_began = now;
  if (const auto limit = measuring_.time_limit()) {
    effects.set_timer(federation_.channel().timer(kTimeLimit), *limit);
  }
  aggregation_.initialise(task.model, effects);
}

void SyncRounds::stop(const std::string& reason, bool failed, role::Effects& effects) {
  if (!active()) return;
  effects.cancel_timer(federation_.channel().timer(kTimeLimit));
  effects.cancel_timer(deadline_timer());
  dispatch_.clear();
  state_.phase = Phase::kIdle;
  ended_ = RoundsEnd{reason, aggregation_.down(), failed};
}

std::uint64_t SyncRounds::deadline_timer() const {
  return federation_.channel().timer(kDeadline, state_.round);
}

void SyncRounds::set_deadline(SimTime now, role::Effects& effects) {
  const auto& deadline = config().rounds.deadline;
  if (deadline) effects.set_timer(deadline_timer(), now + *deadline);
}

// A round begins.

void SyncRounds::begin_round(SimTime now, role::Effects& effects) {
  const auto over = measuring_.stop_reason(now);
  if (over && measuring_.survey_runs()) {
    state_.phase = Phase::kEvaluating;  // the last model is measured too
    return;
  }
  if (over) return stop(*over, false, effects);
  const std::uint32_t wanted_at_start = config().rounds.start_with.value_or(group_.members());
  const bool enough_joined = state_.round > 0 || parts_.membership.everybody_at_start() ||
                             group_.present_count() >= wanted_at_start;
  if (!enough_joined || group_.present_count() < federation_.minimum()) {
    state_.phase = Phase::kStarting;  // until somebody joins
    return;
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
  const std::uint32_t wanted = config().select.cohort(group_.members());
  const auto with_spares = static_cast<std::uint32_t>(
      std::min<double>(std::ceil(wanted * (1 + config().rounds.over_select)), group_.members()));
  SelectContext context{
      .population = group_,
      .round = state_.round,
      .wanted = with_spares,
      .random = RandomStream(federation_.seeds().sampling, "select", NodeId::cloud(), state_.round),
      .replies = for_selector_.replies(),
      .asked = asked};
  const AnswerOrAsk<Cohort> answer = selector_->select(context);
  if (const Ask* ask = std::get_if<Ask>(&answer); ask != nullptr && !asked) {
    state_.phase = Phase::kSelecting;
    for_selector_.begin(*ask, {state_.round, aggregation_.down(), aggregation_.wire_down()},
                        effects);
    set_deadline(now, effects);
    if (!for_selector_.waits()) select(now, effects);
    return;
  }
  const Cohort* cohort = std::get_if<Cohort>(&answer);
  SKERRY_CHECK(cohort != nullptr, "a selector asks at most once a round");
  state_.cohort = *cohort;
  state_.target = static_cast<std::uint32_t>(cohort->size());
  if (config().rounds.over_select > 0) state_.target = std::min(state_.target, wanted);
  dispatch_.clear();
  ledger_.clear_accepted();
  state_.phase = Phase::kTraining;
  aggregation_.begin(state_.exchange);
  ask_reducer(effects);
  order_training(*cohort, now, effects);
  set_deadline(now, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::ask_reducer(role::Effects& effects) {
  const auto ask = federation_.path().reducer().ask();
  if (!ask) return;
  for_reducer_.begin(*ask, {state_.round, aggregation_.down(), aggregation_.wire_down()}, effects);
}

void SyncRounds::order_training(const Cohort& cohort, SimTime now, role::Effects& effects) {
  for (const Pick& pick : cohort) {
    dispatch_.order({.pick = pick,
                     .round = state_.round,
                     .dispatch = state_.round,  // keys the edge's streams
                     .exchange = state_.exchange,
                     .asked = now,
                     .answered = false},
                    aggregation_.downlink(), effects);
  }
}

// Answers come.

bool SyncRounds::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
  if (!federation_.channel().carries(message)) return false;
  parts_.traffic.went_up(message);
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
        dispatch_.no_base(message.from, lacks->dispatch, effects);
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
  const Dispatch::Order* order = dispatch_.find(from);
  const bool current =
      order != nullptr && order->dispatch == update.dispatch && update.exchange == state_.exchange;
  if (!current) {
    const bool asked =
        update.round == state_.round && update.exchange == state_.exchange && in_cohort(from);
    if (update.round >= state_.round && update.exchange >= state_.exchange && !asked) {
      return Refusal::kNotInCohort;
    }
    if (update.round < state_.round) {
      selector_->observe({.node = from,
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
  const Dispatch::Order* order = dispatch_.find(arrived.from);
  if (why) {
    dispatch_.refuse(arrived.from, update ? update->round : 0, *why, effects);
    if (*why == Refusal::kWrongShape && order != nullptr && !order->answered) {
      dispatch_.lose(arrived.from, Outcome::Fate::kRefused, "refused", now);
      answered_or_lost(now, effects);
    }
    return;
  }
  dispatch_.answered(arrived.from, now);
  aggregation_.add({.node = arrived.from,
                    .round = order->round,
                    .dispatch = order->dispatch,
                    .staleness = 0,
                    .weight = order->pick.weight},
                   arrived.payloads[0], state_.round, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::on_evaluated(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto evaluated = from_bytes<Evaluated>(message.body);
  if (!evaluated || !plausible(evaluated->evaluation)) {
    ledger_.count("refused/" + std::string(to_string(Refusal::kWrongShape)));
    return no_answer_from(message.from, now, effects);
  }
  if (measuring_.on_evaluated(message.from, *evaluated, effects)) {
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
    ledger_.count("evaluations failed");
    return no_answer_from(message.from, now, effects);
  }
  const Dispatch::Order* order = dispatch_.find(message.from);
  if (!failed || order == nullptr || order->answered || order->dispatch != failed->dispatch ||
      failed->exchange != state_.exchange || state_.phase != Phase::kTraining) {
    return;
  }
  const std::string what = to_string(message.from) + ": " + failed->why;
  dispatch_.lose(message.from, Outcome::Fate::kLost, "failed", now);
  if (config().local.on_failure == OnFailure::kStop) return stop(what, true, effects);
  if (++state_.failed == state_.cohort.size()) {
    return stop(
        "every edge of round " + std::to_string(state_.round) + " failed; the last was " + what,
        true, effects);
  }
  answered_or_lost(now, effects);
}

/// The node will not answer what it was asked, in a survey or by a plugin.
void SyncRounds::no_answer_from(NodeId node, SimTime now, role::Effects& effects) {
  if (measuring_.no_answer_from(node, effects)) go_on_when_measured(now, effects);
  if (for_reducer_.no_answer_from(node)) advance(now, effects);
  const bool last = for_selector_.no_answer_from(node) && !for_selector_.waits();
  if (last && state_.phase == Phase::kSelecting) select(now, effects);
}

void SyncRounds::answered_or_lost(SimTime now, role::Effects& effects) {
  if (state_.phase != Phase::kTraining) return;
  if (dispatch_.open() == 0 || aggregation_.count() >= state_.target) {
    close_round(now, effects);
  } else {
    aggregation_.accumulate(state_.round, effects);
  }
}

bool SyncRounds::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (!federation_.channel().owns(timer)) return false;
  if (!active()) return true;
  if (timer == federation_.channel().timer(kTimeLimit)) {
    if (const auto over = measuring_.stop_reason(now)) stop(*over, false, effects);
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
  if (!active()) return;
  if (was_present) {
    no_answer_from(node, now, effects);
    dispatch_.order_again(node, effects);
  }
  if (state_.phase == Phase::kStarting) begin_round(now, effects);
}

void SyncRounds::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!active()) return;
  no_answer_from(node, now, effects);
  const Dispatch::Order* order = dispatch_.find(node);
  if (order == nullptr || order->answered) return;
  dispatch_.lose(node, Outcome::Fate::kLost, "lost", now);
  answered_or_lost(now, effects);
}

// A round closes.

void SyncRounds::close_round(SimTime now, role::Effects& effects) {
  effects.cancel_timer(deadline_timer());
  for (const NodeId node : dispatch_.unanswered()) {
    dispatch_.lose(node, Outcome::Fate::kLost, "lost", now);
  }
  aggregation_.close();
  state_.phase = Phase::kFinishing;
  advance(now, effects);
}

void SyncRounds::advance(SimTime, role::Effects& effects) {
  if (!active()) return;
  aggregation_.accumulate(state_.round, effects);
  if (state_.phase != Phase::kFinishing || !aggregation_.complete()) return;
  if (for_reducer_.waits()) return;
  Aggregation::Finish how{.round = state_.round, .minimum = federation_.minimum()};
  for (std::size_t i = 0; i < for_reducer_.replies().size(); ++i) {
    const role::PayloadRef& result = for_reducer_.results()[i];
    how.replies.push_back({for_reducer_.replies()[i], static_cast<bool>(result)});
    if (result) how.results.push_back(result);
  }
  aggregation_.finish(std::move(how), effects);
}

bool SyncRounds::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (measuring_.on_job(finished, effects)) {
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
  const auto news = aggregation_.on_job(finished, effects);
  if (!news) return false;
  if (!active()) return true;
  std::visit(Overload{[&](const Aggregation::Nothing&) { advance(now, effects); },
                      [&](const Aggregation::Ready&) { settle_first(now, effects); },
                      [&](const Aggregation::NotOpened& bad) {
                        ledger_.judge({{.update = bad.update}}, false, *selector_);
                        dispatch_.refuse(bad.update.node, bad.update.round, Refusal::kNotOpened,
                                         effects);
                        advance(now, effects);
                      },
                      [&](const Aggregation::Verdicts& verdicts) {
                        take_verdicts(verdicts, effects);
                        advance(now, effects);
                      },
                      [&](const FinishReport& report) { on_finished(report, now, effects); }},
             *news);
  return true;
}

bool SyncRounds::on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) {
  const bool ours =
      measuring_.on_job_failed(failed.number) || for_reducer_.on_job_failed(failed.number) ||
      for_selector_.on_job_failed(failed.number) || aggregation_.on_job_failed(failed.number);
  if (ours) stop("on the cloud, " + failed.failure.message(), true, effects);
  return ours;
}

void SyncRounds::take_verdicts(const std::vector<Verdict>& verdicts, role::Effects& effects) {
  const bool first = state_.exchange == Exchange{};
  for (const UpdateEntry& refused : ledger_.judge(verdicts, first, *selector_)) {
    dispatch_.refuse(refused.node, refused.round, Refusal::kNotFinite, effects);
  }
}

void SyncRounds::on_finished(const FinishReport& report, SimTime now, role::Effects& effects) {
  take_verdicts(report.verdicts, effects);
  if (report.next != NextExchange::kNone) return again(report.next, now, effects);
  settle_round(report.abandoned, now, effects);
}

/// The same cohort once more: those who answered.
void SyncRounds::again(NextExchange next, SimTime now, role::Effects& effects) {
  if (next == NextExchange::kTraining) {
    ++state_.exchange.training;
    state_.exchange.coding = 0;
  } else {
    ++state_.exchange.coding;
  }
  Cohort cohort;
  for (const Pick& pick : state_.cohort) {
    if (dispatch_.find(pick.node) != nullptr) cohort.push_back(pick);
  }
  dispatch_.clear();
  ledger_.clear_accepted();
  state_.target = static_cast<std::uint32_t>(cohort.size());
  state_.phase = Phase::kTraining;
  aggregation_.begin(state_.exchange);
  order_training(cohort, now, effects);
  set_deadline(now, effects);
  answered_or_lost(now, effects);
}

void SyncRounds::settle_first(SimTime now, role::Effects& effects) {
  state_.phase = Phase::kEvaluating;
  measuring_.begin(0, state_.round, aggregation_.down(), effects);
  go_on_when_measured(now, effects);
}

void SyncRounds::settle_round(bool abandoned, SimTime now, role::Effects& effects) {
  if (abandoned) {
    ledger_.count("abandoned");
  } else if (federation_.keeps_state()) {
    ledger_.settle_accepted();
  }
  ledger_.record_round(state_.round, now - state_.round_began, effects);
  parts_.traffic.record(state_.round, effects);
  ledger_.record_outcomes(state_.round, effects);
  ledger_.begin_round();
  state_.phase = Phase::kEvaluating;
  measuring_.begin(state_.round, state_.round, aggregation_.down(), effects);
  go_on_when_measured(now, effects);
}

void SyncRounds::go_on_when_measured(SimTime now, role::Effects& effects) {
  if (state_.phase == Phase::kEvaluating && !measuring_.waits()) begin_round(now, effects);
}

// State.

void SyncRounds::save(ByteWriter& writer) const {
  writer(group_, ledger_, dispatch_, aggregation_, measuring_, for_selector_, for_reducer_, state_,
         ended_);
  ByteWriter memory;
  selector_->save(memory);
  writer(memory.bytes());
}

void SyncRounds::load(ByteReader& reader) {
  ByteVector memory;
  reader(group_, ledger_, dispatch_, aggregation_, measuring_, for_selector_, for_reducer_, state_,
         ended_, memory);
  if (!reader.ok()) return;
  ByteReader selector(memory);
  selector_->load(selector);
  if (!selector.finished() || state_.phase > Phase::kEvaluating) reader.fail();
}

}  // namespace skerry::parts

#include "scenarios/parts/async_rounds.hpp"

#include <algorithm>
#include <utility>

namespace skerry::parts {

namespace {

enum Timer : std::uint8_t { kTimeLimit = 1, kDeadline = 2 };

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

}  // namespace

AsyncRounds::AsyncRounds(const Federation& federation, const CloudParts& parts)
    : federation_(federation),
      parts_(parts),
      selector_(federation.make_selector()),
      group_(parts.membership),
      dispatch_(federation, parts.membership, parts.traffic, ledger_, *selector_),
      aggregation_(federation, parts.book),
      measuring_(federation, parts.book, parts.membership, parts.traffic) {}

void AsyncRounds::begin(const RoundsTask& task, SimTime now, role::Effects& effects) {
  SKERRY_CHECK(!active(), "one task at a time");
  ended_.reset();
  group_.restrict_to(task.nodes);
  measuring_.stop_by(task.stop);
  state_.phase = Phase::kPreparing;
  state_.round = 0;
  state_.steps = 0;
  state_.round_began = now;
  if (const auto limit = measuring_.time_limit()) {
    effects.set_timer(federation_.channel().timer(kTimeLimit), *limit);
  }
  aggregation_.initialise(task.model, effects);
}

void AsyncRounds::stop(const std::string& reason, bool failed, role::Effects& effects) {
  if (!active()) return;
  effects.cancel_timer(federation_.channel().timer(kTimeLimit));
  for (const auto& [node, order] : dispatch_.all()) {
    effects.cancel_timer(deadline_timer(order.dispatch));
    parts_.membership.set_busy(node, false);
  }
  dispatch_.clear();
  state_.phase = Phase::kIdle;
  ended_ = RoundsEnd{reason, aggregation_.down(), failed};
}

std::uint32_t AsyncRounds::concurrency() const {
  return config().rounds.concurrency.value_or(config().select.cohort(group_.members()));
}

std::uint64_t AsyncRounds::deadline_timer(std::uint32_t dispatch) const {
  return federation_.channel().timer(kDeadline, dispatch);
}

void AsyncRounds::begin_version(SimTime now, role::Effects& effects) {
  const auto over = measuring_.stop_reason(now);
  if (over && measuring_.survey_runs()) {
    state_.phase = Phase::kEvaluating;  // the last model is measured too
    return;
  }
  if (over) return stop(*over, false, effects);
  const bool first = state_.round == 0;
  const std::uint32_t wanted_at_start = config().rounds.start_with.value_or(group_.members());
  const bool enough_joined =
      !first || parts_.membership.everybody_at_start() || group_.present_count() >= wanted_at_start;
  if (!enough_joined || group_.present_count() < 1) {
    state_.phase = Phase::kStarting;  // until somebody joins
    return;
  }
  if (first) aggregation_.begin({});
  state_.round = measuring_.version() + 1;
  state_.round_began = now;
  state_.phase = Phase::kTraining;
  refill(now, effects);
  advance(effects);
}

void AsyncRounds::refill(SimTime now, role::Effects& effects) {
  if (state_.round == 0) return;
  const bool has_begun = state_.phase == Phase::kTraining || state_.phase == Phase::kFinishing ||
                         state_.phase == Phase::kEvaluating;
  if (!has_begun) return;
  const std::uint32_t limit = concurrency();
  if (dispatch_.size() >= limit || group_.eligible_count() == 0) return;
  SelectContext context{.population = group_,
                        .round = state_.round,
                        .wanted = std::min(limit - dispatch_.size(), group_.eligible_count()),
                        .random = RandomStream(federation_.seeds().sampling, "select",
                                               NodeId::cloud(), state_.dispatches + 1),
                        .replies = {},
                        .asked = false};
  const AnswerOrAsk<Cohort> answer = selector_->select(context);
  const Cohort* cohort = std::get_if<Cohort>(&answer);
  SKERRY_CHECK(cohort != nullptr, "selectors that ask were refused when the scenario was read");
  for (const Pick& pick : *cohort) {
    // Streams are keyed by the order itself.
    dispatch_.order({.pick = pick,
                     .round = measuring_.version() + 1,
                     .dispatch = ++state_.dispatches,
                     .exchange = {},
                     .asked = now,
                     .answered = false},
                    aggregation_.downlink(), effects);
  }
  for (const Pick& pick : *cohort) {
    parts_.membership.set_busy(pick.node, true);
    if (!config().rounds.deadline) continue;
    effects.set_timer(deadline_timer(dispatch_.find(pick.node)->dispatch),
                      now + *config().rounds.deadline);
  }
}

bool AsyncRounds::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
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
    case RoundMessage::kAsked:  // nobody asks without rounds
      break;                    // not for the cloud
  }
  return true;
}

std::optional<Refusal> AsyncRounds::refusal(NodeId from, const Update& update,
                                            const role::Message& message) const {
  const auto order = dispatch_.all().find(from);
  if (order == dispatch_.all().end() || order->second.dispatch != update.dispatch) {
    const bool old = update.round < state_.round || update.dispatch <= state_.dispatches;
    return old ? Refusal::kStaleRound : Refusal::kNotInCohort;
  }
  if (message.payloads.size() != 1 || !message.payloads[0] || update.exchange != Exchange{} ||
      !role::same_shape(message.payloads[0].shape(), federation_.path().wire_shape({}))) {
    return Refusal::kWrongShape;
  }
  return std::nullopt;
}

void AsyncRounds::on_update(const role::Message& arrived, SimTime now, role::Effects& effects) {
  const auto update = from_bytes<Update>(arrived.body);
  const std::optional<Refusal> why =
      update ? refusal(arrived.from, *update, arrived) : Refusal::kWrongShape;
  if (why) {
    dispatch_.refuse(arrived.from, update ? update->round : 0, *why, effects);
    if (*why == Refusal::kWrongShape && dispatch_.find(arrived.from) != nullptr) {
      dispatch_.lose(arrived.from, Outcome::Fate::kRefused, "refused", now);
      refill(now, effects);
    }
    return;
  }
  const Dispatch::Order order = *dispatch_.find(arrived.from);
  state_.failures_in_a_row = 0;
  dispatch_.answered(arrived.from, now);
  aggregation_.add({.node = arrived.from,
                    .round = order.round,
                    .dispatch = order.dispatch,
                    .staleness = state_.steps + 1 - order.round,
                    .weight = order.pick.weight},
                   arrived.payloads[0], state_.round, effects);
  // The next order may leave before this update is looked into.
  if (federation_.keeps_state()) ledger_.settle(arrived.from, order.dispatch);
  effects.cancel_timer(deadline_timer(order.dispatch));
  dispatch_.erase(arrived.from);
  parts_.membership.set_busy(arrived.from, false);
  refill(now, effects);
  advance(effects);
}

void AsyncRounds::on_evaluated(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto evaluated = from_bytes<Evaluated>(message.body);
  if (!evaluated || !plausible(evaluated->evaluation)) {
    ledger_.count("refused/" + std::string(to_string(Refusal::kWrongShape)));
    if (measuring_.no_answer_from(message.from, effects)) go_on_when_measured(now, effects);
    return;
  }
  if (measuring_.on_evaluated(message.from, *evaluated, effects)) go_on_when_measured(now, effects);
}

void AsyncRounds::on_failed(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto failed = from_bytes<Failed>(message.body);
  if (failed && failed->dispatch == 0) {  // it was to evaluate
    ledger_.count("evaluations failed");
    if (measuring_.no_answer_from(message.from, effects)) go_on_when_measured(now, effects);
    return;
  }
  const Dispatch::Order* order = dispatch_.find(message.from);
  if (!failed || order == nullptr || order->dispatch != failed->dispatch) return;
  const std::string what = to_string(message.from) + ": " + failed->why;
  effects.cancel_timer(deadline_timer(order->dispatch));
  dispatch_.lose(message.from, Outcome::Fate::kLost, "failed", now);
  if (config().local.on_failure == OnFailure::kStop) return stop(what, true, effects);
  if (++state_.failures_in_a_row > 2 * group_.members()) {
    return stop("trainings fail and no update comes; the last was " + what, true, effects);
  }
  refill(now, effects);
}

bool AsyncRounds::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (!federation_.channel().owns(timer)) return false;
  if (!active()) return true;
  if (timer == federation_.channel().timer(kTimeLimit)) {
    if (const auto over = measuring_.stop_reason(now)) stop(*over, false, effects);
    return true;
  }
  for (const auto& [node, order] : dispatch_.all()) {
    if (deadline_timer(order.dispatch) != timer) continue;
    dispatch_.lose(NodeId(node), Outcome::Fate::kLost, "lost", now);
    refill(now, effects);
    break;
  }
  return true;
}

void AsyncRounds::on_peer_joined(NodeId node, bool was_present, SimTime now,
                                 role::Effects& effects) {
  if (!active()) return;
  if (was_present) {
    if (measuring_.no_answer_from(node, effects)) go_on_when_measured(now, effects);
    dispatch_.order_again(node, effects);
  }
  if (state_.phase == Phase::kStarting) begin_version(now, effects);
  refill(now, effects);
}

void AsyncRounds::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!active()) return;
  if (measuring_.no_answer_from(node, effects)) go_on_when_measured(now, effects);
  if (dispatch_.find(node) == nullptr) return;
  dispatch_.lose(node, Outcome::Fate::kLost, "lost", now);
  refill(now, effects);
}

void AsyncRounds::advance(role::Effects& effects) {
  if (!active()) return;
  if (state_.phase == Phase::kTraining) {
    const std::uint32_t buffer = federation_.path().reducer().traits().buffer;
    if (aggregation_.count() >= (buffer > 0 ? buffer : concurrency())) {
      aggregation_.close();
      state_.phase = Phase::kFinishing;
    }
  }
  aggregation_.accumulate(state_.round, effects);
  if (state_.phase != Phase::kFinishing || !aggregation_.complete()) return;
  ++state_.steps;
  aggregation_.finish({.round = state_.round, .minimum = federation_.minimum()}, effects);
}

bool AsyncRounds::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (measuring_.on_job(finished, effects)) {
    if (active()) go_on_when_measured(now, effects);
    return true;
  }
  const auto news = aggregation_.on_job(finished, effects);
  if (!news) return false;
  if (!active()) return true;
  std::visit(Overload{[&](const Aggregation::Nothing&) { advance(effects); },
                      [&](const Aggregation::Ready&) { measure(0, now, effects); },
                      [&](const Aggregation::NotOpened& bad) {
                        ledger_.judge({{.update = bad.update}}, false, *selector_);
                        dispatch_.refuse(bad.update.node, bad.update.round, Refusal::kNotOpened,
                                         effects);
                        advance(effects);
                      },
                      [&](const Aggregation::Verdicts& verdicts) {
                        take_verdicts(verdicts, effects);
                        advance(effects);
                      },
                      [&](const FinishReport& report) { on_finished(report, now, effects); }},
             *news);
  return true;
}

bool AsyncRounds::on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) {
  const bool ours =
      measuring_.on_job_failed(failed.number) || aggregation_.on_job_failed(failed.number);
  if (ours) stop("on the cloud, " + failed.failure.message(), true, effects);
  return ours;
}

void AsyncRounds::take_verdicts(const std::vector<Verdict>& verdicts, role::Effects& effects) {
  for (const UpdateEntry& refused : ledger_.judge(verdicts, true, *selector_)) {
    dispatch_.refuse(refused.node, refused.round, Refusal::kNotFinite, effects);
  }
}

void AsyncRounds::on_finished(const FinishReport& report, SimTime now, role::Effects& effects) {
  take_verdicts(report.verdicts, effects);
  if (report.abandoned) ledger_.count("abandoned");
  ledger_.record_round(state_.round, now - state_.round_began, effects);
  parts_.traffic.record(state_.round, effects);
  ledger_.record_outcomes(state_.round, effects);
  ledger_.begin_round();
  measure(state_.round, now, effects);
}

void AsyncRounds::measure(Round version, SimTime now, role::Effects& effects) {
  state_.phase = Phase::kEvaluating;
  measuring_.begin(version, state_.round, aggregation_.down(), effects);
  go_on_when_measured(now, effects);
}

void AsyncRounds::go_on_when_measured(SimTime now, role::Effects& effects) {
  if (state_.phase == Phase::kEvaluating && !measuring_.waits()) begin_version(now, effects);
}

void AsyncRounds::save(ByteWriter& writer) const {
  writer(group_, ledger_, dispatch_, aggregation_, measuring_, state_, ended_);
  ByteWriter memory;
  selector_->save(memory);
  writer(memory.bytes());
}

void AsyncRounds::load(ByteReader& reader) {
  ByteVector memory;
  reader(group_, ledger_, dispatch_, aggregation_, measuring_, state_, ended_, memory);
  if (!reader.ok()) return;
  ByteReader selector(memory);
  selector_->load(selector);
  if (!selector.finished() || state_.phase > Phase::kEvaluating) reader.fail();
}

}  // namespace skerry::parts

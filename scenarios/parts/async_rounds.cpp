#include "scenarios/parts/async_rounds.hpp"

#include <algorithm>
#include <utility>

namespace skerry::parts {

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

}  // namespace

AsyncRounds::AsyncRounds(const Federation& federation, const CloudParts& parts)
    : federation_(federation), pieces_(federation, parts) {}

void AsyncRounds::begin(const RoundsTask& task, SimTime now, role::Effects& effects) {
  SKERRY_CHECK(!active(), "one task at a time");
  ended_.reset();
  state_.phase = Phase::kPreparing;
  state_.round = 0;
  state_.steps = 0;
  state_.waiting.clear();
  state_.round_began = now;
  const StopConfig& rule = task.stop ? *task.stop : config().stop;
  state_.fruitless.begin(ends_without_progress(rule) ? 0 : kMostInARow);
  pieces_.begin(task, effects);
}

void AsyncRounds::stop(const std::string& reason, bool failed, role::Effects& effects) {
  if (!active()) return;
  for (const auto& [node, order] : pieces_.dispatch.all()) {
    effects.cancel_timer(pieces_.deadline_timer(order.dispatch));
    pieces_.parts.membership.set_busy(node, false);
  }
  state_.phase = Phase::kIdle;
  ended_ = pieces_.end(reason, failed, effects);
}

std::uint32_t AsyncRounds::concurrency() const {
  return config().rounds.concurrency.value_or(config().select.cohort(pieces_.group.learners()));
}

void AsyncRounds::begin_version(SimTime now, role::Effects& effects) {
  const auto over = pieces_.measuring.stop_reason(now);
  if (over && pieces_.measuring.survey_last(pieces_.aggregation.down(), effects)) {
    state_.phase = Phase::kEvaluating;
    return;
  }
  if (over) return stop(*over, false, effects);
  if (const auto why = pieces_.measuring.hopeless()) return stop(*why, true, effects);
  const bool first = state_.round == 0;
  if (!pieces_.enough_present(first, 1)) {
    state_.phase = Phase::kStarting;  // until somebody joins
    return pieces_.parts.membership.wake_at_return(pieces_.return_timer(), effects);
  }
  if (first) pieces_.aggregation.begin({});
  state_.round = pieces_.measuring.version() + 1;
  state_.round_began = now;
  state_.phase = Phase::kTraining;
  admit(effects);
  refill(now, effects);
  advance(effects);
}

void AsyncRounds::refill(SimTime now, role::Effects& effects) {
  if (state_.round == 0) return;
  const bool has_begun = state_.phase == Phase::kTraining || state_.phase == Phase::kFinishing ||
                         state_.phase == Phase::kEvaluating;
  if (!has_begun) return;
  const std::uint32_t limit = concurrency();
  const std::uint32_t most = pieces_.group.eligible_at_most();
  const auto taken = pieces_.dispatch.size() + static_cast<std::uint32_t>(state_.waiting.size());
  if (taken >= limit || most == 0) return;
  SelectContext context{.population = pieces_.group,
                        .round = state_.round,
                        .wanted = std::min(limit - taken, most),
                        .random = RandomStream(federation_.seeds().sampling, "select",
                                               NodeId::cloud(), state_.dispatches + 1),
                        .replies = {},
                        .asked = false};
  const AnswerOrAsk<Cohort> answer = pieces_.selector->select(context);
  const Cohort* cohort = std::get_if<Cohort>(&answer);
  SKERRY_CHECK(cohort != nullptr, "selectors that ask were refused when the scenario was read");
  for (const Pick& pick : *cohort) {
    // The order's own number keys its random streams.
    pieces_.dispatch.order({.pick = pick,
                            .round = pieces_.measuring.version() + 1,
                            .dispatch = ++state_.dispatches,
                            .exchange = {},
                            .asked = now,
                            .answered = false},
                           pieces_.aggregation.downlink(), effects);
  }
  for (const Pick& pick : *cohort) {
    pieces_.parts.membership.set_busy(pick.node, true);
    if (!config().rounds.deadline) continue;
    effects.set_timer(pieces_.deadline_timer(pieces_.dispatch.find(pick.node)->dispatch),
                      now + *config().rounds.deadline);
  }
  if (cohort->size() < context.wanted) {
    pieces_.parts.membership.wake_at_return(pieces_.return_timer(), effects);
  }
}

bool AsyncRounds::on_message(const role::Message& message, SimTime now, role::Effects& effects) {
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
    case RoundMessage::kAsked:  // nobody asks without rounds
      break;                    // not for the cloud
  }
  return true;
}

std::optional<Refusal> AsyncRounds::refusal(NodeId from, const Update& update,
                                            const role::Message& message) const {
  const auto order = pieces_.dispatch.all().find(from);
  if (order == pieces_.dispatch.all().end() || order->second.dispatch != update.dispatch) {
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
    if (update) {
      pieces_.dispatch.refuse(arrived.from, *update, *why, effects);
    } else {
      pieces_.dispatch.refuse(arrived.from, 0, *why, effects);
    }
    if (*why == Refusal::kWrongShape && pieces_.dispatch.find(arrived.from) != nullptr) {
      pieces_.dispatch.lose(arrived.from, Outcome::Fate::kRefused, "refused", now);
      one_more_in_vain(now, effects);
    }
    return;
  }
  const Dispatch::Order order = *pieces_.dispatch.find(arrived.from);
  state_.failures_in_a_row = 0;
  pieces_.dispatch.answered(arrived.from, now);
  state_.waiting.push_back({.entry = {.node = arrived.from,
                                      .round = order.round,
                                      .dispatch = order.dispatch,
                                      .weight = order.pick.weight,
                                      .samples = pieces_.group.samples(arrived.from)},
                            .update = arrived.payloads[0]});
  admit(effects);
  // The next order may leave before this update is looked into.
  if (federation_.keeps_state()) pieces_.ledger.settle(arrived.from, order.dispatch);
  effects.cancel_timer(pieces_.deadline_timer(order.dispatch));
  pieces_.dispatch.erase(arrived.from);
  pieces_.parts.membership.set_busy(arrived.from, false);
  refill(now, effects);
  advance(effects);
}

void AsyncRounds::on_evaluated(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto evaluated = from_bytes<Evaluated>(message.body);
  if (!evaluated || !plausible(evaluated->evaluation)) {
    pieces_.ledger.count("refused/" + std::string(to_string(Refusal::kWrongShape)));
    if (pieces_.measuring.no_answer_from(message.from, effects)) go_on_when_measured(now, effects);
    return;
  }
  if (pieces_.measuring.on_evaluated(message.from, *evaluated, effects))
    go_on_when_measured(now, effects);
}

void AsyncRounds::on_failed(const role::Message& message, SimTime now, role::Effects& effects) {
  const auto failed = from_bytes<Failed>(message.body);
  if (failed && failed->dispatch == 0) {  // it was to evaluate
    pieces_.ledger.count("evaluations failed");
    if (pieces_.measuring.no_answer_from(message.from, effects)) go_on_when_measured(now, effects);
    return;
  }
  const Dispatch::Order* order = pieces_.dispatch.find(message.from);
  if (!failed || order == nullptr || order->dispatch != failed->dispatch) return;
  const std::string what = to_string(message.from) + ": " + failed->why;
  effects.cancel_timer(pieces_.deadline_timer(order->dispatch));
  pieces_.dispatch.lose(message.from, Outcome::Fate::kLost, "failed", now);
  if (config().local.on_failure == OnFailure::kStop) return stop(what, true, effects);
  if (++state_.failures_in_a_row > 2 * pieces_.group.members()) {
    return stop("trainings fail and no update comes; the last was " + what, true, effects);
  }
  refill(now, effects);
}

bool AsyncRounds::on_timer(std::uint64_t timer, SimTime now, role::Effects& effects) {
  if (!federation_.channel().owns(timer)) return false;
  if (!active()) return true;
  if (pieces_.is_time_limit(timer)) {
    if (const auto over = pieces_.measuring.stop_reason(now)) stop(*over, false, effects);
    return true;
  }
  if (timer == pieces_.return_timer()) {
    if (state_.phase == Phase::kStarting) begin_version(now, effects);
    refill(now, effects);
    return true;
  }
  for (const auto& [node, order] : pieces_.dispatch.all()) {
    if (pieces_.deadline_timer(order.dispatch) != timer) continue;
    lost(NodeId(node), now, effects);
    break;
  }
  return true;
}

void AsyncRounds::on_peer_joined(NodeId node, bool was_present, SimTime now,
                                 role::Effects& effects) {
  pieces_.group.joined(node);
  if (!active()) return;
  if (was_present) {
    if (pieces_.measuring.no_answer_from(node, effects)) go_on_when_measured(now, effects);
    pieces_.dispatch.order_again(node, effects);
  }
  if (state_.phase == Phase::kStarting) begin_version(now, effects);
  refill(now, effects);
}

void AsyncRounds::on_peer_lost(NodeId node, SimTime now, role::Effects& effects) {
  if (!active()) return;
  if (pieces_.measuring.no_answer_from(node, effects)) go_on_when_measured(now, effects);
  if (pieces_.dispatch.find(node) != nullptr) lost(node, now, effects);
}

void AsyncRounds::lost(NodeId node, SimTime now, role::Effects& effects) {
  pieces_.dispatch.give_up(node, now);
  one_more_in_vain(now, effects);
}

/// Without updates no step is made, so the scenario's rule might never end the run. This many
/// orders in vain, one after the other, are not bad luck: the task fails.
void AsyncRounds::one_more_in_vain(SimTime now, role::Effects& effects) {
  const std::uint32_t most = std::max<std::uint32_t>(1000, 10 * pieces_.group.members());
  if (++state_.in_vain >= most) {
    return stop("no update comes that counts: " + std::to_string(state_.in_vain) +
                    " orders in a row were lost, or their updates refused",
                true, effects);
  }
  refill(now, effects);
}

std::uint32_t AsyncRounds::step_size() const {
  const std::uint32_t buffer = federation_.path().reducer().traits().buffer;
  return buffer > 0 ? buffer : concurrency();
}

/// Updates that wait count towards the step under way, until it has all that it needs.
void AsyncRounds::admit(role::Effects& effects) {
  if (state_.phase != Phase::kTraining) return;
  auto next = state_.waiting.begin();
  for (; next != state_.waiting.end() && pieces_.aggregation.count() < step_size(); ++next) {
    next->entry.staleness = state_.steps + 1 - next->entry.round;
    pieces_.aggregation.add(next->entry, std::move(next->update), state_.round, effects);
  }
  state_.waiting.erase(state_.waiting.begin(), next);
}

void AsyncRounds::advance(role::Effects& effects) {
  if (!active()) return;
  admit(effects);
  if (state_.phase == Phase::kTraining && pieces_.aggregation.count() >= step_size()) {
    pieces_.aggregation.close();
    state_.phase = Phase::kFinishing;
  }
  pieces_.aggregation.accumulate(state_.round, effects);
  if (state_.phase != Phase::kFinishing || !pieces_.aggregation.complete()) return;
  ++state_.steps;
  pieces_.aggregation.finish({.round = state_.round, .minimum = federation_.minimum()}, effects);
}

bool AsyncRounds::on_job(const role::JobFinished& finished, SimTime now, role::Effects& effects) {
  if (pieces_.measuring.on_job(finished, effects)) {
    if (active()) go_on_when_measured(now, effects);
    return true;
  }
  const auto news = pieces_.aggregation.on_job(finished, effects);
  if (!news) return false;
  if (!active()) return true;
  std::visit(Overload{[&](const Aggregation::Nothing&) { advance(effects); },
                      [&](const Aggregation::Ready&) { measure(0, now, effects); },
                      [&](const Aggregation::NotOpened& bad) {
                        pieces_.not_opened(bad.update, effects);
                        one_more_in_vain(now, effects);
                        advance(effects);
                      },
                      [&](const Aggregation::Verdicts& verdicts) {
                        pieces_.take_verdicts(verdicts, true, effects);
                        for (const Verdict& verdict : verdicts) {
                          if (verdict.finite) state_.in_vain = 0;
                          if (!verdict.finite && active()) one_more_in_vain(now, effects);
                        }
                        advance(effects);
                      },
                      [&](const FinishReport& report) { on_finished(report, now, effects); }},
             *news);
  return true;
}

bool AsyncRounds::on_job_failed(const role::JobFailed& failed, SimTime, role::Effects& effects) {
  const bool ours = pieces_.measuring.on_job_failed(failed.number) ||
                    pieces_.aggregation.on_job_failed(failed.number);
  if (ours) stop("on the cloud, " + failed.failure.message(), true, effects);
  return ours;
}

void AsyncRounds::on_finished(const FinishReport& report, SimTime now, role::Effects& effects) {
  state_.in_vain = 0;
  pieces_.take_verdicts(report.verdicts, true, effects);
  if (report.next == NextExchange::kTraining) {
    const std::string& name = config().server.reduce.name;
    return stop("reducer \"" + name +
                    "\" asks for another exchange, which needs rounds: "
                    "\"rounds\": {\"mode\": \"sync\"}",
                true, effects);
  }
  pieces_.record(state_.round, now - state_.round_began, report.end, effects);
  if (report.end == RoundEnd::kChanged) state_.fruitless.worked();
  if (report.end != RoundEnd::kChanged && state_.fruitless.failed()) {
    return stop(std::to_string(kMostInARow) +
                    " steps in a row changed nothing, and only a metric could end the run",
                true, effects);
  }
  measure(state_.round, now, effects);
}

void AsyncRounds::measure(Round version, SimTime now, role::Effects& effects) {
  state_.phase = Phase::kEvaluating;
  pieces_.measuring.begin(version, state_.round, pieces_.aggregation.down(), effects);
  go_on_when_measured(now, effects);
}

void AsyncRounds::go_on_when_measured(SimTime now, role::Effects& effects) {
  if (state_.phase == Phase::kEvaluating && !pieces_.measuring.waits()) begin_version(now, effects);
}

void AsyncRounds::save(ByteWriter& writer) const {
  writer(state_, ended_);
  pieces_.save(writer);
}

void AsyncRounds::load(ByteReader& reader) {
  reader(state_, ended_);
  pieces_.load(reader);
  if (state_.phase > Phase::kEvaluating) reader.fail();
}

}  // namespace skerry::parts

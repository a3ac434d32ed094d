#include "scenarios/parts/round_pieces.hpp"

#include <algorithm>

namespace skerry::parts {

RoundPieces::RoundPieces(const Federation& federation_of, const CloudParts& cloud_parts)
    : federation(federation_of),
      parts(cloud_parts),
      selector(federation_of.make_selector()),
      group(cloud_parts.membership),
      dispatch(federation_of, cloud_parts.membership, cloud_parts.traffic, ledger, *selector),
      aggregation(federation_of, cloud_parts.book),
      measuring(federation_of, cloud_parts.book, cloud_parts.membership, cloud_parts.traffic) {}

void RoundPieces::begin(const RoundsTask& task, role::Effects& effects) {
  group.restrict_to(task.nodes);
  if (begun_) first_step_ += std::max(last_round_, measuring.version()) + std::uint64_t{1};
  begun_ = true;
  last_round_ = 0;
  measuring.begin_task(task.stop, {first_step_, !parts.inside});
  if (const auto limit = measuring.time_limit()) effects.set_timer(time_limit_timer(), *limit);
  aggregation.initialise(task.model, effects);
}

role::Stop RoundPieces::end(const std::string& reason, bool failed, role::Effects& effects) {
  effects.cancel_timer(time_limit_timer());
  dispatch.clear();
  const role::PayloadRef& model = aggregation.down();
  if (model) measuring.measure_last(measuring.version(), model, effects);
  return {reason, model, failed, ledger.nothing_learnt()};
}

bool RoundPieces::enough_present(bool first, std::uint32_t minimum) const {
  if (!first || parts.membership.everybody_at_start()) return group.has_present(minimum);
  const auto start_with = federation.config().rounds.start_with.value_or(group.members());
  return group.has_present(std::max(minimum, start_with));
}

void RoundPieces::take_verdicts(const std::vector<Verdict>& verdicts, bool counts_loss,
                                role::Effects& effects) {
  for (const UpdateEntry& refused : ledger.judge(verdicts, counts_loss, *selector)) {
    dispatch.refuse(refused.node, refused.round, Refusal::kNotFinite, effects);
  }
}

void RoundPieces::not_opened(const UpdateEntry& update, role::Effects& effects) {
  ledger.judge({{.update = update}}, false, *selector);
  dispatch.refuse(update.node, update.round, Refusal::kNotOpened, effects);
}

void RoundPieces::record(Round round, Duration took, RoundEnd end, role::Effects& effects) {
  const role::MetricStep step(first_step_ + round, !parts.inside);
  last_round_ = round;
  ledger.end_round(end);
  ledger.record_round(step, took, effects);
  if (!parts.inside) parts.traffic.record(step.number, effects);
  ledger.record_outcomes(step, effects);
  ledger.begin_round();
}

void RoundPieces::save(ByteWriter& writer) const {
  writer(group, ledger, dispatch, aggregation, measuring, begun_, first_step_, last_round_);
  ByteWriter memory;
  selector->save(memory);
  writer(memory.bytes());
}

void RoundPieces::load(ByteReader& reader) {
  ByteVector memory;
  reader(group, ledger, dispatch, aggregation, measuring, begun_, first_step_, last_round_, memory);
  if (!reader.ok()) return;
  ByteReader remembered(memory);
  selector->load(remembered);
  if (!remembered.finished()) reader.fail();
}

}  // namespace skerry::parts

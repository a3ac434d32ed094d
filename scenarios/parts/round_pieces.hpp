#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/parts/aggregation.hpp"
#include "scenarios/parts/dispatch.hpp"
#include "scenarios/parts/measuring.hpp"
#include "scenarios/parts/node_group.hpp"
#include "scenarios/parts/rounds.hpp"
#include "scenarios/parts/update_ledger.hpp"

namespace skerry::parts {

/// The pieces that both machines of rounds are made of, and what both do alike. The machines decide
/// when it is done.
struct RoundPieces {
  RoundPieces(const Federation& federation_of, const CloudParts& cloud_parts);

  /// A task begins: sets its nodes, its rule and the timer of its time limit, and starts to make
  /// the first model (Aggregation::Ready follows).
  void begin(const RoundsTask& task, role::Effects& effects);
  /// A task is over: forgets all orders, cancels the timer of the time limit and measures the last
  /// version. The machine must cancel its own timers.
  role::Stop end(const std::string& reason, bool failed, role::Effects& effects);

  /// Whether enough edges are present: `minimum`, and in a live run for the first round also as
  /// many as it waits for (`rounds.start_with`).
  bool enough_present(bool first, std::uint32_t minimum) const;
  bool is_time_limit(std::uint64_t timer) const { return timer == time_limit_timer(); }
  /// Of the machine's own: it waits for edges that are absent (Membership::wake_at_return()).
  std::uint64_t return_timer() const { return federation.channel().timer(3); }
  /// A timer of the machine's own; `subject` is a round or a dispatch.
  std::uint64_t deadline_timer(std::uint32_t subject) const {
    return federation.channel().timer(2, subject);
  }

  /// Updates were looked into: counts them, and refuses those that are not finite.
  void take_verdicts(const std::vector<Verdict>& verdicts, bool counts_loss,
                     role::Effects& effects);
  /// A transform could not open an update: counts it and refuses it.
  void not_opened(const UpdateEntry& update, role::Effects& effects);
  /// Records the outcome of the round that made version `round`. Steps go on from task to task.
  void record(Round round, Duration took, RoundEnd end, role::Effects& effects);
  void save(ByteWriter& writer) const;
  void load(ByteReader& reader);

  const Federation& federation;
  CloudParts parts;
  std::unique_ptr<Selector> selector;
  NodeGroup group;
  UpdateLedger ledger;
  Dispatch dispatch;
  Aggregation aggregation;
  Measuring measuring;

 private:
  bool begun_ = false;            // some task
  std::uint64_t first_step_ = 0;  // of this task's metrics
  Round last_round_ = 0;          // that was recorded

  std::uint64_t time_limit_timer() const { return federation.channel().timer(1); }
};

}  // namespace skerry::parts

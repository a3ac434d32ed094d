#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/terms.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {

/// What an edge returned.
struct EdgeUpdate {
  std::uint32_t edge;
  Payload up;
  TrainReport report;
};

/// A federation driven by hand: a test says who trains, whose update is lost and what is reduced.
/// Edge k holds rows[k]. Neither time nor messages are simulated.
class HandFederation {
 public:
  struct Parts {
    const Learner& learner;
    const Samples& samples;
    const LocalMethod& method;
    const Optimizer& optimizer;
    LocalSettings settings;
    std::uint64_t seed = 1;
    Terms terms = {};
    Parallel* parallel = nullptr;  // idle threads for parts of a job; outlives the federation
  };

  HandFederation(Parts parts, std::vector<std::vector<std::uint32_t>> rows)
      : parts_(parts),
        rows_(std::move(rows)),
        states_(rows_.size()),
        workspace_(parts.parallel ? Workspace(*parts.parallel) : Workspace()) {
    const LayoutRef& layout = parts_.learner.layout();
    const RandomStream init(parts_.seed, "init");
    parts_.learner.initialise(init, down.add({"model", layout}).f32());
    for (const MethodRecords& records : records_of(0)) {
      for (const RecordSpec& spec : records.down) down.add(spec);
      for (Payload& state : states_) {
        for (const RecordSpec& spec : records.state) state.add(spec);
      }
    }
  }

  std::size_t edges() const { return rows_.size(); }
  std::vector<float> model() const { return values_of(down.at("model")); }
  void start_at(const std::vector<float>& values) {
    std::copy(values.begin(), values.end(), down.open("model").f32().begin());
  }
  /// New data for an edge.
  void give_rows(std::uint32_t edge, std::vector<std::uint32_t> rows) {
    rows_[edge] = std::move(rows);
  }
  Payload& state(std::uint32_t edge) { return states_[edge]; }

  EdgeUpdate train(std::uint32_t edge, Round round, std::uint32_t exchange = 0) {
    EdgeUpdate update{edge, {}, {}};
    for (const MethodRecords& records : records_of(exchange)) {
      for (const RecordSpec& spec : records.up) update.up.add(spec);
    }
    TrainContext context = context_of(edge, round, update.up);
    context.exchange = exchange;
    update.report = parts_.terms.train(context, parts_.method);
    return update;
  }

  /// An experience has ended on an edge.
  void boundary(std::uint32_t edge, Round round) {
    Payload nothing;
    TrainContext context = context_of(edge, round, nothing);
    parts_.terms.boundary(context);
  }

  void settle(std::uint32_t edge, Settlement outcome) {
    parts_.method.settle(states_[edge], outcome);
    parts_.terms.settle(states_[edge], outcome);
  }

  /// Combines the records of all updates as each record asks: exact mean by examples, exact sum.
  Payload reduce(const std::vector<EdgeUpdate>& updates) const {
    Payload reduced;
    for (const auto& record : updates[0].up.records()) {
      const RecordSpec& spec = record->spec();
      ExactSum sum(record->size());
      for (const EdgeUpdate& update : updates) {
        const float n =
            spec.reduce == Reduce::kSum ? 1.0f : static_cast<float>(update.report.samples);
        const ExactSum::Term term{update.up.at(spec.name).f32().data(), n, n};
        sum.add({&term, 1});
      }
      const std::span<float> out = reduced.add(spec).f32();
      spec.reduce == Reduce::kSum ? sum.scaled(1, out) : sum.mean(out);
    }
    return reduced;
  }

  /// The cloud's half of a round: w <- w + mean delta, and the method's own records.
  void step(const std::vector<EdgeUpdate>& accepted) {
    const Payload reduced = reduce(accepted);
    const auto delta = reduced.at("delta").f32();
    const auto w = down.open("model").f32();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] += delta[i];
    CombineContext context{reduced, down, static_cast<std::uint32_t>(accepted.size()),
                           static_cast<std::uint32_t>(rows_.size())};
    parts_.method.combine(context);
    parts_.terms.combine(context);
  }

  Payload down;  // what the cloud sends

 private:
  std::array<MethodRecords, 2> records_of(std::uint32_t exchange) const {
    return {parts_.method.records(parts_.learner.layout(), exchange),
            parts_.terms.records(parts_.learner)};
  }
  TrainContext context_of(std::uint32_t edge, Round round, Payload& up) {
    return {.learner = parts_.learner,
            .optimizer = parts_.optimizer,
            .data = {&parts_.samples, rows_[edge]},
            .down = down,
            .state = states_[edge],
            .up = up,
            .settings = parts_.settings,
            .key = {parts_.seed, NodeId::edge(edge), round},
            .population = static_cast<std::uint32_t>(rows_.size()),
            .workspace = workspace_};
  }

  Parts parts_;
  std::vector<std::vector<std::uint32_t>> rows_;
  std::vector<Payload> states_;
  Workspace workspace_;
};

/// `edges` lists of `each` rows: edge k holds k*each ... (k+1)*each - 1.
inline std::vector<std::vector<std::uint32_t>> equal_rows(std::size_t edges, std::size_t each) {
  std::vector<std::vector<std::uint32_t>> rows(edges);
  for (std::size_t i = 0; i < edges * each; ++i) {
    rows[i / each].push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

}  // namespace skerry

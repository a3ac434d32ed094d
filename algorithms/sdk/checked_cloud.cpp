// What the cloud calls: reducers, selectors, server stages and optimisers (see checked.hpp).
#include <cmath>
#include <set>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/checked.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/selector.hpp"
#include "algorithms/sdk/server_stage.hpp"

namespace skerry {

namespace {

/// In one round. PowerSGD has two, SecAgg four.
constexpr std::uint32_t kMostExchanges = 64;
constexpr std::uint32_t kMostEpochs = 1'000'000;

bool positive(float value) { return std::isfinite(value) && value > 0; }

class CheckedReducer final : public Checked<Reducer> {
 public:
  using Checked::Checked;

  ReducerTraits traits() const override {
    return named("traits()", [&] { return plugin().traits(); });
  }
  bool withstands(std::uint32_t n, std::uint32_t f) const override {
    return named("withstands()", [&] { return plugin().withstands(n, f); });
  }
  std::optional<Ask> ask() const override {
    return named("ask()", [&] { return plugin().ask(); });
  }
  Share share(const UpdateInfo& info) const override {
    return named("share()", [&] {
      const Share share = plugin().share(info);
      // Staleness may bring a weight down to 0, and an update of no examples has none.
      const bool counts = info.samples > 0 && info.staleness == 0;
      const bool least = share.divisor > 0 || (share.weight == 0 && !counts);
      if (!std::isfinite(share.weight) || !std::isfinite(share.divisor) || !(share.divisor >= 0) ||
          !least) {
        refuse("a share of weight " + std::to_string(share.weight) + " and divisor " +
               std::to_string(share.divisor) + ", of which no mean can be made");
      }
      return share;
    });
  }
  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo> infos,
              std::span<float> out) const override {
    named("gather()", [&] { plugin().gather(values, infos, out); });
  }
  void reduce(GatherContext& context) const override {
    named("reduce()", [&] {
      const KeptRecords reduced("context.reduced", context.reduced);
      plugin().reduce(context);
      reduced.check(context.reduced);
      check_finite(context.reduced, "context.reduced");
    });
  }
  std::vector<RecordSpec> state(const LayoutRef& model) const override {
    return named("state()", [&] {
      auto records = plugin().state(model);
      check_records(records, "the list");
      return records;
    });
  }
  Finish finish(FinishContext& context) const override {
    return named("finish()", [&] {
      const KeptRecords state("context.state", context.state);
      const Finish finish = plugin().finish(context);
      state.check(context.state);
      if (finish == Finish::kDone) {
        check_finite(context.delta, "context.delta");
      } else {
        check_asked(context);
      }
      return finish;
    });
  }

 private:
  static void check_asked(const FinishContext& context) {
    if (context.exchange + 1 >= kMostExchanges) {
      refuse("it asks for another exchange after " + std::to_string(kMostExchanges) +
             " of one round");
    }
    std::vector<RecordSpec> asked;
    for (const auto& record : context.ask.records()) asked.push_back(record->spec());
    check_records(asked, "context.ask");
  }
};

class CheckedSelector final : public Checked<Selector> {
 public:
  using Checked::Checked;

  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    return named("select()", [&] {
      auto answer = plugin().select(context);
      if (const auto* cohort = std::get_if<Cohort>(&answer)) {
        check(*cohort, context.population);
      } else {
        check(std::get<Ask>(answer), context);
      }
      return answer;
    });
  }
  bool sized() const override {
    return named("sized()", [&] { return plugin().sized(); });
  }
  bool asks() const override {
    return named("asks()", [&] { return plugin().asks(); });
  }
  void observe(const Outcome& outcome) override {
    named("observe()", [&] { plugin().observe(outcome); });
  }
  void save(ByteWriter& writer) const override {
    named("save()", [&] { plugin().save(writer); });
  }
  void load(ByteReader& reader) override { load_whole(reader); }

 private:
  static void check_edge(NodeId node, const Population& population) {
    if (node.is_edge() && node.index() < population.size()) return;
    refuse("it picks " + to_string(node) + ", and there are " + std::to_string(population.size()) +
           " edges");
  }

  static void check(const Cohort& cohort, const Population& population) {
    std::set<NodeId> seen;
    for (const Pick& pick : cohort) {
      check_edge(pick.node, population);
      const std::string node = to_string(pick.node);
      if (!seen.insert(pick.node).second) refuse("it picks " + node + " twice");
      if (!population.eligible(pick.node)) refuse("it picks " + node + ", which is not eligible");
      if (!positive(pick.weight) || !positive(pick.rate_scale)) {
        refuse("it gives " + node + " a weight of " + std::to_string(pick.weight) +
               " and a rate_scale of " + std::to_string(pick.rate_scale) +
               "; both must be above 0");
      }
      if (pick.epochs > kMostEpochs) {
        refuse("it gives " + node + " " + std::to_string(pick.epochs) + " epochs; at most " +
               std::to_string(kMostEpochs));
      }
    }
  }

  void check(const Ask& ask, const SelectContext& context) const {
    if (!plugin().asks()) refuse("it asks for work, and asks() says that it does not");
    if (context.asked) refuse("it asks for work a second time in one round");
    for (const NodeId node : ask.nodes) {
      if (!node.is_cloud()) check_edge(node, context.population);
    }
  }
};

class CheckedServerStage final : public Checked<ServerStage> {
 public:
  using Checked::Checked;

  ServerStageTraits traits() const override {
    return named("traits()", [&] { return plugin().traits(); });
  }
  std::vector<RecordSpec> state(std::span<const RecordSpec> reduced) const override {
    return named("state()", [&] {
      auto records = plugin().state(reduced);
      check_own_records(records, "the list", entry());
      return records;
    });
  }
  void act(ServerStageContext& context) const override {
    named("act()", [&] {
      const KeptRecords reduced("context.reduced", context.reduced);
      const KeptRecords state("context.state", context.state);
      plugin().act(context);
      reduced.check(context.reduced);
      state.check(context.state);
      check_finite(context.reduced, "context.reduced");
    });
  }
};

class CheckedOptimizer final : public Checked<Optimizer> {
 public:
  using Checked::Checked;

  std::size_t moments() const override {
    return named("moments()", [&] { return plugin().moments(); });
  }
  void step(std::span<float> parameters, std::span<const float> gradient,
            OptimizerState& state) const override {
    named("step()", [&] { plugin().step(parameters, gradient, state); });
  }
  std::optional<float> plain_rate() const override {
    return named("plain_rate()", [&] {
      const auto rate = plugin().plain_rate();
      if (rate && !std::isfinite(*rate)) refuse("a rate that is infinite or not a number");
      return rate;
    });
  }
  float plain_decay() const override {
    return named("plain_decay()", [&] {
      const float decay = plugin().plain_decay();
      if (!std::isfinite(decay)) refuse("a decay that is infinite or not a number");
      return decay;
    });
  }
};

}  // namespace

std::unique_ptr<Reducer> checked(std::unique_ptr<Reducer> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedReducer>(std::move(plugin), entry);
}

std::unique_ptr<Selector> checked(std::unique_ptr<Selector> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedSelector>(std::move(plugin), entry);
}

std::unique_ptr<ServerStage> checked(std::unique_ptr<ServerStage> plugin,
                                     const PluginEntry& entry) {
  return std::make_unique<CheckedServerStage>(std::move(plugin), entry);
}

std::unique_ptr<Optimizer> checked(std::unique_ptr<Optimizer> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedOptimizer>(std::move(plugin), entry);
}

}  // namespace skerry

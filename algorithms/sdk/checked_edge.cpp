// What edges call: local methods, terms, transforms, attacks, miners and drift detectors (see
// checked.hpp).
#include <algorithm>
#include <cmath>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/checked.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry {

namespace {

/// Changes values of a state, not its records.
template <class Slot>
void settle_kept(const Slot& plugin, Payload& state, Settlement outcome) {
  const KeptRecords kept("the state", state);
  plugin.settle(state, outcome);
  kept.check(state);
}

/// Changes values of what goes down, not its records, and none to one that is not finite.
template <class Slot>
void combine_kept(const Slot& plugin, CombineContext& context) {
  const KeptRecords down("context.down", context.down);
  const KeptFinite finite("context.down", context.down);
  plugin.combine(context);
  down.check(context.down);
  finite.check(context.down);
}

class CheckedMethod final : public Checked<LocalMethod> {
 public:
  using Checked::Checked;

  MethodRecords records(const LayoutRef& model, std::uint32_t exchange) const override {
    return named("records()", [&] {
      MethodRecords records = plugin().records(model, exchange);
      check_records(records.down, "down");
      check_records(records.state, "state");
      check_records(records.up, "up");
      if (records.up.empty()) refuse("up has no record, so that nothing would be returned");
      for (const RecordSpec& spec : records.up) {
        if (spec.name == "delta" && *spec.layout != *model) {
          refuse("up has a record \"delta\" that is not of the model's layout");
        }
      }
      return records;
    });
  }
  TrainReport train(TrainContext& context) const override {
    return named("train()", [&] {
      const KeptRecords state("context.state", context.state), up("context.up", context.up);
      const TrainReport report = plugin().train(context);
      state.check(context.state);
      up.check(context.up);
      const std::size_t size = context.data.size();
      if (report.samples > size || (report.samples == 0 && size > 0)) {
        refuse("it reports " + std::to_string(report.samples) + " samples, and the node has " +
               std::to_string(size));
      }
      return report;
    });
  }
  void settle(Payload& state, Settlement outcome) const override {
    named("settle()", [&] { settle_kept(plugin(), state, outcome); });
  }
  void combine(CombineContext& context) const override {
    named("combine()", [&] { combine_kept(plugin(), context); });
  }
  std::span<const float> personal(const Payload& state) const override {
    return named("personal()", [&] { return plugin().personal(state); });
  }
  Answerer predict(const PredictContext& context) const override {
    return named("predict()", [&] {
      const std::size_t own = plugin().personal(context.state).size();
      const std::size_t size = context.learner.layout()->size();
      if (own != 0 && own != size) {
        refuse("personal() gives " + std::to_string(own) + " parameters, and the model has " +
               std::to_string(size));
      }
      return plugin().predict(context);
    });
  }
};

/// A term's part in one training.
class CheckedStep final : public StepTerm {
 public:
  CheckedStep(std::unique_ptr<StepTerm> step, const Learner& learner, const PluginEntry& entry)
      : step_(std::move(step)), learner_(learner), entry_(entry) {}

  std::optional<AffineTerm> affine() const override {
    return naming(entry_, "affine()", [&] {
      auto term = step_->affine();
      const std::size_t size = learner_.layout()->size();
      if (term && !term->fits(size)) {
        refuse("vectors that are not of the model's " + std::to_string(size) +
               " parameters, or two scales");
      }
      return term;
    });
  }
  void batch(BatchContext& context) override {
    naming(entry_, "batch()", [&] {
      step_->batch(context);
      check(context.batch);
    });
  }
  void outputs(StepContext& context) override {
    naming(entry_, "outputs()", [&] { step_->outputs(context); });
  }
  void gradient(StepContext& context) override {
    naming(entry_, "gradient()", [&] { step_->gradient(context); });
  }
  void stepped(StepContext& context) override {
    naming(entry_, "stepped()", [&] { step_->stepped(context); });
  }
  void finish(TrainContext& context, const TrainReport& report) override {
    naming(entry_, "finish()", [&] {
      const KeptRecords state("context.state", context.state), up("context.up", context.up);
      step_->finish(context, report);
      state.check(context.state);
      up.check(context.up);
    });
  }

 private:
  void check(const Batch& batch) const {
    const std::size_t size = batch.size;
    const auto fits = [size](std::size_t values) { return values == 0 || values == size; };
    if (size == 0 || batch.inputs.size() != size * learner_.schema().input_size() ||
        !fits(batch.labels.size()) || !fits(batch.weights.size()) ||
        batch.targets.size() != size * learner_.schema().values) {
      refuse("a batch of " + std::to_string(size) + " examples, " +
             std::to_string(batch.inputs.size()) + " inputs, " +
             std::to_string(batch.labels.size()) + " labels, " +
             std::to_string(batch.targets.size()) + " targets and " +
             std::to_string(batch.weights.size()) + " weights, which do not fit each other");
    }
  }

  std::unique_ptr<StepTerm> step_;
  const Learner& learner_;
  const PluginEntry& entry_;
};

class CheckedTerm final : public Checked<Term> {
 public:
  using Checked::Checked;

  Status suits(const DataSchema& schema) const override {
    return named("suits()", [&] { return plugin().suits(schema); });
  }
  MethodRecords records(const Learner& learner) const override {
    return named("records()", [&] {
      MethodRecords records = plugin().records(learner);
      check_own_records(records.down, "down", entry());
      check_own_records(records.state, "state", entry());
      check_own_records(records.up, "up", entry());
      return records;
    });
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    auto step = named("begin()", [&] { return plugin().begin(context); });
    if (!step) return nullptr;
    return std::make_unique<CheckedStep>(std::move(step), context.learner, entry());
  }
  void boundary(TrainContext& context) const override {
    named("boundary()", [&] {
      const KeptRecords state("context.state", context.state);
      plugin().boundary(context);
      state.check(context.state);
    });
  }
  void settle(Payload& state, Settlement outcome) const override {
    named("settle()", [&] { settle_kept(plugin(), state, outcome); });
  }
  void combine(CombineContext& context) const override {
    named("combine()", [&] { combine_kept(plugin(), context); });
  }
};

class CheckedTransform final : public Checked<Transform> {
 public:
  using Checked::Checked;

  TransformTraits traits() const override {
    return named("traits()", [&] { return plugin().traits(); });
  }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain,
                               std::uint32_t exchange) const override {
    return named("wire()", [&] {
      auto records = plugin().wire(plain, exchange);
      // A record that passes unchanged may have a name of the host's.
      std::vector<RecordSpec> made;
      for (const RecordSpec& spec : records) {
        const auto same = [&](const RecordSpec& one) { return one.name == spec.name; };
        if (std::ranges::none_of(plain, same) || std::ranges::count_if(records, same) > 1) {
          made.push_back(spec);
        }
      }
      check_records(made, "the list");
      if (records.empty() && !plain.empty() && exchange == 0) {
        refuse("the list has no record, so that nothing would be sent");
      }
      return records;
    });
  }
  std::vector<RecordSpec> state(std::span<const RecordSpec> plain) const override {
    return named("state()", [&] {
      auto records = plugin().state(plain);
      check_own_records(records, "the list", entry());
      return records;
    });
  }
  std::vector<RecordSpec> cloud_state(std::span<const RecordSpec> plain) const override {
    return named("cloud_state()", [&] {
      auto records = plugin().cloud_state(plain);
      check_own_records(records, "the list", entry());
      return records;
    });
  }
  void encode(EncodeContext& context) const override {
    named("encode()", [&] {
      const KeptRecords state("context.state", context.state), wire("context.wire", context.wire);
      plugin().encode(context);
      state.check(context.state);
      wire.check(context.wire);
    });
  }
  Status open(OpenContext& context) const override {
    return named("open()", [&] {
      const KeptRecords plain("context.plain", context.plain);
      const Payload nothing;
      const KeptRecords state("context.state", context.state ? *context.state : nothing);
      const std::size_t asked = context.ask ? context.ask->records().size() : 0;
      Status status = plugin().open(context);
      if (context.state) state.check(*context.state);
      if (!status) return status;
      if (context.ask && context.ask->records().size() > asked) {
        check_asked(context);
        return status;
      }
      plain.check(context.plain);
      if (context.state) check_finite(context.plain, "context.plain");
      return status;
    });
  }
  void settle(Payload& state, Settlement outcome) const override {
    named("settle()", [&] { settle_kept(plugin(), state, outcome); });
  }
  Cost cost(std::span<const RecordSpec> plain) const override {
    return named("cost()", [&] {
      const Cost cost = plugin().cost(plain);
      for (const double part : {cost.flops, cost.bytes}) {
        if (!(part >= 0 && part <= 1e18)) refuse("a cost that is not between 0 and 1e18");
      }
      return cost;
    });
  }

 private:
  void check_asked(const OpenContext& context) const {
    if (context.exchange >= plugin().traits().exchanges) {
      refuse("it asks for another exchange after exchange " + std::to_string(context.exchange) +
             ", and traits().exchanges is " + std::to_string(plugin().traits().exchanges));
    }
    std::vector<RecordSpec> asked;
    for (const auto& record : context.ask->records()) asked.push_back(record->spec());
    check_records(asked, "context.ask");
  }
};

class CheckedAttack final : public Checked<Attack> {
 public:
  using Checked::Checked;

  Knowledge knowledge() const override {
    return named("knowledge()", [&] { return plugin().knowledge(); });
  }
  Status suits(const DataSchema& schema) const override {
    return named("suits()", [&] { return plugin().suits(schema); });
  }
  void act(AttackContext& context) const override {
    named("act()", [&] {
      const KeptRecords own("context.own", context.own);
      plugin().act(context);
      own.check(context.own);
    });
  }
  Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                  StreamKey key) const override {
    return named("poisoned()", [&] {
      auto samples = plugin().poisoned(honest, key);
      if (!samples) return samples;
      if (*samples == nullptr) refuse("it returns no samples");
      if ((*samples)->size() != honest->size() || (*samples)->schema() != honest->schema()) {
        refuse("its samples are not as many, or not of the schema, as the honest ones");
      }
      return samples;
    });
  }
};

class CheckedMiner final : public Checked<HardSampleMiner> {
 public:
  using Checked::Checked;

  float score(const Prediction& prediction, RandomStream random) const override {
    return named("score()", [&] {
      const float score = plugin().score(prediction, random);
      if (!(score >= 0 && score <= 1)) {
        refuse("a score of " + std::to_string(score) + ", which is not in [0, 1]");
      }
      return score;
    });
  }
  float hardest() const override {
    return named("hardest()", [&] {
      const float most = plugin().hardest();
      if (!(most >= 0 && most <= 1)) {
        refuse("a hardest score of " + std::to_string(most) + ", which is not in [0, 1]");
      }
      return most;
    });
  }
  float easiest() const override {
    return named("easiest()", [&] {
      const float least = plugin().easiest();
      if (!(least >= 0 && least <= plugin().hardest())) {
        refuse("an easiest score of " + std::to_string(least) +
               ", which is not between 0 and the hardest");
      }
      return least;
    });
  }
};

class CheckedDetector final : public Checked<DriftDetector> {
 public:
  using Checked::Checked;

  DriftTraits traits() const override {
    return named("traits()", [&] { return plugin().traits(); });
  }
  Drift add(std::span<const double> observation, RandomStream random) override {
    return named("add()", [&] {
      const DriftTraits traits = plugin().traits();
      check(observation, traits.watches);
      const Drift drift = plugin().add(observation, random);
      if (drift == Drift::kWarning && !traits.warns) {
        refuse("a warning, and traits().warns is false");
      }
      return drift;
    });
  }
  double estimate() const override {
    return named("estimate()", [&] {
      const double estimate = plugin().estimate();
      if (!std::isfinite(estimate)) {
        refuse("an estimate that is infinite or not a number");
      }
      return estimate;
    });
  }
  void save(ByteWriter& writer) const override {
    named("save()", [&] { plugin().save(writer); });
  }
  void load(ByteReader& reader) override { load_whole(reader); }

 private:
  /// A diverged model's loss is not finite: such an observation is no bug of the caller's.
  static void check(std::span<const double> observation, DriftTraits::Watches watches) {
    using Watches = DriftTraits::Watches;
    const std::size_t size = observation.size();
    if (size == 0 || (watches != Watches::kInputs && size != 1)) {
      refuse("it is given an observation of " + std::to_string(size) + " values");
    }
    if (!std::ranges::all_of(observation, [](double x) { return std::isfinite(x); })) {
      refuse("it is given an observation that is infinite or not a number");
    }
    const double x = observation[0];
    if (watches == Watches::kErrors && x != 0 && x != 1) {
      refuse("it is given an error of " + std::to_string(x) + ", which is neither 0 nor 1");
    }
    if (watches == Watches::kRates && !(x >= 0 && x <= 1)) {
      refuse("it is given a rate of " + std::to_string(x) + ", which is not in [0, 1]");
    }
  }
};

}  // namespace

std::unique_ptr<LocalMethod> checked(std::unique_ptr<LocalMethod> plugin,
                                     const PluginEntry& entry) {
  return std::make_unique<CheckedMethod>(std::move(plugin), entry);
}

std::unique_ptr<Term> checked(std::unique_ptr<Term> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedTerm>(std::move(plugin), entry);
}

std::unique_ptr<Transform> checked(std::unique_ptr<Transform> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedTransform>(std::move(plugin), entry);
}

std::unique_ptr<Attack> checked(std::unique_ptr<Attack> plugin, const PluginEntry& entry) {
  return std::make_unique<CheckedAttack>(std::move(plugin), entry);
}

std::unique_ptr<HardSampleMiner> checked(std::unique_ptr<HardSampleMiner> plugin,
                                         const PluginEntry& entry) {
  return std::make_unique<CheckedMiner>(std::move(plugin), entry);
}

std::unique_ptr<DriftDetector> checked(std::unique_ptr<DriftDetector> plugin,
                                       const PluginEntry& entry) {
  return std::make_unique<CheckedDetector>(std::move(plugin), entry);
}

}  // namespace skerry

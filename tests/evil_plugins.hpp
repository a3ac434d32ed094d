#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/local_method.hpp"
#include "algorithms/sdk/optimizer.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/selector.hpp"
#include "algorithms/sdk/server_stage.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/sdk/transform.hpp"

/// A plugin "evil" for each slot of algorithms/ except models. It behaves correctly except for the
/// one thing that its parameter `wrong` names: "throw in share()", or one of its own misdeeds.
namespace skerry::evil {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

inline RecordSpec record(const std::string& name, std::size_t size = 3) {
  return {name, std::make_shared<const Layout>(Layout::flat(name, size))};
}

/// What is wrong with a plugin.
struct Wrong {
  struct Config {
    std::string wrong;
    template <class V>
    void fields(V& v) {
      v("wrong", wrong, {.meaning = "what it does wrong"});
    }
  };
  explicit Wrong(const Config& config) : wrong(config.wrong) { in("its constructor"); }

  bool does(const std::string& misdeed) const { return wrong == misdeed; }
  /// Every member function must call this first.
  void in(const std::string& where) const {
    if (does("throw in " + where)) throw std::runtime_error("as told\nin two lines");
    if (does("throw a number in " + where)) throw 42;
    if (does("fail a check in " + where)) SKERRY_CHECK(wrong.empty(), "nothing is wrong");
  }
  std::string wrong;
};

struct EvilReducer final : Reducer, Wrong {
  using Wrong::Config, Wrong::Wrong;

  ReducerTraits traits() const override {
    in("traits()");
    const bool gathers = does("throw in reduce()") || does("reduce to NaN") ||
                         does("lose what is reduced") || does("add to what is reduced");
    return {.form = gathers ? ReducerTraits::Form::kGather : ReducerTraits::Form::kLinear};
  }
  bool withstands(std::uint32_t, std::uint32_t) const override {
    in("withstands()");
    return false;
  }
  std::optional<Ask> ask() const override {
    in("ask()");
    return std::nullopt;
  }
  Share share(const UpdateInfo&) const override {
    in("share()");
    if (does("share NaN")) return {kNaN, kNaN};
    if (does("share without divisor")) return {1, 0};
    if (does("share nothing")) return {0, 0};
    return {1, 1};
  }
  void gather(std::span<const std::span<const float>>, std::span<const UpdateInfo>,
              std::span<float> out) const override {
    in("gather()");
    if (does("reduce to NaN")) out[0] = kNaN;
  }
  void reduce(GatherContext& context) const override {
    in("reduce()");
    Reducer::reduce(context);
    if (does("lose what is reduced")) context.reduced = {};
    if (does("add to what is reduced")) context.reduced.add(record("more"));
  }
  std::vector<RecordSpec> state(const LayoutRef&) const override {
    in("state()");
    if (does("keep a model")) return {record("model")};
    if (does("keep what the host keeps")) return {record("server/steps")};
    if (does("keep it twice")) return {record("it"), record("it")};
    return {};
  }
  Finish finish(FinishContext& context) const override {
    in("finish()");
    if (does("never be done")) return Finish::kAnotherExchange;
    if (does("lose the server")) context.state = {};
    Reducer::finish(context);
    if (does("finish with NaN")) context.delta[0] = kNaN;
    return Finish::kDone;
  }
};

struct EvilSelector final : Selector, Wrong {
  using Wrong::Config, Wrong::Wrong;

  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    in("select()");
    if (does("ask unasked")) return Ask{Ask::Work::kEvaluate, {NodeId::edge(1)}};
    Cohort cohort;
    for (const NodeId node : sample_eligible(context.population, context.wanted, context.random)) {
      cohort.push_back({.node = node});
    }
    if (cohort.empty()) return cohort;
    Pick& first = cohort.front();
    if (does("pick nobody there is")) first.node = NodeId::edge(999);
    if (does("pick the cloud")) first.node = NodeId::cloud();
    if (does("pick somebody twice")) first.node = cohort.back().node;
    if (does("give no weight")) first.weight = 0;
    if (does("give NaN as weight")) first.weight = kNaN;
    if (does("give a negative rate")) first.rate_scale = -1;
    if (does("train for ever")) first.epochs = 4'000'000'000;
    return cohort;
  }
  bool sized() const override {
    in("sized()");
    return true;
  }
  bool asks() const override {
    in("asks()");
    return false;
  }
  void observe(const Outcome&) override { in("observe()"); }
  void save(ByteWriter& writer) const override {
    in("save()");
    if (does("load less than it saved")) writer(std::uint64_t{7});
  }
  void load(ByteReader&) override { in("load()"); }
};

struct EvilStage final : ServerStage, Wrong {
  using Wrong::Config, Wrong::Wrong;

  ServerStageTraits traits() const override {
    in("traits()");
    return {};
  }
  std::vector<RecordSpec> state(std::span<const RecordSpec>) const override {
    in("state()");
    if (does("keep it under another's name")) return {record("krum/it")};
    return {};
  }
  void act(ServerStageContext& context) const override {
    in("act()");
    if (does("reduce to NaN")) context.reduced.open("delta").f32()[0] = kNaN;
    if (does("lose what is reduced")) context.reduced = {};
    if (does("lose the server")) context.state = {};
    if (does("look for what is not there")) context.reduced.at("no such record");
  }
};

struct EvilOptimizer final : Optimizer, Wrong {
  using Wrong::Config, Wrong::Wrong;

  std::size_t moments() const override {
    in("moments()");
    return 0;
  }
  void step(std::span<float> parameters, std::span<const float>, OptimizerState&) const override {
    in("step()");
    if (does("step to NaN")) parameters[0] = kNaN;
  }
  std::optional<float> plain_rate() const override {
    in("plain_rate()");
    if (does("rate NaN")) return kNaN;
    if (does("decay NaN")) return 0.1f;
    return std::nullopt;
  }
  float plain_decay() const override {
    in("plain_decay()");
    return does("decay NaN") ? kNaN : 0;
  }
};

struct EvilMethod final : LocalMethod, Wrong {
  using Wrong::Config, Wrong::Wrong;

  MethodRecords records(const LayoutRef& model, std::uint32_t exchange) const override {
    in("records()");
    MethodRecords records = LocalMethod::records(model, exchange);
    if (does("send a model")) records.down = {record("model")};
    if (does("send what the host keeps")) records.down = {record("server/steps")};
    if (does("return nothing")) records.up = {};
    if (does("return a report")) records.up.push_back(record("report"));
    if (does("return half a model")) records.up = {record("delta", 1)};
    return records;
  }
  TrainReport train(TrainContext& context) const override {
    in("train()");
    TrainReport report = train_delta(context);
    if (does("lose the update")) context.up = {};
    if (does("return more")) context.up.add(record("more"));
    if (does("report no sample")) report.samples = 0;
    if (does("report many samples")) report.samples = std::uint64_t{1} << 60;
    return report;
  }
  void settle(Payload&, Settlement) const override { in("settle()"); }
  void combine(CombineContext& context) const override {
    in("combine()");
    if (does("combine to NaN")) context.down.open("model").f32()[0] = kNaN;
    if (does("lose the model")) context.down = {};
  }
  std::span<const float> personal(const Payload&) const override {
    in("personal()");
    static constexpr float kOne[1] = {1};
    if (does("have half a model")) return kOne;
    return {};
  }
  Answerer predict(const PredictContext& context) const override {
    in("predict()");
    return LocalMethod::predict(context);
  }
};

struct EvilStep final : StepTerm {
  explicit EvilStep(const Wrong& wrong) : does(wrong) {}
  std::optional<AffineTerm> affine() const override {
    does.in("affine()");
    static constexpr float kOne[1] = {1};
    if (does.does("move half a model")) return AffineTerm{.scale = 1, .offset = kOne};
    return std::nullopt;
  }
  void batch(BatchContext& context) override {
    does.in("batch()");
    if (does.does("train on nothing")) context.batch.size = 0;
  }
  void outputs(StepContext&) override { does.in("outputs()"); }
  void gradient(StepContext&) override { does.in("gradient()"); }
  void stepped(StepContext&) override { does.in("stepped()"); }
  void finish(TrainContext&, const TrainReport&) override { does.in("finish()"); }
  const Wrong& does;
};

struct EvilTerm final : Term, Wrong {
  using Wrong::Config, Wrong::Wrong;

  Status suits(const DataSchema&) const override {
    in("suits()");
    return {};
  }
  MethodRecords records(const Learner&) const override {
    in("records()");
    MethodRecords records;
    if (does("keep it under another's name")) records.state = {record("ewc/it")};
    return records;
  }
  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    in("begin()");
    return std::make_unique<EvilStep>(*this);
  }
  void boundary(TrainContext&) const override { in("boundary()"); }
  void settle(Payload&, Settlement) const override { in("settle()"); }
  void combine(CombineContext&) const override { in("combine()"); }
};

struct EvilTransform final : Transform, Wrong {
  using Wrong::Config, Wrong::Wrong;

  TransformTraits traits() const override {
    in("traits()");
    return {.opens = does("ask for ever") ? TransformTraits::Opens::kAfter
                                          : TransformTraits::Opens::kBefore,
            .down = true,
            .exchanges = does("ask for ever") ? 2u : 0u};
  }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    in("wire()");
    if (does("send nothing")) return {};
    if (does("send it twice")) return {record("it"), record("it")};
    if (does("send a report")) return {record("report")};
    return {plain.begin(), plain.end()};
  }
  std::vector<RecordSpec> state(std::span<const RecordSpec>) const override {
    in("state()");
    if (does("keep it under another's name")) return {record("top_k/it")};
    return {};
  }
  std::vector<RecordSpec> cloud_state(std::span<const RecordSpec>) const override {
    in("cloud_state()");
    return {};
  }
  void encode(EncodeContext& context) const override {
    in("encode()");
    if (does("lose the update")) context.wire = {};
    if (does("send more")) context.wire.add(record("more"));
  }
  Status open(OpenContext& context) const override {
    in("open()");
    if (does("lose the update behind the wire")) context.plain = {};
    if (does("ask for ever")) context.ask->add(record("question"));
    return {};
  }
  void settle(Payload&, Settlement) const override { in("settle()"); }
  Cost cost(std::span<const RecordSpec> plain) const override {
    in("cost()");
    if (does("cost NaN")) return {kNaN, kNaN};
    if (does("give back time")) return {-1, -1};
    return Transform::cost(plain);
  }
};

struct EvilAttack final : Attack, Wrong {
  using Wrong::Config, Wrong::Wrong;

  Knowledge knowledge() const override {
    in("knowledge()");
    return Knowledge::kOwnUpdate;
  }
  Status suits(const DataSchema&) const override {
    in("suits()");
    return {};
  }
  void act(AttackContext& context) const override {
    in("act()");
    if (does("lose the update")) context.own = {};
  }
  Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                  StreamKey) const override {
    in("poisoned()");
    if (does("poison to nothing")) return std::shared_ptr<const Samples>();
    return honest;
  }
};

struct EvilMiner final : HardSampleMiner, Wrong {
  using Wrong::Config, Wrong::Wrong;

  float score(const Prediction&, RandomStream) const override {
    in("score()");
    return does("score five") ? 5.0f : 0.5f;
  }
  float hardest() const override {
    in("hardest()");
    return does("be harder than hard") ? 2.0f : 1.0f;
  }
  float easiest() const override {
    in("easiest()");
    return does("be easier than easy") ? -1.0f : 0.0f;
  }
};

struct EvilLoss final : Loss, Wrong {
  using Wrong::Config, Wrong::Wrong;

  Status suits(const DataSchema&) const override {
    in("suits()");
    return {};
  }
  std::size_t outputs(const DataSchema&) const override {
    in("outputs()");
    return does("take no scores") ? 0 : 1;
  }
  double mean(const LossProblem&) const override {
    in("mean()");
    return 0;
  }
};

struct EvilDetector final : DriftDetector, Wrong {
  using Wrong::Config, Wrong::Wrong;

  DriftTraits traits() const override {
    in("traits()");
    using Watches = DriftTraits::Watches;
    if (does("watch errors")) return {.watches = Watches::kErrors};
    if (does("watch inputs")) return {.watches = Watches::kInputs};
    return {.watches = Watches::kRates};
  }
  Drift add(std::span<const double>, RandomStream) override {
    in("add()");
    return does("warn unannounced") ? Drift::kWarning : Drift::kNone;
  }
  double estimate() const override {
    in("estimate()");
    return does("estimate NaN") ? kNaN : 0.0;
  }
  void save(ByteWriter& writer) const override {
    in("save()");
    if (does("load less than it saved")) writer(std::uint64_t{7});
  }
  void load(ByteReader&) override { in("load()"); }
};

SKERRY_PLUGIN(Reducer, EvilReducer, "evil", "of a test")
SKERRY_PLUGIN(Selector, EvilSelector, "evil", "of a test")
SKERRY_PLUGIN(ServerStage, EvilStage, "evil", "of a test")
SKERRY_PLUGIN(Optimizer, EvilOptimizer, "evil", "of a test")
SKERRY_PLUGIN(LocalMethod, EvilMethod, "evil", "of a test")
SKERRY_PLUGIN(Term, EvilTerm, "evil", "of a test")
SKERRY_PLUGIN(Transform, EvilTransform, "evil", "of a test")
SKERRY_PLUGIN(Attack, EvilAttack, "evil", "of a test")
SKERRY_PLUGIN(HardSampleMiner, EvilMiner, "evil", "of a test")
SKERRY_PLUGIN(Loss, EvilLoss, "evil", "of a test")
SKERRY_PLUGIN(DriftDetector, EvilDetector, "evil", "of a test")

}  // namespace skerry::evil

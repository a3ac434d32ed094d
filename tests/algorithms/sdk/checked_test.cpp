// checked() passes on every call to the plugin. If checked_*.cpp forgot a new member function of a
// slot, callers would get the slot's default instead of the plugin's function.
#include "algorithms/sdk/checked.hpp"

#include <functional>

#include "algorithms/sdk/job_failure.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/evil_plugins.hpp"

namespace skerry {
namespace {

using evil::record;

/// A model of two parameters that throws in any of its functions if told to.
struct EvilLearner final : Learner, evil::Wrong {
  using Wrong::Wrong;
  struct NoTape final : Tape {};
  struct Fused final : FusedSgd {
    explicit Fused(const Wrong& wrong) : does(wrong) {}
    void load(std::span<const float>, const AffineTerm&) override { does.in("load()"); }
    double step(const Batch&, float, Workspace&) override {
      does.in("step()");
      return 0;
    }
    void store(std::span<float>, std::span<const float>) override { does.in("store()"); }
    const Wrong& does;
  };

  std::string_view numerics() const override { return "none"; }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return schema_; }
  std::size_t outputs() const override { return 1; }
  std::size_t layers() const override { return 7; }
  void initialise(RandomStream, std::span<float>) const override { in("initialise()"); }
  std::unique_ptr<Tape> make_tape() const override {
    in("make_tape()");
    return std::make_unique<NoTape>();
  }
  Outputs forward(std::span<const float>, const Batch&, Phase, Tape&) const override {
    in("forward()");
    return {};
  }
  double loss(std::span<const float>, const Batch&, std::span<float>) const override {
    in("loss()");
    return 0;
  }
  void backward(std::span<const float>, const Cotangents&, Tape&, std::span<float>,
                std::span<float>) const override {
    in("backward()");
  }
  void after_step(const Tape&, std::span<float>) const override { in("after_step()"); }
  Cost cost(Phase, std::size_t) const override {
    in("cost()");
    return {};
  }
  std::vector<std::string> remarks() const override {
    in("remarks()");
    return {};
  }
  std::unique_ptr<FusedSgd> make_fused() const override {
    in("make_fused()");
    return std::make_unique<Fused>(*this);
  }
  std::unique_ptr<Learner> segment(std::size_t, std::size_t) const override {
    in("segment()");
    return nullptr;
  }

 private:
  LayoutRef layout_ = flat_layout(2);
  DataSchema schema_{.input = {2}};
};

const DataSchema kSchema{.input = {2}};
const LearnerTask kTask{.schema = kSchema, .loss = nullptr};

struct EvilModel final : LearnerFactory, evil::Wrong {
  using Wrong::Config, Wrong::Wrong;
  Result<std::unique_ptr<Learner>> build(const LearnerTask&) const override {
    in("build()");
    if (does("build nothing")) return std::unique_ptr<Learner>();
    return std::unique_ptr<Learner>(std::make_unique<EvilLearner>(Config{wrong}));
  }
};
SKERRY_PLUGIN(LearnerFactory, EvilModel, "evil", "of a test")

template <class Slot>
std::unique_ptr<Slot> evil_plugin(const std::string& wrong) {
  return plugin<Slot>("evil", {{"wrong", wrong}});
}

/// What the caller gets to know.
std::string told(const std::function<void()>& call) {
  try {
    call();
  } catch (const JobError& error) {
    return error.what();
  }
  return "nothing";
}

template <class Slot>
void check_named(const std::string& where, const std::function<void(Slot&)>& call) {
  CHECK(told([&] { call(*evil_plugin<Slot>("throw in " + where)); }) ==
        std::string(Slot::kSlot) + " \"evil\" failed: in " + where + ": as told in two lines");
  CHECK(told([&] { call(*evil_plugin<Slot>("")); }) == "nothing");
  CHECK_FALSE(PluginCall::is_under_way());
}

struct Nobody final : Population {
  std::uint32_t size() const override { return 0; }
  bool eligible(NodeId) const override { return false; }
  std::uint32_t eligible_at_most() const override { return 0; }
  std::uint64_t samples(NodeId) const override { return 0; }
};

/// Arguments for the calls.
struct Given {
  std::unique_ptr<Learner> learner =
      std::move(evil_plugin<LearnerFactory>("")->build(kTask)).value();
  std::unique_ptr<Optimizer> optimizer = evil_plugin<Optimizer>("");
  Payload down, state, up, none;
  Workspace workspace;
  std::vector<float> two = {0, 0};
  RandomStream noise{1, "test", NodeId::cloud(), 0};
  Given() {
    down.add({"model", flat_layout(2)});
    up.add({"delta", flat_layout(2)});
  }
  TrainContext training() {
    return {.learner = *learner,
            .optimizer = *optimizer,
            .data = {},
            .down = down,
            .state = state,
            .up = up,
            .settings = {},
            .key = {},
            .workspace = workspace};
  }
};

TEST_CASE("every call of a plugin on the cloud bears its name") {
  Given given;
  const std::vector<RecordSpec> specs{record("delta")};
  check_named<Reducer>("traits()", [](Reducer& it) { it.traits(); });
  check_named<Reducer>("withstands()", [](Reducer& it) { it.withstands(1, 0); });
  check_named<Reducer>("ask()", [](Reducer& it) { it.ask(); });
  check_named<Reducer>("share()", [](Reducer& it) { it.share({}); });
  check_named<Reducer>("gather()", [](Reducer& it) { it.gather({}, {}, {}); });
  check_named<Reducer>("state()", [](Reducer& it) { it.state(flat_layout(2)); });
  check_named<Reducer>("reduce()", [&](Reducer& it) {
    GatherContext context{.updates = {},
                          .infos = {},
                          .replies = {},
                          .reduced = given.none,
                          .workspace = given.workspace};
    it.reduce(context);
  });
  check_named<Reducer>("finish()", [&](Reducer& it) {
    Payload ask;
    FinishContext context{
        .exchange = 0, .reduced = given.up, .state = given.state, .delta = given.two, .ask = ask};
    it.finish(context);
  });
  check_named<Selector>("select()", [&](Selector& it) {
    const Nobody nobody;
    SelectContext context{.population = nobody,
                          .round = 1,
                          .wanted = 1,
                          .random = given.noise,
                          .replies = {},
                          .asked = false};
    it.select(context);
  });
  check_named<Selector>("sized()", [](Selector& it) { it.sized(); });
  check_named<Selector>("asks()", [](Selector& it) { it.asks(); });
  check_named<Selector>("observe()", [](Selector& it) { it.observe({}); });
  check_named<Selector>("save()", [](Selector& it) {
    ByteWriter writer;
    it.save(writer);
  });
  check_named<Selector>("load()", [](Selector& it) {
    ByteReader reader({});
    it.load(reader);
  });
  check_named<ServerStage>("traits()", [](ServerStage& it) { it.traits(); });
  check_named<ServerStage>("state()", [&](ServerStage& it) { it.state(specs); });
  check_named<ServerStage>("act()", [&](ServerStage& it) {
    ServerStageContext context{.reduced = given.up,
                               .infos = {},
                               .population = 1,
                               .exchange = 0,
                               .state = given.state,
                               .noise = given.noise,
                               .workspace = given.workspace};
    it.act(context);
  });
  check_named<Optimizer>("moments()", [](Optimizer& it) { it.moments(); });
  check_named<Optimizer>("plain_rate()", [](Optimizer& it) { it.plain_rate(); });
  check_named<Optimizer>("plain_decay()", [](Optimizer& it) { it.plain_decay(); });
  check_named<Optimizer>("step()", [&](Optimizer& it) {
    OptimizerState state;
    it.step(given.two, given.two, state);
  });
}

TEST_CASE("every call of a plugin on an edge bears its name") {
  Given given;
  const std::vector<RecordSpec> specs{record("delta")};
  check_named<LocalMethod>("records()", [](LocalMethod& it) { it.records(flat_layout(2), 0); });
  check_named<LocalMethod>("settle()", [&](LocalMethod& it) { it.settle(given.state, {}); });
  check_named<LocalMethod>("personal()", [&](LocalMethod& it) { it.personal(given.state); });
  check_named<LocalMethod>("train()", [&](LocalMethod& it) {
    TrainContext context = given.training();
    it.train(context);
  });
  CombineContext combine{given.none, given.down, 1, 1};
  check_named<LocalMethod>("combine()", [&](LocalMethod& it) { it.combine(combine); });
  check_named<LocalMethod>("predict()", [&](LocalMethod& it) {
    const Batch none;
    it.predict({.learner = *given.learner,
                .batch = none,
                .down = given.down,
                .state = given.state,
                .scores = {},
                .workspace = given.workspace});
  });
}

TEST_CASE("every call of a miner and a loss bears its name, and what it says is looked at") {
  Given given;
  check_named<HardSampleMiner>("score()", [&](HardSampleMiner& it) { it.score({}, given.noise); });
  CHECK(told([&] { evil_plugin<HardSampleMiner>("score five")->score({}, given.noise); }) ==
        "miner \"evil\" failed: in score(): a score of 5.000000, which is not in [0, 1]");
  check_named<HardSampleMiner>("hardest()", [](HardSampleMiner& it) { it.hardest(); });
  check_named<HardSampleMiner>("easiest()", [](HardSampleMiner& it) { it.easiest(); });
  CHECK(told([] { evil_plugin<HardSampleMiner>("be harder than hard")->hardest(); }) ==
        "miner \"evil\" failed: in hardest(): a hardest score of 2.000000, which is not in [0, 1]");
  CHECK(
      told([] { evil_plugin<HardSampleMiner>("be easier than easy")->easiest(); }) ==
      "miner \"evil\" failed: in easiest(): an easiest score of -1.000000, which is not between 0 "
      "and the hardest");
  check_named<Loss>("suits()", [](Loss& it) { (void)it.suits({}); });
  check_named<Loss>("outputs()", [](Loss& it) { it.outputs({}); });
  check_named<Loss>("mean()", [](Loss& it) { it.mean({.batch = {}}); });
  CHECK(told([] { evil_plugin<Loss>("take no scores")->outputs({}); }) ==
        "loss \"evil\" failed: in outputs(): it takes no scores");
}

TEST_CASE("every call of a term, a transform and an attack bears its name") {
  Given given;
  const std::vector<RecordSpec> specs{record("delta")};
  CombineContext combine{given.none, given.down, 1, 1};
  check_named<Term>("suits()", [](Term& it) { (void)it.suits({}); });
  check_named<Term>("records()", [&](Term& it) { it.records(*given.learner); });
  check_named<Term>("settle()", [&](Term& it) { it.settle(given.state, {}); });
  check_named<Term>("combine()", [&](Term& it) { it.combine(combine); });
  TrainContext training = given.training();
  check_named<Term>("boundary()", [&](Term& it) { it.boundary(training); });
  check_named<Term>("begin()", [&](Term& it) { it.begin(training); });
  check_named<Term>("affine()", [&](Term& it) { it.begin(training)->affine(); });
  check_named<Term>("finish()", [&](Term& it) { it.begin(training)->finish(training, {}); });
  DrawnBatch drawn;
  drawn.size = 1;
  drawn.inputs = given.two;
  Batch batch = drawn;
  check_named<Term>("batch()", [&](Term& it) {
    BatchContext context{*given.learner, drawn, batch, {}, 0, given.workspace};
    it.begin(training)->batch(context);
  });
  std::vector<float> feature_cotangent;
  StepContext step{*given.learner, drawn, batch, {}, {}, {}, feature_cotangent, {}, 0,
                   given.workspace};
  check_named<Term>("outputs()", [&](Term& it) { it.begin(training)->outputs(step); });
  check_named<Term>("gradient()", [&](Term& it) { it.begin(training)->gradient(step); });
  check_named<Term>("stepped()", [&](Term& it) { it.begin(training)->stepped(step); });
  check_named<Transform>("traits()", [](Transform& it) { it.traits(); });
  check_named<Transform>("wire()", [&](Transform& it) { it.wire(specs, 0); });
  check_named<Transform>("state()", [&](Transform& it) { it.state(specs); });
  check_named<Transform>("cloud_state()", [&](Transform& it) { it.cloud_state(specs); });
  check_named<Transform>("cost()", [&](Transform& it) { it.cost(specs); });
  check_named<Transform>("settle()", [&](Transform& it) { it.settle(given.state, {}); });
  check_named<Transform>("encode()", [&](Transform& it) {
    EncodeContext context{.plain = given.up,
                          .down = given.down,
                          .state = given.state,
                          .wire = given.up,
                          .info = {},
                          .key = {},
                          .workspace = given.workspace};
    it.encode(context);
  });
  check_named<Transform>("open()", [&](Transform& it) {
    OpenContext context{
        .wire = given.up, .plain = given.up, .infos = {}, .each = {}, .workspace = given.workspace};
    (void)it.open(context);
  });
  check_named<Attack>("knowledge()", [](Attack& it) { it.knowledge(); });
  check_named<Attack>("suits()", [](Attack& it) { (void)it.suits({}); });
  check_named<Attack>("act()", [&](Attack& it) {
    AttackContext context{
        .down = given.down, .honest = {}, .own = given.up, .attackers = 1, .key = {}};
    it.act(context);
  });
  CHECK(told([&] {
          const Batch none;
          evil_plugin<LocalMethod>("have half a model")
              ->predict({.learner = *given.learner,
                         .batch = none,
                         .down = given.down,
                         .state = given.state,
                         .scores = {},
                         .workspace = given.workspace});
        }) ==
        "local method \"evil\" failed: in predict(): personal() gives 1 parameters, and the model "
        "has 2");
}

TEST_CASE("every call of a drift detector bears its name, and its observations are looked at") {
  Given given;
  const std::vector<double> one{1};
  check_named<DriftDetector>("traits()", [](DriftDetector& it) { it.traits(); });
  check_named<DriftDetector>("add()", [&](DriftDetector& it) { it.add(one, given.noise); });
  check_named<DriftDetector>("estimate()", [](DriftDetector& it) { it.estimate(); });
  check_named<DriftDetector>("save()", [](DriftDetector& it) {
    ByteWriter writer;
    it.save(writer);
  });
  check_named<DriftDetector>("load()", [](DriftDetector& it) {
    ByteReader reader({});
    it.load(reader);
  });
  const auto added = [&](const char* wrong, const std::vector<double>& observation) {
    return told([&] { evil_plugin<DriftDetector>(wrong)->add(observation, given.noise); });
  };
  const std::string in_add = "drift \"evil\" failed: in add(): ";
  CHECK(added("warn unannounced", {1}) == in_add + "a warning, and traits().warns is false");
  CHECK(added("", {}) == in_add + "it is given an observation of 0 values");
  CHECK(added("", {0, 1}) == in_add + "it is given an observation of 2 values");
  CHECK(added("watch inputs", {0, 7}) == "nothing");
  for (const double x : {double{evil::kNaN}, std::numeric_limits<double>::infinity()}) {
    CHECK(added("watch inputs", {0, x}) ==
          in_add + "it is given an observation that is infinite or not a number");
  }
  CHECK(added("", {0.5}) == "nothing");
  CHECK(added("", {1.5}) == in_add + "it is given a rate of 1.500000, which is not in [0, 1]");
  CHECK(added("watch errors", {0.5}) ==
        in_add + "it is given an error of 0.500000, which is neither 0 nor 1");
  CHECK(told([] { evil_plugin<DriftDetector>("estimate NaN")->estimate(); }) ==
        "drift \"evil\" failed: in estimate(): an estimate that is infinite or not a number");
  CHECK(told([] {
          ByteWriter writer;
          const auto it = evil_plugin<DriftDetector>("load less than it saved");
          it->save(writer);
          ByteReader reader(writer.bytes());
          it->load(reader);
        }) == "drift \"evil\" failed: in load(): it does not read exactly what save() wrote");
}

TEST_CASE("every call of a model bears its name, and its constants are passed on") {
  Workspace workspace;
  const Batch batch;
  const auto check = [&](const std::string& where, const std::function<void(Learner&)>& call) {
    check_named<LearnerFactory>(
        where, [&](LearnerFactory& it) { call(*std::move(it.build(kTask)).value()); });
  };
  check_named<LearnerFactory>("build()", [](LearnerFactory& it) { (void)it.build(kTask); });
  check("initialise()", [](Learner& it) { it.initialise({1, "i", NodeId::cloud(), 0}, {}); });
  check("make_tape()", [](Learner& it) { it.make_tape(); });
  check("forward()", [&](Learner& it) { it.forward({}, batch, Phase::kTrain, *it.make_tape()); });
  check("loss()", [&](Learner& it) { it.loss({}, batch, {}); });
  check("backward()", [](Learner& it) { it.backward({}, {}, *it.make_tape(), {}, {}); });
  check("after_step()", [](Learner& it) { it.after_step(*it.make_tape(), {}); });
  check("cost()", [](Learner& it) { it.cost(Phase::kTrain, 1); });
  check("remarks()", [](Learner& it) { it.remarks(); });
  check("segment()", [](Learner& it) { it.segment(0, 1); });
  check("make_fused()", [](Learner& it) { it.make_fused(); });
  check("load()", [](Learner& it) { it.make_fused()->load({}, {}); });
  check("step()", [&](Learner& it) { it.make_fused()->step(batch, 1, workspace); });
  check("store()", [](Learner& it) { it.make_fused()->store({}, {}); });
  const auto learner = std::move(evil_plugin<LearnerFactory>("")->build(kTask)).value();
  CHECK(learner->numerics() == "none");
  CHECK(learner->layout()->size() == 2);
  CHECK(learner->schema().input == Shape{2});
  CHECK(learner->outputs() == 1);
  CHECK(learner->layers() == 7);
  CHECK(told([] { (void)evil_plugin<LearnerFactory>("build nothing")->build(kTask); }) ==
        "model \"evil\" failed: in build(): it returns no learner, or one without a layout");
}

TEST_CASE("a selector's picks are looked at before anybody is asked") {
  struct Two final : Population {
    std::uint32_t size() const override { return 3; }
    bool eligible(NodeId node) const override { return node != NodeId::edge(2); }
    std::uint32_t eligible_at_most() const override { return 2; }
    std::uint64_t samples(NodeId) const override { return 1; }
  };
  const auto said = [](const char* wrong) {
    const Two two;
    SelectContext context{.population = two,
                          .round = 1,
                          .wanted = 2,
                          .random = {1, "select", NodeId::cloud(), 1},
                          .replies = {},
                          .asked = false};
    const std::string text = told([&] { evil_plugin<Selector>(wrong)->select(context); });
    const auto at = text.find("select(): ");
    return at == std::string::npos ? text : text.substr(at + 10);
  };
  CHECK(said("") == "nothing");
  CHECK(said("pick somebody twice").ends_with(" twice"));
  CHECK(said("give no weight")
            .ends_with(" a weight of 0.000000 and a rate_scale of 1.000000; both must be above 0"));
  CHECK(said("give NaN as weight")
            .ends_with(" a weight of nan and a rate_scale of 1.000000; both must be above 0"));
  CHECK(
      said("give a negative rate")
          .ends_with(" a weight of 1.000000 and a rate_scale of -1.000000; both must be above 0"));
  CHECK(said("train for ever").ends_with(" 4000000000 epochs; at most 1000000"));
}

TEST_CASE("a check that fails in a plugin's call is the plugin's fault, and says where it is") {
  const std::string text = told([] { evil_plugin<Reducer>("fail a check in share()")->share({}); });
  INFO(text);
  CHECK(
      text.starts_with("reducer \"evil\" failed: in share(): nothing is wrong (wrong.empty() is "
                       "false, at "));
  CHECK(text.find("evil_plugins.hpp:") != std::string::npos);
}

TEST_CASE("the innermost plugin is named, and calls under way can be told from outside") {
  const PluginEntry* outer = plugins().find("reducer", "evil");
  const PluginEntry* inner = plugins().find("optimizer", "evil");
  REQUIRE(calls_under_way().empty());
  const std::string text = told([&] {
    naming(*outer, "reduce()", [&] {
      CHECK(calls_under_way() == std::vector<std::string>{"reducer \"evil\", in reduce()"});
      naming(*inner, "step()", [&] {
        CHECK(calls_under_way() == std::vector<std::string>{"optimizer \"evil\", in step()"});
        throw std::runtime_error("no");
      });
    });
  });
  CHECK(text == "optimizer \"evil\" failed: in step(): no");
  CHECK(calls_under_way().empty());
}

}  // namespace
}  // namespace skerry

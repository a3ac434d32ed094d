// Laws that every term keeps, the effect of a list of terms, and of each on a step.

#include <algorithm>
#include <limits>

#include "algorithms/sdk/job_failure.hpp"
#include "algorithms/sdk/local_loop.hpp"
#include "tests/algorithms/local/hand_federation.hpp"
#include "tests/algorithms/local/points.hpp"
#include "tests/algorithms/local/unfused.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 33;

/// One value a parameter, 0 … 4 times `unit`.
std::vector<float> steps_of(float unit, std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = unit * static_cast<float>(i % 5);
  return values;
}

/// A term with a bit of everything: it is affine, with a vector scale and a pull that comes from
/// the cloud, and it counts the examples that it sees.
class Push final : public Term {
 public:
  struct Config {
    float scale = 0.1f;
    template <class V>
    void fields(V& v) {
      v("scale", scale, {.meaning = "of the vector", .min = 0});
    }
  };
  explicit Push(const Config& config) : config_(config) {}

  struct Step final : StepTerm {
    Step(std::vector<float> s, std::span<const float> offset, const Samples& data)
        : scales(std::move(s)), term{.offset = offset, .scales = scales}, samples(data) {}
    std::optional<AffineTerm> affine() const override { return term; }
    void batch(BatchContext& context) override {
      BatchBuffer buffer;
      const Batch wanted = buffer.fill(samples, context.drawn.rows);
      CHECK(bits(context.drawn.inputs) == bits(wanted.inputs));
      CHECK(std::ranges::equal(context.drawn.labels, wanted.labels));
      CHECK(context.batch.size == wanted.size);
      CHECK(context.batch.inputs.data() == context.drawn.inputs.data());
      seen += wanted.size;
    }
    void gradient(StepContext&) override { FAIL("an affine term has no gradient hook"); }
    void finish(TrainContext& context, const TrainReport& report) override {
      CHECK(context.terms.empty());
      CHECK(seen == (report.samples == 0 ? 0 : 2 * report.samples));  // two epochs
      context.state.open("push/seen").i64()[0] += static_cast<std::int64_t>(seen);
      context.up.open("push/edges").f32()[0] = report.samples > 0 ? 1 : 0;
    }
    std::vector<float> scales;
    AffineTerm term;
    const Samples& samples;
    std::size_t seen = 0;
  };

  MethodRecords records(const Learner& learner) const override {
    return {.down = {{"push/offset", learner.layout()}},
            .state = {{"push/seen", flat_layout(1, DType::kInt64)}},
            .up = {{"push/edges", flat_layout(1), Reduce::kSum}}};
  }
  std::unique_ptr<StepTerm> begin(TrainContext& context) const override {
    if (config_.scale == 0) return nullptr;
    const auto offset = context.down.at("push/offset").f32();
    return std::make_unique<Step>(steps_of(config_.scale, offset.size()), offset,
                                  *context.data.samples);
  }
  void boundary(TrainContext& context) const override {
    context.state.open("push/seen").i64()[0] = 1000;
  }
  void settle(Payload& state, Settlement outcome) const override {
    if (outcome == Settlement::kLost) state.open("push/seen").i64()[0] = -1;
  }
  void combine(CombineContext& context) const override {
    context.down.open("push/offset").f32()[0] = context.reduced.at("push/edges").f32()[0];
  }

 private:
  Config config_;
};

SKERRY_PLUGIN(Term, Push, "push", "a term of this test");

struct Row {
  std::string term;
  ConfigNode::Object limit;        // with these it changes no bit
  ConfigNode::Object acting = {};  // with these it does; empty if its defaults do
};
constexpr double kInfinite = std::numeric_limits<double>::infinity();
const std::vector<Row> kRows{
    {"augment", {}, {{"crop", 1}, {"flip", 0.5}, {"brightness", 0.1}, {"contrast", 0.2}}},
    {"clip_gradient", {{"norm", 1e30}}, {{"norm", 0.2}}},
    {"clip_norm", {{"max_norm", kInfinite}}, {{"max_norm", 0.2}}},
    {"clip_value", {{"clip_value", kInfinite}}, {{"clip_value", 0.01}}},
    {"proximal", {{"mu", 0}}},
    {"push", {{"scale", 0}}},
};

struct Part {
  std::string term;
  ConfigNode::Object parameters = {};
};
Terms list(const std::vector<Part>& parts) {
  std::vector<Terms::Named> terms;
  for (const auto& [term, parameters] : parts) {
    terms.push_back({term, plugin<Term>(term, parameters)});
  }
  return Terms(std::move(terms));
}

/// Three edges whose data differ; a term's part in their training.
struct Setting {
  Points points =
      draw_points({.count = 60, .width = 9, .drift = 0.05f, .classes = 4, .seed = kSeed})
          .shaped({1, 3, 3});
  std::unique_ptr<Learner> model =
      learner("mlp", points.schema(), {{"hidden", ConfigNode::Array{6, 5}}});
  Unfused unfused{*model};
  std::unique_ptr<Optimizer> sgd = plugin<Optimizer>("sgd", {{"learning_rate", 0.2}});
  std::unique_ptr<Optimizer> momentum =
      plugin<Optimizer>("sgd", {{"learning_rate", 0.2}, {"momentum", 0.5}});

  struct Choices {
    const Learner* learner = nullptr;
    const Optimizer* optimizer = nullptr;
    std::string method = "plain";
    ConfigNode::Object parameters = {};
    std::uint64_t seed = kSeed;
  };
  /// The deltas of two rounds of all edges, one behind the other.
  std::vector<float> deltas(const Terms& terms, const Choices& choices) const {
    const auto method = plugin<LocalMethod>(choices.method, choices.parameters);
    HandFederation federation({.learner = choices.learner ? *choices.learner : *model,
                               .samples = points,
                               .method = *method,
                               .optimizer = choices.optimizer ? *choices.optimizer : *sgd,
                               .settings = {.batch_size = 7, .epochs = 2},
                               .seed = choices.seed,
                               .terms = terms},
                              equal_rows(3, 20));
    std::vector<float> all;
    for (Round round = 1; round <= 2; ++round) {
      std::vector<EdgeUpdate> updates;
      for (std::uint32_t edge = 0; edge < 3; ++edge) {
        if (round > 1) federation.settle(edge, Settlement::kAccepted);
        updates.push_back(federation.train(edge, round));
        for (const auto& record : updates.back().up.records()) CHECK(record->finite());
        const auto delta = values_of(updates.back().up.at("delta"));
        all.insert(all.end(), delta.begin(), delta.end());
      }
      federation.step(updates);
    }
    return all;
  }
  /// A hash of their bits.
  std::uint64_t run(const Terms& terms) const { return run(terms, {}); }
  std::uint64_t run(const Terms& terms, const Choices& choices) const {
    const std::vector<float> all = deltas(terms, choices);
    return stable_hash(0, {reinterpret_cast<const char*>(all.data()), 4 * all.size()});
  }
};

template <class Law>
void for_every_term(const Law& law) {
  std::vector<std::string> named;
  for (const Row& row : kRows) named.push_back(row.term);
  REQUIRE(plugins().names(Term::kSlot) == named);  // every term has a row
  for (const Row& row : kRows) {
    INFO("term " << row.term << ", seed " << kSeed);
    law(row);
  }
}

TEST_CASE("every term's records begin with its name") {
  const Setting setting;
  for_every_term([&](const Row& row) {
    const MethodRecords records = plugin<Term>(row.term)->records(*setting.model);
    for (const auto* some : {&records.down, &records.state, &records.up}) {
      for (const RecordSpec& spec : *some) CHECK(spec.name.starts_with(row.term + "/"));
    }
  });
}

TEST_CASE("every term at its limit is plain bit for bit, and beside it is not") {
  const Setting setting;
  for (const Optimizer* optimizer : {setting.sgd.get(), setting.momentum.get()}) {
    const auto plain = setting.run({}, {.optimizer = optimizer});
    for_every_term([&](const Row& row) {
      CHECK(setting.run(list({{row.term, row.limit}}), {.optimizer = optimizer}) == plain);
      CHECK(setting.run(list({{row.term, row.acting}}), {.optimizer = optimizer}) != plain);
    });
  }
}

TEST_CASE("no term's bits depend on whether steps run fused, and another key gives others") {
  const Setting setting;
  REQUIRE(setting.model->make_fused() != nullptr);
  for_every_term([&](const Row& row) {
    const Terms terms = list({{row.term, row.acting}});
    const auto fused = setting.run(terms);
    CHECK(setting.run(terms) == fused);
    CHECK(setting.run(terms, {.learner = &setting.unfused}) == fused);
    CHECK(setting.run(terms, {.seed = kSeed + 1}) != fused);
  });
}

TEST_CASE("an edge without examples returns nothing new, whichever the term") {
  const Setting setting;
  const auto plain = plugin<LocalMethod>("plain");
  for_every_term([&](const Row& row) {
    HandFederation federation({.learner = *setting.model,
                               .samples = setting.points,
                               .method = *plain,
                               .optimizer = *setting.sgd,
                               .settings = {.batch_size = 7, .epochs = 2},
                               .terms = list({{row.term, row.acting}})},
                              {{}});
    const EdgeUpdate update = federation.train(0, 1);
    CHECK(update.report.steps == 0);
    for (const auto& record : update.up.records()) {
      CHECK(values_of(*record) == std::vector<float>(record->size()));
    }
  });
}

TEST_CASE("a list hands every call to its terms, and their records are beside the method's") {
  const Setting setting;
  const auto scaffold = plugin<LocalMethod>("scaffold");
  HandFederation federation({.learner = *setting.model,
                             .samples = setting.points,
                             .method = *scaffold,
                             .optimizer = *setting.sgd,
                             .settings = {.batch_size = 7, .epochs = 2},
                             .terms = list({{"clip_gradient"}, {"push"}})},
                            equal_rows(2, 20));
  const auto seen = [&] { return federation.state(1).at("push/seen").i64()[0]; };
  const std::vector<EdgeUpdate> updates{federation.train(0, 1), federation.train(1, 1)};
  CHECK(seen() == 40);
  CHECK(updates[1].up.find("delta_c") != nullptr);
  federation.step(updates);
  CHECK(federation.down.at("push/offset").f32()[0] == 2);
  federation.settle(1, Settlement::kAccepted);
  CHECK(seen() == 40);
  federation.boundary(1, 2);
  CHECK(seen() == 1000);
  federation.settle(1, Settlement::kLost);
  CHECK(seen() == -1);
}

TEST_CASE("affine terms of a method and of the scenario run fused together, with the same bits") {
  const Setting setting;
  const Terms both = list({{"proximal", {{"mu", 0.5}}}, {"push"}});
  for (const std::string method : {"plain", "fedprox", "scaffold"}) {
    CAPTURE(method);
    const auto fused = setting.run(both, {.method = method});
    CHECK(setting.run(both, {.learner = &setting.unfused, .method = method}) == fused);
    CHECK(setting.run(list({{"push"}}), {.method = method}) != fused);
    CHECK(setting.run({}, {.method = method}) != fused);
  }
}

/// Says whether the steps of a training ran fused.
struct Watch final : Term {
  explicit Watch(bool& f) : fused(f) {}
  struct Step final : StepTerm {
    explicit Step(bool& f) : fused(f) {}
    std::optional<AffineTerm> affine() const override { return AffineTerm{}; }
    void batch(BatchContext& context) override { fused = context.parameters.empty(); }
    bool& fused;
  };
  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<Step>(fused);
  }
  bool& fused;
};

TEST_CASE("sgd's weight decay is an affine term: it runs fused, alone and beside others") {
  const Setting setting;
  const auto decaying = plugin<Optimizer>("sgd", {{"learning_rate", 0.2}, {"weight_decay", 0.05}});
  bool fused = false;
  const Terms::Named watch{"watch", std::make_shared<Watch>(fused)};
  const Terms::Named push{"push", plugin<Term>("push")};
  for (const Terms& terms : {Terms({watch}), Terms({watch, push}), Terms({push, watch})}) {
    for (const std::string method : {"plain", "fedprox", "scaffold"}) {
      CAPTURE(method);
      const auto with = [&](const Learner& learner, const Optimizer& optimizer) {
        return setting.run(terms, {.learner = &learner, .optimizer = &optimizer, .method = method});
      };
      const auto bits_fused = with(*setting.model, *decaying);
      CHECK(fused);
      CHECK(with(setting.unfused, *decaying) == bits_fused);
      CHECK_FALSE(fused);
      CHECK(with(*setting.model, *setting.sgd) != bits_fused);
    }
  }
}

TEST_CASE("affine neighbours act as their sum, whoever stands behind them") {
  const Setting setting;
  const auto alone = setting.run(list({{"proximal"}, {"push"}}));
  const Part idle{"clip_gradient", {{"norm", 1e30}}};
  CHECK(setting.run(list({{"proximal"}, {"push"}, idle})) == alone);
  CHECK(setting.run(list({idle, {"proximal"}, {"push"}})) == alone);
  const auto summed = setting.deltas(list({{"proximal", {{"mu", 0.25}}}}),
                                     {.method = "fedprox", .parameters = {{"mu", 0.5}}});
  const auto one = setting.deltas(list({{"proximal", {{"mu", 0.75}}}}), {});
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(summed[i] == Approx(one[i]).margin(1e-5));
}

TEST_CASE("a list may name a term once, and says where it does not") {
  struct Config {
    std::vector<Choice<Term>> terms;
    void fields(FieldReader& v) { v("terms", terms); }
  } config;
  const auto read = [&](ConfigNode::Array terms) {
    Problems problems;
    FieldReader reader(plugins(), problems);
    reader.read(ConfigNode::Object{{"terms", std::move(terms)}}, config, "/local");
    if (problems.empty()) Terms::check(config.terms, "/local/terms", problems);
    return problems.text("x.json");
  };
  const ConfigNode::Object weak{{"name", "proximal"}, {"mu", 0.5}};
  CHECK(read({"push", weak}) == "");
  const Setting setting;
  CHECK(setting.run(Terms(plugins(), config.terms)) ==
        setting.run(list({{"push"}, {"proximal", {{"mu", 0.5}}}})));
  CHECK(read({"proximal", "push", weak}) ==
        "x.json: /local/terms/2: the term \"proximal\" is in the list already; "
        "each may stand in it once\n");
  CHECK(read({"push", ConfigNode::Object{{"name", "clip_gradient"}, {"norm", 0}}}) ==
        "x.json: /local/terms/1/norm: 0 is outside (0, inf)\n");
  CHECK(read({"proximl"}) ==
        "x.json: /local/terms/0: no term \"proximl\"; nearest \"proximal\"; "
        "all: \"augment\", \"clip_gradient\", \"clip_norm\", \"clip_value\", \"proximal\" and "
        "\"push\"\n");
}

TEST_CASE("proximal beside plain equals the method fedprox bit for bit") {
  const Setting setting;
  for (const double mu : {0.01, 0.7}) {
    for (const Optimizer* optimizer : {setting.sgd.get(), setting.momentum.get()}) {
      CHECK(setting.run(list({{"proximal", {{"mu", mu}}}}), {.optimizer = optimizer}) ==
            setting.run({},
                        {.optimizer = optimizer, .method = "fedprox", .parameters = {{"mu", mu}}}));
    }
  }
}

/// The delta of one step of rate 1 from (3, 4) on a single example at 0; the gradient is (3, 4).
std::vector<float> step_from_3_4(const Terms& terms) {
  const Points points({{0, 0}});
  const auto model = learner("quadratic", points.schema());
  const auto method = plugin<LocalMethod>("plain");
  const auto sgd = plugin<Optimizer>("sgd", {{"learning_rate", 1}});
  HandFederation federation({.learner = *model,
                             .samples = points,
                             .method = *method,
                             .optimizer = *sgd,
                             .settings = {.batch_size = 0},
                             .terms = terms},
                            {{0}});
  federation.start_at({3, 4});
  const EdgeUpdate update = federation.train(0, 1);
  return values_of(update.up.at("delta"));
}

TEST_CASE("clip_gradient shortens a gradient to its norm and leaves a shorter one alone") {
  CHECK(step_from_3_4(list({{"clip_gradient", {{"norm", 2.5}}}})) == std::vector<float>{-1.5, -2});
  CHECK(step_from_3_4(list({{"clip_gradient", {{"norm", 5}}}})) == std::vector<float>{-3, -4});
}

/// g' = factor * g, which is not affine.
struct Times final : Term {
  explicit Times(float f) : factor(f) {}
  struct Step final : StepTerm {
    explicit Step(float f) : factor(f) {}
    void gradient(StepContext& step) override {
      for (float& g : step.gradient) g *= factor;
    }
    float factor;
  };
  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    return std::make_unique<Step>(factor);
  }
  float factor;
};

TEST_CASE("clip_norm is PyTorch's: the norm is c, less the share that 1e-6 takes") {
  const auto clipped = step_from_3_4(list({{"clip_norm", {{"max_norm", 2.5}}}}));
  CHECK(clipped[0] == Approx(-3 * 2.5 / (5 + 1e-6)).epsilon(1e-7));
  CHECK(clipped[1] == Approx(-4 * 2.5 / (5 + 1e-6)).epsilon(1e-7));
  const auto almost = step_from_3_4(list({{"clip_norm", {{"max_norm", 5}}}}));
  CHECK(almost[0] == Approx(-3 * (1 - 2e-7)).epsilon(1e-7));
  CHECK(almost[0] > -3);
  CHECK(step_from_3_4(list({{"clip_norm", {{"max_norm", 5.1}}}})) == std::vector<float>{-3, -4});
  CHECK(problems_of(Term::kSlot, "clip_norm", {{"max_norm", 0}}) ==
        "x.json: /max_norm: 0 is outside (0, inf)\n");
}

TEST_CASE("clip_value bounds each entry from both sides and leaves the others alone") {
  CHECK(step_from_3_4(list({{"clip_value", {{"clip_value", 3.5}}}})) ==
        std::vector<float>{-3, -3.5});
  CHECK(step_from_3_4(list({{"clip_value", {{"clip_value", 4}}}})) == std::vector<float>{-3, -4});
  const Terms::Named back{"back", std::make_shared<Times>(-1.0f)};
  const Terms::Named clip{"clip_value", plugin<Term>("clip_value", {{"clip_value", 3.5}})};
  CHECK(step_from_3_4(Terms({back, clip})) == std::vector<float>{3, 3.5});
}

/// Does nothing, except that it throws in one of its calls.
struct Throwing final : Term {
  struct Step final : StepTerm {
    explicit Step(const std::string& where) : at(where) {}
    void batch(BatchContext&) override { throw_at("batch"); }
    void outputs(StepContext&) override { throw_at("outputs"); }
    void gradient(StepContext&) override { throw_at("gradient"); }
    void stepped(StepContext&) override { throw_at("stepped"); }
    void finish(TrainContext&, const TrainReport&) override { throw_at("finish"); }
    void throw_at(const char* place) const {
      if (at == place) throw std::runtime_error("in " + at);
    }
    std::string at;
  };
  explicit Throwing(std::string where) : at(std::move(where)) {}
  std::unique_ptr<StepTerm> begin(TrainContext&) const override {
    Step(at).throw_at("begin");
    return std::make_unique<Step>(at);
  }
  void settle(Payload&, Settlement) const override { Step(at).throw_at("settle"); }
  void boundary(TrainContext&) const override { Step(at).throw_at("boundary"); }
  std::string at;
};

TEST_CASE("what a term throws bears the term's name, in whichever of its calls") {
  for (const std::string where :
       {"begin", "batch", "outputs", "gradient", "stepped", "finish", "settle", "boundary"}) {
    CAPTURE(where);
    const Setting setting;
    const auto plain = plugin<LocalMethod>("plain");
    HandFederation federation(
        {.learner = *setting.model,
         .samples = setting.points,
         .method = *plain,
         .optimizer = *setting.sgd,
         .settings = {.batch_size = 7, .epochs = 1},
         .terms = Terms({{"throwing", std::make_shared<const Throwing>(where)}})},
        equal_rows(1, 20));
    try {
      naming(LocalMethod::kSlot, "plain", [&] {
        federation.train(0, 1);
        federation.settle(0, Settlement::kAccepted);
        federation.boundary(0, 2);
      });
      FAIL("nothing was thrown");
    } catch (const JobError& error) {
      CHECK(error.failure().message() == "term \"throwing\" failed: in " + where);
    }
  }
}

TEST_CASE("terms act in the order of their list") {
  const Terms::Named twice{"twice", std::make_shared<Times>(2.0f)};
  const Terms::Named clip{"clip_gradient", plugin<Term>("clip_gradient", {{"norm", 2.5}})};
  CHECK(step_from_3_4(Terms({clip, twice})) == std::vector<float>{-3, -4});
  CHECK(step_from_3_4(Terms({twice, clip})) == std::vector<float>{-1.5, -2});
}

}  // namespace
}  // namespace skerry

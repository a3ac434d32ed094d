// What plugins of a federation may require from each other and from the scenario.

#include <algorithm>
#include <tuple>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "algorithms/sdk/term.hpp"
#include "algorithms/sdk/transform.hpp"
#include "scenarios/federated/federated.hpp"
#include "tests/same_bits.hpp"
#include "tests/scenarios/staged_scenario.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

struct NoParameters {
  template <class V>
  void fields(V&) {}
};

/// The mean, and each edge's number of examples in a record that is kept apart.
class Signed final : public LocalMethod {
 public:
  using Config = NoParameters;
  explicit Signed(const Config&) {}
  MethodRecords records(const LayoutRef& model, std::uint32_t) const override {
    return {.down = {},
            .state = {},
            .up = {delta_record(model), {"node", flat_layout(1), Reduce::kEach}}};
  }
  TrainReport train(TrainContext& context) const override {
    context.up.open("node").f32()[0] = static_cast<float>(context.key.node.index());
    context.up.open("delta").f32()[0] = 1;
    return {.samples = context.data.size(), .steps = 1};
  }
};
SKERRY_PLUGIN(LocalMethod, Signed, "signed", "test")

/// Notes what it sees of each update.
class Reader final : public Reducer {
 public:
  struct Config {
    bool gathers = false;
    template <class V>
    void fields(V& v) {
      v("gathers", gathers, {.meaning = "form"});
    }
  };
  explicit Reader(const Config& config) : config_(config) {}
  ReducerTraits traits() const override {
    return {.form = config_.gathers ? ReducerTraits::Form::kGather : ReducerTraits::Form::kLinear};
  }
  Finish finish(FinishContext& context) const override {
    for (std::size_t i = 0; i < context.each.size(); ++i) {
      seen.emplace_back(context.infos[i].node, context.each[i]->at("node").f32()[0]);
    }
    return Finish::kDone;
  }
  static inline std::vector<std::pair<NodeId, float>> seen;

 private:
  Config config_;
};
SKERRY_PLUGIN(Reducer, Reader, "reader", "test")

/// Opens after the sum, and does nothing else.
class Adds final : public Transform {
 public:
  using Config = NoParameters;
  explicit Adds(const Config&) {}
  TransformTraits traits() const override { return {.opens = TransformTraits::Opens::kAfter}; }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    return {plain.begin(), plain.end()};
  }
  void encode(EncodeContext&) const override {}
  Status open(OpenContext&) const override { return {}; }
};
SKERRY_PLUGIN(Transform, Adds, "adds", "test")

/// Asks two edges, or the cloud, for a training or an evaluation, and notes the replies.
class Asks final : public Reducer {
 public:
  struct Config {
    bool trains = true;
    bool cloud = false;
    template <class V>
    void fields(V& v) {
      v("trains", trains, {.meaning = "work"});
      v("cloud", cloud, {.meaning = "whom"});
    }
  };
  explicit Asks(const Config& config) : config_(config) {}
  ReducerTraits traits() const override { return {}; }
  std::optional<Ask> ask() const override {
    std::vector<NodeId> nodes{NodeId::edge(4), NodeId::edge(1)};
    if (config_.cloud) nodes = {NodeId::cloud()};
    return Ask{.work = config_.trains ? Ask::Work::kTrain : Ask::Work::kEvaluate,
               .nodes = std::move(nodes)};
  }
  Finish finish(FinishContext& context) const override {
    for (const Reply& reply : context.replies) {
      seen.emplace_back(reply.node, reply.samples, reply.loss > 0,
                        reply.result ? reply.result->at("delta").f32()[0] : 0);
    }
    return Reducer::finish(context);
  }
  static inline std::vector<std::tuple<NodeId, std::uint64_t, bool, float>> seen;

 private:
  Config config_;
};
SKERRY_PLUGIN(Reducer, Asks, "asks", "test")

/// Remembers the model at the end of every experience.
class Remembers final : public Term {
 public:
  using Config = NoParameters;
  explicit Remembers(const Config&) {}
  MethodRecords records(const Learner& learner) const override {
    return {.down = {}, .state = {{"remembers/model", learner.layout()}}, .up = {}};
  }
  std::unique_ptr<StepTerm> begin(TrainContext&) const override { return nullptr; }
  void boundary(TrainContext& context) const override {
    std::ranges::copy(context.model(), context.state.open("remembers/model").f32().begin());
  }
};
SKERRY_PLUGIN(Term, Remembers, "remembers", "test")

const char* const kGood = R"({
  "version": 1, "name": "small", "paradigm": "federated",
  "data": {"source": {"name": "synthetic_blobs", "samples": 160, "test_samples": 60}},
  "model": "softmax", "local": {"optimizer": {"name": "sgd", "learning_rate": 0.05}},
  "server": {"reduce": "mean", "optimizer": {"name": "sgd", "learning_rate": 1}},
  "stop": {"any": [{"rounds": 3}]}, "nodes": {"edges": 8}})";

std::string problems(const std::string& changes) {
  const std::string text = role::StagedScenario::problems(kGood, changes);
  return text.starts_with(": ") ? text.substr(2) : text;  // the document has no name
}

const std::string kTwoRounds = R"({"stop": {"any": [{"rounds": 2}]}})";

TEST_CASE("records kept apart reach the reducer, one a node, in the order of nodes") {
  for (const std::string form : {"false", "true"}) {
    Reader::seen.clear();
    simulated({kTwoRounds, R"({"local": {"method": "signed"},
                               "server": {"reduce": {"name": "reader", "gathers": )" +
                               form + "}}}"});
    REQUIRE(Reader::seen.size() == 12);
    for (std::uint32_t k = 0; k < 12; ++k) {
      CHECK(Reader::seen[k] == std::pair(NodeId::edge(k % 6), static_cast<float>(k % 6)));
    }
  }
}

TEST_CASE("a reducer's asked training on the cloud's own data keeps attackers out") {
  const std::string rooted =
      R"({"data": {"partition": {"name": "iid", "num_classes_per_partition": null},
                                          "split": {"server_validation": 0.2}},
                                 "stop": {"any": [{"rounds": 20}]}})";
  const std::string attack = R"({"world": {"attack": {"name": "sign_flip", "scale": 10,
                                  "nodes": ["edge-0", "edge-2", "edge-3", "edge-5"]}}})";
  const std::string trust = R"({"server": {"reduce": "fltrust"}})";
  const double honest = last(simulated({rooted, trust}), "test/loss");
  const double mean = last(simulated({rooted, attack}), "test/loss");
  const auto trusted = simulated({rooted, trust, attack});
  CHECK(last(trusted, "test/loss") < 1.2 * honest);
  CHECK(last(trusted, "test/loss") < 0.5 * mean);
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({rooted, trust, attack}, how))) == bits(final_model(trusted)));
  }
}

TEST_CASE("a reducer may ask edges or the cloud to train or to evaluate, and pays for it") {
  const auto asks = [](const std::string& parameters) {
    Asks::seen.clear();
    const auto run = simulated({kTwoRounds, R"({"data": {"split": {"server_validation": 0.2}},
                         "server": {"reduce": {"name": "asks")" +
                                                parameters + "}}}"});
    std::sort(Asks::seen.begin(), Asks::seen.end());
    return run;
  };
  const auto plain = simulated({kTwoRounds, R"({"data": {"split": {"server_validation": 0.2}},
                                 "server": {"reduce": {"name": "mean", "weight": "uniform"}}})"});
  const auto trained = asks("");
  REQUIRE(Asks::seen.size() == 4);  // two edges, two rounds
  CHECK(std::get<0>(Asks::seen[0]) == NodeId::edge(1));
  CHECK(std::get<0>(Asks::seen[3]) == NodeId::edge(4));
  for (const auto& [node, samples, loss, delta] : Asks::seen) {
    CHECK(samples > 0);
    CHECK(delta != 0);
  }
  CHECK(last(trained, "bytes/tensor_up") > last(plain, "bytes/tensor_up"));
  CHECK(bits(final_model(trained)) == bits(final_model(plain)));
  const auto evaluated = asks(R"(, "trains": false)");
  REQUIRE(Asks::seen.size() == 4);
  for (const auto& [node, samples, loss, delta] : Asks::seen) CHECK((loss && delta == 0));
  CHECK(bits(final_model(evaluated)) == bits(final_model(plain)));
  asks(R"(, "cloud": true)");
  REQUIRE(Asks::seen.size() == 2);
  CHECK(std::get<3>(Asks::seen[0]) != 0);
  asks(R"(, "cloud": true, "trains": false)");
  REQUIRE(Asks::seen.size() == 2);
  CHECK(std::get<2>(Asks::seen[0]));
}

TEST_CASE("krum chooses one edge for all records of SCAFFOLD, in every way of running") {
  const std::string changes = R"({"local": {"method": "scaffold"},
    "server": {"reduce": {"name": "krum", "byzantine": 1}}, "stop": {"any": [{"rounds": 8}]}})";
  const auto one = simulated({changes});
  CHECK(last(one, "round/accepted") == 6);
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({changes}, how))) == bits(final_model(one)));
  }
}

TEST_CASE("terms of the scenario combine with any method, and proximal is fedprox bit for bit") {
  const std::string term = R"({"local": {"terms": [{"name": "proximal", "mu": 0.3}]}})";
  const std::string method = R"({"local": {"method": {"name": "fedprox", "mu": 0.3}}})";
  CHECK(bits(final_model(simulated({term}))) == bits(final_model(simulated({method}))));
  CHECK(bits(final_model(simulated({term}))) != bits(final_model(simulated())));
  const std::string both = R"({"local": {"method": "scaffold",
      "terms": [{"name": "proximal", "mu": 0.3}, {"name": "clip_gradient", "norm": 0.5}]}})";
  const auto one = simulated({both});
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(simulated({both}, how))) == bits(final_model(one)));
  }
  CHECK(
      problems(R"({"local": {"terms": ["proximal", "proximal"]}})") ==
      "/local/terms/1: the term \"proximal\" is in the list already; each may stand in it once\n");
}

TEST_CASE("runs with schedules end in the same bits on more threads and from a checkpoint") {
  for (const std::string server : {"fedavg", "fedadam", "fedyogi", "fedadagrad"}) {
    CAPTURE(server);
    const std::vector<std::string> changes{
        R"({"local": {"schedule": {"name": "cosine", "warm_up": 1},
                      "step_schedule": {"name": "exponential", "gamma": 0.8}}})",
        R"({"server": {"reduce": null, "optimizer": null, "name": ")" + server +
            R"(", "schedule": {"name": "step", "step_size": 2}}})"};
    const auto one = simulated(changes);
    for (const How& how : {How{.threads = 3}, How{.threads = 1, .saved_every_round = true}}) {
      CHECK(bits(final_model(simulated(changes, how))) == bits(final_model(one)));
    }
    CHECK(bits(final_model(simulated({changes[1]}))) != bits(final_model(one)));
    CHECK(bits(final_model(simulated({changes[0]}))) != bits(final_model(one)));
  }
}

TEST_CASE("a cosine without an end is refused, and a warm-up as long as the run") {
  const std::string stop = R"("stop": {"any": [{"metric": "test/accuracy", "at_least": 0.9}]})";
  CHECK(problems(R"({"local": {"schedule": "cosine"}, )" + stop + "}") ==
        "/local/schedule/total: is missing, and \"stop\" has no \"rounds\" that could tell where "
        "the cosine ends\n");
  CHECK(problems(R"({"local": {"schedule": {"name": "cosine", "total": 9}}, )" + stop + "}") == "");
  CHECK(problems(R"({"local": {"step_schedule": "cosine"}, )" + stop + "}") == "");
  CHECK(problems(R"({"server": {"schedule": {"name": "cosine", "warm_up": 3}}})") ==
        "/server/schedule/warm_up: takes 3 rounds, and the run ends after 3\n");
}

TEST_CASE("a schedule is told in words, and rounds in which nothing could be learnt are remarked") {
  const role::StagedScenario staged(
      kGood, R"({"local": {"schedule": {"name": "cosine", "total": 2, "warm_up": 1},
                           "step_schedule": {"name": "exponential", "gamma": 0.5}},
                 "server": {"schedule": {"name": "cosine", "total": 2, "floor": 0.1}}})");
  const auto remarks = staged.paradigm->remarks();
  CHECK(std::ranges::count(remarks,
                           "/local/schedule/total: the learning rate is 0 after 2 rounds, and the "
                           "run has 3") == 1);
  CHECK(std::ranges::none_of(
      remarks, [](const std::string& remark) { return remark.starts_with("/server/schedule"); }));
  const auto facts = staged.paradigm->facts();
  const auto told = [&](const std::string& name, const std::string& words) {
    return std::ranges::any_of(facts, [&](const role::Fact& fact) {
      return fact.name == name && fact.words.ends_with(words);
    });
  };
  CHECK(told("local training",
             "; rate over rounds: cosine (warm_up 1, total 2); rate over steps: "
             "exponential (gamma 0.5)"));
  CHECK(told("server", "; rate over rounds: cosine (total 2, floor 0.1)"));
}

TEST_CASE("a term that cannot work on the data is refused where it stands") {
  CHECK(problems(R"({"local": {"terms": ["proximal", {"name": "augment", "flip": 0.5}]}})") ==
        "/local/terms/1: changes images, [channels, height, width], and an example of the data has "
        "the shape [32]\n");
}

TEST_CASE("at the end of an experience terms take what they remember of it") {
  const role::StagedScenario staged(kGood, R"({"local": {"terms": ["remembers"]}})");
  const auto& jobs = staged.paradigm->jobs();
  const auto& federated = dynamic_cast<const federated::Federated&>(*staged.paradigm);
  Workspace workspace;
  const auto made = jobs.run({.kind = federated.federation().kinds().initialise}, workspace);
  const auto down = role::PayloadRef::of({1, 0}, made.outputs[1]);
  const role::Job job{.node = NodeId::edge(2),
                      .kind = federated.federation().kinds().end_experience,
                      .inputs = {down}};
  const auto ended = jobs.run(job, workspace);
  REQUIRE(ended.outputs.size() == 1);
  const Payload model = down.payload();
  CHECK(bits(ended.outputs[0].payload.at("remembers/model").f32()) ==
        bits(model.at("model").f32()));
}

TEST_CASE("lists of transforms that cannot be opened are refused, with what to change") {
  CHECK(problems(R"({"update": {"up": ["top_k", "float16"]}})") == "");
  CHECK(problems(R"({"update": {"up": ["adds", "float16"]}})") == "");
  CHECK(problems(R"({"update": {"up": ["float16", "adds"]}})") ==
        "/update/up/1: \"adds\" adds what it is given, so \"float16\", which is opened update by "
        "update, cannot stand before it: put it behind\n");
  CHECK(problems(R"({"update": {"up": ["float16", "float16"]}})") ==
        "/update/up/1: \"float16\" stands twice in this list\n");
  CHECK(problems(R"({"update": {"down": ["top_k"]}})") ==
        "/update/down/0: \"top_k\" cannot stand in the downlink's list: it keeps state on the "
        "sender, or is opened after the reducer\n");
  CHECK(problems(R"({"update": {"up": ["adds"]}, "server": "median"})") ==
        "/update/up: opens a sum of encoded updates, and \"median\" must see every update by "
        "itself: take a reducer that sums, like \"mean\"\n");
}

TEST_CASE("a reducer that asks is refused where nobody could answer") {
  CHECK(problems(R"({"server": {"reduce": "fltrust"}})") ==
        "/data/split/server_validation: is 0: \"fltrust\" needs examples of the cloud's own (its "
        "root data set)\n");
  CHECK(problems(R"({"server": {"reduce": "fltrust"}, "rounds": {"mode": "async"},
                     "data": {"split": {"server_validation": 0.2}}})") ==
        "/server/reduce/name: \"fltrust\" asks for work when a round begins: it needs \"rounds\": "
        "{\"mode\": \"sync\"}\n");
}

}  // namespace
}  // namespace skerry

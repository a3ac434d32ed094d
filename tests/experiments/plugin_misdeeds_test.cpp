// What a plugin does wrong is told as its own, wherever in a scenario it stands.
#include "experiments/setup.hpp"
#include "experiments/simulate.hpp"
#include "tests/evil_plugins.hpp"
#include "tests/experiments/shipped_run.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry {
namespace {

/// When a plugin's fault shows, and so how the command ends.
enum class Shows {
  kBefore,  // the run is refused: exit status 2
  kInStep,  // outside of a job: the run ends without a result, its checkpoints are kept: 3
  kInJob,   // on the cloud: the run is stopped and its results are kept: 3
  kOnEdges  // in every edge's job: likewise
};

struct Misdeed {
  const char* place;  // of the evil plugin in the scenario
  const char* wrong;
  Shows shows;
  const char* said;
};

std::string evil_override(const Misdeed& misdeed) {
  const std::string place = misdeed.place;
  const bool list = place == "server.stages" || place == "local.terms" || place == "update.up" ||
                    place == "update.down";
  const std::string share = place == "world.attack" ? R"(, "share": 0.5)" : "";
  const std::string choice =
      R"({"name": "evil", "wrong": ")" + std::string(misdeed.wrong) + "\"" + share + "}";
  return place + "=" + (list ? "[" + choice + "]" : choice);
}

/// Ends with the line that the user is shown.
void check_told(const Misdeed& misdeed, const experiments::SimulateOptions& options = {}) {
  INFO(misdeed.place << ": " << misdeed.wrong);
  std::vector<std::string> overrides{R"(stop={"any": [{"rounds": 2}]})", "nodes.edges=6",
                                     "select.fraction=1", evil_override(misdeed)};
  if (std::string_view(misdeed.place) == "select") overrides[3].insert(8, R"("fraction": 1, )");
  const auto document = opened("fedavg-blobs", overrides);
  const auto setup = experiments::set_up(document);
  if (misdeed.shows == Shows::kBefore) {
    CHECK(setup.message() == shipped("fedavg-blobs").string() + ": " + misdeed.said);
    return;
  }
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, options);
  INFO(run.message());
  REQUIRE(run.ok());
  if (misdeed.shows == Shows::kInStep) {
    REQUIRE(run->fault.has_value());
    CHECK(run->fault->kind == host::RunFault::Kind::kPlugin);
    CHECK(run->fault->text == std::string("the run could not go on: ") + misdeed.said);
    return;
  }
  const std::string& reason = run->record.stop_reason;
  const bool on_edges = misdeed.shows == Shows::kOnEdges;
  INFO(reason);
  CHECK(run->record.failed);
  CHECK(reason.starts_with(on_edges ? "every edge of round 1 failed; " : "on the cloud, "));
  CHECK(reason.ends_with((on_edges ? ": " : ", ") + std::string(misdeed.said)));
}

constexpr Misdeed kThrown[] = {
    {"server.reduce", "throw in its constructor", Shows::kBefore,
     "reducer \"evil\" failed: in its constructor: as told in two lines"},
    {"server.reduce", "throw a number in traits()", Shows::kBefore,
     "reducer \"evil\" failed: in traits(): it threw something that is not an exception"},

    {"server.reduce", "throw in state()", Shows::kInJob,
     "reducer \"evil\" failed: in state(): as told in two lines"},
    {"select", "throw in select()", Shows::kInStep,
     "selector \"evil\" failed: in select(): as told in two lines"},
    {"select", "throw a number in observe()", Shows::kInStep,
     "selector \"evil\" failed: in observe(): it threw something that is not an exception"},
    {"server.stages", "throw in act()", Shows::kInJob,
     "server stage \"evil\" failed: in act(): as told in two lines"},
    {"server.optimizer", "throw in moments()", Shows::kInJob,
     "optimizer \"evil\" failed: in moments(): as told in two lines"},
    {"local.optimizer", "throw in step()", Shows::kOnEdges,
     "optimizer \"evil\" failed: in step(): as told in two lines"},
    {"local.method", "throw in records()", Shows::kBefore,
     "local method \"evil\" failed: in records(): as told in two lines"},
    {"local.method", "throw in combine()", Shows::kInJob,
     "local method \"evil\" failed: in combine(): as told in two lines"},
    {"local.terms", "throw in gradient()", Shows::kOnEdges,
     "term \"evil\" failed: in gradient(): as told in two lines"},
    {"update.up", "throw in cost()", Shows::kInStep,
     "transform \"evil\" failed: in cost(): as told in two lines"},
    {"update.down", "throw in wire()", Shows::kBefore,
     "transform \"evil\" failed: in wire(): as told in two lines"},
    {"world.attack", "throw in poisoned()", Shows::kBefore,
     "attack \"evil\" failed: in poisoned(): as told in two lines"},
    {"world.attack", "throw in knowledge()", Shows::kInStep,
     "attack \"evil\" failed: in knowledge(): as told in two lines"},
    {"world.attack", "throw in act()", Shows::kInStep,
     "attack \"evil\" failed: in act(): as told in two lines"},
};

TEST_CASE("what a plugin throws is told with its name, wherever it was called") {
  for (const Misdeed& misdeed : kThrown) check_told(misdeed);
}

constexpr Misdeed kMisdone[] = {
    {"server.reduce", "share NaN", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight nan and divisor nan, of which no "
     "mean can be made"},
    {"server.reduce", "share nothing", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight 0.000000 and divisor 0.000000, of "
     "which no mean can be made"},
    {"server.reduce", "share without divisor", Shows::kInJob,
     "reducer \"evil\" failed: in share(): a share of weight 1.000000 and divisor 0.000000, of "
     "which no mean can be made"},
    {"server.reduce", "reduce to NaN", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has a value that is infinite or "
     "not a number in its record \"delta\""},
    {"server.reduce", "lose what is reduced", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has lost its record \"delta\""},
    {"server.reduce", "add to what is reduced", Shows::kInJob,
     "reducer \"evil\" failed: in reduce(): context.reduced has a record too many, \"more\""},
    {"server.reduce", "keep a model", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has a record \"model\", a name that belongs "
     "to the host"},
    {"server.reduce", "keep what the host keeps", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has a record \"server/steps\", a name that "
     "belongs to the host"},
    {"server.reduce", "keep it twice", Shows::kInJob,
     "reducer \"evil\" failed: in state(): the list has the record \"it\" twice"},
    {"server.reduce", "never be done", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): it asks for another exchange after 64 of one round"},
    {"server.reduce", "lose the server", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): context.state has lost its record \"model\""},
    {"server.reduce", "finish with NaN", Shows::kInJob,
     "reducer \"evil\" failed: in finish(): context.delta has a value that is infinite or "
     "not a number"},
    {"select", "ask unasked", Shows::kInStep,
     "selector \"evil\" failed: in select(): it asks for work, and asks() says that it does not"},
    {"select", "pick nobody there is", Shows::kInStep,
     "selector \"evil\" failed: in select(): it picks edge-999, and there are 6 edges"},
    {"select", "pick the cloud", Shows::kInStep,
     "selector \"evil\" failed: in select(): it picks cloud, and there are 6 edges"},
    {"server.stages", "reduce to NaN", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.reduced has a value that is infinite or "
     "not a number in its record \"delta\""},
    {"server.stages", "lose what is reduced", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.reduced has lost its record \"delta\""},
    {"server.stages", "lose the server", Shows::kInJob,
     "server stage \"evil\" failed: in act(): context.state has lost its record \"model\""},
    {"server.stages", "keep it under another's name", Shows::kInJob,
     "server stage \"evil\" failed: in state(): the list has a record \"krum/it\", whose name "
     "must begin with \"evil\""},
    {"server.optimizer", "step to NaN", Shows::kInJob,
     "optimizer \"evil\" failed: in step(): the model has a value that is infinite or not a "
     "number"},
    {"local.optimizer", "rate NaN", Shows::kOnEdges,
     "optimizer \"evil\" failed: in plain_rate(): a rate that is infinite or not a number"},
    {"local.optimizer", "decay NaN", Shows::kOnEdges,
     "optimizer \"evil\" failed: in plain_decay(): a decay that is infinite or not a number"},
    {"local.method", "send a model", Shows::kBefore,
     "local method \"evil\" failed: in records(): down has a record \"model\", a name that "
     "belongs to the host"},
    {"local.method", "send what the host keeps", Shows::kBefore,
     "local method \"evil\" failed: in records(): down has a record \"server/steps\", a name "
     "that "
     "belongs to the host"},
    {"local.method", "return nothing", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has no record, so that nothing would be "
     "returned"},
    {"local.method", "return a report", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has a record \"report\", a name that "
     "belongs "
     "to the host"},
    {"local.method", "return half a model", Shows::kBefore,
     "local method \"evil\" failed: in records(): up has a record \"delta\" that is not of the "
     "model's layout"},
    {"local.method", "lose the update", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): context.up has lost its record \"delta\""},
    {"local.method", "return more", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): context.up has a record too many, \"more\""},
    {"local.method", "report no sample", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): it reports 0 samples, and the node has 500"},
    {"local.method", "report many samples", Shows::kOnEdges,
     "local method \"evil\" failed: in train(): it reports 1152921504606846976 samples, and the "
     "node has 500"},
    {"local.method", "combine to NaN", Shows::kInJob,
     "local method \"evil\" failed: in combine(): context.down has a value that is infinite or "
     "not a number in its record \"model\""},
    {"local.method", "lose the model", Shows::kInJob,
     "local method \"evil\" failed: in combine(): context.down has lost its record \"model\""},
    {"local.terms", "keep it under another's name", Shows::kBefore,
     "term \"evil\" failed: in records(): state has a record \"ewc/it\", whose name must begin "
     "with \"evil\""},
    {"local.terms", "move half a model", Shows::kOnEdges,
     "term \"evil\" failed: in affine(): vectors that are not of the model's 1002 parameters, or "
     "two scales"},
    {"local.terms", "train on nothing", Shows::kOnEdges,
     "term \"evil\" failed: in batch(): a batch of 0 examples, 200 inputs, 10 labels, 0 targets "
     "and 0 weights, which do not fit each other"},
    {"update.up", "send nothing", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has no record, so that nothing would be "
     "sent"},
    {"update.up", "send it twice", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has the record \"it\" twice"},
    {"update.up", "send a report", Shows::kBefore,
     "transform \"evil\" failed: in wire(): the list has a record \"report\", a name that "
     "belongs "
     "to the host"},
    {"update.up", "keep it under another's name", Shows::kBefore,
     "transform \"evil\" failed: in state(): the list has a record \"top_k/it\", whose name must "
     "begin with \"evil\""},
    {"update.up", "lose the update", Shows::kOnEdges,
     "transform \"evil\" failed: in encode(): context.wire has lost its record \"delta\""},
    {"update.up", "lose the update behind the wire", Shows::kInJob,
     "transform \"evil\" failed: in open(): context.plain has lost its record \"delta\""},
    {"update.up", "ask for ever", Shows::kInJob,
     "transform \"evil\" failed: in open(): it asks for another exchange after exchange 2, and "
     "traits().exchanges is 2"},
    {"update.up", "cost NaN", Shows::kInStep,
     "transform \"evil\" failed: in cost(): a cost that is not between 0 and 1e18"},
    {"update.down", "lose the update", Shows::kInJob,
     "transform \"evil\" failed: in encode(): context.wire has lost its record \"model\""},
    {"world.attack", "poison to nothing", Shows::kBefore,
     "attack \"evil\" failed: in poisoned(): it returns no samples"},
    {"world.attack", "lose the update", Shows::kInStep,
     "attack \"evil\" failed: in act(): context.own has lost its record \"delta\""},
};

TEST_CASE("what a plugin gives or leaves that cannot be is told with its name") {
  for (const Misdeed& misdeed : kMisdone) check_told(misdeed);
}

TEST_CASE("a plugin that cannot be saved, or not loaded again, ends the run by its name") {
  const ScratchDirectory folder;
  experiments::SimulateOptions options{.checkpoints = folder / "checkpoints",
                                       .every = std::chrono::seconds(0)};
  check_told({"select", "throw in save()", Shows::kInStep,
              "selector \"evil\" failed: in save(): as told in two lines"},
             options);
  std::atomic<bool> interrupted = true;
  const auto document =
      opened("fedavg-blobs", {R"(select={"name": "evil", "wrong": "load less than it saved"})"});
  const auto setup = experiments::set_up(document);
  REQUIRE(setup.ok());
  options.interrupted = &interrupted;
  REQUIRE(experiments::simulate(document, *setup, options)->interrupted);
  options.interrupted = nullptr;
  options.resume_from = folder / "checkpoints";
  const auto run = experiments::simulate(document, *setup, options);
  INFO(run.message());
  REQUIRE(run.ok());
  REQUIRE(run->fault.has_value());
  CHECK(run->fault->text ==
        "the run could not go on: selector \"evil\" failed: in load(): it does not read "
        "exactly what save() wrote");
}

TEST_CASE("a reducer that asks for another exchange without rounds is told so") {
  const auto document =
      opened("fedbuff-blobs", {R"(server.reduce={"name": "evil", "wrong": "never be done"})"});
  const auto setup = experiments::set_up(document);
  INFO(setup.message());
  REQUIRE(setup.ok());
  const auto run = experiments::simulate(document, *setup, {});
  REQUIRE(run.ok());
  CHECK(run->record.failed);
  CHECK(run->record.stop_reason ==
        "reducer \"evil\" asks for another exchange, which needs rounds: "
        "\"rounds\": {\"mode\": \"sync\"}");
}

}  // namespace
}  // namespace skerry

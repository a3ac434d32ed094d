// What a simulation promises to every paradigm, tested with one that learns nothing: who is told
// about a failed job, when, and at what cost.
#include "tests/scenarios/errands.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include "scenarios/host/payload_table.hpp"
#include "scenarios/schema/json.hpp"
#include "sim/simulation.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/scenarios/late_failure.hpp"

namespace skerry {
namespace {

sim::WorldConfig world_of(const std::string& json = "{}") {
  Problems problems;
  sim::WorldConfig config;
  FieldReader(plugins(), problems).read(*schema::parse_json(json), config, "/world");
  REQUIRE(problems.text("") == "");
  return config;
}

struct Simulated {
  const Errands& errands;
  sim::World world;
  sim::Simulation simulation;

  explicit Simulated(const Errands& made, sim::Simulation::Options options = {},
                     const std::string& json = "{}")
      : errands(made),
        world(world_of(json), made.edges(), 1),
        simulation(made, world, plugins(), std::move(options)) {}
};

host::RunRecord record_of(const Errands& errands, unsigned threads = 1,
                          const std::string& world = "{}") {
  Simulated run(errands, {.threads = threads}, world);
  run.simulation.start();
  REQUIRE(run.simulation.run());
  return run.simulation.record();
}

std::vector<double> values_of(const host::RunRecord& run, std::string_view metric) {
  std::vector<double> values;
  for (const auto& row : run.metrics) {
    if (row.name == metric) values.push_back(row.value);
  }
  return values;
}

/// The errand of that edge fails in that round, in the code of a plugin.
auto failing(std::uint32_t edge, std::uint64_t round) {
  return [=](const role::Job& job, float&) {
    if (job.kind != Errands::kErrand || job.node != NodeId::edge(edge) || job.step != round) return;
    naming("local method", "fickle", [] { throw std::runtime_error("not today"); });
  };
}

TEST_CASE("a role is told that its job failed when the job would have finished, and at that cost") {
  const Errands all_well({.edges = 3});
  const Errands one_fails({.edges = 3, .during = failing(1, 2)});
  const auto well = record_of(all_well), failed = record_of(one_fails);
  CHECK(values_of(well, "sum") == std::vector<double>{6, 6, 6});
  CHECK(values_of(failed, "sum") == std::vector<double>{6, 4, 6});
  CHECK(values_of(failed, "failed") == std::vector<double>{0, 1, 0});
  CHECK(failed.stop_reason == "all rounds");
  CHECK(failed.ended == well.ended);
  CHECK(values_of(failed, "energy/edges_joules") == values_of(well, "energy/edges_joules"));
  const auto errand = [](const host::Span& span) { return span.what == "errand"; };
  CHECK(std::count_if(failed.spans.begin(), failed.spans.end(), errand) == 9);
  CHECK(failed.numerics_fingerprint != well.numerics_fingerprint);
  REQUIRE(failed.failed_jobs.size() == 1);
  CHECK(in_words(failed.failed_jobs[0]) ==
        "errand once: local method \"fickle\" failed: not today");
  CHECK(well.failed_jobs.empty());
}

TEST_CASE("jobs that fail are told of in the same order on any number of threads") {
  const Errands errands({.edges = 20, .rounds = 6, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kErrand && job.node.number() % 3 == 0) {
                             throw std::runtime_error("edge " + to_string(job.node));
                           }
                         }});
  const std::string scattered = R"({"edges": [{"link": {"jitter": "1 s"}}]})";
  const auto one = record_of(errands, 1, scattered);
  REQUIRE(one.failed_jobs.size() == 1);
  CHECK(one.failed_jobs[0].count == 36);
  for (const unsigned threads : {2u, 4u}) {
    const auto more = record_of(errands, threads, scattered);
    CHECK(more.schedule_fingerprint == one.schedule_fingerprint);
    CHECK(more.numerics_fingerprint == one.numerics_fingerprint);
    CHECK(more.failed_jobs == one.failed_jobs);
  }
}

TEST_CASE("a run saved while a job has failed and nobody was told goes on, and runs no job twice") {
  std::mutex mutex;
  std::map<std::pair<NodeId, std::uint64_t>, int> times;
  std::atomic<bool> interrupted = false;
  const Errands errands({.edges = 4, .during = [&](const role::Job& job, float& value) {
                           {
                             const std::lock_guard lock(mutex);
                             ++times[{job.node, job.number}];
                           }
                           const bool second = job.kind == Errands::kErrand && job.step == 2;
                           if (second && job.node == NodeId::edge(0)) interrupted = true;
                           failing(2, 2)(job, value);
                         }});
  ByteWriter saved;
  {
    Simulated run(errands, {.threads = 1, .interrupted = &interrupted});
    run.simulation.start();
    REQUIRE_FALSE(run.simulation.run());
    CHECK(run.simulation.steps() == 1);
    run.simulation.save(saved);
  }
  host::PayloadTable payloads;
  for (const auto& held : saved.held()) {
    payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(held)));
  }
  for (const auto& held : saved.held()) {
    CHECK(std::static_pointer_cast<role::PayloadCell>(held)->ready());
  }
  Simulated rest(errands);
  ByteReader reader(saved.bytes(), &payloads);
  rest.simulation.load(reader);
  REQUIRE(reader.finished());
  CHECK(rest.simulation.record().failed_jobs.empty());  // it has failed, but not yet for the role
  REQUIRE(rest.simulation.run());
  const auto record = rest.simulation.record();
  for (const auto& [job, count] : times) CHECK(count == 1);
  CHECK(times.size() == 1 + 3 * (4 + 1 + 1));
  const auto whole = record_of(Errands({.edges = 4, .during = failing(2, 2)}));
  CHECK(record.schedule_fingerprint == whole.schedule_fingerprint);
  CHECK(record.numerics_fingerprint == whole.numerics_fingerprint);
  CHECK(record.metrics == whole.metrics);
  CHECK(record.failed_jobs == whole.failed_jobs);
}

TEST_CASE("attackers see no update of a job that failed, and such a run goes on when saved") {
  const Errands errands({.edges = 5, .rounds = 4, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kErrand && job.node == NodeId::edge(1)) {
                             throw std::runtime_error("not today");
                           }
                         }});
  // The attack sends how many honest updates it saw (attackers_test.cpp).
  const std::string attacked = R"({"edges": [{"link": {"jitter": "10 s"}}],
                                   "attack": {"name": "counting", "nodes": ["edge-0"]}})";
  const auto one = record_of(errands, 1, attacked);
  // Of the updates 1 ... 5 the first is the attacker's, who sends 3, and the second fails.
  CHECK(values_of(one, "sum") == std::vector<double>(4, 3 + 3 + 4 + 5));
  for (const unsigned threads : {1u, 4u}) {
    sim::Simulation::Options options{.threads = threads};
    options.checkpoint = [](sim::Simulation& now) {
      ByteWriter writer;
      now.save(writer);
      for (const auto& held : writer.held()) {
        CHECK(std::static_pointer_cast<role::PayloadCell>(held)->ready());
      }
    };
    Simulated run(errands, options, attacked);
    run.simulation.start();
    REQUIRE(run.simulation.run());
    CHECK(run.simulation.record().numerics_fingerprint == one.numerics_fingerprint);
  }
}

TEST_CASE("a measurement that fails ends the run, whose results would look right without it") {
  const Errands errands({.rounds = 9, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kMeasure && job.step >= 2) {
                             naming("metric", "f1", [&] {
                               throw std::runtime_error("no labels " + std::to_string(job.step));
                             });
                           }
                         }});
  for (const unsigned threads : {1u, 2u, 4u}) {
    Simulated run(errands, {.threads = threads});
    run.simulation.start();
    CHECK_FALSE(run.simulation.run());
    REQUIRE(run.simulation.fault().has_value());
    CHECK(run.simulation.fault()->kind == host::RunFault::Kind::kMeasurement);
    CHECK(run.simulation.fault()->text ==
          "the measurement \"measure\" of cloud at step 2 failed, so the run cannot be judged: "
          "metric \"f1\" failed: no labels 2");
  }
}

TEST_CASE("a job of the cloud that fails is the cloud's to judge") {
  const Errands errands({.during = [](const role::Job& job, float&) {
    if (job.kind == Errands::kAdd && job.step == 2) throw 17;
  }});
  const auto record = record_of(errands);
  CHECK(record.stop_reason ==
        "a job of the cloud failed: the job failed: it threw something that is not an exception");
}

TEST_CASE("an optimistic simulation gives the same run, or says that it does not count") {
  const std::string scattered = R"({"edges": [{"link": {"jitter": "1 s"}}]})";
  const Errands well({.edges = 20, .rounds = 6});
  const auto waiting = record_of(well, 1, scattered);
  for (const unsigned threads : {1u, 2u, 4u}) {
    Simulated run(well, {.threads = threads, .optimistic = true}, scattered);
    run.simulation.start();
    REQUIRE(run.simulation.run());
    CHECK_FALSE(run.simulation.disproved());
    const auto record = run.simulation.record();
    CHECK(record.schedule_fingerprint == waiting.schedule_fingerprint);
    CHECK(record.numerics_fingerprint == waiting.numerics_fingerprint);
    CHECK(record.metrics == waiting.metrics);
  }
  LateFailure late;
  const Errands errands(late.plan());
  Simulated run(errands, {.threads = 2, .optimistic = true});
  run.simulation.start();
  CHECK_FALSE(run.simulation.run());
  CHECK(run.simulation.disproved());
  CHECK_FALSE(run.simulation.fault().has_value());
  ByteWriter writer;
  run.simulation.save(writer);
  CHECK(writer.bytes().empty());
}

TEST_CASE("a role that sends from edge to edge ends the run: a bug of its paradigm") {
  const NodeId to = GENERATE(NodeId::edge(2), NodeId::edge(1));
  const bool measurement = GENERATE(true, false);
  const Errands errands({.reroute = [=](role::Message& message) {
    if (message.from != NodeId::edge(1)) return;
    message.to = to;
    message.measurement = measurement;
  }});
  Simulated run(errands);
  run.simulation.start();
  CHECK_FALSE(run.simulation.run());
  REQUIRE(run.simulation.fault().has_value());
  CHECK(run.simulation.fault()->kind == host::RunFault::Kind::kContract);
  const std::string whom = to == NodeId::edge(1) ? "itself" : "edge-2";
  CHECK(
      run.simulation.fault()->text ==
      "a bug of the paradigm: edge-1 may not send to " + whom +
          ": messages go between the cloud and an edge, until a scenario can describe a topology");
}

TEST_CASE(
    "messages that do not arrive are counted by what kept them, and so is a standstill told") {
  struct Case {
    std::string world, cause;
  };
  const auto [world, cause] = GENERATE(values<Case>({
      {R"({"faults": [{"kind": "crash", "nodes": ["edge-1"], "at": "1 ms"}]})", "crashed"},
      {R"({"faults": [{"kind": "partition", "nodes": ["edge-1"], "at": "1 ms", "until": "1 h"}]})",
       "cut-off"},
      {R"({"messages": {"loss": 1}})", "lost"},
      {R"({"availability": {"model": "diurnal", "fraction": 1e-9}})", "unavailable"},
  }));
  INFO(cause);
  const Errands errands({});
  Simulated run(errands, {}, world);
  run.simulation.start();
  CHECK_FALSE(run.simulation.run());
  const std::uint64_t count = cause == "lost" || cause == "unavailable" ? 3 : 1;
  const auto record = run.simulation.record();
  REQUIRE(record.undelivered.size() == 1);
  CHECK(record.undelivered[0] == std::pair(cause, count));
  CHECK_THAT(run.simulation.standstill(),
             Catch::Contains("messages undelivered: " + std::to_string(count) + " " + cause));
  ByteWriter saved;
  run.simulation.save(saved);
  Simulated again(errands, {}, world);
  host::PayloadTable payloads;
  for (const auto& held : saved.held()) {
    payloads.add(role::PayloadRef(std::static_pointer_cast<role::PayloadCell>(held)));
  }
  ByteReader reader(saved.bytes(), &payloads);
  again.simulation.load(reader);
  REQUIRE(reader.finished());
  CHECK(again.simulation.record().undelivered == record.undelivered);
}

}  // namespace
}  // namespace skerry

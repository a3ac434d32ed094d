#include <map>
#include <set>

#include "experiments/simulate.hpp"
#include "sim/mpi/content_parcel.hpp"
#include "tests/experiments/shipped_run.hpp"
#include "tests/scenarios/errands.hpp"
#include "tests/scenarios/late_failure.hpp"
#include "tests/sim/mpi/ranks_on_threads.hpp"

namespace skerry {
namespace {

/// Makes jobs large enough to be given to other ranks: small ones stay where they came up.
const std::vector<std::string> kLarge{"model.hidden=[256, 128]"};

std::vector<std::string> made_large(const std::string& name) {
  return name == "joint-blobs" ? std::vector<std::string>{} : kLarge;
}

/// Counts the jobs that are sent to other ranks.
void count_orders(RanksOnThreads& ranks, std::size_t& orders) {
  ranks.post.watch = [&orders](unsigned to, const mpi::Parcel& parcel) {
    if (to == 0) return;
    if (std::holds_alternative<host::Order>(mpi::read_message<mpi::Told>(parcel))) ++orders;
  };
}

TEST_CASE("one to four ranks of one or two threads end in the same bits") {
  const std::string name = GENERATE(values<std::string>(
      {"fedavg-blobs", "fedprox-dirichlet-blobs", "scaffold-pathological-blobs", "fedbuff-blobs",
       "median-attacked-blobs", "top-k-blobs", "joint-blobs"}));
  INFO(name);
  ShippedRun shipped_run(name, made_large(name));
  const host::RunRecord alone = shipped_run.run(1);
  for (const unsigned ranks : {2u, 3u, 4u}) {
    const unsigned threads = 1 + ranks % 2;
    INFO(ranks << " ranks of " << threads << " threads");
    RanksOnThreads served(ranks, threads, shipped_run.paradigm());
    std::size_t orders = 0;
    count_orders(served, orders);
    check_same(alone, served.during(
                          [&](host::Places* places) { return shipped_run.run(threads, places); }));
    // The two large jobs of joint inference may find threads free here.
    if (name != "joint-blobs") CHECK(orders > 0);
  }
}

TEST_CASE("every rank poisons the data for itself, and all get the same bits") {
  const std::vector<std::string> flipped{
      kLarge.front(), R"(world.attack={"name": "label_flip", "share": 0.3, "share_of_rows": 0.5})"};
  ShippedRun shipped_run("fedavg-blobs", flipped), elsewhere("fedavg-blobs", flipped);
  const host::RunRecord alone = shipped_run.run(1);
  RanksOnThreads served(3, 1, elsewhere.paradigm());
  std::size_t orders = 0;
  count_orders(served, orders);
  check_same(alone,
             served.during([&](host::Places* places) { return shipped_run.run(1, places); }));
  CHECK(orders > 0);
  CHECK(alone.numerics_fingerprint !=
        ShippedRun("fedavg-blobs", kLarge).run(1).numerics_fingerprint);
}

TEST_CASE("a run on ranks, interrupted, goes on in the same bits") {
  const std::string name = GENERATE(values<std::string>(
      {"scaffold-pathological-blobs", "fedbuff-blobs", "top-k-blobs", "joint-blobs"}));
  INFO(name);
  ShippedRun shipped_run(name, made_large(name));
  const host::RunRecord alone = shipped_run.run(1);
  RanksOnThreads served(3, 1, shipped_run.paradigm());
  const auto record = served.during(
      [&](host::Places* places) { return shipped_run.interrupted_and_resumed(2, places); });
  check_same(alone, record);
}

TEST_CASE("jobs fail on ranks as they do at home: in the same words, at the same time") {
  const Errands errands({.edges = 12, .rounds = 6, .during = [](const role::Job& job, float&) {
                           if (job.kind == Errands::kErrand && job.node.number() % 3 == 1) {
                             naming("local method", "fickle",
                                    [&] { throw std::runtime_error(to_string(job.node)); });
                           }
                         }});
  const sim::World world(sim::WorldConfig(), errands.edges(), 1);
  const Registry registry;
  const auto run = [&](unsigned threads, host::Places* places) {
    sim::Simulation simulation(errands, world, registry, {.threads = threads, .places = places});
    simulation.start();
    REQUIRE(simulation.run());
    return simulation.record();
  };
  const host::RunRecord alone = run(1, nullptr);
  REQUIRE(alone.failed_jobs.size() == 1);
  CHECK(alone.failed_jobs[0].count == 24);
  for (const unsigned ranks : {2u, 3u}) {
    RanksOnThreads served(ranks, 1, errands);
    std::size_t orders = 0, failures = 0;
    served.post.watch = [&](unsigned to, const mpi::Parcel& parcel) {
      if (to == 0) {
        const auto answer = mpi::read_message<mpi::Answer>(parcel);
        const auto* finished = std::get_if<mpi::Finished>(&answer);
        failures += finished && finished->failed ? 1 : 0;
      } else if (std::holds_alternative<host::Order>(mpi::read_message<mpi::Told>(parcel))) {
        ++orders;
      }
    };
    const auto spread = served.during([&](host::Places* places) { return run(1, places); });
    check_same(alone, spread);
    CHECK(spread.failed_jobs == alone.failed_jobs);
    CHECK(orders > 0);
    CHECK(failures > 0);
  }
}

TEST_CASE("ranks forget a run in which a job failed when nobody waited, and do it again") {
  LateFailure late;
  const auto document = opened("fedavg-blobs", {"nodes.edges=3"});
  auto setup = experiments::set_up(document);
  REQUIRE(setup.ok());
  setup->paradigm = std::make_unique<Errands>(late.plan());
  RanksOnThreads served(3, 1, *setup->paradigm);
  const auto run = served.during([&](host::Places* places) {
    return experiments::simulate(document, *setup, {.threads = 1, .places = places});
  });
  REQUIRE(run.ok());
  setup->paradigm = std::make_unique<Errands>(LateFailure::at_once());
  const auto alone = experiments::simulate(document, *setup, {.threads = 1});
  check_same(run->record, alone->record);
  CHECK(run->record.failed_jobs == alone->record.failed_jobs);
}

TEST_CASE("models that stay in the checkpoint's file go to ranks from there") {
  ShippedRun shipped_run("scaffold-pathological-blobs", {"model.hidden=[700, 500]"});
  const host::RunRecord alone = shipped_run.run(1);
  RanksOnThreads served(2, 1, shipped_run.paradigm());
  const auto record = served.during(
      [&](host::Places* places) { return shipped_run.interrupted_and_resumed(2, places); });
  check_same(alone, record);
}

/// The records in a payload, in words.
std::string names_of(const Payload& payload) {
  std::string names;
  for (const auto& record : payload.records()) names += record->name() + " ";
  return names;
}

TEST_CASE("a node's state goes home once and stays, updates travel once, models once a rank") {
  ShippedRun shipped_run("scaffold-pathological-blobs", kLarge);
  constexpr unsigned kRanks = 3;
  RanksOnThreads served(kRanks, 1, shipped_run.paradigm());
  std::map<std::string, unsigned> to_cloud;
  std::map<std::pair<unsigned, host::PayloadKey>, unsigned> lent;
  std::size_t orders = 0;
  served.post.watch = [&](unsigned to, const mpi::Parcel& parcel) {
    if (to == 0) {
      const auto answer = mpi::read_message<mpi::Answer>(parcel);
      if (std::holds_alternative<mpi::Lend>(answer)) ++to_cloud[names_of(parcel.payload)];
      return;
    }
    const auto told = mpi::read_message<mpi::Told>(parcel);
    if (const auto* lend = std::get_if<mpi::Lend>(&told)) ++lent[{to, lend->key}];
    if (std::holds_alternative<host::Order>(told)) ++orders;
  };
  const host::RunRecord record =
      served.during([&](host::Places* places) { return shipped_run.run(1, places); });
  CHECK(record.stop_reason != "");
  CHECK(orders > 0);
  for (const auto& [place_and_key, times] : lent) CHECK(times == 1);
  for (const auto& [names, times] : to_cloud) {
    INFO(names << times << " times of " << orders << " orders");
    const bool update = names.find("report") != std::string::npos;
    CHECK(times <= (update ? orders : 30));  // 30 edges
  }
}

TEST_CASE("what nobody holds any more is dropped everywhere") {
  ShippedRun shipped_run("fedavg-blobs", kLarge);
  RanksOnThreads served(2, 1, shipped_run.paradigm());
  std::set<host::PayloadKey> held;
  std::size_t most = 0, all = 0;
  served.post.watch = [&](unsigned to, const mpi::Parcel& parcel) {
    if (to == 0) return;
    const auto told = mpi::read_message<mpi::Told>(parcel);
    if (const auto* lend = std::get_if<mpi::Lend>(&told)) all += held.insert(lend->key).second;
    if (const auto* order = std::get_if<host::Order>(&told)) {
      all += order->outputs.size();
      held.insert(order->outputs.begin(), order->outputs.end());
    }
    if (const auto* drop = std::get_if<mpi::Drop>(&told)) CHECK(held.erase(drop->key) == 1);
    most = std::max(most, held.size());
  };
  served.during([&](host::Places* places) { return shipped_run.run(1, places); });
  INFO("at most " << most << " of " << all << " payloads at a time");
  CHECK(all > 8);
  CHECK(most < 8);  // of two rounds
}

TEST_CASE("runs follow each other on the same ranks") {
  ShippedRun shipped_run("fedavg-blobs", kLarge);
  RanksOnThreads served(2, 2, shipped_run.paradigm());
  const auto run = [&](host::Places* places) { return shipped_run.run(2, places); };
  const host::RunRecord first = served.during(run);
  check_same(first, served.during(run));
}

}  // namespace
}  // namespace skerry

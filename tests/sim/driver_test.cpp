// The simulated world around federated learning: the times of events, to the nanosecond, and the
// effect of faults.
#include <algorithm>
#include <cmath>
#include <map>

#include "scenarios/role/message.hpp"
#include "sim/simulation.hpp"
#include "tests/catch.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

/// A world in which everything takes a time that can be computed by hand.
std::string plain_world(const std::string& more = "") {
  return R"({"world": {"edges": [{"device": {"flops": "1 GFLOP/s", "cores": 1},
                                  "link": {"up": "1 MB/s", "down": "2 MB/s", "latency": "10 ms"}}],
                       "cloud": {"device": "ideal"})" +
         (more.empty() ? "" : ", " + more) + "}}";
}

std::vector<double> values_of(const host::RunRecord& run, std::string_view metric) {
  std::vector<double> values;
  for (const auto& row : run.metrics) {
    if (row.name == metric) values.push_back(row.value);
  }
  return values;
}

const host::Span& span_of(const host::RunRecord& run, NodeId node, std::string_view what) {
  for (const auto& span : run.spans) {
    if (span.node == node && span.what == what) return span;
  }
  FAIL("no span " << what << " of " << to_string(node));
  std::abort();
}

TEST_CASE("a round takes download, training and upload, to the nanosecond") {
  const auto run = simulated({plain_world(), R"({"stop": {"any": [{"rounds": 1}]}})"});
  const auto& download = span_of(run, NodeId::edge(0), "download");
  const auto& train = span_of(run, NodeId::edge(0), "train");
  const auto& upload = span_of(run, NodeId::edge(0), "upload");
  const double down = values_of(run, "bytes/wire_down").back() / 6;
  const double up = values_of(run, "bytes/wire_up").back() / 6;
  CHECK(download.begin == SimTime());
  CHECK(download.end.count() == static_cast<std::int64_t>(std::ceil(down / 2e6 * 1e9)));
  CHECK(train.begin == download.end + Duration::milliseconds(10));
  CHECK(upload.begin == train.end);
  CHECK((upload.end - upload.begin).count() ==
        static_cast<std::int64_t>(std::ceil(up / 1e6 * 1e9)));
  SimTime last_upload;
  for (const auto& span : run.spans) {
    if (span.what == "upload") last_upload = std::max(last_upload, span.end);
  }
  // The cloud's own work takes a few nanoseconds on an ideal device.
  CHECK(values_of(run, "round/seconds").back() ==
        Approx((last_upload + Duration::milliseconds(10)).in_seconds()).margin(1e-7));
}

TEST_CASE("a bottleneck at the cloud is shared by all uploads") {
  const auto alone = simulated({plain_world()});
  const auto shared = simulated({plain_world(), R"({"world": {"cloud": {"down": "1 MB/s"}}})"});
  const auto length = [](const host::RunRecord& run) {
    const auto& span = span_of(run, NodeId::edge(3), "upload");
    return (span.end - span.begin).in_seconds();
  };
  // Edges with a little less data begin their uploads a little earlier.
  CHECK(length(shared) == Approx(6 * length(alone)).epsilon(0.01));
}

TEST_CASE("a slow edge is left out at the deadline and never blocks") {
  const auto run =
      simulated({plain_world(R"("faults": [{"kind": "slow_down", "nodes": ["edge-2"], "at": "0 s",
                                  "until": "1 h", "factor": 1e9}])"),
                 R"({"rounds": {"deadline": "2 s"}})"});
  CHECK(values_of(run, "round/accepted") == std::vector<double>{5, 5, 5, 5, 5});
  CHECK(last(run, "updates/lost") == 5);
}

TEST_CASE("a crashed edge is noticed, left out, and takes part again after its restart") {
  const auto run = simulated({plain_world(R"("detection": "100 ms",
                      "faults": [{"kind": "crash", "nodes": ["edge-1"], "at": "1 ms"},
                                 {"kind": "restart", "nodes": ["edge-1"], "at": "150 ms"}])"),
                              R"({"stop": {"any": [{"rounds": 12}]}})"});
  const auto accepted = values_of(run, "round/accepted");
  REQUIRE(accepted.size() == 12);
  CHECK(accepted.front() == 5);
  CHECK(accepted.back() == 6);
}

TEST_CASE("what an edge makes after a restart is not called as what it made before") {
  std::map<role::PayloadId, std::shared_ptr<void>> named;
  const auto look = [&named](sim::Simulation& run) {
    ByteWriter writer;
    run.save(writer);
    for (const auto& one : writer.held()) {
      const auto cell = std::static_pointer_cast<role::PayloadCell>(one);
      const auto [first, fresh] = named.emplace(cell->id(), cell);
      CHECK(first->second == cell);
    }
  };
  const auto run =
      simulated({plain_world(R"("detection": "1 ms",
                      "faults": [{"kind": "slow_down", "nodes": ["edge-1"], "at": "0 s",
                                  "until": "1 h", "factor": 1e5},
                                 {"kind": "crash", "nodes": ["edge-1"], "at": "60 ms"},
                                 {"kind": "restart", "nodes": ["edge-1"], "at": "70 ms"}])"),
                 R"({"rounds": {"mode": "async", "concurrency": 5}, "select": {"name": "uniform"},
                     "stop": {"any": [{"rounds": 40}]}})"},
                {.each_step = look});
  CHECK(last(run, "updates/lost") >= 1);
  CHECK(named.size() > 40);
}

TEST_CASE("the cloud's own crash and restart lose time, not updates") {
  const std::string crash = plain_world(
      R"("faults": [{"kind": "crash", "nodes": ["cloud"], "at": "20 ms"},
                    {"kind": "restart", "nodes": ["cloud"], "at": "900 ms"}])");
  const auto run = simulated({crash});
  CHECK(values_of(run, "round/accepted") == std::vector<double>{6, 6, 6, 6, 6});
  CHECK(run.ended > SimTime::at(Duration::milliseconds(900)));
  CHECK(distance(final_model(run), final_model(simulated({plain_world()}))) == 0);
}

TEST_CASE("an edge that crashes while the cloud is down is not waited for") {
  const auto run = simulated({plain_world(R"("detection": "10 ms", "faults": [
      {"kind": "crash", "nodes": ["cloud"], "at": "15 ms"},
      {"kind": "crash", "nodes": ["edge-2"], "at": "15 ms"},
      {"kind": "restart", "nodes": ["cloud"], "at": "900 ms"}])")});
  CHECK(values_of(run, "round/accepted") == std::vector<double>{5, 5, 5, 5, 5});
}

TEST_CASE("messages that arrive twice count once") {
  const auto clean = simulated({plain_world()});
  const auto twice =
      simulated({plain_world(R"("messages": {"duplication": 1, "max_delay": "5 ms"})")});
  CHECK(distance(final_model(clean), final_model(twice)) == 0);
  CHECK(values_of(twice, "round/accepted") == std::vector<double>{6, 6, 6, 6, 6});
  CHECK(last(twice, "updates/refused/stale round") > 0);
}

TEST_CASE("reordered messages change nothing but the time") {
  const auto clean = simulated({plain_world()});
  const auto late =
      simulated({plain_world(R"("messages": {"reordering": 0.7, "max_delay": "300 ms"})")});
  CHECK(distance(final_model(clean), final_model(late)) == 0);
  CHECK(late.ended > clean.ended);
}

TEST_CASE("a run whose messages come twice, late and damaged goes on from its saved states") {
  const std::vector<std::string> scenario{
      plain_world(R"("messages": {"duplication": 0.5, "reordering": 0.5, "corruption": 0.2,
                                  "loss": 0.1, "max_delay": "300 ms"})"),
      R"({"rounds": {"deadline": "1 s"}, "stop": {"any": [{"rounds": 20}]}})"};
  const auto whole = simulated(scenario);
  const auto saved = simulated(scenario, {.threads = 2, .saved_every_round = true});
  CHECK(saved.schedule_fingerprint == whole.schedule_fingerprint);
  CHECK(saved.numerics_fingerprint == whole.numerics_fingerprint);
}

TEST_CASE("lost messages cost their round at most the deadline") {
  const auto run =
      simulated({plain_world(R"("messages": {"loss": 0.3})"),
                 R"({"rounds": {"deadline": "1 s"}, "stop": {"any": [{"rounds": 20}]}})"});
  CHECK(run.stop_reason == "20 rounds");
  CHECK(last(run, "updates/lost") > 0);
}

TEST_CASE("corrupt updates that are not finite are refused, and rounds go on without them") {
  const auto run =
      simulated({plain_world(R"("messages": {"corruption": 0.5})"),
                 R"({"stop": {"any": [{"rounds": 60}]}, "rounds": {"deadline": "1 s"}})"});
  CHECK(run.stop_reason == "60 rounds");
  CHECK(last(run, "updates/refused/not finite") > 0);
  CHECK(run.corrupted > 100);  // about half of 720
  CHECK(run.undelivered.empty());
  for (const float value : final_model(run)) CHECK(std::isfinite(value));
}

TEST_CASE("edges that come and go are asked only while they are there") {
  const auto run =
      simulated({plain_world(R"("detection": "1 ms",
                      "availability": {"model": "on_off", "mean_on": "300 ms", "mean_off": "200 ms"})"),
                 R"({"rounds": {"deadline": "2 s"}, "stop": {"any": [{"rounds": 40}]}})"});
  CHECK(run.stop_reason == "40 rounds");
  const auto accepted = values_of(run, "round/accepted");
  CHECK(*std::min_element(accepted.begin(), accepted.end()) < 6);
}

TEST_CASE("a partition cuts edges off until it heals") {
  const auto run = simulated({plain_world(R"("detection": "5 ms",
                      "faults": [{"kind": "partition", "nodes": ["edge-4", "edge-5"], "at": "0 s",
                                  "until": "200 ms"}])"),
                              R"({"stop": {"any": [{"rounds": 12}]}})"});
  const auto accepted = values_of(run, "round/accepted");
  CHECK(accepted.front() == 4);
  CHECK(accepted.back() == 6);
}

TEST_CASE("an absence that ends before anybody notices costs time and nothing else") {
  const auto undisturbed = simulated({plain_world()});
  // Round 1 takes 30 ms: downloads, trainings, uploads and what is on its way are all hit.
  for (int begin = 1; begin < 32; begin += 2) {
    const std::string from = std::to_string(begin) + " ms", to = std::to_string(begin + 50) + " ms";
    INFO("from " << from << " to " << to);
    const auto cut = simulated(
        {plain_world(R"("faults": [{"kind": "partition", "nodes": ["edge-4", "edge-5"], "at": ")" +
                     from + R"(", "until": ")" + to + "\"}]")});
    CHECK(cut.stop_reason == "5 rounds");
    CHECK(cut.undelivered.empty());
    CHECK(final_model(cut) == final_model(undisturbed));
    CHECK(last(cut, "bytes/wire_down") == last(undisturbed, "bytes/wire_down"));
    CHECK(cut.ended >= undisturbed.ended);
  }
}

TEST_CASE("a trace of short absences that repeats for ever ends like any other run") {
  const auto run =
      simulated({plain_world(R"("availability": {"model": "trace", "repeat_every": "20 ms",
      "trace": "base64:MCwwLDAuMDE1CjEsMC4wMDUsMC4wMgo="})")});
  CHECK(run.stop_reason == "5 rounds");
  CHECK(run.undelivered.empty());
}

TEST_CASE("a message for an edge that is gone is given up when the cloud notices, not before") {
  const auto run = simulated({plain_world(R"("detection": "100 ms",
      "faults": [{"kind": "partition", "nodes": ["edge-4"], "at": "1 ms", "until": "1 s"}])")});
  CHECK(run.stop_reason == "5 rounds");
  CHECK(values_of(run, "round/accepted").front() == 5);
  CHECK(last(run, "round/seconds") < 0.2);
  REQUIRE(run.undelivered.size() == 1);
  CHECK(run.undelivered[0] == std::pair<std::string, std::uint64_t>("cut-off", 1));
}

TEST_CASE("of a population that comes and goes, only those that are asked cost events") {
  const std::string world = plain_world(R"("detection": "1 ms",
      "availability": {"model": "on_off", "mean_on": "40 ms", "mean_off": "10 ms"})");
  const std::string many = R"({"nodes": {"edges": 400}, "select": {"name": "uniform", "count": 4},
      "data": {"source": {"samples": 4000}, "partition": {"name": "pathological"}},
      "rounds": {"deadline": "1 s"}, "stop": {"any": [{"rounds": 10}]}})";
  std::uint64_t events = 0;
  const auto run =
      simulated({many, world},
                {.each_step = [&](sim::Simulation& simulation) { events = simulation.events(); }});
  CHECK(run.stop_reason == "10 rounds");
  CHECK(events < 1000);  // 400 edges change about 12,000 times meanwhile
  const auto saved = simulated({many, world}, {.threads = 2, .saved_every_round = true});
  CHECK(saved.schedule_fingerprint == run.schedule_fingerprint);
  CHECK(saved.numerics_fingerprint == run.numerics_fingerprint);
}

TEST_CASE("edges that leave while something is on its way to or from them keep no run waiting") {
  const std::string detection = GENERATE(as<std::string>(), "1 ms", "8 ms", "10 s");
  INFO(detection);
  const std::string world = plain_world(R"("detection": ")" + detection + R"(",
      "availability": {"model": "on_off", "mean_on": "40 ms", "mean_off": "6 ms"})");
  const std::string many = R"({"nodes": {"edges": 60}, "select": {"name": "uniform", "count": 5},
      "data": {"source": {"samples": 1200}}, "stop": {"any": [{"rounds": 40}]}})";
  const auto run = simulated({many, world});
  CHECK(run.stop_reason == "40 rounds");
  CHECK(last(run, "round/accepted") >= 1);
}

TEST_CASE("a run in which all edges are away goes on when the first is back") {
  for (const std::string mode : {"sync", "async"}) {
    INFO(mode);
    // Six edges, each there for 50 ms of every 10 s; 1 ms after the start nobody is.
    const auto run =
        simulated({plain_world(R"("detection": "1 ms", "availability": {
        "model": "diurnal", "period": "10 s", "peak": "5 s", "fraction": 0.005, "spread": 0})"),
                   R"({"rounds": {"mode": ")" + mode + R"("}, "stop": {"any": [{"rounds": 1}]}})"});
    CHECK(run.stop_reason == "1 rounds");
    CHECK(run.ended > SimTime::at(Duration::milliseconds(4975)));
    CHECK(run.ended < SimTime::at(Duration::milliseconds(5025)));
  }
}

TEST_CASE("over-selection closes the round when the cohort is full") {
  const auto run = simulated({plain_world(), R"({"select": {"name": "uniform", "count": 3},
                                                 "rounds": {"over_select": 0.9}})"});
  for (const double accepted : values_of(run, "round/accepted")) CHECK(accepted >= 3);
  // Six are asked; what comes after the third is late, and nothing else.
  CHECK(last(run, "updates/late") + last(run, "updates/lost") == 5 * 3);
  CHECK(last(run, "updates/late") > 0);
  CHECK(values_of(run, "updates/refused/stale round").empty());
}

TEST_CASE("a buffered run steps when its buffer is full, with stale updates weighted down") {
  const auto run =
      simulated({plain_world(), R"({"server": {"reduce": {"name": "buffered", "size": 2}},
      "rounds": {"mode": "async", "concurrency": 4}, "select": {"name": "uniform"}})"});
  CHECK(run.stop_reason == "5 rounds");
  for (const double accepted : values_of(run, "round/accepted")) CHECK(accepted >= 2);
}

TEST_CASE("modelled energy is power over busy time") {
  const auto run = simulated(
      {R"({"world": {"edges": [{"device": {"flops": "1 GFLOP/s", "busy": "3 W", "radio": "2 W"}}],
                     "cloud": {"device": "ideal"}}, "stop": {"any": [{"rounds": 1}]}})"});
  double training = 0, transfers = 0;
  for (const auto& span : run.spans) {
    const double seconds = (span.end - span.begin).in_seconds();
    if (span.what == "train") training += seconds;
    if (span.what == "upload" || span.what == "download") transfers += seconds;
  }
  CHECK(last(run, "energy/edges_joules") == Approx(3 * training));
  CHECK(last(run, "energy/network_joules") == Approx(2 * transfers));
}

TEST_CASE("what a cut transfer and a crashed job had done is charged, to the byte") {
  const auto first_round = [](const std::string& more) {
    return simulated({R"({"world": {"edges": [{"device": {"flops": "1 MFLOP/s", "busy": "3 W",
                              "radio": "2 W"}, "link": {"down": "1 kB/s", "latency": "0 s"}}],
                          "cloud": {"device": "ideal"}, "detection": "1 ms")" +
                      more + R"(}, "stop": {"any": [{"rounds": 1}]}})"});
  };
  const auto whole = first_round("");
  const auto& download = span_of(whole, NodeId::edge(2), "download");
  const double middle = (download.end - download.begin).in_seconds() / 2;
  const auto ends = [&](const char* kind, double at, const char* until) {
    return first_round(R"(, "faults": [{"kind": ")" + std::string(kind) +
                       R"(", "nodes": ["edge-2"], "at": ")" + std::to_string(at) + " s\"" + until +
                       "}]");
  };
  const auto cut = ends("partition", middle, R"(, "until": "100 s")");
  const auto crashed = ends("crash", middle, "");
  const double bytes = last(whole, "bytes/wire_down") / 6;
  const auto& upload = span_of(whole, NodeId::edge(2), "upload");
  const double unsent = 2 * (middle + (upload.end - upload.begin).in_seconds());
  for (const auto& run : {cut, crashed}) {
    CHECK(last(run, "bytes/cut_off") == Approx(bytes / 2).margin(2));
    CHECK(last(run, "energy/network_joules") ==
          Approx(last(whole, "energy/network_joules") - unsent).epsilon(1e-4));
  }
  CHECK(values_of(whole, "bytes/cut_off").empty());
  const auto& train = span_of(whole, NodeId::edge(2), "train");
  const double half = (train.end - train.begin).in_seconds() / 2;
  const auto stopped = ends("crash", train.begin.in_seconds() + half, "");
  CHECK(last(stopped, "energy/edges_joules") ==
        Approx(last(whole, "energy/edges_joules") - 3 * half).epsilon(1e-4));
}

}  // namespace
}  // namespace skerry

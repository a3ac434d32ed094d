#include "experiments/results/run_group.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

#include "experiments/results/curve.hpp"
#include "experiments/results/declared.hpp"
#include "experiments/results/export.hpp"
#include "experiments/results/readable.hpp"
#include "experiments/results/report_page.hpp"
#include "experiments/results/summary.hpp"
#include "experiments/results/timeline.hpp"
#include "scenarios/schema/json.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"
#include "tests/experiments/results/made_up_run.hpp"

namespace skerry::experiments {

using datasets::ScratchFolder;
namespace fs = std::filesystem;

namespace {

fs::path write_seeds(const ScratchFolder& scratch, const MadeUpRun& like, unsigned seeds) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    MadeUpRun run = like;
    run.seed = seed;
    run.write(scratch / like.name / ("seed-" + std::to_string(seed)));
  }
  return scratch / like.name;
}

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a folder of seeds is read as one group, in order of the seeds") {
  const ScratchFolder scratch;
  const auto group = read_group(write_seeds(scratch, {.name = "many"}, 11));
  REQUIRE(group.ok());
  REQUIRE(group->runs.size() == 11);
  for (std::size_t i = 0; i < 11; ++i) CHECK(group->runs[i].manifest.seed == i + 1);
  CHECK(group->label == "many");
}

TEST_CASE("what is no group of runs is refused with the reason") {
  const ScratchFolder scratch;
  CHECK(read_group(scratch / "gone").message() == (scratch / "gone").string() + ": no such folder");
  fs::create_directory(scratch / "empty");
  CHECK(read_group(scratch / "empty").message() ==
        (scratch / "empty").string() + ": holds no run (no manifest.json here or one folder down)");
  fs::create_directory(scratch / "begun");
  std::ofstream(scratch / "begun" / "scenario.json") << "{}";
  CHECK(read_group(scratch / "begun").message() ==
        (scratch / "begun").string() +
            ": holds a run that has not ended (no manifest.json): go on with it by skerry run "
            "--resume");
  MadeUpRun{.name = "a"}.write(scratch / "mixed" / "1");
  MadeUpRun{.name = "b", .seed = 2}.write(scratch / "mixed" / "2");
  CHECK(read_group(scratch / "mixed").message() ==
        (scratch / "mixed").string() +
            ": holds runs of \"a\" and of \"b\"; name the runs one by one");
  MadeUpRun{.name = "a"}.write(scratch / "twice" / "1");
  MadeUpRun{.name = "a"}.write(scratch / "twice" / "2");
  CHECK(read_group(scratch / "twice").message() ==
        (scratch / "twice").string() + ": holds seed 1 twice; name the runs one by one");
}

TEST_CASE("groups of one name are told apart by their folders") {
  const ScratchFolder scratch;
  MadeUpRun().write(scratch / "before");
  MadeUpRun().write(scratch / "after");
  MadeUpRun().write(scratch / "later" / "after");
  const auto groups =
      read_groups({scratch / "before", scratch / "after/", scratch / "later" / "after"});
  REQUIRE(groups.ok());
  CHECK((*groups)[0].label == "made-up (before)");
  CHECK((*groups)[1].label == "made-up (after)");
  CHECK((*groups)[2].label == "made-up (after) 2");
}

TEST_CASE("a group's summary files hold mean, interval and n of every metric") {
  const ScratchFolder scratch;
  const fs::path folder = write_seeds(scratch, {.name = "many"}, 4);
  const auto group = read_group(folder);
  REQUIRE(group.ok());
  REQUIRE(write_group_summary(*group).ok());
  const auto node = schema::parse_json(text_of(folder / "summary.json"));
  REQUIRE(node.ok());
  std::vector<double> finals;
  for (const auto& run : group->runs) finals.push_back(*final_value(run.record, "test/accuracy"));
  const Estimate held = estimate(finals);
  const ConfigNode* accuracy = node->find("final")->find("test/accuracy");
  CHECK(*accuracy->find("mean")->as_double() == held.mean);
  CHECK(*accuracy->find("low95")->as_double() == held.mean - held.half_width);
  CHECK(*accuracy->find("n")->as_integer() == 4);
  CHECK(node->find("runs")->as_array()->size() == 4);
  const std::string csv = text_of(folder / "summary.csv");
  CHECK(csv.starts_with("metric,unit,mean,sd,low95,high95,n,lowest,highest\n"));
  CHECK(csv.find("\nbytes/wire_up,bytes,84000000,0,84000000,84000000,4,84000000,84000000\n") !=
        std::string::npos);
  CHECK(read_group(folder).ok());  // the summaries are not taken for runs
}

TEST_CASE("a summary of one run stands in aligned lines") {
  const ScratchFolder scratch;
  const auto groups = read_groups({MadeUpRun().write(scratch / "run")});
  REQUIRE(groups.ok());
  const std::string text = summary_text(*groups);
  CHECK(text.starts_with("made-up, seed 1, stopped: 20 rounds\n"));
  CHECK(text.find("\n  rounds              20\n") != std::string::npos);
  CHECK(text.find("\n  virtual time        25 s\n") != std::string::npos);
  CHECK(text.find("\n  energy (modelled)   250 J\n") != std::string::npos);
  CHECK(text.find("\n    up                  80.00 MB  82.00 MB  84.00 MB\n") != std::string::npos);
  CHECK(text.find("schedule 0123456789abcdef  numerics fedcba9876543211 (native-1)\n") !=
        std::string::npos);
}

TEST_CASE("a summary says that a run could not go on, and that messages were corrupted") {
  const ScratchFolder scratch;
  host::RunRecord record = MadeUpRun().record();
  record.failed = true;
  record.stop_reason = "stands still";
  record.corrupted = 7;
  REQUIRE(write_run(scratch / "run", record, MadeUpRun().manifest(record)).ok());
  const auto groups = read_groups({scratch / "run"});
  REQUIRE(groups.ok());
  CHECK((*groups)[0].runs[0].record.failed);
  CHECK((*groups)[0].runs[0].record.corrupted == 7);
  const std::string text = summary_text(*groups);
  CHECK(text.starts_with("made-up, seed 1, could not go on: stands still\n"));
  CHECK(text.find("\n  corrupted           7 messages\n") != std::string::npos);
}

TEST_CASE("a summary of several groups is one aligned table") {
  const ScratchFolder scratch;
  const auto groups = read_groups(
      {write_seeds(scratch, {.name = "one"}, 3), write_seeds(scratch, {.name = "another"}, 2)});
  REQUIRE(groups.ok());
  std::istringstream text(summary_text(*groups));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].starts_with("one          3  "));
  CHECK(lines[1].find(" ± ") != std::string::npos);
  CHECK(display_width(lines[0]) == display_width(lines[1]));
  CHECK(display_width(lines[0]) == display_width(lines[2]));
}

TEST_CASE("what was not measured is left out of a summary") {
  const ScratchFolder scratch;
  host::RunRecord record = MadeUpRun().record();
  record.metrics.clear();
  REQUIRE(write_run(scratch / "run", record, MadeUpRun().manifest(record)).ok());
  const std::string text = summary_text(read_groups({scratch / "run"}).value());
  for (const char* absent : {"rounds  ", "accuracy", "modelled", "bytes"}) {
    INFO(absent);
    CHECK(text.find(absent) == std::string::npos);
  }
}

TEST_CASE("numbers are written for people") {
  CHECK(readable_bytes(999) == "999 B");
  CHECK(readable_bytes(999.9e3) == "999.9 kB");
  CHECK(readable_bytes(1.2749e9) == "1.275 GB");
  CHECK(readable_joules(12430) == "12.4 kJ");
  CHECK(readable_estimate({3, 0.97123, 0.01, 0.00131}, "share") == "0.9712 ± 0.0013");
  CHECK(readable_estimate({3, 1.5e9, 1, 2.5e7}, "bytes") == "1.500 ± 0.025 GB");
  CHECK(readable_estimate({1, 41.32, NAN, NAN}, "s") == "41.3 s");
  CHECK(readable_estimate({}, "s") == "–");
  CHECK(readable_value(NAN, "nats") == "nan");
  CHECK(readable_value(1'234'567, "1") == "1234567");
  CHECK(readable_value(1234567890123456, "1") == "1234567890123456");
  CHECK(readable_value(1234567.25, "1") == "1234567");
  CHECK(readable_value(1.23456, "1") == "1.235");
}

TEST_CASE("differences are taken seed by seed") {
  const ScratchFolder scratch;
  const auto low = read_group(write_seeds(scratch, {.name = "low", .final_accuracy = 0.8}, 4));
  const auto high = read_group(write_seeds(scratch, {.name = "high", .final_accuracy = 0.9}, 6));
  const PairedDifference held = paired_difference(*low, *high, "test/accuracy");
  REQUIRE(held.pairs.size() == 4);
  CHECK(held.higher == 4);
  CHECK(held.lower == 0);
  // Seeds share their noise, so the difference has (almost) no spread though the values do.
  CHECK(held.difference.mean == Approx(0.1 * (1 - std::exp(-20.0 / 8))));
  CHECK(held.difference.half_width < 1e-12);
  CHECK(estimate_final(*low, "test/accuracy").half_width > 1e-3);
  CHECK(held.sign_probability == Approx(0.125));
  CHECK(paired_difference(*low, *high, "no/such").pairs.empty());
}

TEST_CASE("a curve keeps the steps that all seeds reached, ends included") {
  const ScratchFolder scratch;
  MadeUpRun{.name = "c", .seed = 1, .rounds = 30}.write(scratch / "c" / "1");
  MadeUpRun{.name = "c", .seed = 2, .rounds = 20}.write(scratch / "c" / "2");
  const auto group = read_group(scratch / "c");
  const Curve whole = make_curve(*group, "test/accuracy", 1000);
  CHECK(whole.step.size() == 21);
  CHECK(whole.step.back() == 20);
  CHECK(whole.mean[5] == Approx((whole.seeds[0][5] + whole.seeds[1][5]) / 2));
  CHECK(whole.bytes.front() == 0);
  CHECK(whole.bytes[2] == Approx(2 * 2 * 4.2e6));
  CHECK(whole.time_s[4] == Approx(5));
  const Curve thin = make_curve(*group, "test/accuracy", 5);
  CHECK(thin.step == std::vector<std::uint64_t>{0, 5, 10, 15, 20});
  CHECK(make_curve(*group, "no/such", 5).step.empty());
}

TEST_CASE("a timeline samples edges from the fastest to the slowest") {
  const auto timelines = make_timelines(MadeUpRun{.edges = 100}.record(), 2, 10);
  REQUIRE(timelines.size() == 2);
  CHECK(timelines[0].step == 1u);
  CHECK(timelines[1].step == 3u);
  REQUIRE(timelines[1].rows.size() == 11);
  CHECK(timelines[1].edges == 100);
  CHECK(timelines[1].rows[0].node.is_cloud());
  CHECK(timelines[1].rows[1].node == NodeId::edge(0));
  CHECK(timelines[1].rows[10].node == NodeId::edge(99));
  CHECK(timelines[1].rows[1].bars.front().what == "download");
  CHECK(timelines[1].rows[1].bars.front().begin_s == 0);
}

TEST_CASE("a round that was traced in part is not shown") {
  host::RunRecord record = MadeUpRun().record();
  record.spans.resize(record.spans.size() - 14);  // of 19 in the last round
  const auto timelines = make_timelines(record, 3, 40);
  REQUIRE(timelines.size() == 2);
  CHECK(timelines.back().step == 2u);
}

TEST_CASE("a run without rounds shows the middle of what was traced") {
  host::RunRecord record = MadeUpRun{.edges = 100}.record();
  record.declared.step.clear();
  const auto timelines = make_timelines(record, 3, 5);
  REQUIRE(timelines.size() == 1);
  CHECK_FALSE(timelines[0].step.has_value());
  CHECK(timelines[0].began_s >= 1.25);  // the second of three rounds of 1.25 s
  CHECK(timelines[0].began_s < 2.5);
  record.spans.clear();
  CHECK(make_timelines(record, 3, 5).empty());
}

TEST_CASE("a summary of joint inference has a line a threshold") {
  const ScratchFolder scratch;
  const auto groups = read_groups({MadeUpRun{.thresholds = 4}.write(scratch / "run")});
  REQUIRE(groups.ok());
  const std::string text = summary_text(*groups);
  INFO(text);
  CHECK(
      text.find(
          "\n  threshold  offloaded  accuracy  latency mean      p50      p95     p99  bytes up\n"
          "  0             1.0000    0.9700       70.0 ms  60.0 ms   130 ms  210 ms  3.000 MB\n"
          "  0.1           0.7500    0.9472       55.0 ms  47.5 ms   118 ms  188 ms  2.250 MB\n") !=
      std::string::npos);
}

TEST_CASE("quantiles of several seeds are told as a range, and never averaged") {
  // Two seeds of requests that take 1 ms or 80 ms: the median of one is 1 ms, of the other 80 ms.
  const ScratchFolder scratch;
  for (const std::uint64_t seed : {1, 2}) {
    const MadeUpRun made{.seed = seed, .thresholds = 1};
    host::RunRecord record = made.record();
    for (host::MetricRow& row : record.metrics) {
      if (row.name == "joint/latency_p50_s") row.value = seed == 1 ? 0.001 : 0.08;
      if (row.name == "joint/latency_mean_s") row.value = seed == 1 ? 0.04 : 0.042;
    }
    const auto folder = scratch / "runs" / ("seed" + std::to_string(seed));
    REQUIRE(write_run(folder, record, made.manifest(record)).ok());
  }
  const auto group = read_group(scratch / "runs");
  REQUIRE(group.ok());
  const Curve median = make_curve(*group, "joint/latency_p50_s", 10);
  CHECK(median.mean == std::vector<double>{0.001});
  CHECK(median.low == std::vector<double>{0.001});
  CHECK(median.high == std::vector<double>{0.08});
  CHECK(median.half_width.empty());
  const Curve mean = make_curve(*group, "joint/latency_mean_s", 10);
  CHECK(mean.mean[0] == Approx(0.041));
  CHECK(mean.half_width.size() == 1);
  CHECK(mean.low.empty());
  const std::string text = summary_text(std::span(&*group, 1));
  CHECK(text.find("1.00 ms – 80.0 ms") != std::string::npos);
  CHECK(text.find("quantiles: from the lowest to the highest of the seeds") != std::string::npos);
  CHECK(text.find("40.5 ms") == std::string::npos);
  const std::string csv = group_summary_csv(*group);
  CHECK(csv.find("\njoint/latency_p50_s,s,,,,,2,0.001,0.08\n") != std::string::npos);
}

TEST_CASE("what a run declares is shown, whatever it is called") {
  const ScratchFolder scratch;
  host::RunRecord record = MadeUpRun().record();
  record.metrics.clear();
  for (const auto& [name, value] :
       {std::pair("dance/grace", 0.75), std::pair("steps/left", 3.0), std::pair("steps/right", 4.0),
        std::pair("slips/dance/ice", 2.0)}) {
    record.metrics.push_back({name, NodeId::cloud(), SimTime(), 1, value});
  }
  record.declared = {
      .step = "figure",
      .metrics = {{.name = "dance/grace", .label = "grace", .unit = "share", .headline = true},
                  {.name = "dance/pulse", .label = "pulse", .headline = true},
                  {.name = "slips/*", .label = "slips", .step = "slip"}},
      .sections = {{"The dance", "", {{"Grace", "grace", {{"dance/grace", "", ""}}, "", ""}}, {}},
                   {"The rest", "", {{"Rest", "rest", {{"dance/rest", "", ""}}, "", ""}}, {}}},
      .tables = {{"feet", "", {"both"}, {"left", "right"}, {"steps/left", "steps/right"}}}};
  REQUIRE(write_run(scratch / "run", record, MadeUpRun().manifest(record)).ok());
  const auto groups = read_groups({scratch / "run"});
  REQUIRE(groups.ok());
  const std::string text = summary_text(*groups);
  INFO(text);
  CHECK(text.find("\n  figures             1\n  grace               0.7500\n") !=
        std::string::npos);
  CHECK(text.find("pulse") == std::string::npos);
  CHECK(text.find("\n  slips               2 dance/ice\n") != std::string::npos);
  CHECK(text.find("\n  feet                      left     right\n    both                       3  "
                  "       4\n") != std::string::npos);
  const role::Results declared = declared_by(*groups);
  CHECK(declared.sections.size() == 1);  // of the rest, nothing was recorded
  CHECK(info_of(declared, "slips/dance/ice").label == "slips dance ice");
  CHECK(info_of(declared, "steps/left").label == "steps left");
  const std::string wide = wide_table(*groups).csv;  // a step of one kind is none of another
  CHECK(wide.starts_with("run,seed,of,step,time_s,"));
  CHECK(wide.find(",slip,") != std::string::npos);
  const std::string page = report_page(*groups);
  CHECK(page.find("\"The dance\"") != std::string::npos);
  CHECK(page.find("\"figure\"") != std::string::npos);
}

TEST_CASE("a run's value is the mean of its values where each stands for itself") {
  const ScratchFolder scratch;
  // Pauses of 2.5 s, three times.
  const auto groups = read_groups({MadeUpRun{.loop = true}.write(scratch / "run")});
  REQUIRE(groups.ok());
  CHECK(*final_value((*groups)[0].runs[0].record, "pause_s") == Approx(2.5));
  CHECK(summary_text(*groups).find("\n  mean pause          2.50 s\n") != std::string::npos);
  host::RunRecord record = MadeUpRun{.loop = true}.record();
  record.metrics.push_back({"pause_s", NodeId::cloud(), record.ended, 9, 6.5});
  record.metrics.push_back({"pause_s", NodeId::edge(1), record.ended, 9, 100});
  CHECK(*final_value(record, "pause_s") == Approx(3.5));
  CHECK(*final_value(record, "cost/labels") == 200);
  std::erase_if(record.metrics, [](const auto& row) { return row.node.is_cloud(); });
  CHECK(*final_value(record, "pause_s") == 100);
  CHECK_FALSE(final_value(record, "cost/labels").has_value());
}

TEST_CASE("tables of several runs carry run and seed") {
  const ScratchFolder scratch;
  const auto groups = read_groups({write_seeds(scratch, {.name = "a,b", .rounds = 1}, 2)});
  REQUIRE(groups.ok());
  const std::string tidy = combined_csv(*groups);
  CHECK(
      tidy.starts_with("run,seed,name,node,step,time_s,value\n\"a,b\",1,test/accuracy,cloud,0,0,"));
  const std::string wide = wide_table(*groups).csv;
  CHECK(std::count(wide.begin(), wide.end(), '\n') == 1 + 2 * 2);
  CHECK(wide.starts_with("run,seed,step,time_s,bytes/encoded_down,"));
  CHECK(wide.find("\n\"a,b\",2,1,1.25,4100000,") != std::string::npos);
}

TEST_CASE("messages that were not delivered stand in the manifest, and all seeds' in the summary") {
  const ScratchFolder scratch;
  for (const std::uint64_t seed : {1, 2}) {
    const MadeUpRun made{.seed = seed};
    host::RunRecord record = made.record();
    record.undelivered = {{"crashed", 2}, {"cut-off", seed}};
    const auto folder = scratch / "runs" / ("seed" + std::to_string(seed));
    REQUIRE(write_run(folder, record, made.manifest(record)).ok());
    CHECK(read_run(folder)->record.undelivered == record.undelivered);
  }
  CHECK_THAT(summary_text(read_groups({scratch / "runs"}).value()),
             Catch::Contains("undelivered         7 messages: 4 crashed, 3 cut-off\n"));
}

TEST_CASE("jobs that failed stand in the manifest and in the summary, of each seed") {
  const ScratchFolder scratch;
  const MadeUpRun made;
  host::RunRecord record = made.record();
  record.failed_jobs = {{"reduce", "", 1, "out of memory"},
                        {"train", "local method \"fickle\"", 3, "not today"}};
  REQUIRE(write_run(scratch / "one", record, made.manifest(record)).ok());
  CHECK(read_run(scratch / "one")->record.failed_jobs == record.failed_jobs);
  const std::string text = summary_text(read_groups({scratch / "one"}).value());
  const std::string words =
      "reduce once: the job failed: out of memory; train 3 times, at last: local method "
      "\"fickle\" failed: not today\n";
  CHECK_THAT(text, Catch::Contains("jobs that failed    " + words));
  CHECK_THAT(summary_text(read_groups({made.write(scratch / "well")}).value()),
             !Catch::Contains("failed"));
}

}  // namespace skerry::experiments

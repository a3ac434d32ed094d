// When a trigger fires: a table of trees, what they look at, and the answer.
#include "scenarios/parts/trigger.hpp"

#include <cmath>
#include <limits>

#include "scenarios/schema/json.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const std::vector<TriggerMetric> kKnown = {{"samples/new", {}, {}},
                                           {"samples/hard", {}, {}},
                                           {"accuracy", 1.0, {}},
                                           {"accuracy/classes", 1.0, 3}};

TriggerConfig read(const std::string& json, Problems& problems) {
  const auto node = schema::parse_json(json);
  REQUIRE(node.message() == "");
  TriggerConfig config;
  FieldReader(plugins(), problems).read(*node, config, "/trigger");
  if (problems.empty()) check_trigger(config, kKnown, "/trigger", problems);
  return config;
}

Trigger trigger(const std::string& json) {
  Problems problems;
  TriggerConfig config = read(json, problems);
  REQUIRE(problems.text("") == "");
  return Trigger(std::move(config));
}

std::string problems_of(const std::string& json) {
  Problems problems;
  read(json, problems);
  return problems.text("t");
}

SimTime at_min(std::int64_t minutes) { return SimTime::at(Duration::seconds(60 * minutes)); }
Duration clock(std::int64_t hours, std::int64_t minutes = 0) {
  return Duration::seconds(3600 * hours + 60 * minutes);
}

struct Row {
  const char* tree;
  TriggerValues values;
  bool holds;
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    INFO(row.tree);
    CHECK(trigger(row.tree).holds({at_min(1), clock(12), row.values}) == row.holds);
  }
}

TEST_CASE("a condition tree holds where its conditions say so") {
  const Row rows[] = {
      {R"({"metric": "samples/new", "at_least": 500})", {{"samples/new", {500}}}, true},
      {R"({"metric": "samples/new", "at_least": 500})", {{"samples/new", {499}}}, false},
      {R"({"metric": "accuracy", "at_most": 0.8})", {{"accuracy", {0.8}}}, true},
      {R"({"metric": "accuracy", "at_most": 0.8})", {{"accuracy", {0.81}}}, false},
      // What was not measured, or is no number, is unknown.
      {R"({"metric": "accuracy", "at_most": 0.8})", {}, false},
      {R"({"metric": "accuracy", "at_most": 0.8})", {{"accuracy", {}}}, false},
      {R"({"metric": "accuracy", "at_most": 0.8})", {{"accuracy", {kNaN}}}, false},
      {R"({"not": [{"metric": "accuracy", "at_most": 0.8}]})", {}, false},
      {R"({"not": [{"metric": "accuracy", "at_most": 0.8}]})", {{"accuracy", {0.9}}}, true},
      {R"({"not": [{"metric": "accuracy", "at_most": 0.8}]})", {{"accuracy", {0.7}}}, false},
      {R"({"not": [{"metric": "accuracy", "at_most": 0.8}, {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {1}}},
       false},
      {R"({"any": [{"metric": "accuracy", "at_most": 0.8}, {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {1}}},
       true},
      {R"({"any": [{"metric": "accuracy", "at_most": 0.8}, {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {0}}},
       false},
      {R"({"all": [{"metric": "accuracy", "at_most": 0.8}, {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {1}}},
       false},
      {R"({"all": [{"metric": "accuracy", "at_most": 0.8}, {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {1}}, {"accuracy", {0.1}}},
       true},
      {R"({"all": [{"any": [{"metric": "samples/hard", "at_least": 9},
                            {"not": [{"metric": "samples/hard", "at_least": 5}]}]},
                   {"metric": "samples/new", "at_least": 1}]})",
       {{"samples/new", {1}}, {"samples/hard", {3}}},
       true},
  };
  check(rows);
}

TEST_CASE("of a list, the values that are known count") {
  const Row rows[] = {
      {R"({"metric": "accuracy/classes", "reduce": "mean", "at_least": 0.5})",
       {{"accuracy/classes", {0.25, 0.75}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "min", "at_least": 0.5})",
       {{"accuracy/classes", {0.75, 0.25}}},
       false},
      {R"({"metric": "accuracy/classes", "reduce": "max", "at_least": 0.5})",
       {{"accuracy/classes", {0.25, 0.75}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "max", "at_least": 0.5})",
       {{"accuracy/classes", {0.75, kNaN}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "min", "at_most": 0.5})",
       {{"accuracy/classes", {kNaN, 0.75, 0.25}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "mean", "at_least": 0.5})",
       {{"accuracy/classes", {0.25, 0.75, kNaN}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "mean", "at_most": 0.5})",
       {{"accuracy/classes", {kNaN}}},
       false},
      {R"({"metric": "accuracy/classes", "reduce": "[1]", "at_least": 0.5})",
       {{"accuracy/classes", {0.75, kNaN}}},
       false},
      {R"({"metric": "accuracy/classes", "reduce": "[1]", "at_least": 0.5})",
       {{"accuracy/classes", {0.25, 0.75}}},
       true},
      {R"({"metric": "accuracy/classes", "reduce": "[2]", "at_most": 0.5})",
       {{"accuracy/classes", {0.25, 0.75}}},
       false},
  };
  check(rows);
}

TEST_CASE("a time of day holds from its first minute up to its second, across midnight too") {
  struct Row {
    const char *from, *to;
    Duration time;
    bool holds;
  };
  const Duration moment = Duration::nanoseconds(1);
  const Row rows[] = {
      {"02:00", "20:00", clock(2), true},           {"02:00", "20:00", clock(2) - moment, false},
      {"02:00", "20:00", clock(20) - moment, true}, {"02:00", "20:00", clock(20), false},
      {"22:00", "04:00", clock(22), true},          {"22:00", "04:00", clock(23, 59), true},
      {"22:00", "04:00", clock(0), true},           {"22:00", "04:00", clock(4) - moment, true},
      {"22:00", "04:00", clock(4), false},          {"22:00", "04:00", clock(12), false},
      {"00:00", "23:59", clock(0), true},           {"00:00", "23:59", clock(23, 59), false},
  };
  for (const Row& row : rows) {
    INFO(row.from << " to " << row.to << " at " << to_string(row.time));
    const Trigger it =
        trigger(std::string(R"({"time_of_day": [")") + row.from + R"(", ")" + row.to + R"("]})");
    CHECK(it.holds({SimTime(), row.time, {}}) == row.holds);
  }
}

TEST_CASE("what time, a detector and an operator said counts since the trigger fired last") {
  Trigger every = trigger(R"({"every": "10 min"})");
  CHECK_FALSE(every.holds({at_min(9), clock(0), {}}));
  CHECK(every.holds({at_min(10), clock(0), {}}));
  every.fired({at_min(12), clock(0), {}});
  CHECK_FALSE(every.holds({at_min(21), clock(0), {}}));
  CHECK(every.holds({at_min(22), clock(0), {}}));

  Trigger drift = trigger(R"({"drift": "drift"})");
  drift.detected(Drift::kWarning);
  CHECK_FALSE(drift.holds({at_min(1), clock(0), {}}));
  drift.detected(Drift::kDrift);
  drift.detected(Drift::kWarning);
  CHECK(drift.holds({at_min(1), clock(0), {}}));
  drift.fired({at_min(1), clock(0), {}});
  CHECK_FALSE(drift.holds({at_min(1), clock(0), {}}));

  Trigger told = trigger(R"({"any": [{"command": "train"}, {"command": "now"}]})");
  CHECK_FALSE(told.commanded("stop"));
  CHECK_FALSE(told.holds({at_min(1), clock(0), {}}));
  CHECK(told.commanded("train"));
  CHECK(told.commanded("train"));
  CHECK(told.holds({at_min(1), clock(0), {}}));
  ByteWriter writer;
  writer(told);
  told.fired({at_min(1), clock(0), {}});
  CHECK_FALSE(told.holds({at_min(1), clock(0), {}}));
  ByteReader reader(writer.bytes());
  reader(told);
  REQUIRE(reader.finished());
  CHECK(told.holds({at_min(1), clock(0), {}}));
}

TEST_CASE("the change of a metric is counted from where the trigger fired last") {
  Trigger falls = trigger(R"({"metric": "accuracy", "compare": "change", "at_most": -0.1})");
  const TriggerValues high{{"accuracy", {0.9}}}, lower{{"accuracy", {0.85}}},
      low{{"accuracy", {0.78}}};
  CHECK_FALSE(falls.holds({at_min(1), clock(0), low}));  // nothing to compare with yet
  falls.fired({at_min(1), clock(0), high});
  CHECK_FALSE(falls.holds({at_min(2), clock(0), lower}));
  CHECK(falls.holds({at_min(2), clock(0), low}));
  falls.fired({at_min(2), clock(0), low});
  CHECK_FALSE(falls.holds({at_min(3), clock(0), low}));
}

TEST_CASE(
    "before the trigger fires first, a change is counted from where the metric was first known") {
  Trigger falls = trigger(R"({"any": [
      {"metric": "accuracy", "compare": "change", "at_most": -0.1},
      {"metric": "accuracy/classes", "reduce": "[0]", "compare": "change", "at_most": -0.1},
      {"metric": "accuracy/classes", "reduce": "[1]", "compare": "change", "at_most": -0.1}]})");
  const auto at = [&](int minute, const TriggerValues& values) {
    const Trigger::Moment moment{at_min(minute), clock(0), values};
    falls.look(moment);
    return falls.holds(moment);
  };
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  falls.fired({at_min(0), clock(0), {}});
  CHECK_FALSE(at(1, {}));
  CHECK_FALSE(at(2, {{"accuracy", {0.9}}, {"accuracy/classes", {0.8, unknown}}}));
  CHECK_FALSE(at(3, {{"accuracy", {0.85}}, {"accuracy/classes", {0.75, 0.5}}}));
  CHECK(at(4, {{"accuracy", {0.79}}}));
  CHECK(at(4, {{"accuracy/classes", {0.69, 0.5}}}));  // since 2, not since 3
  CHECK(at(4, {{"accuracy/classes", {0.8, 0.39}}}));
  ByteWriter writer;
  writer(falls);
  Trigger again = falls;
  again.fired({at_min(4), clock(0), {}});
  ByteReader reader(writer.bytes());
  reader(again);
  REQUIRE(reader.finished());
  CHECK(again.holds({at_min(5), clock(0), {{"accuracy", {0.79}}}}));
}

TEST_CASE("what is wrong with a trigger is said when the scenario is read") {
  const std::string one =
      "t: /trigger: says exactly one of \"all\", \"any\", \"not\", \"metric\", \"time_of_day\", "
      "\"every\", \"drift\" and \"command\", and no empty list\n";
  CHECK(problems_of("{}") == one);
  CHECK(problems_of(R"({"all": []})") == one);
  CHECK(problems_of(R"({"every": "1 h", "drift": "drift"})") == one);
  CHECK(problems_of(R"({"all": [{"metric": "samples/now", "at_least": 1}]})") ==
        "t: /trigger/all/0/metric: no metric \"samples/now\" for a trigger; nearest "
        "\"samples/new\"; all: \"samples/new\", \"samples/hard\", \"accuracy\" and "
        "\"accuracy/classes\"\n");
  CHECK(problems_of(R"({"not": [{"metric": "accuracy/classes", "at_least": 1}]})") ==
        "t: /trigger/not/0/metric: \"accuracy/classes\" is a list of numbers: say with \"reduce\" "
        "which number of it is meant\n");
  CHECK(problems_of(R"({"metric": "accuracy", "reduce": "[0]", "at_least": 1})") ==
        "t: /trigger/reduce: \"accuracy\" is one number, not a list\n");
  CHECK(problems_of(R"({"metric": "accuracy/classes", "reduce": "[3]", "at_least": 1})") ==
        "t: /trigger/reduce: \"accuracy/classes\" has 3 values, from [0]\n");
  CHECK(
      problems_of(R"({"all": [{"metric": "samples/new", "at_least": 10},
                                {"metric": "samples/new", "at_most": 5}]})") ==
      "t: /trigger/all: can never hold: samples/new would have to be at least 10 and at most 5\n");
  CHECK(problems_of(R"({"not": [{"metric": "samples/new", "at_least": 0}]})") ==
        "t: /trigger/not/0/at_least: always holds, whatever samples/new is\n");
  CHECK(problems_of(R"({"metric": "accuracy", "at_least": 2})") ==
        "t: /trigger/at_least: can never hold: accuracy is at most 1\n");
  CHECK(problems_of(R"({"metric": "samples/new", "at_most": -1})") ==
        "t: /trigger/at_most: can never hold: samples/new is at least 0\n");
  CHECK(problems_of(R"({"any": [{"metric": "accuracy", "compare": "change", "at_most": -1.5}]})") ==
        "t: /trigger/any/0/at_most: can never hold: a change of accuracy is at least -1\n");
  CHECK(problems_of(R"({"metric": "samples/new", "compare": "change", "at_most": -5})") == "");
  CHECK(problems_of(R"({"metric": "accuracy/classes", "reduce": "[-1]", "at_least": 1})") ==
        "t: /trigger/reduce: is none of \"mean\", \"min\", \"max\" and a position like \"[0]\"\n");
  CHECK(problems_of(R"({"metric": "accuracy", "at_least": "much"})") != "");
  CHECK(problems_of(R"({"metric": "accuracy"})") ==
        "t: /trigger/metric: needs exactly one of \"at_least\" and \"at_most\"\n");
  CHECK(problems_of(R"({"every": "1 h", "at_least": 1})") ==
        "t: /trigger: \"at_least\", \"at_most\", \"reduce\" and \"compare\" belong to a "
        "\"metric\"\n");
  for (const char* times : {R"(["24:00", "01:00"])", R"(["1:00", "02:00"])",
                            R"(["01:60", "02:00"])", R"(["01:00"])", R"(["ab:cd", "02:00"])"}) {
    CHECK(problems_of(std::string(R"({"time_of_day": )") + times + "}") ==
          "t: /trigger/time_of_day: needs two times from \"00:00\" to \"23:59\": from and to\n");
  }
  CHECK(problems_of(R"({"time_of_day": ["01:00", "01:00"]})") ==
        "t: /trigger/time_of_day: begins when it ends: it would never hold\n");
  CHECK(problems_of(R"({"every": "0 s"})") == "t: /trigger/every: must be longer than nothing\n");
}

TEST_CASE("a trigger is told in words, and its keys are told once although it is a tree") {
  CHECK(in_words(trigger(R"({"all": [{"metric": "samples/new", "at_least": 500},
                                     {"any": [{"time_of_day": ["22:00", "04:00"]}, {"command": "go"},
                                              {"drift": "warning"}]},
                                     {"not": [{"every": "1 h"}]}]})")
                     .config()) ==
        "samples/new is at least 500.0 and (it is between 22:00 and 04:00 or an operator says "
        "\"go\" or a warning of drift) and not (60 min 00 s have passed)");
  CHECK(in_words(trigger(R"({"metric": "accuracy/classes", "reduce": "[2]", "compare": "change",
                             "at_most": -0.1})")
                     .config()) == "the change of accuracy/classes[2] is at most -0.1");
  const auto fields = FieldDescriber::describe<TriggerConfig>();
  REQUIRE(fields.size() == 12);
  CHECK(fields[0].key == "all");
  CHECK(fields[0].nested.empty());
}

}  // namespace
}  // namespace skerry::parts

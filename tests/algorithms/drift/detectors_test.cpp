// Laws that every drift detector keeps, river's alarms to the observation, and values worked out by
// hand.

#include <cmath>
#include <iostream>
#include <iterator>

#include "algorithms/drift/two_samples.hpp"
#include "algorithms/sdk/drift_detector.hpp"
#include "algorithms/sdk/job_failure.hpp"
#include "tests/algorithms/drift/streams.hpp"
#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

using Watches = DriftTraits::Watches;
using Indices = std::vector<std::uint64_t>;

constexpr std::uint64_t kSeed = 43;
constexpr std::size_t kFeatures = 4;

/// What is claimed of a detector with its defaults.
struct Row {
  const char* name;
  /// Alarms in 20 stationary streams of 2000 observations, at most (see the case).
  std::size_t false_alarms;
  /// Observations from a large shift to the alarm, at most.
  std::size_t delay;
  /// Bytes of saved state, at most, for kFeatures features.
  std::size_t state;
};
constexpr Row kRows[] = {
    {"adwin", 3, 64, 2000},        {"cusum", 123, 20, 100},      {"ddm", 15, 160, 50},
    {"eddm", 239, 80, 70},         {"hddm_a", 3, 40, 100},       {"hddm_w", 9, 20, 150},
    {"kswin", 3, 40, 900},         {"ks_inputs", 26, 220, 6600}, {"mmd_inputs", 36, 40, 3400},
    {"page_hinkley", 3, 120, 100}, {"rddm", 45, 140, 7100},
};

template <class Law>
void for_every_detector(const Law& law) {
  const auto names = plugins().names(DriftDetector::kSlot);
  REQUIRE(names.size() == std::size(kRows));
  for (const Row& row : kRows) {
    INFO("detector " << row.name << ", seed " << kSeed);
    law(row, plugin<DriftDetector>(row.name)->traits().watches);
  }
}

/// A detector that is told observations one after the other, each with its own stream.
class Told {
 public:
  explicit Told(const std::string& name, const ConfigNode::Object& parameters = {})
      : name_(name), detector_(plugin<DriftDetector>(name, parameters)) {}

  Drift add(std::span<const double> observation) {
    const RandomStream random(kSeed, name_, NodeId::edge(0), static_cast<Round>(seen_));
    const Drift drift = detector_->add(observation, random);
    if (drift == Drift::kDrift) alarms_.push_back(seen_);
    if (drift == Drift::kWarning) warnings_.push_back(seen_);
    ++seen_;
    return drift;
  }
  void add(double value) { add(std::span(&value, 1)); }
  Told& all(const std::vector<double>& values) {
    for (const double value : values) add(value);
    return *this;
  }
  ByteVector saved() const {
    ByteWriter writer;
    detector_->save(writer);
    return writer.take();
  }
  void load(std::span<const std::byte> bytes) {
    ByteReader reader(bytes);
    detector_->load(reader);
  }
  void begin_at(std::uint64_t observation) { seen_ = observation; }
  double estimate() const { return detector_->estimate(); }
  const Indices& alarms() const { return alarms_; }
  const Indices& warnings() const { return warnings_; }

 private:
  std::string name_;
  std::unique_ptr<DriftDetector> detector_;
  std::uint64_t seen_ = 0;
  Indices alarms_, warnings_;
};

/// Observations of a process that shifts by a lot after `shift` of them.
class Process {
 public:
  Process(Watches watches, std::uint64_t seed, std::size_t shift = ~std::size_t{0})
      : watches_(watches),
        random_(kSeed, "process", NodeId::edge(0), static_cast<Round>(seed)),
        shift_(shift) {}

  std::vector<double> next() {
    const bool shifted = seen_++ >= shift_;
    if (watches_ != Watches::kInputs) return {random_.uniform() < (shifted ? 0.95 : 0.2) ? 1. : 0.};
    std::vector<double> features(kFeatures);
    for (double& x : features) x = random_.uniform() + (shifted ? 0.8 : 0);
    return features;
  }

 private:
  Watches watches_;
  RandomStream random_;
  std::size_t shift_;
  std::size_t seen_ = 0;
};

TEST_CASE("no detector alarms or warns on a constant") {
  for_every_detector([](const Row& row, Watches watches) {
    std::vector<std::vector<double>> constants{{0}, {1}};
    if (watches == Watches::kRates || watches == Watches::kValues) constants.push_back({0.3});
    if (watches == Watches::kValues) constants.insert(constants.end(), {{-1e6}, {1e9 + 0.1}});
    if (watches == Watches::kInputs) constants = {{0.1, 0.2, 0.3, 0.4}, {0}, {1e9, -7}};
    for (const auto& constant : constants) {
      Told detector(row.name);
      for (int i = 0; i < 3000; ++i) detector.add(constant);
      INFO("constant " << constant[0]);
      CHECK(detector.alarms().empty());
      CHECK(detector.warnings().empty());
      if (watches == Watches::kInputs) CHECK(detector.estimate() == 0);
      if (watches != Watches::kInputs) CHECK(detector.estimate() == Approx(constant[0]));
    }
  });
}

TEST_CASE("alarms on stationary streams are as few as is claimed") {
  // The seeds are fixed. A bound is the count c that was seen, and 5 sqrt(c) + 3 more. Drawn anew,
  // Poisson counts differ by sqrt(2c): a true one would miss it less than once in a thousand times.
  for_every_detector([](const Row& row, Watches watches) {
    std::size_t alarms = 0;
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      Told detector(row.name);
      Process process(watches, stream);
      for (int i = 0; i < 2000; ++i) detector.add(process.next());
      alarms += detector.alarms().size();
    }
    INFO(alarms << " alarms");
    CHECK(alarms <= row.false_alarms);
  });
}

TEST_CASE("a large abrupt shift is found within the delay that is claimed") {
  for_every_detector([](const Row& row, Watches watches) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      Told detector(row.name);
      Process process(watches, stream, 1000);
      for (int i = 0; i < 1000; ++i) detector.add(process.next());
      const std::size_t before = detector.alarms().size();
      for (std::size_t i = 0; i <= row.delay; ++i) detector.add(process.next());
      CHECK(detector.alarms().size() > before);
    }
  });
}

TEST_CASE("saved in mid-stream, every detector continues with equal bits") {
  for_every_detector([](const Row& row, Watches watches) {
    Told whole(row.name);
    Process process(watches, 1, 300);
    std::vector<std::vector<double>> observations;
    std::vector<ByteVector> saved;
    std::vector<double> estimates;
    for (int i = 0; i < 700; ++i) {
      observations.push_back(process.next());
      saved.push_back(whole.saved());
      whole.add(observations.back());
      estimates.push_back(whole.estimate());
    }
    REQUIRE_FALSE(whole.alarms().empty());
    for (std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{99}, std::size_t{250},
                            static_cast<std::size_t>(whole.alarms()[0]),
                            static_cast<std::size_t>(whole.alarms()[0]) + 1, std::size_t{500}}) {
      INFO("saved after " << cut);
      Told rest(row.name);
      rest.add(observations[0]);  // what it has seen before is forgotten
      rest.load(saved[cut]);
      rest.begin_at(cut);
      CHECK(rest.saved() == saved[cut]);
      Indices expected;
      for (const auto alarm : whole.alarms()) {
        if (alarm >= cut) expected.push_back(alarm);
      }
      bool equal = true;
      const std::size_t seen_before = rest.alarms().size();
      for (std::size_t i = cut; i < observations.size(); ++i) {
        rest.add(observations[i]);
        equal = equal && rest.estimate() == estimates[i];
      }
      CHECK(equal);
      CHECK(Indices(rest.alarms().begin() + static_cast<std::ptrdiff_t>(seen_before),
                    rest.alarms().end()) == expected);
      CHECK(rest.saved() == whole.saved());
    }
  });
}

TEST_CASE("state that was cut short or is another detector's is refused") {
  for_every_detector([](const Row& row, Watches watches) {
    Told detector(row.name);
    Process process(watches, 2);
    for (int i = 0; i < 250; ++i) detector.add(process.next());
    const ByteVector saved = detector.saved();
    const auto refused = [&](std::span<const std::byte> bytes) {
      CHECK_THROWS_WITH(Told(row.name).load(bytes),
                        std::string("drift \"") + row.name +
                            "\" failed: in load(): it does not read exactly what save() wrote");
    };
    for (std::size_t size = 0; size < saved.size(); size += 1 + saved.size() / 50) {
      refused(std::span(saved).first(size));
    }
    ByteVector longer = saved;
    longer.push_back(std::byte{0});
    refused(longer);
  });
  Told large("kswin", {{"window_size", 200}});
  large.all(std::vector<double>(150, 1.0));
  CHECK_THROWS_AS(Told("kswin").load(large.saved()), JobError);
  Told long_memory("rddm", {{"min_size_stable_concept", 7500}});
  long_memory.all(std::vector<double>(7200, 0.0));
  CHECK_THROWS_AS(Told("rddm").load(long_memory.saved()), JobError);
  Told many("adwin", {{"max_buckets", 20}});
  many.all(std::vector<double>(150, 1.0));
  CHECK_THROWS_AS(Told("adwin").load(many.saved()), JobError);
}

TEST_CASE("two equal runs give equal alarms and warnings") {
  for_every_detector([](const Row& row, Watches watches) {
    Told first(row.name), second(row.name);
    Process process(watches, 3, 500);
    for (int i = 0; i < 1500; ++i) {
      const auto observation = process.next();
      first.add(observation);
      second.add(observation);
    }
    CHECK(first.alarms() == second.alarms());
    CHECK(first.warnings() == second.warnings());
    CHECK(first.saved() == second.saved());
  });
}

TEST_CASE("the saved state stays below its bound, however long the stream is") {
  for_every_detector([](const Row& row, Watches watches) {
    Told detector(row.name);
    Process process(watches, 4);
    const int length = watches == Watches::kInputs ? 5000 : 50000;
    std::size_t most = 0;
    for (int i = 0; i < length; ++i) {
      detector.add(process.next());
      if (i % 97 == 0) most = std::max(most, detector.saved().size());
    }
    INFO(most << " bytes");
    CHECK(most <= row.state);
  });
}

TEST_CASE("a detector of errors refuses what is neither right nor wrong") {
  for_every_detector([](const Row& row, Watches watches) {
    const auto refused = [&](double value) {
      CHECK_THROWS_AS(Told(row.name).add(value), JobError);
    };
    refused(std::nan(""));
    refused(INFINITY);
    if (watches == Watches::kErrors) refused(0.5);
    if (watches == Watches::kRates) refused(1.5);
    if (watches != Watches::kInputs) CHECK_THROWS_AS(Told(row.name).add({{0.0, 1.0}}), JobError);
  });
  for (const char* name : {"ks_inputs", "mmd_inputs"}) {
    Told detector(name);
    detector.add(std::vector<double>{1, 2});
    CHECK_THROWS_AS(detector.add(std::vector<double>{1, 2, 3}), JobError);
  }
}

TEST_CASE("alarms on the streams of river's examples are river's") {
  std::vector<double> values;
  streams::Python shifted(12345);
  shifted.choices(values, 0, 2);
  shifted.choices(values, 4, 4);
  CHECK(Told("adwin").all(values).alarms() == Indices{1023});
  CHECK(Told("page_hinkley").all(values).alarms() == Indices{1006});

  std::vector<double> segments;
  streams::Python four(42);
  for (int i = 0; i < 4; ++i) four.choices(segments, i % 2 * 4, 2 + i % 2 * 2);
  CHECK(Told("adwin").all(segments).alarms() == Indices{1023, 2015, 3007});

  std::vector<double> errors;
  streams::Python rising(42);
  rising.choices(errors, 0, 2);
  rising.weighted(errors, 0.7);
  CHECK(Told("hddm_a").all(errors).alarms() == Indices{1206});
  CHECK(Told("hddm_a").all(errors).warnings()[0] == 451);
  CHECK(Told("hddm_w").all(errors).alarms() == Indices{1077});
  CHECK(Told("hddm_w").all(errors).warnings()[0] == 451);
  CHECK(Told("ddm").all(errors).alarms() == Indices{1334});
  CHECK(Told("adwin").all(errors).alarms() == Indices{1279});
  CHECK(Told("page_hinkley").all(errors).alarms() == Indices{1233});
}

/// The parameters under which a detector is compared with river.
ConfigNode::Object compared_with(const std::string& name, bool two_sided) {
  if (name == "kswin") return {{"window_size", 60}, {"stat_size", 30}};
  if (two_sided) return {{"two_sided_test", true}};
  return {};
}

TEST_CASE("alarms on recorded streams are river's, to the observation") {
  // river 0.26.1; river_agreement.py compares all detectors on all streams.
  struct Known {
    const char* name;
    std::size_t stream;
    bool two_sided;
    Indices alarms;
    std::size_t warnings;
  };
  const Known known[] = {
      {"adwin", 0, false, {1599}, 0},
      {"adwin", 2, false, {799, 1599, 2303}, 0},
      {"adwin", 7, false, {1151, 1439, 1695, 2015}, 0},
      {"ddm", 1, false, {88, 147, 254, 294, 371, 1309, 1554, 2009}, 1120},
      {"ddm", 3, false, {36, 241}, 82},
      {"eddm", 4, false, {57, 129, 196}, 16},
      {"eddm", 3, false, {543, 1081}, 227},
      {"hddm_a", 2, false, {798, 2517}, 102},
      {"hddm_a", 2, true, {798, 1541, 2283}, 23},
      {"hddm_a", 4, true, {320, 2284}, 66},
      {"hddm_w", 0, false, {1530, 2581}, 18},
      {"hddm_w", 4, true, {238, 369, 874, 1127, 1199, 1721, 2275}, 71},
      {"page_hinkley", 5, false, {1638}, 0},
      {"page_hinkley", 7, false, {1132, 1414, 1639, 1939}, 0},
      {"kswin", 6, false, {1513, 2030}, 0},
      {"kswin", 8, false, {767, 1019, 1526, 2018, 2264, 2500, 2879}, 0},
  };
  for (const Known& row : known) {
    INFO(row.name << " on " << streams::recorded()[row.stream].name);
    Told detector(row.name, compared_with(row.name, row.two_sided));
    detector.all(streams::recorded(row.stream));
    CHECK(detector.alarms() == row.alarms);
    CHECK(detector.warnings().size() == row.warnings);
  }
}

TEST_CASE("alarms of rddm are those of its authors' own code, to the observation") {
  // Class RDDM of MOA 2024.07.2-SNAPSHOT (built 2026-08-18; moa.jar of CapyMOA 0.15.1), on the same
  // streams: getChange(), getWarningZone(). river 0.26 has no RDDM.
  struct Known {
    ConfigNode::Object parameters;
    std::size_t stream;
    Indices alarms;
    std::size_t warnings;
    double estimate;
  };
  // A concept becomes too long, and so does a warning, in the second set; a warning is longer than
  // what is kept in the third.
  const ConfigNode::Object soon{{"min_num_instances", 30},
                                {"max_size_concept", 400},
                                {"min_size_stable_concept", 150},
                                {"warning_limit", 40}};
  const ConfigNode::Object little{
      {"min_num_instances", 40}, {"min_size_stable_concept", 60}, {"warning_limit", 200}};
  const Known known[] = {
      {{}, 0, {1550}, 210, 0.47951645399596987},
      {{}, 1, {1010, 1172, 1463, 1787, 2016}, 558, 0.5988372093023262},
      {{}, 2, {777, 1093, 1486, 2285}, 359, 0.3849315068493149},
      {{}, 3, {236}, 27, 0.05135623869801077},
      {{}, 5, {1479}, 285, 0.2776497695852535},
      {soon, 0, {667, 782, 987, 1321, 1495, 1556, 1948, 2348, 2597, 2979}, 293, 0.5714285714285714},
      {soon, 1, {59, 673, 1165, 1466, 1785, 1977, 2883}, 336, 0.6060606060606061},
      {soon,
       3,
       {36, 236, 635, 670, 1214, 1635, 2483, 2552, 2602, 2674, 2759},
       186,
       0.06639004149377598},
      {soon, 4, {225, 872, 1241, 1699, 2597, 2668}, 190, 0.5494186046511632},
      {soon, 5, {900, 1300, 2095, 2467, 2535}, 95, 0.2251082251082251},
      {little, 1, {65, 1015, 1165, 1466, 1824, 2009}, 686, 0.5971428571428579},
      {little, 2, {777, 1093, 1486, 2282}, 341, 0.38661202185792337},
      {little, 5, {1464}, 261, 0.23046874999999997},
  };
  for (const Known& row : known) {
    INFO("on " << streams::recorded()[row.stream].name);
    Told detector("rddm", row.parameters);
    detector.all(streams::recorded(row.stream));
    CHECK(detector.alarms() == row.alarms);
    CHECK(detector.warnings().size() == row.warnings);
    CHECK(detector.estimate() == row.estimate);
  }
}

TEST_CASE("rddm forgets the beginning of a long concept, with its defaults as its authors' code") {
  streams::Lcg generator(77);
  Told detector("rddm");
  for (int i = 0; i < 60'000; ++i) detector.add(generator.bernoulli(i < 55'000 ? 0.1 : 0.13));
  CHECK(detector.alarms() == Indices{423, 45915, 46364, 56735});
  CHECK(detector.warnings().size() == 4216);
  CHECK(detector.estimate() == 0.13080631025416325);
}

TEST_CASE("alarms are printed for the comparison with river", "[.river]") {
  for (const Row& row : kRows) {
    const std::string name = row.name;
    const Watches watches = plugin<DriftDetector>(name)->traits().watches;
    if (watches == Watches::kInputs) continue;
    for (std::size_t place = 0; place < streams::recorded().size(); ++place) {
      if (watches != Watches::kValues && !streams::recorded()[place].errors) continue;
      for (const bool two_sided : {false, true}) {
        if (two_sided && !name.starts_with("hddm")) continue;
        Told detector(name, compared_with(name, two_sided));
        std::cout << "alarms " << name << (two_sided ? " two-sided " : " default ")
                  << streams::recorded()[place].name << ":";
        std::size_t i = 0;
        for (const double value : streams::recorded(place)) {
          const Drift drift = detector.add(std::span(&value, 1));
          if (drift != Drift::kNone) std::cout << (drift == Drift::kDrift ? " " : " w") << i;
          ++i;
        }
        std::cout << "\n";
      }
    }
  }
}

TEST_CASE("the Kolmogorov-Smirnov statistic counts ties once, and its probability is exact") {
  const auto steps = [](std::vector<double> a, std::vector<double> b) { return ks_steps(a, b); };
  CHECK(steps({1, 2, 3}, {1, 2, 3}) == 0);
  CHECK(steps({1, 2, 3}, {4, 5, 6}) == 3);
  CHECK(steps({4, 5, 6}, {1, 2, 3}) == 3);
  CHECK(steps({1, 1, 2}, {1, 2, 2}) == 1);
  CHECK(steps({0, 0, 0, 5}, {0, 5, 5, 5}) == 2);
  CHECK(steps({1, 4, 5, 8}, {2, 3, 6, 7}) == 1);

  CHECK(ks_p_value(4, 0) == 1);
  CHECK(ks_p_value(1, 1) == 1);
  CHECK(ks_p_value(2, 2) == Approx(2.0 / 6));    // 2 of C(4, 2) orders
  CHECK(ks_p_value(5, 5) == Approx(2.0 / 252));  // 2 of C(10, 5)
  struct Exact {
    std::size_t n, h;
    double p;  // of scipy 1.17
  };
  for (const Exact& row :
       {Exact{5, 3, 0.35714285714285715}, Exact{30, 10, 0.07088798787114439},
        Exact{30, 14, 0.0025300622362698397}, Exact{30, 30, 1.6911233892144742e-17},
        Exact{100, 24, 0.0061340334218580265}, Exact{100, 40, 1.5550790371345692e-07},
        Exact{1000, 50, 0.16411447756429137}}) {
    CHECK(ks_p_value(row.n, row.h) == Approx(row.p).epsilon(1e-12));
  }
}

TEST_CASE("cusum adds up what exceeds the slack, in deviations of its warm-up") {
  // Warm-up -1 1 -1 1: m = 0, s = sqrt(4/3) = 1.1547, k s = 0.5774, h s = 2.3094. The sum is
  // 1 - 0.5774 = 0.4226, then 0.4226 + 2 - 0.5774 = 1.8453, then 3.2679.
  const std::vector<double> up{-1, 1, -1, 1, 2, 2};
  const auto alarms = [](const char* mode, std::vector<double> values, double sign) {
    for (double& value : values) value *= sign;
    Told cusum("cusum", {{"min_instances", 4}, {"threshold", 2}, {"mode", mode}});
    return cusum.all(values).alarms();
  };
  CHECK(alarms("both", up, 1) == Indices{5});
  CHECK(alarms("up", up, 1) == Indices{5});
  CHECK(alarms("down", up, 1).empty());
  CHECK(alarms("down", up, -1) == Indices{5});
  CHECK(alarms("both", {1, 1, 1, 1, 1, 1, 1.5}, 1) == Indices{6});  // s = 0
}

TEST_CASE("page_hinkley's mode says which change counts") {
  const auto alarms = [](const char* mode, double to) {
    std::vector<double> values(100, 0.5);
    values.insert(values.end(), 100, to);
    Told detector("page_hinkley", {{"threshold", 5}, {"mode", mode}});
    return detector.all(values).alarms().size();
  };
  CHECK(alarms("up", 1) == 1);
  CHECK(alarms("up", 0) == 0);
  CHECK(alarms("down", 1) == 0);
  CHECK(alarms("down", 0) == 1);
  CHECK(alarms("both", 1) == 1);
  CHECK(alarms("both", 0) == 1);
}

TEST_CASE("the distances of detectors on inputs are those of their definitions") {
  Told ks("ks_inputs", {{"window_size", 4}, {"stride", 8}});
  for (const double x : {1, 2, 3, 4, 3, 4, 5, 6}) ks.add(std::vector<double>{x, 0});
  CHECK(ks.estimate() == 0.5);  // both 1 and 2 lie below every later value

  // x = 0 1, y = 2 3: distances 1 1 1 2 2 3, the upper median 2, k(d) = exp(-d^2 / 8).
  Told mmd("mmd_inputs", {{"window_size", 2}, {"stride", 1}, {"alpha", 0.5}, {"permutations", 1}});
  for (const double x : {0, 1, 2, 3}) mmd.add(x);
  const auto k = [](double d) { return std::exp(-d * d / 8); };
  const double within = 4 * k(1), across = 2 * k(2) + k(3) + k(1);
  CHECK(mmd.estimate() == Approx(within / 2 - across / 2).epsilon(1e-12));
}

TEST_CASE("a change of spread alone is found by the detectors of distributions") {
  for (const char* name : {"kswin", "ks_inputs", "mmd_inputs"}) {
    Told detector(name);
    RandomStream random(kSeed, "spread");
    for (int i = 0; i < 1000; ++i) detector.add((i < 400 ? 0.1 : 5) * random.normal());
    INFO(name << ", seed " << kSeed);
    CHECK_FALSE(detector.alarms().empty());
    CHECK(detector.alarms().back() >= 400);
  }
}

TEST_CASE("parameters that do not fit each other are refused") {
  const auto problem = [](const char* name, const ConfigNode::Object& parameters) {
    return problems_of(DriftDetector::kSlot, name, parameters);
  };
  CHECK(problem("kswin", {{"stat_size", 60}}) ==
        "x.json: /stat_size: must be at most half of \"window_size\"\n");
  CHECK(problem("eddm", {{"alpha", 0.8}}) == "x.json: /alpha: must be at least \"beta\"\n");
  CHECK(problem("rddm", {{"drift_level", 1.5}}) ==
        "x.json: /drift_level: must be at least \"warning_level\"\n");
  CHECK(problem("rddm", {{"max_size_concept", 7000}}) ==
        "x.json: /max_size_concept: must be more than \"min_size_stable_concept\"\n");
  CHECK(problem("mmd_inputs", {{"permutations", 20}}) ==
        "x.json: /permutations: are too few to find a chance as small as \"alpha\"\n");
}

}  // namespace
}  // namespace skerry

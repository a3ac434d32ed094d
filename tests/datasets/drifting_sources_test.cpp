#include <cmath>
#include <set>

#include "tests/datasets/generated_data.hpp"

namespace skerry::datasets {

namespace {

using Parameters = ConfigNode::Object;

const std::vector<std::string> kDriftingSources = {"hyperplane", "led", "random_rbf", "sea"};

Parameters with(Parameters parameters, const Parameters& more) {
  parameters.insert(parameters.end(), more.begin(), more.end());
  return parameters;
}

/// What the column "concept" says of each row.
std::vector<std::string> concepts(const Attributes& attributes) {
  const AttributeColumn* column = attributes.find("concept");
  REQUIRE(column != nullptr);
  std::vector<std::string> names;
  for (const std::uint32_t code : column->codes) names.push_back(column->levels[code]);
  return names;
}

double share_of(const std::vector<std::string>& names, const std::string& name, std::size_t first,
                std::size_t rows) {
  const auto begin = names.begin() + static_cast<std::ptrdiff_t>(first);
  return static_cast<double>(std::count(begin, begin + static_cast<std::ptrdiff_t>(rows), name)) /
         static_cast<double>(rows);
}

double share_of_differences(const std::vector<std::int32_t>& a,
                            const std::vector<std::int32_t>& b) {
  REQUIRE(a.size() == b.size());
  double differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differences += a[i] != b[i];
  return differences / static_cast<double>(a.size());
}

/// The reasons for which a source refuses its parameters.
std::string complaint(const std::string& name, const Parameters& parameters) {
  Problems problems;
  Choice<DataSource> choice;
  struct Document {
    Choice<DataSource>& source;
    void fields(FieldReader& v) { v("source", source, {}); }
  } document{choice};
  const Registry registry = all_plugins();
  const ConfigNode source(with({{"name", name}}, parameters));
  FieldReader(registry, problems).read(ConfigNode(Parameters{{"source", source}}), document, "");
  return problems.text("s.json");
}

/// The angles of (w_1, w_2) in [0, pi/2], in thousandths of a right angle, for which the plane
/// through the middle of the square gives rows `first` ... `first` + 99 their labels.
std::vector<int> angles_that_fit(const Contents& rows, std::size_t first) {
  std::vector<int> angles;
  for (int angle = 0; angle <= 1000; ++angle) {
    const double turn = angle * std::acos(0.0) / 1000;
    bool fits = true;
    for (std::size_t row = first; row < first + 100; ++row) {
      const double side = std::cos(turn) * (rows.inputs[2 * row] - 0.5) +
                          std::sin(turn) * (rows.inputs[2 * row + 1] - 0.5);
      fits = fits && (side >= 0) == (rows.labels[row] == 1);
    }
    if (fits) angles.push_back(angle);
  }
  return angles;
}

constexpr const char* kDigits[] = {"1110111", "0010010", "1011101", "1011011", "0111010",
                                   "1101011", "1101111", "1010010", "1111111", "1111011"};

/// Segments of the display that are not as the digit has them.
int wrong_segments(std::span<const float> shown, std::size_t digit) {
  int wrong = 0;
  for (std::size_t i = 0; i < 7; ++i) wrong += (shown[i] == 1) != (kDigits[digit][i] == '1');
  return wrong;
}

}  // namespace

TEST_CASE("a sudden drift begins where the concept column says, and time counts the rows") {
  for (const std::string& name : kDriftingSources) {
    INFO(name);
    const DataSet data =
        load_generated(name, {{"samples", 1001}, {"test_samples", 90}, {"concepts", 3}});
    const std::vector<std::string> names = concepts(data.train_attributes);
    REQUIRE(names.size() == 1001);
    // 1001 / 3 = 333.67: concepts begin at rows 334 and 668.
    CHECK(share_of(names, "0", 0, 334) == 1);
    CHECK(share_of(names, "1", 334, 334) == 1);
    CHECK(share_of(names, "2", 668, 333) == 1);
    for (std::size_t row = 0; row < 1001; ++row) {
      REQUIRE(data.train_attributes.time_s[row] == static_cast<double>(row));
    }
  }
}

TEST_CASE("a recurring drift brings all concepts in turn") {
  const DataSet data = load_generated(
      "sea", {{"samples", 600}, {"concepts", 3}, {"drift", "recurring"}, {"repeats", 2}});
  const std::vector<std::string> names = concepts(data.train_attributes);
  for (std::size_t row = 0; row < 600; ++row) {
    REQUIRE(names[row] == std::to_string(row / 100 % 3));
  }
}

TEST_CASE("around a gradual change, two concepts are mixed as a logistic curve says") {
  const DataSet data = load_generated("sea", {{"samples", 400'000},
                                              {"test_samples", 0},
                                              {"concepts", 2},
                                              {"drift", "gradual"},
                                              {"width", 40'000}});
  const std::vector<std::string> names = concepts(data.train_attributes);
  // Shares among 4000 rows around the places; 4.5 standard errors of at most 0.0079, which a right
  // curve misses with probability 7e-6 each. The curve's bend within these rows is below 0.001.
  constexpr double kInterval = 0.036;
  const auto share_around = [&](std::size_t row) { return share_of(names, "1", row - 2000, 4000); };
  CHECK(std::abs(share_around(200'000) - 0.5) < kInterval);
  CHECK(std::abs(share_around(210'000) - 1 / (1 + std::exp(-1.0))) < kInterval);
  CHECK(std::abs(share_around(180'000) - 1 / (1 + std::exp(2.0))) < kInterval);
  // Five widths away a row is of the other concept with probability 2e-9.
  CHECK(share_of(names, "0", 0, 4000) == 1);
  CHECK(share_of(names, "1", 396'000, 4000) == 1);
}

TEST_CASE("a test set has equal shares of all concepts, in the order of time") {
  for (const std::string& name : kDriftingSources) {
    for (const std::string drift : {"sudden", "gradual", "recurring"}) {
      INFO(name << ", " << drift);
      const DataSet data = load_generated(
          name, {{"samples", 500}, {"test_samples", 80}, {"concepts", 4}, {"drift", drift}});
      const std::vector<std::string> names = concepts(data.test_attributes);
      for (const std::string level : {"0", "1", "2", "3"}) {
        CHECK(std::ranges::count(names, level) == 20);
      }
      CHECK(std::ranges::is_sorted(data.test_attributes.time_s));
      CHECK(data.test_attributes.time_s.back() < 500);
    }
  }
  CHECK(load_generated("sea", {{"samples", 8}, {"test_samples", 0}}).test == nullptr);
}

TEST_CASE("more than ten concepts keep their names") {
  const DataSet data = load_generated("random_rbf", {{"samples", 120}, {"concepts", 12}});
  const std::vector<std::string> names = concepts(data.train_attributes);
  for (std::size_t row = 0; row < 120; ++row) REQUIRE(names[row] == std::to_string(row / 10));
}

TEST_CASE("a row of one concept does not depend on how many rows there are") {
  for (const std::string& name : kDriftingSources) {
    INFO(name);
    Parameters moving = {{"concepts", 1}};
    if (name == "hyperplane") moving.emplace_back("mag_change", 0.01);
    if (name == "random_rbf") moving.emplace_back("change_speed", 0.01);
    const Contents few = contents(*load_generated(name, with(moving, {{"samples", 150}})).train);
    Contents many = contents(*load_generated(name, with(moving, {{"samples", 900}})).train);
    many.inputs.resize(few.inputs.size());
    many.labels.resize(few.labels.size());
    CHECK(many == few);
  }
}

TEST_CASE("sea's labels without noise are those of its four thresholds") {
  const DataSet data = load_generated("sea", {{"noise", 0}});
  const Contents rows = contents(*data.train);
  const std::vector<std::string> names = concepts(data.train_attributes);
  const double thresholds[] = {8, 9, 7, 9.5};
  double zeros[4] = {};
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    const auto concept_number = static_cast<std::size_t>(std::stoi(names[row]));
    const double sum = static_cast<double>(rows.inputs[3 * row]) + rows.inputs[3 * row + 1];
    REQUIRE(rows.labels[row] == (sum <= thresholds[concept_number] ? 0 : 1));
    zeros[concept_number] += rows.labels[row] == 0;
  }
  // Class 0 is a triangle of the square: theta^2 / 200. 12500 rows a concept: 4.5 standard errors
  // of at most 0.0045, missed with probability 7e-6 each.
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(std::abs(zeros[c] / 12'500 - thresholds[c] * thresholds[c] / 200) < 0.02);
  }
}

TEST_CASE("noise changes the asked share of sea's and hyperplane's labels, and no input") {
  for (const auto& [name, noise] :
       std::map<std::string, std::string>{{"sea", "noise"}, {"hyperplane", "noise_percentage"}}) {
    INFO(name);
    const Contents clean = contents(*load_generated(name, {{noise, 0}}).train);
    const Contents noisy = contents(*load_generated(name, {{noise, 0.1}}).train);
    CHECK(clean.inputs == noisy.inputs);
    // 50000 rows: 4.5 standard errors of 0.00134, missed with probability 7e-6.
    CHECK(std::abs(share_of_differences(clean.labels, noisy.labels) - 0.1) < 0.006);
    const Contents wrong = contents(*load_generated(name, {{noise, 1}}).train);
    CHECK(share_of_differences(clean.labels, wrong.labels) == 1);
  }
}

TEST_CASE("hyperplane's classes are even, and each concept has a plane of its own") {
  const DataSet data = load_generated(
      "hyperplane", {{"samples", 40'000}, {"n_features", 2}, {"noise_percentage", 0}});
  const Contents rows = contents(*data.train);
  // Both classes mirror each other at the middle: 4.5 standard errors of 0.0025.
  const auto ones = static_cast<double>(std::ranges::count(rows.labels, 1));
  CHECK(std::abs(ones / 40'000 - 0.5) < 0.0113);
  std::set<std::vector<int>> planes;
  for (std::size_t first = 0; first < 40'000; first += 10'000) {
    const std::vector<int> begin = angles_that_fit(rows, first);
    const std::vector<int> end = angles_that_fit(rows, first + 9900);
    REQUIRE(!begin.empty());
    REQUIRE(!end.empty());
    CHECK(begin.front() <= end.back());
    CHECK(end.front() <= begin.back());
    planes.insert(begin);
  }
  CHECK(planes.size() == 4);
}

TEST_CASE("hyperplane's plane turns by mag_change a row, and back and forth where sigma is 1") {
  const Parameters turning = {{"samples", 5000},        {"n_features", 2},
                              {"n_drift_features", 1},  {"noise_percentage", 0},
                              {"drift", "incremental"}, {"mag_change", 0.01}};
  const Contents away =
      contents(*load_generated("hyperplane", with(turning, {{"sigma", 0}})).train);
  // w_1 ends above 0.01 * 4900 and w_2 stays below 1: an angle below 2 % of a right one.
  REQUIRE(!angles_that_fit(away, 4900).empty());
  CHECK(angles_that_fit(away, 4900).front() <= 13);
  const Contents back =
      contents(*load_generated("hyperplane", with(turning, {{"sigma", 1}})).train);
  const std::vector<int> begin = angles_that_fit(back, 0), end = angles_that_fit(back, 4900);
  REQUIRE(!begin.empty());
  REQUIRE(!end.empty());
  CHECK(begin.front() > 13);  // both start from the same plane
  CHECK(begin.front() <= end.back());
  CHECK(end.front() <= begin.back());
}

TEST_CASE("a moving centroid stops and turns round at the ends, step by step as in MOA") {
  const Parameters one = {
      {"samples", 2000}, {"n_centroids", 1}, {"n_features", 3}, {"concepts", 1}};
  const Contents still = contents(*load_generated("random_rbf", one).train);
  const Contents moving =
      contents(*load_generated("random_rbf", with(one, {{"change_speed", 0.07}})).train);
  CHECK(still.labels == moving.labels);
  double squares = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    // Both differ by how far the centroid is from its start. It touches both ends.
    std::vector<double> away;
    for (std::size_t row = 0; row < 2000; ++row) {
      away.push_back(static_cast<double>(moving.inputs[3 * row + i]) - still.inputs[3 * row + i]);
    }
    const double start = -*std::ranges::min_element(away);
    CHECK(*std::ranges::max_element(away) == Approx(1 - start).margin(1e-5));
    double step = away[1] - away[0], at = start;
    squares += step * step;
    for (std::size_t row = 0; row < 2000; ++row) {
      // The steps are known to seven digits, so that their sum drifts: it begins anew at each end.
      at += step;
      if (at > 1 || at < 0) {
        at = at > 1 ? 1 : 0;
        step = -step;
      }
      REQUIRE(away[row] + start == Approx(at).margin(1e-4));
    }
  }
  CHECK(std::sqrt(squares) == Approx(0.07).margin(1e-5));
}

TEST_CASE("random_rbf moves as many centroids as asked") {
  const Parameters base = {{"samples", 20'000}, {"n_centroids", 4}, {"concepts", 1}};
  const Contents still = contents(*load_generated("random_rbf", base).train);
  double last = 0;
  for (const int moving : {1, 2, 3}) {
    const Contents rows = contents(
        *load_generated("random_rbf",
                        with(base, {{"change_speed", 0.01}, {"n_drift_centroids", moving}}))
             .train);
    double moved = 0;
    for (std::size_t row = 0; row < 20'000; ++row) {
      moved += rows.inputs[10 * row] != still.inputs[10 * row];
    }
    CHECK(moved > last);
    CHECK(moved < 20'000);
    last = moved;
  }
}

TEST_CASE("led shows its digits, and an ideal reader of a noisy display errs as published") {
  const Contents clean =
      contents(*load_generated("led", {{"noise_percentage", 0}, {"concepts", 1}}).train);
  const Contents noisy =
      contents(*load_generated("led", {{"noise_percentage", 0.1}, {"concepts", 1}}).train);
  CHECK(clean.labels == noisy.labels);
  double inverted = 0, lit = 0, right = 0;
  for (std::size_t row = 0; row < clean.labels.size(); ++row) {
    const auto digit = static_cast<std::size_t>(clean.labels[row]);
    const auto shown = std::span(noisy.inputs).subspan(24 * row, 24);
    REQUIRE(wrong_segments(std::span(clean.inputs).subspan(24 * row), digit) == 0);
    inverted += wrong_segments(shown, digit);
    lit += std::accumulate(shown.begin() + 7, shown.end(), 0.0);
    // The likeliest digit has the fewest wrong segments; among several, any.
    int fewest = 8, readings = 0;
    for (std::size_t d = 0; d < 10; ++d) {
      const int wrong = wrong_segments(shown, d);
      if (wrong < fewest) fewest = wrong, readings = 0;
      readings += wrong == fewest;
    }
    if (wrong_segments(shown, digit) == fewest) right += 1.0 / readings;
  }
  // 4.5 standard errors for 50000 rows of 7 and of 17 inputs, missed with probability 7e-6 each.
  CHECK(std::abs(inverted / 350'000 - 0.1) < 0.0023);
  CHECK(std::abs(lit / 850'000 - 0.5) < 0.0025);
  // Breiman et al. 1984 give an error of 0.26; 0.005 for its rounding, 0.009 for our rows.
  CHECK(std::abs(right / 50'000 - 0.74) < 0.014);
}

TEST_CASE("each concept of led puts the asked number of segments elsewhere") {
  const Parameters base = {{"samples", 4000}, {"noise_percentage", 0}, {"n_drift_features", 3}};
  const DataSet data = load_generated("led", base);
  const Contents rows = contents(*data.train);
  std::set<std::set<std::size_t>> places;
  for (std::size_t first = 0; first < 4000; first += 1000) {
    // Inputs that say the same of every row of a digit are segments.
    std::set<std::size_t> segments;
    for (std::size_t i = 0; i < 24; ++i) {
      std::set<std::pair<std::int32_t, float>> seen;
      for (std::size_t row = first; row < first + 1000; ++row) {
        seen.emplace(rows.labels[row], rows.inputs[24 * row + i]);
      }
      if (seen.size() == 10) segments.insert(i);
    }
    CHECK(segments.size() == 7);
    const auto in_place = std::ranges::count_if(segments, [](std::size_t i) { return i < 7; });
    CHECK(in_place == (first == 0 ? 7 : 4));
    places.insert(segments);
  }
  CHECK(places.size() == 4);
}

TEST_CASE("parameters of drifting sources that do not fit each other are refused") {
  const std::string place = "s.json: /source/";
  const auto refused = [&](const std::string& name, const Parameters& parameters) {
    const std::string text = complaint(name, parameters);
    return text.starts_with(place) ? text.substr(place.size()) : text;
  };
  for (const std::string& name : kDriftingSources) CHECK(complaint(name, {}).empty());
  CHECK(refused("sea", {{"concepts", 5}}) ==
        "concepts: must be at most 4: sea has no more thresholds\n");
  CHECK(refused("sea", {{"samples", 3}}) ==
        "samples: must be at least 4, one for each part of the time with one concept\n");
  CHECK(refused("sea", {{"concepts", 1}, {"drift", "gradual"}}) ==
        "concepts: must be at least 2 for one to follow\n");
  CHECK(refused("sea", {{"width", 5}}) ==
        "width: belongs to \"drift\": \"gradual\" or \"recurring\"\n");
  CHECK(refused("sea", {{"test_samples", 3}}) ==
        "test_samples: must be 0, or at least 4, one for each part of the time with one concept\n");
  CHECK(
      refused("sea", {{"test_samples", 7}, {"drift", "recurring"}}).starts_with("test_samples: "));
  CHECK(refused("led", {{"drift", "gradual"}, {"samples", 400}, {"width", 101}}) ==
        "width: is 101, longer than the 100 rows of one concept: a change would not be over when "
        "the next one begins\n");
  CHECK(refused("led", {{"drift", "gradual"}, {"samples", 400}, {"width", 100}}).empty());
  CHECK(refused("sea", {{"drift", "gradual"}, {"samples", 400}}).empty());
  CHECK(refused("sea", {{"repeats", 5}}) == "repeats: belongs to \"drift\": \"recurring\"\n");
  for (const std::string name : {"sea", "led"}) {
    CHECK(refused(name, {{"drift", "incremental"}}) ==
          "drift: cannot be incremental: these concepts do not move by small steps\n");
  }
  CHECK(refused("hyperplane", {{"drift", "incremental"}}) ==
        "mag_change: and n_drift_features must be above 0 for incremental drift\n");
  CHECK(refused("hyperplane", {{"n_drift_features", 11}}) ==
        "n_drift_features: must be at most n_features\n");
  CHECK(refused("hyperplane", {{"n_features", 100'000}}) ==
        "samples: and test_samples make more than 4294967296 values of 100000 a row, more than "
        "memory should hold\n");
  CHECK(refused("random_rbf", {{"drift", "incremental"}}) ==
        "change_speed: and n_drift_centroids must be above 0 for incremental drift\n");
  CHECK(refused("random_rbf", {{"n_drift_centroids", 51}}) ==
        "n_drift_centroids: must be at most n_centroids\n");
  CHECK(refused("random_rbf", {{"n_centroids", 1'000'000}, {"n_features", 100}}) ==
        "n_centroids: times n_features and concepts must be at most 100000000\n");
  CHECK(refused("led", {{"concepts", 121}}) ==
        "concepts: must be at most 120: led has no more places to change\n");
  CHECK(refused("led", {{"n_drift_features", 0}})
            .starts_with("concepts: must be 1 unless there are irrelevant_features"));
}

}  // namespace skerry::datasets

// Sources that read the files of one published data set, which people get by hand.

#include <cmath>
#include <numeric>

#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/idx_files.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

namespace {

Result<DataSet> load(const std::string& name, const DataEnvironment& environment) {
  const Registry registry = all_plugins();
  return registry.make(choose<DataSource>(registry, name))->load(environment);
}

Result<DataSet> load(const std::string& name, const ScratchFolder& folder) {
  return load(name, {.cache = "/nowhere", .search_folders = {folder.path()}});
}

struct Rows {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
};

Rows rows_of(const Samples& samples) {
  std::vector<std::uint32_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), 0u);
  Rows all{std::vector<float>(rows.size() * samples.schema().input_size()),
           std::vector<std::int32_t>(rows.size())};
  samples.inputs(rows, all.inputs);
  samples.labels(rows, all.labels);
  return all;
}

/// 128 features, all with the same value, as the comma-separated copies have them.
std::string with_commas(const std::string& gas, int value) {
  std::string line = gas + ",10.000000";
  for (int i = 0; i < 128; ++i) line += "," + std::to_string(value) + ".5";
  return line + "\n";
}

/// The same as UCI has it.
std::string with_numbers(const std::string& gas, int value) {
  std::string line = gas;
  for (int i = 1; i <= 128; ++i)
    line += " " + std::to_string(i) + ":" + std::to_string(value) + ".5";
  return line + " \r\n";
}

std::string days(int count) {
  std::string text;
  for (int day = 0; day < count; ++day) {
    for (int column = 0; column < 8; ++column) {
      text += std::to_string(day % 10 + column) + (column == 7 ? "\n" : ",");
    }
  }
  return text;
}

}  // namespace

TEST_CASE("gas_drift reads both forms of its lines, packed or not, to the same bits") {
  const ScratchFolder commas, numbers, packed;
  const std::string one = with_commas("Ethylene", 1) + with_commas("Toluene", 3);
  commas.put("gas_drift/batch1.dat", one);
  commas.put("gas_drift/batch10.dat", with_commas("Ammonia", 7));
  numbers.put("gas_drift/batch1.dat", with_numbers("2;10.000000", 1) + with_numbers("6", 3));
  numbers.put("gas_drift/batch10.dat", with_numbers("3;50.0", 7));
  packed.put("batch1.dat.gz", gzip_text(one));
  packed.put("batch10.dat.gz", gzip_text(with_commas("Ammonia", 7)));
  const auto data = load("gas_drift", commas);
  REQUIRE(data.message() == "");
  CHECK(load("gas_drift", numbers)->content_hash == data->content_hash);
  CHECK(load("gas_drift", packed)->content_hash == data->content_hash);
  CHECK(data->origin ==
        (commas / "gas_drift").string() + " (without batches 2, 3, 4, 5, 6, 7, 8, 9)");
  CHECK(data->test == nullptr);
  CHECK(data->feature_names.size() == 128);
  CHECK(data->feature_names[9] == "sensor 2 relative change");
  const Rows rows = rows_of(*data->train);
  CHECK(rows.labels == std::vector<std::int32_t>{1, 5, 2});
  // The first batch has mean 2.5 and deviation 1 in each feature.
  CHECK(rows.inputs[0] == -1);
  CHECK(rows.inputs[128 + 5] == 1);
  CHECK(rows.inputs[2 * 128 + 127] == 5);
  const AttributeColumn& batch = data->train_attributes.columns[0];
  CHECK(batch.name == "batch");
  CHECK(batch.levels == std::vector<std::string>{"01", "10"});
  CHECK(batch.codes == std::vector<std::uint32_t>{0, 0, 1});
}

TEST_CASE("a damaged line of gas_drift is named, with what is wrong in it") {
  const ScratchFolder folder;
  const auto message_of = [&](const std::string& line) {
    const auto path = folder.put("gas_drift/batch2.dat", with_commas("Acetone", 1) + line);
    const std::string message = load("gas_drift", folder).message();
    const std::string place = path.string() + ": line 2: ";
    REQUIRE(message.starts_with(place));
    return message.substr(place.size());
  };
  CHECK(message_of("Methane,1,2\n").starts_with("\"Methane\" is no gas"));
  CHECK(message_of("7 1:2\n").starts_with("\"7\" is no gas"));
  CHECK(message_of("Acetone,1,2\n") == "1 features, must be 128");
  CHECK(message_of("Acetone\n").starts_with("0 features"));
  CHECK(message_of("5;9 1:2 2:3\n") == "2 features, must be 128");
  std::string line = with_commas("Acetone", 1);
  CHECK(message_of(line.replace(8, 2, "xx")) == "concentration: \"xx.000000\" is not a number");
  line = with_commas("Acetone", 1);
  CHECK(message_of(line.replace(line.size() - 4, 3, "nan")) ==
        "feature 128: \"nan\" is not a finite float32");
  line = with_numbers("5", 1);
  CHECK(message_of(line.replace(2, 2, "2:")) == "\"2:1.5\" is not feature 1:");
  folder.put("gas_drift/batch2.dat", "\n");
  CHECK(load("gas_drift", folder).message() ==
        (folder / "gas_drift/batch2.dat").string() + ": holds no samples");
}

TEST_CASE("a data set whose files are got by hand says which, from where, and where to put them") {
  const DataEnvironment environment{.cache = "/a", .search_folders = {"/b"}};
  const std::string gas = load("gas_drift", environment).message();
  CHECK(
      gas.starts_with("gas_drift: no folder has its files; looked in /a/gas_drift, /b/gas_drift, "
                      "/b; put batch1.dat, batch2.dat, "));
  CHECK(gas.find("into /a/gas_drift or into the folder gas_drift of a folder in $SKERRY_DATA") !=
        std::string::npos);
  CHECK(gas.find("UCI data set 224, \"Gas Sensor Array Drift\" (doi 10.24432/C5RP6W, CC BY 4.0)") !=
        std::string::npos);
  const ScratchFolder folder;
  folder.put("ne_weather/NEweather_data.csv", days(2));  // without the classes
  const std::string weather = load("ne_weather", folder).message();
  CHECK(weather.find("put NEweather_data.csv, NEweather_class.csv (packed") != std::string::npos);
  CHECK(weather.find("github.com/vlosing/driftDatasets") != std::string::npos);
}

TEST_CASE("ne_weather has days in order, and is scaled by its first year") {
  const ScratchFolder folder;
  std::string rain;
  for (int day = 0; day < 370; ++day) rain += day % 3 == 0 ? "1\n" : "0\n";
  // What comes after the first year moves no scale.
  folder.put("NEweather_data.csv", days(369) + "900,1,2,3,4,5,6,7\n");
  folder.put("NEweather_class.csv", rain);
  const auto data = load("ne_weather", folder);
  REQUIRE(data.message() == "");
  CHECK(data->class_names == std::vector<std::string>{"no rain", "rain"});
  const Rows rows = rows_of(*data->train);
  CHECK(std::vector(rows.labels.begin(), rows.labels.begin() + 4) ==
        std::vector<std::int32_t>{1, 0, 0, 1});
  const double sum = std::accumulate(rows.inputs.begin(), rows.inputs.begin() + 365 * 8, 0.0);
  CHECK(std::abs(sum) < 1e-3);
  CHECK(rows.inputs[369 * 8] > 300);
  const Attributes& attributes = data->train_attributes;
  CHECK(attributes.columns[0].name == "year");
  CHECK(attributes.columns[0].levels == std::vector<std::string>{"01", "02"});
  CHECK(attributes.columns[0].codes[364] == 0);
  CHECK(attributes.columns[0].codes[365] == 1);
  CHECK(attributes.time_s[2] == 2 * 86'400);
}

TEST_CASE("files of ne_weather that do not belong together, or are damaged, are refused") {
  const ScratchFolder folder;
  const auto values = folder.put("NEweather_data.csv", days(3));
  const auto rain = folder.put("NEweather_class.csv", "0\n1\n");
  CHECK(load("ne_weather", folder).message() ==
        rain.string() + ": 2 days, but 3 in " + values.string());
  folder.put("NEweather_class.csv", "0\n1\n2\n");
  CHECK(load("ne_weather", folder).message() ==
        rain.string() + ": line 3: must be 0 (no rain) or 1 (rain)");
  folder.put("NEweather_data.csv", "1,2,3,4,5,6,7\n");
  CHECK(load("ne_weather", folder).message() ==
        values.string() + ": line 1: 7 cells, the header has 8");
  folder.put("NEweather_data.csv", "1,2,3,4,5,6,7,dry\n");
  CHECK(load("ne_weather", folder).message() ==
        values.string() + ": line 1: column \"lowest temperature\": \"dry\" is not a number");
}

namespace {

const std::string kVotesHeader =
    "index,record_id,building_id,timestamp,season,age,gender,ta,tr,rh,vel,met,clo,"
    "thermal_sensation,thermal_preference,t_out_isd,rh_out_isd\n";
const std::string kBuildings =
    "building_id,contributor,country,lat,climate,building_type,cooling_type,year\n"
    "7,\"de Dear, R.\",india,1.5,tropical,office,NA,2012\n"
    "12,Ada,uk,NA,oceanic,office,mixed mode,1996\n";
const std::string kVotes =
    "0,1,12,NA,winter,30,male,20,21,50,0.1,1.2,0.7,0,cooler,10,70\n"
    "1,2,7,2012-05-04T00:00:00Z,summer,,female,30,NA,60,0.3,1.2,0.5,1,warmer,35,40\n"
    "2,3,7,NA,summer,50,,28,27,55,0.2,1,0.5,0,NA,33,45\n"
    "3,4,7,NA,summer,40,,28,27,55,0.2,1,0.5,0,no change,33,45\n";

}  // namespace

TEST_CASE("thermal_comfort reads votes and their buildings, packed or not") {
  const ScratchFolder folder, packed;
  const auto votes =
      folder.put("thermal_comfort/db_measurements_v2.1.0.csv", kVotesHeader + kVotes);
  folder.put("thermal_comfort/db_metadata.csv", kBuildings);
  packed.put("db_measurements_v2.1.0.csv.gz", gzip_text(kVotesHeader + kVotes));
  packed.put("db_metadata.csv", kBuildings);
  const auto data = load("thermal_comfort", folder);
  REQUIRE(data.message() == "");
  CHECK(load("thermal_comfort", packed)->content_hash == data->content_hash);
  CHECK(data->class_names == std::vector<std::string>{"cooler", "no change", "warmer"});
  const Rows rows = rows_of(*data->train);
  CHECK(rows.labels == std::vector<std::int32_t>{0, 2, 1});
  CHECK(data->feature_names == std::vector<std::string>{"season=summer", "season=winter", "age",
                                                        "gender=female", "gender=male", "ta", "tr",
                                                        "rh", "vel", "met", "clo", "t_out_isd",
                                                        "rh_out_isd"});
  // Ages 30, none and 40: the gap is at the mean. Air at 20, 30 and 28 degrees: 26 in the mean.
  CHECK(rows.inputs[13 + 2] == 0);
  CHECK(rows.inputs[2] == -rows.inputs[2 * 13 + 2]);
  CHECK(rows.inputs[5] / rows.inputs[13 + 5] == Approx(-6.0 / 4));
  CHECK(data->natural_ids == std::vector<std::uint32_t>{12, 7, 7});
  const Attributes& attributes = data->train_attributes;
  CHECK(attributes.find("country")->levels == std::vector<std::string>{"india", "uk"});
  CHECK(attributes.find("country")->codes == std::vector<std::uint32_t>{1, 0, 0});
  CHECK(attributes.find("cooling_type")->levels == std::vector<std::string>{"NA", "mixed mode"});
  CHECK(attributes.find("year")->levels == std::vector<std::string>{"1996", "2012"});
  CHECK(
      data->remarks ==
      std::vector<std::string>{
          votes.string() + ": 1 of 4 rows were left out; missing is \"thermal_preference\" in 1",
          votes.string() + ": column \"age\": 1 of 3 values were missing and are now the mean, 35",
          votes.string() +
              ": column \"gender\": 1 of 3 values were missing and are now none of its words",
          votes.string() + ": column \"tr\": 1 of 3 values were missing and are now the mean, 24"});
  const Registry registry = all_plugins();
  const auto by_country =
      registry.make(choose<DataSource>(registry, "thermal_comfort", {{"natural_id", "country"}}))
          ->load({.cache = "/nowhere", .search_folders = {folder.path()}});
  CHECK(by_country->natural_ids == std::vector<std::uint32_t>{1, 0, 0});
}

TEST_CASE("files of thermal_comfort that are missing, or do not belong together, are refused") {
  const ScratchFolder folder;
  const auto votes = folder.put("db_measurements_v2.1.0.csv", kVotesHeader + kVotes);
  const std::string missing = load("thermal_comfort", folder).message();
  CHECK(missing.find("put db_measurements_v2.1.0.csv, db_metadata.csv (packed") !=
        std::string::npos);
  CHECK(missing.find("github.com/CenterForTheBuiltEnvironment/ashrae-db-II (also doi "
                     "10.6078/D1F671, CC0 1.0)") != std::string::npos);
  const auto buildings =
      folder.put("db_metadata.csv", kBuildings.substr(0, kBuildings.find("12,")));
  CHECK(load("thermal_comfort", folder).message() ==
        votes.string() + ": line 2: column \"building_id\": \"12\" is no building of " +
            buildings.string());
  folder.put("db_metadata.csv", kBuildings);
  folder.put("db_measurements_v2.1.0.csv",
             kVotesHeader + kVotes + "4,5,7,NA,summer,40,,hot,27,55,0.2,1,0.5,0,cooler,33,45\n");
  CHECK(load("thermal_comfort", folder)
            .message()
            .starts_with(votes.string() +
                         ": line 6: column \"ta\": \"hot\" is not a number, 3 of 4"));
  folder.put("db_measurements_v2.1.0.csv", "building_id,thermal_preference\n7,cooler\n");
  CHECK(load("thermal_comfort", folder)
            .message()
            .starts_with(votes.string() + ": line 1: no column \"season\""));
}

TEST_CASE("the real thermal_comfort has its known votes, where it is present") {
  const auto data = load("thermal_comfort", DataEnvironment::of_process(1));
  if (!data) {
    WARN("not tested, not here: " << data.message());
    return;
  }
  CHECK(data->train->size() == 85'991);
  CHECK(data->train->schema().input == Shape{18});
  const Rows rows = rows_of(*data->train);
  CHECK(std::ranges::count(rows.labels, 0) == 28'315);
  CHECK(std::ranges::count(rows.labels, 2) == 14'275);
  for (const float value : rows.inputs) REQUIRE(std::isfinite(value));
}

TEST_CASE("the real gas_drift has its known rows, where it is present") {
  const auto data = load("gas_drift", DataEnvironment::of_process(1));
  if (!data) {
    WARN("not tested, not here: " << data.message());
    return;
  }
  // Vergara et al. 2012, table 2.
  const std::map<std::string, std::uint32_t> sizes = {
      {"01", 445},  {"02", 1244}, {"03", 1586}, {"04", 161}, {"05", 197},
      {"06", 2300}, {"07", 3613}, {"08", 294},  {"09", 470}, {"10", 3600}};
  const AttributeColumn& batch = data->train_attributes.columns[0];
  for (std::uint32_t level = 0; level < batch.levels.size(); ++level) {
    INFO("batch " << batch.levels[level]);
    CHECK(std::ranges::count(batch.codes, level) == sizes.at(batch.levels[level]));
  }
  CHECK(batch.codes.size() == data->train->size());
  for (const float value : rows_of(*data->train).inputs) REQUIRE(std::isfinite(value));
}

TEST_CASE("the real ne_weather has its known days, where it is present") {
  const auto data = load("ne_weather", DataEnvironment::of_process(1));
  if (!data) {
    WARN("not tested, not here: " << data.message());
    return;
  }
  CHECK(data->train->size() == 18'159);
  CHECK(data->train_attributes.columns[0].levels.size() == 50);
  CHECK(std::ranges::count(rows_of(*data->train).labels, 1) == 5698);
}

}  // namespace skerry::datasets

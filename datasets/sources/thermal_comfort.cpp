// How people feel in 665 buildings of 25 countries, 1982 to 2021: whether they would like it
// cooler, warmer, or as it is. A building, or a country, is who made a vote.
//
// Definition: the class is the column thermal_preference; votes without one are left out. Inputs
// are season and gender (one of 0 and 1 for each word), age, air and radiant temperature, humidity,
// air speed, metabolic rate, clothing, and temperature and humidity outdoors; a gap is filled by
// the mean of its column, a gap among words is none of them; then x = (value - mean) / deviation of
// each input over all votes. Attributes are the building's.
//
// References: Foldvary Licina et al. 2018, "Development of the ASHRAE Global Thermal Comfort
// Database II"; Parkinson et al. 2022, version 2.1. CC0 1.0.

#include <algorithm>
#include <unordered_map>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/printable.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/published_files.hpp"
#include "datasets/samples.hpp"
#include "datasets/table_form.hpp"

namespace skerry::datasets {

namespace {

enum class ComfortMaker : std::uint8_t { kBuilding, kCountry };

const std::vector<std::string> kComfortInputs = {
    "season", "age", "gender", "ta", "tr", "rh", "vel", "met", "clo", "t_out_isd", "rh_out_isd"};
// The first says which building, the others become attributes.
const std::vector<std::string> kOfEachBuilding = {"building_id", "country",       "climate",
                                                  "year",        "building_type", "cooling_type"};
// In files of this database, in which NA stands for a gap.
const std::vector<std::string> kComfortGaps = {"NA"};

}  // namespace

}  // namespace skerry::datasets

namespace skerry {

template <>
struct EnumNames<datasets::ComfortMaker> {
  static constexpr std::pair<datasets::ComfortMaker, std::string_view> names[] = {
      {datasets::ComfortMaker::kBuilding, "building"},
      {datasets::ComfortMaker::kCountry, "country"}};
};

}  // namespace skerry

namespace skerry::datasets {

namespace {

struct ComfortConfig {
  ComfortMaker natural_id = ComfortMaker::kBuilding;
  template <class V>
  void fields(V& v) {
    v("natural_id", natural_id, {.meaning = "who made a vote: its building or its country"});
  }
};

class ThermalComfort final : public DataSource {
 public:
  using Config = ComfortConfig;
  explicit ThermalComfort(const Config& config) : config_(config) {}

  Result<DataSet> load(const DataEnvironment& environment) const override {
    const Result<FilesThere> there = find_published(files(), environment);
    if (!there) return there.failure();
    const std::filesystem::path &votes_path = there->paths[0], &buildings_path = there->paths[1];
    Result<CsvTable> votes = read_csv(votes_path, {.label = "thermal_preference",
                                                   .natural_id = "building_id",
                                                   .features = kComfortInputs,
                                                   .loose = true,
                                                   .missing = kComfortGaps,
                                                   .drop_unlabelled = true});
    if (!votes) return votes.failure();
    const Result<CsvTable> buildings = read_csv(buildings_path, {.attributes = kOfEachBuilding,
                                                                 .features = {"lat"},
                                                                 .loose = true,
                                                                 .missing = kComfortGaps});
    if (!buildings) return buildings.failure();
    const auto form = TableForm::found_in(
        *votes, {.words = WordEncoding::kOneHot, .gaps = GapRule::kMean, .missing = kComfortGaps},
        environment.table ? &*environment.table : nullptr);
    if (!form) return Failure{votes_path.string() + ": " + form.message()};
    DataSet data{.feature_names = form->names(),
                 .table = {.label = "thermal_preference"},
                 .origin = there->folder.string()};
    data.table.form = std::make_shared<const TableForm>(*form);
    if (const Status added =
            add_buildings({*votes, votes_path}, {*buildings, buildings_path}, data);
        !added) {
      return added.failure();
    }
    for (const std::string& remark : form->remarks(*votes)) {
      data.remarks.push_back(votes_path.string() + ": " + remark);
    }
    for (std::size_t i = 0; i < votes->features.size(); ++i) {
      if (votes->odd[i].gaps.empty()) continue;
      data.gaps.push_back({.column = votes->features[i], .train = votes->odd[i].gaps.size()});
    }
    const Status filled = add_votes(*votes, *form, environment, data);
    if (!filled) return Failure{votes_path.string() + ": " + filled.message()};
    return data;
  }

 private:
  struct File {
    const CsvTable& table;
    const std::filesystem::path& path;
  };

  static PublishedFiles files() {
    return {.name = "thermal_comfort",
            .files = {"db_measurements_v2.1.0.csv", "db_metadata.csv"},
            .page =
                "the ASHRAE Global Thermal Comfort Database II, version 2.1.0, "
                "github.com/CenterForTheBuiltEnvironment/ashrae-db-II (also doi 10.6078/D1F671, "
                "CC0 1.0)",
            .least = 2};
  }

  /// What is known of the building of each vote: attributes, and who made it.
  Status add_buildings(File votes, File buildings, DataSet& data) const {
    std::unordered_map<std::string, std::size_t> place;  // only looked up
    const auto& of_building = buildings.table.attributes;
    for (std::size_t i = 0; i < of_building[0].size(); ++i) place.emplace(of_building[0][i], i);
    std::vector<std::size_t> building;
    for (std::size_t row = 0; row < votes.table.makers.size(); ++row) {
      const auto found = place.find(votes.table.makers[row]);
      if (found == place.end()) {
        return Failure{votes.path.string() + ": line " + std::to_string(votes.table.lines[row]) +
                       ": column \"building_id\": " + in_quotes(votes.table.makers[row]) +
                       " is no building of " + buildings.path.string()};
      }
      building.push_back(found->second);
    }
    std::vector<std::string> countries;
    for (std::size_t i = 1; i < kOfEachBuilding.size(); ++i) {
      ColumnWords words{.name = kOfEachBuilding[i], .train = {}, .test = {}};
      for (const std::size_t one : building) words.train.push_back(of_building[i][one]);
      if (words.name == "country") countries = words.train;
      data.train_attributes.columns.push_back(levels_of(words).train);
    }
    const std::vector<std::string>& makers =
        config_.natural_id == ComfortMaker::kBuilding ? votes.table.makers : countries;
    std::size_t unknown = 0;
    const auto numbers = ClassLabels::found_in(makers).classes_of(makers, &unknown);
    data.natural_ids.assign(numbers->begin(), numbers->end());
    return {};
  }

  static Status add_votes(CsvTable& votes, const TableForm& form,
                          const DataEnvironment& environment, DataSet& data) {
    const ClassLabels classes = environment.classes.empty() ? ClassLabels::found_in(votes.labels)
                                                            : ClassLabels(environment.classes);
    data.class_names = classes.names();
    std::size_t unknown = 0;
    auto labels = classes.classes_of(votes.labels, &unknown);
    if (!labels) {
      return Failure{"line " + std::to_string(votes.lines[unknown]) + ": " + labels.message()};
    }
    auto inputs = form.take_inputs(votes);
    if (!inputs) return inputs.failure();
    const bool agreed = environment.table && environment.table->means.size() == form.inputs();
    data.table.scale = agreed ? std::make_shared<const Standardisation>(
                                    environment.table->means, environment.table->deviations)
                              : std::make_shared<const Standardisation>(*inputs, form.inputs());
    data.table.scale->apply(*inputs);
    RunningHash hash;
    hash.add(std::as_bytes(std::span(data.natural_ids)));
    hash.add(std::as_bytes(std::span(*inputs)));
    hash.add(std::as_bytes(std::span(*labels)));
    add_to_hash(data.train_attributes, hash);
    data.content_hash = hash.value();
    const DataSchema schema{.input = {static_cast<std::uint32_t>(form.inputs())},
                            .classes = static_cast<std::uint32_t>(classes.names().size())};
    data.train = std::make_shared<FloatSamples>(schema, std::move(*inputs), std::move(*labels));
    return {};
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, ThermalComfort, "thermal_comfort",
              "86,000 votes in 665 buildings: would people like it cooler, warmer, or as it is; 18 "
              "features, 3 classes")

}  // namespace

}  // namespace skerry::datasets

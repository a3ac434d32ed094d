// Rain or none on 18,159 days, in order, of the weather station at Offutt Air Force Base (Bellevue,
// Nebraska), 1949 to 1999: seasons that come back, in a climate that changes slowly.
//
// Definition: x = (value - mean) / deviation of each feature over the first year, 365 rows: what is
// known before the others come. Row i was recorded at i days. The attribute "year" counts blocks of
// 365 rows from "01"; the last one is not full.
//
// References: Elwell, Polikar 2011, "Incremental learning of concept drift in nonstationary
// environments"; recorded by the U.S. National Oceanic and Atmospheric Administration (public
// domain).

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "datasets/csv.hpp"
#include "datasets/published_files.hpp"
#include "datasets/samples.hpp"
#include "datasets/standardisation.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kDaysOfYear = 365;
constexpr double kSecondsOfDay = 86'400;

const std::vector<std::string> kWeatherFeatures = {
    "temperature",  "dew point",           "sea level pressure",  "visibility",
    "average wind", "largest steady wind", "highest temperature", "lowest temperature"};

class NeWeather final : public DataSource {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit NeWeather(const Config&) {}

  Result<DataSet> load(const DataEnvironment& environment) const override {
    const Result<FilesThere> there = find_published(files(), environment);
    if (!there) return there.failure();
    Result<CsvTable> days = read_csv(there->paths[0], {.header = kWeatherFeatures});
    if (!days) return days.failure();
    const Result<CsvTable> rain = read_csv(there->paths[1], {.header = {"rain"}});
    if (!rain) return rain.failure();
    Result<std::vector<std::int32_t>> labels = labels_of(*rain, there->paths[1]);
    if (!labels) return labels.failure();
    if (labels->size() != days->lines.size()) {
      return Failure{there->paths[1].string() + ": " + std::to_string(labels->size()) +
                     " days, but " + std::to_string(days->lines.size()) + " in " +
                     there->paths[0].string()};
    }
    DataSet data = as_data(std::move(days->inputs), std::move(*labels));
    data.origin = there->folder.string();
    return data;
  }

 private:
  static PublishedFiles files() {
    return {.name = "ne_weather",
            .files = {"NEweather_data.csv", "NEweather_class.csv"},
            .page = "github.com/vlosing/driftDatasets (recorded by NOAA: public domain)",
            .least = 2};
  }

  static Result<std::vector<std::int32_t>> labels_of(const CsvTable& rain,
                                                     const std::filesystem::path& path) {
    std::vector<std::int32_t> labels;
    for (std::size_t i = 0; i < rain.inputs.size(); ++i) {
      if (rain.inputs[i] != 0 && rain.inputs[i] != 1) {
        return Failure{path.string() + ": line " + std::to_string(rain.lines[i]) +
                       ": must be 0 (no rain) or 1 (rain)"};
      }
      labels.push_back(static_cast<std::int32_t>(rain.inputs[i]));
    }
    return labels;
  }

  static DataSet as_data(std::vector<float> inputs, std::vector<std::int32_t> labels) {
    const std::size_t columns = kWeatherFeatures.size();
    const std::size_t known = std::min(inputs.size(), kDaysOfYear * columns);
    const auto scale =
        std::make_shared<const Standardisation>(std::span(inputs).first(known), columns);
    scale->apply(inputs);
    DataSet data{.class_names = {"no rain", "rain"}, .feature_names = kWeatherFeatures};
    data.table.scale = scale;
    AttributeColumn year{.name = "year"};
    for (std::size_t day = 0; day < labels.size(); ++day) {
      const std::size_t past = day / kDaysOfYear;
      if (past == year.levels.size()) {
        year.levels.push_back((past < 9 ? "0" : "") + std::to_string(past + 1));  // sort as words
      }
      year.codes.push_back(static_cast<std::uint32_t>(past));
      data.train_attributes.time_s.push_back(static_cast<double>(day) * kSecondsOfDay);
    }
    data.train_attributes.columns = {std::move(year)};
    RunningHash hash;
    hash.add(std::as_bytes(std::span(inputs)));
    hash.add(std::as_bytes(std::span(labels)));
    add_to_hash(data.train_attributes, hash);
    data.content_hash = hash.value();
    const DataSchema schema{.input = {static_cast<std::uint32_t>(columns)}, .classes = 2};
    data.train = std::make_shared<FloatSamples>(schema, std::move(inputs), std::move(labels));
    return data;
  }
};

SKERRY_PLUGIN(DataSource, NeWeather, "ne_weather",
              "rain on 18,159 days in order, 8 features, 2 classes")

}  // namespace

}  // namespace skerry::datasets

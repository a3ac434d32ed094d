// Six gases, told by 16 sensors that drift over three years: ten batches, in order of their months.
// Each sensor gives eight features: its change of resistance, that over its resistance, and the
// peaks of three moving averages while it rises and while it decays.
//
// Definition: x = (value - mean) / deviation of each feature over the first batch that is there:
// what is known before the others come. The attribute "batch" says which batch a row is from.
// Batches that are not there are left out.
//
// Lines are UCI's (`1;10.000000 1:15596.1621 2:1.868245 ...`, or without the concentration) or
// comma-separated (`Ethanol,10.000000,15596.1621,1.868245,...`).
//
// References: Vergara, Vembu, Ayhan, Ryan, Homer, Huerta 2012, "Chemical gas sensor drift
// compensation using classifier ensembles"; Rodriguez-Lujan et al. 2014, "On the calibration of
// sensor arrays for pattern recognition using the minimal number of experiments". CC BY 4.0.

#include <algorithm>
#include <cstdio>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/csv.hpp"
#include "datasets/file_bytes.hpp"
#include "datasets/published_files.hpp"
#include "datasets/samples.hpp"
#include "datasets/standardisation.hpp"

namespace skerry::datasets {

namespace {

constexpr std::size_t kGasBatches = 10;
constexpr std::size_t kGasSensors = 16;

// In the order of UCI's numbers, from 1.
const std::vector<std::string> kGases = {"Ethanol",      "Ethylene", "Ammonia",
                                         "Acetaldehyde", "Acetone",  "Toluene"};
const std::vector<std::string> kOfEachGasSensor = {"change",     "relative change", "rise 0.001",
                                                   "rise 0.01",  "rise 0.1",        "decay 0.001",
                                                   "decay 0.01", "decay 0.1"};

struct GasRows {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
};

std::vector<std::string_view> cut_at(char separator, std::string_view text) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (separator != ' ' || end > 0) cells.push_back(text.substr(0, end));
    if (end == text.size()) return cells;
    text.remove_prefix(end + 1);
  }
}

Result<std::int32_t> gas_of(std::string_view word) {
  for (std::size_t i = 0; i < kGases.size(); ++i) {
    if (word == kGases[i] || word == std::to_string(i + 1)) return static_cast<std::int32_t>(i);
  }
  return Failure{in_quotes(word) + " is no gas" + choices(std::string(word), kGases)};
}

Status add_gas_row(std::string_view line, GasRows& rows) {
  const bool numbered = line.find(',') == line.npos;  // UCI's: each feature has its number
  std::vector<std::string_view> cells = cut_at(numbered ? ' ' : ',', line);
  if (numbered) {
    const std::vector<std::string_view> both = cut_at(';', cells.empty() ? "" : cells[0]);
    if (!cells.empty()) cells.erase(cells.begin());
    cells.insert(cells.begin(), {both[0], both.size() > 1 ? both[1] : "0"});
  }
  const Result<std::int32_t> gas = gas_of(cells[0]);
  if (!gas) return gas.failure();
  const std::size_t features = kGasSensors * kOfEachGasSensor.size();
  if (cells.size() != 2 + features) {
    return Failure{std::to_string(cells.size() - std::min<std::size_t>(cells.size(), 2)) +
                   " features, must be " + std::to_string(features)};
  }
  if (const auto amount = finite_number(cells[1]); !amount) {
    return Failure{"concentration: " + amount.message()};
  }
  for (std::size_t i = 1; i <= features; ++i) {
    std::string_view cell = cells[i + 1];
    const std::string name = numbered ? std::to_string(i) + ":" : "";
    if (!cell.starts_with(name)) return Failure{in_quotes(cell) + " is not feature " + name};
    const Result<float> value = finite_number(cell.substr(name.size()));
    if (!value) return Failure{"feature " + std::to_string(i) + ": " + value.message()};
    rows.inputs.push_back(*value);
  }
  rows.labels.push_back(*gas);
  return {};
}

Status read_gas_batch(const std::filesystem::path& path, GasRows& rows) {
  const Result<FileBytes> bytes = read_unpacked(path);
  if (!bytes) return bytes.failure();
  std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (const Status added = add_gas_row(line, rows); !added) {
      return Failure{path.string() + ": line " + std::to_string(number) + ": " + added.message()};
    }
  }
  return {};
}

class GasDrift final : public DataSource {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit GasDrift(const Config&) {}

  Result<DataSet> load(const DataEnvironment& environment) const override {
    const Result<FilesThere> there = find_published(files(), environment);
    if (!there) return there.failure();
    GasRows rows;
    AttributeColumn batch{.name = "batch"};
    std::shared_ptr<const Standardisation> scale;
    std::string missing;
    for (std::size_t i = 0; i < kGasBatches; ++i) {
      if (there->paths[i].empty()) {
        missing += (missing.empty() ? "" : ", ") + std::to_string(i + 1);
        continue;
      }
      if (const Status read = read_gas_batch(there->paths[i], rows); !read) return read.failure();
      if (rows.labels.size() == batch.codes.size()) {
        return Failure{there->paths[i].string() + ": holds no samples"};
      }
      const auto level = static_cast<std::uint32_t>(batch.levels.size());
      batch.levels.push_back((i < 9 ? "0" : "") + std::to_string(i + 1));  // sorted as words are
      batch.codes.resize(rows.labels.size(), level);
      if (!scale) {
        scale = std::make_shared<const Standardisation>(rows.inputs,
                                                        kGasSensors * kOfEachGasSensor.size());
      }
    }
    scale->apply(rows.inputs);
    DataSet data = as_data(std::move(rows), std::move(batch));
    data.table.scale = std::move(scale);
    data.origin = there->folder.string();
    if (!missing.empty()) data.origin += " (without batches " + missing + ")";
    return data;
  }

 private:
  static PublishedFiles files() {
    PublishedFiles files{
        .name = "gas_drift",
        .files = {},
        .page =
            "UCI data set 224, \"Gas Sensor Array Drift\" (doi 10.24432/C5RP6W, CC BY 4.0); "
            "batches that are not there are left out"};
    for (std::size_t i = 1; i <= kGasBatches; ++i) {
      files.files.push_back("batch" + std::to_string(i) + ".dat");
    }
    return files;
  }

  static DataSet as_data(GasRows rows, AttributeColumn batch) {
    DataSet data{.class_names = kGases};
    for (std::size_t sensor = 1; sensor <= kGasSensors; ++sensor) {
      for (const std::string& one : kOfEachGasSensor) {
        data.feature_names.push_back("sensor " + std::to_string(sensor) + " " + one);
      }
    }
    data.train_attributes.columns = {std::move(batch)};
    RunningHash hash;
    hash.add(std::as_bytes(std::span(rows.inputs)));
    hash.add(std::as_bytes(std::span(rows.labels)));
    add_to_hash(data.train_attributes, hash);
    data.content_hash = hash.value();
    const DataSchema schema{.input = {static_cast<std::uint32_t>(data.feature_names.size())},
                            .classes = static_cast<std::uint32_t>(kGases.size())};
    data.train =
        std::make_shared<FloatSamples>(schema, std::move(rows.inputs), std::move(rows.labels));
    return data;
  }
};

SKERRY_PLUGIN(DataSource, GasDrift, "gas_drift",
              "six gases by 16 sensors that drift over three years, 128 features, in ten batches")

}  // namespace

}  // namespace skerry::datasets

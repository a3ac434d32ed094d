// Tables from CSV files: a header, a label column, numbers.
//
// Definition: with `standardise`, x = (value - mean) / deviation of each column over the training
// file (deviation 1 where a column is constant).

#include "datasets/csv.hpp"

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "datasets/attributes.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/samples.hpp"
#include "datasets/standardisation.hpp"

namespace skerry::datasets {

namespace {

struct CsvConfig {
  std::string train;
  std::string test;
  std::string label = "label";
  std::string natural_id;
  std::vector<std::string> drop;
  std::vector<std::string> attributes;
  std::string time;
  std::vector<std::string> class_names;
  std::string separator = ",";
  bool standardise = false;
  template <class V>
  void fields(V& v) {
    v("train", train, {.meaning = "file of training samples", .required = true});
    v("test", test, {.meaning = "file of test samples; default: none"});
    v("label", label, {.meaning = "column of the class"});
    v("natural_id", natural_id, {.meaning = "column of who made a sample; default: none"});
    v("drop", drop, {.meaning = "columns to leave out"});
    v("attributes", attributes,
      {.meaning =
           "columns that are no inputs but say what a sample is about (a country, a sensor), "
           "for streams; numbers where every value is one, else words"});
    v("time", time,
      {.meaning = "column of when a sample was made, in any order: seconds, or ISO dates such as "
                  "2017-05-01T12:30; default: none"});
    v("class_names", class_names,
      {.meaning = "labels in the order of their classes; default: whole numbers as they are, "
                  "unless most of 0 ... the largest have no row; else sorted; a column of values "
                  "to predict is refused. Nodes with files of "
                  "their own must agree"});
    v("separator", separator, {.meaning = "one character between cells"});
    v("standardise", standardise,
      {.meaning = "scale each column to mean 0 and deviation 1 over the training file"});
  }
  void check(FieldReader& reader) const {
    if (separator.size() != 1 || separator == "\"" || separator == "\n") {
      reader.error("separator", "must be one character, neither a quote nor a line break");
    }
    if (label.empty()) reader.error("label", "must name a column");
    if (natural_id == label) reader.error("natural_id", "is the column of the class, too");
    for (const std::string& column : drop) {
      if (column != label && (column != natural_id || column.empty())) continue;
      reader.error("drop", "leaves out the column \"" + column + "\", which \"" +
                               (column == label ? "label" : "natural_id") + "\" names");
    }
    if (const std::string fault = fault_in_names(class_names); !fault.empty()) {
      reader.error("class_names", fault);
    }
  }
};

class Csv final : public DataSource {
 public:
  using Config = CsvConfig;
  explicit Csv(const Config& config) : config_(config) {}

  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::filesystem::path train_path = resolve_path(environment, config_.train);
    Result<CsvTable> train = read_csv(train_path, options());
    if (!train) return train.failure();
    CsvTable test;
    const std::filesystem::path test_path = resolve_path(environment, config_.test);
    if (!config_.test.empty()) {
      Result<CsvTable> table = read_csv(test_path, options());
      if (!table) return table.failure();
      test = std::move(*table);
      if (test.features != train->features) {
        return Failure{test_path.string() + ": line 1: its columns are not those of " +
                       train_path.string()};
      }
      if (test.times_are_dates != train->times_are_dates) {
        return Failure{test_path.string() + ": line " + std::to_string(test.lines[0]) +
                       ": column \"" + config_.time +
                       "\": dates in one file, numbers in the other"};
      }
    }
    const Result<ClassLabels> found = classes_of(*train, train_path, environment);
    if (!found) return found.failure();
    const ClassLabels& classes = *found;
    TableRules rules{.label = config_.label, .separator = config_.separator[0], .scale = {}};
    if (config_.standardise) {
      rules.scale = std::make_shared<const Standardisation>(train->inputs, train->features.size());
      rules.scale->apply(train->inputs);
      rules.scale->apply(test.inputs);
    }
    RunningHash hash;
    DataSet data{.natural_ids = numbered(train->makers),
                 .class_names = classes.names(),
                 .feature_names = train->features,
                 .table = std::move(rules),
                 .origin = train_path.string()};
    hash.add(std::as_bytes(std::span(data.natural_ids)));
    auto train_samples = samples(*train, train_path, classes, hash);
    if (!train_samples) return train_samples.failure();
    data.train = *train_samples;
    if (!config_.test.empty()) {
      auto test_samples = samples(test, test_path, classes, hash);
      if (!test_samples) return test_samples.failure();
      data.test = *test_samples;
    }
    const Status added = add_attributes({*train, train_path}, {test, test_path}, data);
    if (!added) return added.failure();
    add_to_hash(data.train_attributes, hash);
    add_to_hash(data.test_attributes, hash);
    data.content_hash = hash.value();
    return data;
  }

 private:
  struct File {
    CsvTable& table;
    const std::filesystem::path& path;
  };

  // Takes them out of the tables.
  Status add_attributes(File train, File test, DataSet& data) const {
    for (std::size_t i = 0; i < config_.attributes.size(); ++i) {
      WordPlace at;
      Result<ColumnPair> pair =
          column_of({.name = config_.attributes[i],
                     .train = std::move(train.table.attributes[i]),
                     .test = test.table.attributes.empty() ? std::vector<std::string>()
                                                           : std::move(test.table.attributes[i])},
                    &at);
      if (!pair) {
        const File& file = at.in_test ? test : train;
        return Failure{file.path.string() + ": line " + std::to_string(file.table.lines[at.row]) +
                       ": column \"" + config_.attributes[i] + "\": " + pair.message()};
      }
      data.train_attributes.columns.push_back(std::move(pair->train));
      if (data.test) data.test_attributes.columns.push_back(std::move(pair->test));
    }
    data.train_attributes.time_s = std::move(train.table.time_s);
    data.test_attributes.time_s = std::move(test.table.time_s);
    return {};
  }

  Result<ClassLabels> classes_of(const CsvTable& train, const std::filesystem::path& path,
                                 const DataEnvironment& environment) const {
    if (!config_.class_names.empty()) return ClassLabels(config_.class_names);
    if (!environment.classes.empty()) return ClassLabels(environment.classes);
    std::size_t at = 0;
    const std::string fault = fault_in_column(train.labels, &at);
    if (fault.empty()) return ClassLabels::found_in(train.labels);
    const std::string line =
        at < train.lines.size() ? ": line " + std::to_string(train.lines[at]) : "";
    return Failure{path.string() + line + ": column \"" + config_.label + "\": " + fault +
                   "; if such labels are classes, list them in \"class_names\""};
  }

  CsvOptions options() const {
    return {.label = config_.label,
            .natural_id = config_.natural_id,
            .drop = config_.drop,
            .attributes = config_.attributes,
            .time = config_.time,
            .separator = config_.separator[0]};
  }

  static std::vector<std::uint32_t> numbered(const std::vector<std::string>& makers) {
    if (makers.empty()) return {};
    std::size_t unknown = 0;
    const auto numbers = ClassLabels::found_in(makers).classes_of(makers, &unknown);
    return {numbers->begin(), numbers->end()};
  }

  Result<std::shared_ptr<const Samples>> samples(CsvTable& table, const std::filesystem::path& path,
                                                 const ClassLabels& classes,
                                                 RunningHash& hash) const {
    std::size_t unknown = 0;
    Result<std::vector<std::int32_t>> labels = classes.classes_of(table.labels, &unknown);
    if (!labels) {
      return Failure{path.string() + ": line " + std::to_string(table.lines[unknown]) +
                     ": column \"" + config_.label + "\": " + labels.message()};
    }
    hash.add(std::as_bytes(std::span(table.inputs)));
    hash.add(std::as_bytes(std::span(*labels)));
    const DataSchema schema{.input = {static_cast<std::uint32_t>(table.features.size())},
                            .classes = static_cast<std::uint32_t>(classes.names().size())};
    return std::shared_ptr<const Samples>(
        std::make_shared<FloatSamples>(schema, std::move(table.inputs), std::move(*labels)));
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Csv, "csv", "tables from CSV files")

}  // namespace

}  // namespace skerry::datasets

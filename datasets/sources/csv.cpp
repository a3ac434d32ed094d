// Tables from CSV files: a header, a label column or targets, numbers and words.
//
// Definition: a column is one of words where no value in it is a number, or where the scenario says
// so. Its words, sorted, become inputs of 0 and 1 each (one_hot) or one number (codes). A gap is
// filled before with `standardise` x = (value - mean) / deviation of each input over the training
// file (deviation 1 where an input is constant).

#include "datasets/csv.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "datasets/attributes.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/samples.hpp"
#include "datasets/standardisation.hpp"
#include "datasets/table_form.hpp"

namespace skerry::datasets {

namespace {

enum class LabelGaps : std::uint8_t { kRefused, kDropped };

}  // namespace

}  // namespace skerry::datasets

namespace skerry {

template <>
struct EnumNames<datasets::LabelGaps> {
  static constexpr std::pair<datasets::LabelGaps, std::string_view> names[] = {
      {datasets::LabelGaps::kRefused, "refuse"}, {datasets::LabelGaps::kDropped, "drop"}};
};

}  // namespace skerry

namespace skerry::datasets {

namespace {

struct CsvConfig {
  std::string train;
  std::string test;
  std::string label = "label";
  std::vector<std::string> targets;
  std::string natural_id;
  std::vector<std::string> drop;
  std::vector<std::string> attributes;
  std::string time;
  std::vector<std::string> class_names;
  WordEncoding categories = WordEncoding::kRefused;
  std::vector<std::string> categorical;
  GapRule missing = GapRule::kRefused;
  double missing_value = 0;
  std::vector<std::string> missing_words = {"", "NA", "NaN", "null", "?"};
  LabelGaps missing_label = LabelGaps::kRefused;
  std::string separator = ",";
  bool standardise = false;
  template <class V>
  void fields(V& v) {
    v("train", train, {.meaning = "file of training samples", .required = true});
    v("test", test, {.meaning = "file of test samples; default: none"});
    v("label", label, {.meaning = "column of the class; without effect beside \"targets\""});
    v("targets", targets, {.meaning = "columns of numbers to predict, in the place of a class"});
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
    v("categories", categories,
      {.meaning = "how a column of words becomes inputs: one_hot has an input of 0 or 1 for each "
                  "word, called colour=red, codes number the sorted words from 0; default: such a "
                  "column is refused. Nodes with files of their own have the cloud's words"});
    v("categorical", categorical,
      {.meaning = "columns of words even where every word is a number (a postcode)"});
    v("missing", missing,
      {.meaning = "what becomes of a gap among the inputs: drop leaves the row out (also where "
                  "its label or another column is missing), mean takes the column's over the "
                  "training rows, constant takes missing_value; a gap among words is none of the "
                  "words, and as a code their number. What was done is said; default: a gap is "
                  "refused"});
    v("missing_value", missing_value, {.meaning = "what stands for a gap with constant"});
    v("missing_words", missing_words,
      {.meaning = "cells that are gaps, in capitals or not; an empty cell always is one"});
    v("missing_label", missing_label,
      {.meaning = "what becomes of a row without a label: refuse, or drop"});
    v("separator", separator, {.meaning = "one character between cells"});
    v("standardise", standardise,
      {.meaning =
           "scale each input to mean 0 and deviation 1 over the training file; nodes with files of "
           "their own take the cloud's scale"});
  }
  void check(FieldReader& reader) const {
    if (separator.size() != 1 || separator == "\"" || separator == "\n") {
      reader.error("separator", "must be one character, neither a quote nor a line break");
    }
    if (label.empty()) reader.error("label", "must name a column");
    if (!targets.empty() && !class_names.empty()) {
      reader.error("class_names", "have no effect: \"targets\" are no classes");
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto others = std::span(targets).first(i);
      const bool twice = std::ranges::find(others, targets[i]) != others.end();
      if (twice) reader.error("targets", "lists \"" + targets[i] + "\" twice");
    }
    if (natural_id == label && targets.empty())
      reader.error("natural_id", "is the column of the class, too");
    for (const std::string& column : drop) {
      const bool is_label = column == label && targets.empty();
      if (!is_label && (column != natural_id || column.empty())) continue;
      reader.error("drop", "leaves out the column \"" + column + "\", which \"" +
                               (is_label ? "label" : "natural_id") + "\" names");
    }
    if (missing_value != 0 && missing != GapRule::kConstant) {
      reader.error("missing_value", "has no effect: \"missing\" is not constant");
    }
    if (!std::isfinite(static_cast<float>(missing_value))) {
      reader.error("missing_value", "is not a finite float32");
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
    const std::filesystem::path test_path = resolve_path(environment, config_.test);
    Result<CsvTable> train = read_csv(train_path, options(environment));
    if (!train) return train.failure();
    DataSet data{.table = {.label = config_.label, .separator = config_.separator[0]},
                 .origin = train_path.string()};
    if (train->dropped > 0 && config_.missing != GapRule::kDropped &&
        config_.missing_label == LabelGaps::kRefused) {
      data.remarks.push_back(
          "a run refuses rows without a label; \"missing_label\": \"drop\" "
          "leaves them out");
    }
    const std::size_t said = data.remarks.size();
    const Result<TableForm> form = form_of({*train, train_path}, environment, data);
    if (!form) return Failure{train_path.string() + ": " + form.message()};
    data.table.form = std::make_shared<const TableForm>(*form);
    data.feature_names = form->names();
    CsvTable test;
    if (!config_.test.empty()) {
      Result<CsvTable> table = test_table({*train, train_path}, test_path, *form, environment);
      if (!table) return table.failure();
      test = std::move(*table);
    }
    const Result<ClassLabels> classes = classes_of(*train, train_path, environment);
    if (!classes) return classes.failure();
    data.class_names = classes->names();
    data.target_names = config_.targets;
    data.natural_ids = numbered(train->makers);
    if (data.remarks.size() == said) {  // otherwise nobody has asked for what was done
      say({*train, train_path}, *form, data);
      if (!config_.test.empty()) say({test, test_path}, *form, data);
    }
    count_gaps(*train, test, data);
    RunningHash hash;
    hash.add(std::as_bytes(std::span(data.natural_ids)));
    const Status filled = add_samples({*train, train_path}, {test, test_path}, environment,
                                      {*form, *classes, hash}, data);
    if (!filled) return filled.failure();
    const Status added = add_attributes({*train, train_path}, {test, test_path}, data);
    if (!added) return added.failure();
    add_to_hash(data.train_attributes, hash);
    add_to_hash(data.test_attributes, hash);
    for (const TableForm::Column& column : form->columns()) {
      for (const std::string& word : column.words) hash.add(std::as_bytes(std::span(word)));
    }
    data.content_hash = hash.value();
    return data;
  }

 private:
  struct File {
    CsvTable& table;
    const std::filesystem::path& path;
  };
  struct Meaning {
    const TableForm& form;
    const ClassLabels& classes;
    RunningHash& hash;
  };

  TableForm::Rules rules() const {
    return {.words = config_.categories,
            .gaps = config_.missing,
            .constant = config_.missing_value,
            .missing = config_.missing_words,
            .categorical = config_.categorical};
  }

  // Who only looks sees what a run would refuse, and is told so. Then the table is read anew.
  Result<TableForm> form_of(File train, const DataEnvironment& environment, DataSet& data) const {
    const TableAgreement* agreed = environment.table ? &*environment.table : nullptr;
    Result<TableForm> form = TableForm::found_in(train.table, rules(), agreed);
    if (form || !environment.only_looks) return form;
    data.remarks.push_back("a run refuses it: " + train.path.string() + ": " + form.message());
    TableForm::Rules looser = rules();
    if (looser.words == WordEncoding::kRefused) looser.words = WordEncoding::kCodes;
    if (looser.gaps == GapRule::kRefused) looser.gaps = GapRule::kMean;
    for (std::size_t i = 0; i < train.table.features.size(); ++i) {
      if (!train.table.odd[i].cells.empty()) {
        looser.categorical.push_back(train.table.features[i]);
      }
    }
    CsvOptions how = options(environment);
    how.categorical = looser.categorical;
    Result<CsvTable> anew = read_csv(train.path, how);
    if (!anew) return anew.failure();
    train.table = std::move(*anew);
    return TableForm::found_in(train.table, looser, agreed);
  }

  Result<CsvTable> test_table(File train, const std::filesystem::path& path, const TableForm& form,
                              const DataEnvironment& environment) const {
    CsvOptions how = options(environment);
    how.categorical = form.categorical();
    Result<CsvTable> test = read_csv(path, how);
    if (!test) return test;
    if (test->features != train.table.features) {
      return Failure{path.string() + ": line 1: its columns are not those of " +
                     train.path.string()};
    }
    if (test->times_are_dates != train.table.times_are_dates) {
      return Failure{path.string() + ": line " + std::to_string(test->lines[0]) + ": column \"" +
                     config_.time + "\": dates in one file, numbers in the other"};
    }
    return test;
  }

  static void say(File file, const TableForm& form, DataSet& data) {
    for (const std::string& remark : form.remarks(file.table)) {
      data.remarks.push_back(file.path.string() + ": " + remark);
    }
  }

  static void count_gaps(const CsvTable& train, const CsvTable& test, DataSet& data) {
    const auto count = [&](const CsvTable& table, std::size_t ColumnGaps::*of) {
      const auto add = [&](const std::string& column, std::size_t gaps) {
        if (gaps == 0) return;
        auto found = std::ranges::find(data.gaps, column, &ColumnGaps::column);
        if (found == data.gaps.end()) found = data.gaps.insert(found, {.column = column});
        (*found).*of += gaps;
      };
      for (std::size_t i = 0; i < table.odd.size(); ++i) {
        add(table.features[i], table.odd[i].gaps.size());
      }
      for (const auto& [column, rows] : table.lacks) add(column, rows);
    };
    count(train, &ColumnGaps::train);
    count(test, &ColumnGaps::test);
  }

  // Of inputs: as agreed on, or as these rows say.
  void standardise(const std::vector<float>& inputs, const DataEnvironment& environment,
                   std::size_t columns, DataSet& data) const {
    const bool agreed = environment.table && environment.table->means.size() == columns;
    if (config_.standardise && agreed) {
      data.table.scale = std::make_shared<const Standardisation>(environment.table->means,
                                                                 environment.table->deviations);
    } else if (config_.standardise) {
      data.table.scale = std::make_shared<const Standardisation>(inputs, columns);
    }
    if (!environment.table || agreed == config_.standardise) return;
    data.remarks.push_back(
        data.origin + (agreed ? ": the columns are not standardised, the cloud's are"
                              : ": the columns are standardised by their own rows: the cloud's are "
                                "not standardised"));
  }

  Status add_samples(File train, File test, const DataEnvironment& environment, Meaning meaning,
                     DataSet& data) const {
    Result<std::vector<float>> inputs = inputs_of(train, meaning.form);
    if (!inputs) return inputs.failure();
    standardise(*inputs, environment, meaning.form.inputs(), data);
    auto samples = this->samples(train, std::move(*inputs), meaning, data);
    if (!samples) return samples.failure();
    data.train = *samples;
    if (config_.test.empty()) return {};
    inputs = inputs_of(test, meaning.form);
    if (!inputs) return inputs.failure();
    samples = this->samples(test, std::move(*inputs), meaning, data);
    if (!samples) return samples.failure();
    data.test = *samples;
    return {};
  }

  static Result<std::vector<float>> inputs_of(File file, const TableForm& form) {
    auto inputs = form.take_inputs(file.table);
    if (!inputs) return Failure{file.path.string() + ": " + inputs.message()};
    return inputs;
  }

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
    data.train_attributes.times_are_dates = train.table.times_are_dates;
    data.test_attributes.times_are_dates = test.table.times_are_dates;
    data.train_attributes.time_s = std::move(train.table.time_s);
    data.test_attributes.time_s = std::move(test.table.time_s);
    return {};
  }

  Result<ClassLabels> classes_of(const CsvTable& train, const std::filesystem::path& path,
                                 const DataEnvironment& environment) const {
    if (!config_.targets.empty()) return ClassLabels({});
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

  CsvOptions options(const DataEnvironment& environment) const {
    std::vector<std::string> categorical = config_.categorical;
    if (environment.table) {
      for (const TableAgreement::Column& column : environment.table->columns) {
        if (!column.words.empty()) categorical.push_back(column.name);
      }
    }
    return {
        .label = config_.targets.empty() ? config_.label : "",
        .targets = config_.targets,
        .natural_id = config_.natural_id,
        .drop = config_.drop,
        .attributes = config_.attributes,
        .time = config_.time,
        .separator = config_.separator[0],
        .loose = true,
        .categorical = std::move(categorical),
        .missing = config_.missing_words,
        .drop_incomplete = config_.missing == GapRule::kDropped,
        .drop_unlabelled = config_.missing_label == LabelGaps::kDropped || environment.only_looks,
        .classes = config_.class_names.empty() ? environment.classes : config_.class_names};
  }

  static std::vector<std::uint32_t> numbered(const std::vector<std::string>& makers) {
    if (makers.empty()) return {};
    std::size_t unknown = 0;
    const auto numbers = ClassLabels::found_in(makers).classes_of(makers, &unknown);
    return {numbers->begin(), numbers->end()};
  }

  Result<std::shared_ptr<const Samples>> samples(File file, std::vector<float> inputs,
                                                 Meaning meaning, const DataSet& data) const {
    if (data.table.scale) data.table.scale->apply(inputs);
    std::size_t unknown = 0;
    Result<std::vector<std::int32_t>> labels =
        meaning.classes.classes_of(file.table.labels, &unknown);
    if (labels && !config_.targets.empty()) labels->assign(file.table.lines.size(), 0);
    if (!labels) {
      return Failure{file.path.string() + ": line " + std::to_string(file.table.lines[unknown]) +
                     ": column \"" + config_.label + "\": " + labels.message()};
    }
    meaning.hash.add(std::as_bytes(std::span(inputs)));
    meaning.hash.add(std::as_bytes(std::span(*labels)));
    if (!config_.targets.empty()) {
      meaning.hash.add(std::as_bytes(std::span(file.table.targets)));
    }
    const DataSchema schema{.input = {static_cast<std::uint32_t>(meaning.form.inputs())},
                            .classes = static_cast<std::uint32_t>(meaning.classes.names().size()),
                            .values = static_cast<std::uint32_t>(config_.targets.size())};
    return std::shared_ptr<const Samples>(std::make_shared<FloatSamples>(
        schema, std::move(inputs), std::move(*labels), std::move(file.table.targets)));
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Csv, "csv", "tables from CSV files")

}  // namespace

}  // namespace skerry::datasets

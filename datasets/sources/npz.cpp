// Arrays from a NumPy archive, such as Keras' mnist.npz.
//
// Definition: x = (value / scale - mean) / deviation. Bytes stay bytes in memory; anything else is
// converted to float32 once.

#include "datasets/npz.hpp"

#include <cmath>
#include <set>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "datasets/attributes.hpp"
#include "datasets/class_labels.hpp"
#include "datasets/data_source.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

struct NpzConfig {
  std::string path;
  std::string train_inputs = "x_train";
  std::string train_labels = "y_train";
  std::string test_inputs = "x_test";
  std::string test_labels = "y_test";
  std::string natural_ids;
  std::vector<std::string> attributes, test_attributes;
  std::string time, test_time;
  std::uint32_t classes = 0;
  std::vector<std::uint32_t> input;
  double scale = 1;
  double mean = 0;
  double deviation = 1;
  template <class V>
  void fields(V& v) {
    v("path", path, {.meaning = "the .npz file", .required = true});
    v("train_inputs", train_inputs, {.meaning = "array of training inputs [samples, ...]"});
    v("train_labels", train_labels,
      {.meaning = "array of training labels [samples] or [samples, 1]"});
    v("test_inputs", test_inputs, {.meaning = "array of test inputs; empty: no test set"});
    v("test_labels", test_labels, {.meaning = "array of test labels"});
    v("natural_ids", natural_ids,
      {.meaning = "array of who made each training sample, whole numbers or text; default: none"});
    v("attributes", attributes,
      {.meaning = "arrays of numbers or text that say what a training sample is about (a site, a "
                  "concept), for streams"});
    v("test_attributes", test_attributes,
      {.meaning = "the same for test samples, one array for each of `attributes`, in their order; "
                  "default: test samples have none"});
    v("time", time,
      {.meaning = "array of when each training sample was made, in seconds; default: none"});
    v("test_time", test_time, {.meaning = "the same for test samples; default: none"});
    v("classes", classes, {.meaning = "number of classes; 0: the largest training label plus one"});
    v("input", input,
      {.meaning = "shape of one sample where it is not the file's, e.g. [1, 28, 28]"});
    v("scale", scale, {.meaning = "inputs are divided by it", .min = 0, .above_min = true});
    v("mean", mean, {.meaning = "then subtracted"});
    v("deviation", deviation, {.meaning = "then divided by it", .min = 0, .above_min = true});
  }
  void check(FieldReader& reader) const {
    if (!test_attributes.empty() && test_attributes.size() != attributes.size()) {
      reader.error("test_attributes", "lists " + std::to_string(test_attributes.size()) +
                                          " arrays for " + std::to_string(attributes.size()) +
                                          " attributes");
    }
    if (!test_time.empty() && time.empty()) reader.error("test_time", "needs `time` as well");
    if (test_inputs.empty() && !(test_attributes.empty() && test_time.empty())) {
      reader.error("test_inputs",
                   "is empty: there are no test samples to have attributes or times");
    }
  }
};

using Arrays = std::map<std::string, NpyArray>;

class Npz final : public DataSource {
 public:
  using Config = NpzConfig;
  explicit Npz(const Config& config) : config_(config) {}

  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::filesystem::path path = resolve_path(environment, config_.path);
    std::vector<std::string> names = {config_.train_inputs, config_.train_labels};
    if (!config_.test_inputs.empty()) {
      names.insert(names.end(), {config_.test_inputs, config_.test_labels});
    }
    for (const std::string& name : {config_.natural_ids, config_.time, config_.test_time}) {
      if (!name.empty()) names.push_back(name);
    }
    for (const auto& list : {config_.attributes, config_.test_attributes}) {
      names.insert(names.end(), list.begin(), list.end());
    }
    Result<Arrays> arrays = read_npz(path, names, may_be_text());
    if (!arrays) return arrays.failure();

    DataSet data{.origin = path.string()};
    RunningHash hash;
    std::uint32_t classes = config_.classes;
    if (classes == 0) classes = static_cast<std::uint32_t>(environment.classes.size());
    auto train = part({path, config_.train_inputs, config_.train_labels}, *arrays, classes, hash);
    if (!train) return train.failure();
    data.train = *train;
    if (!config_.test_inputs.empty()) {
      auto test = part({path, config_.test_inputs, config_.test_labels}, *arrays, classes, hash);
      if (!test) return test.failure();
      if ((*test)->schema() != data.train->schema()) {
        return wrong(path, config_.test_inputs,
                     "samples are " + to_string((*test)->schema().input) + ", those to train on " +
                         to_string(data.train->schema().input));
      }
      data.test = *test;
    }
    if (!config_.natural_ids.empty()) {
      const Status added = add_makers(path, arrays->at(config_.natural_ids), data, hash);
      if (!added) return added.failure();
    }
    const Status added = add_attributes(path, *arrays, data);
    if (!added) return added.failure();
    add_to_hash(data.train_attributes, hash);
    add_to_hash(data.test_attributes, hash);
    data.content_hash = hash.value();
    return data;
  }

 private:
  struct Names {
    std::filesystem::path path;
    std::string inputs;
    std::string labels;
  };

  static Failure wrong(const std::filesystem::path& path, const std::string& array,
                       const std::string& message) {
    return Failure{path.string() + ": " + array + ".npy: " + message};
  }

  static Failure wrong_element(const std::filesystem::path& path, const std::string& name,
                               const NpyArray& array, std::size_t i, const std::string& message) {
    return wrong(
        path, name,
        "byte " + std::to_string(array.byte_of(i)) + ": " + array.name_of(i) + " " + message);
  }

  std::vector<std::string> may_be_text() const {
    std::vector<std::string> names = {config_.natural_ids};
    names.insert(names.end(), config_.attributes.begin(), config_.attributes.end());
    names.insert(names.end(), config_.test_attributes.begin(), config_.test_attributes.end());
    return names;
  }

  // [rows], or [rows, 1] as a column of a data frame comes.
  static bool one_a_row(const NpyArray& array, std::size_t rows) {
    return !array.shape().empty() && array.shape()[0] == rows && array.size() == rows;
  }
  static bool whole_numbers(const NpyArray& array) {
    return array.type() == DType::kUint8 || array.type() == DType::kInt32 ||
           array.type() == DType::kInt64;
  }
  static std::string held_by(const NpyArray& array) {
    return (array.is_text() ? "text " : std::string(to_string(array.type())) + " ") +
           to_string(array.shape());
  }

  // Sets `classes` where it is 0. Whole numbers may be held as floats.
  Result<std::vector<std::int32_t>> labels_of(const Names& names, const NpyArray& array,
                                              std::size_t rows, std::uint32_t& classes) const {
    if (!one_a_row(array, rows)) {
      return wrong(names.path, names.labels,
                   "must hold whole numbers [" + std::to_string(rows) + "], a label for each of " +
                       names.inputs + "; holds " + held_by(array));
    }
    constexpr double kMostClasses = 1e6;
    const double most = classes == 0 ? kMostClasses : classes;
    std::vector<std::int32_t> labels(rows);
    std::set<std::int32_t> distinct;
    for (std::size_t i = 0; i < rows; ++i) {
      const double label = array.number(i);
      if (std::isnan(label)) {
        return wrong_element(names.path, names.labels, array, i, "is NaN: its label is missing");
      }
      if (label != std::trunc(label)) {
        return wrong_element(names.path, names.labels, array, i,
                             "is no whole number but a value to predict; labels are classes");
      }
      if (label < 0 || label >= most) {
        return wrong_element(
            names.path, names.labels, array, i,
            "is label " + whole(label) + "; a label is the number of a class, " +
                (label < 0 && classes == 0 ? "0 or more" : "0 to " + whole(most - 1)));
      }
      labels[i] = static_cast<std::int32_t>(label);
      distinct.insert(labels[i]);
    }
    if (classes > 0 || rows == 0) return labels;
    if (too_many_classes(distinct.size(), rows)) {
      return wrong(names.path, names.labels,
                   std::to_string(distinct.size()) + " different labels for " +
                       std::to_string(rows) +
                       " samples look like values to predict, or ids, not like classes; where "
                       "they are classes, give their number in \"classes\"");
    }
    classes = static_cast<std::uint32_t>(*distinct.rbegin()) + 1;
    return labels;
  }

  static std::string whole(double number) {
    constexpr double kExactBelow = 9007199254740992;  // 2^53
    if (std::abs(number) >= kExactBelow) return number < 0 ? "-2^53 or less" : "2^53 or more";
    return std::to_string(static_cast<std::int64_t>(number));
  }

  Result<std::shared_ptr<const Samples>> part(const Names& names, Arrays& arrays,
                                              std::uint32_t& classes, RunningHash& hash) const {
    NpyArray& inputs = arrays.at(names.inputs);
    const Shape& shape = inputs.shape();
    if (shape.empty() || inputs.size() == 0) {
      return wrong(names.path, names.inputs, "holds no samples: " + to_string(shape));
    }
    DataSchema schema{.scale = config_.scale, .mean = config_.mean, .deviation = config_.deviation};
    schema.input.assign(shape.begin() + 1, shape.end());
    if (!config_.input.empty()) {
      if (element_count(config_.input) != schema.input_size()) {
        return wrong(names.path, names.inputs,
                     "one sample is " + to_string(schema.input) + ", which does not make " +
                         to_string(config_.input));
      }
      schema.input = config_.input;
    }
    Result<std::vector<std::int32_t>> labels =
        labels_of(names, arrays.at(names.labels), shape[0], classes);
    if (!labels) return labels.failure();
    schema.classes = classes;
    hash.add(std::as_bytes(std::span(*labels)));
    if (inputs.type() == DType::kUint8) {
      auto owner = std::make_shared<const NpyArray>(std::move(inputs));
      const auto bytes = owner->elements<std::uint8_t>();
      hash.add(std::as_bytes(bytes));
      return std::shared_ptr<const Samples>(
          std::make_shared<ByteSamples>(schema, owner, bytes.data(), std::move(*labels)));
    }
    Result<std::vector<float>> values = floats_of(names, inputs, schema);
    if (!values) return values.failure();
    hash.add(std::as_bytes(std::span(*values)));
    return std::shared_ptr<const Samples>(
        std::make_shared<FloatSamples>(schema, std::move(*values), std::move(*labels)));
  }

  static Result<std::vector<float>> floats_of(const Names& names, const NpyArray& inputs,
                                              const DataSchema& schema) {
    std::vector<float> values(inputs.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double raw = inputs.number(i);
      values[i] = static_cast<float>((raw / schema.scale - schema.mean) / schema.deviation);
      if (!std::isfinite(values[i])) {
        return wrong_element(names.path, names.inputs, inputs, i, "is not a finite float32");
      }
    }
    return values;
  }

  Status add_makers(const std::filesystem::path& path, const NpyArray& array, DataSet& data,
                    RunningHash& hash) const {
    const std::size_t rows = data.train->size();
    if (!one_a_row(array, rows) || !(array.is_text() || whole_numbers(array))) {
      return wrong(path, config_.natural_ids,
                   "must hold whole numbers or text [" + std::to_string(rows) + "], holds " +
                       held_by(array));
    }
    if (array.is_text()) {
      const auto words = words_of(path, config_.natural_ids, array, rows);
      if (!words) return words.failure();
      std::size_t unknown = 0;
      const auto numbers = ClassLabels::found_in(*words).classes_of(*words, &unknown);
      data.natural_ids.assign(numbers->begin(), numbers->end());
    }
    for (std::size_t i = 0; i < array.size() && !array.is_text(); ++i) {
      const double id = array.number(i);
      if (id < 0 || id > 0xffffffffu) {
        return wrong_element(path, config_.natural_ids, array, i, "does not fit 32 bits");
      }
      data.natural_ids.push_back(static_cast<std::uint32_t>(id));
    }
    hash.add(std::as_bytes(std::span(data.natural_ids)));
    return {};
  }

  // One word a row.
  static Result<std::vector<std::string>> words_of(const std::filesystem::path& path,
                                                   const std::string& name, const NpyArray& array,
                                                   std::size_t rows) {
    if (!one_a_row(array, rows)) {
      return wrong(
          path, name,
          "must hold one word a sample [" + std::to_string(rows) + "], holds " + held_by(array));
    }
    const auto empty = std::ranges::find(array.texts(), "");
    if (empty == array.texts().end()) return array.texts();
    const auto at = static_cast<std::size_t>(empty - array.texts().begin());
    return wrong_element(path, name, array, at, "is empty");
  }

  // One finite number a row.
  static Result<std::vector<double>> numbers_of(const std::filesystem::path& path,
                                                const std::string& name, const NpyArray& array,
                                                std::size_t rows) {
    if (!one_a_row(array, rows) || array.is_text()) {
      return wrong(path, name,
                   "must hold one number a sample [" + std::to_string(rows) + "], holds " +
                       (array.is_text() ? "text " : "") + to_string(array.shape()));
    }
    std::vector<double> numbers(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      numbers[i] = array.number(i);
      if (!std::isfinite(numbers[i])) return wrong_element(path, name, array, i, "is not finite");
    }
    return numbers;
  }

  // The same attribute of both sets: of numbers, or of words.
  Result<ColumnPair> attribute(const std::filesystem::path& path, const Arrays& arrays,
                               const DataSet& data, std::size_t i) const {
    const std::string& name = config_.attributes[i];
    const NpyArray& train = arrays.at(name);
    const std::string test_name = config_.test_attributes.empty() ? "" : config_.test_attributes[i];
    const NpyArray* test = test_name.empty() ? nullptr : &arrays.at(test_name);
    if (test != nullptr && test->is_text() != train.is_text()) {
      return wrong(path, test_name,
                   "holds " + held_by(*test) + ", " + name + " holds " + held_by(train));
    }
    if (train.is_text()) {
      ColumnWords words{.name = name, .train = {}, .test = {}};
      auto found = words_of(path, name, train, data.train->size());
      if (!found) return found.failure();
      words.train = std::move(*found);
      if (test != nullptr) {
        found = words_of(path, test_name, *test, data.test->size());
        if (!found) return found.failure();
        words.test = std::move(*found);
      }
      return levels_of(words);
    }
    ColumnPair pair;
    pair.train.name = pair.test.name = name;
    auto numbers = numbers_of(path, name, train, data.train->size());
    if (!numbers) return numbers.failure();
    pair.train.numbers = std::move(*numbers);
    if (test == nullptr) return pair;
    numbers = numbers_of(path, test_name, *test, data.test->size());
    if (!numbers) return numbers.failure();
    pair.test.numbers = std::move(*numbers);
    return pair;
  }

  Status add_attributes(const std::filesystem::path& path, const Arrays& arrays,
                        DataSet& data) const {
    for (std::size_t i = 0; i < config_.attributes.size(); ++i) {
      Result<ColumnPair> pair = attribute(path, arrays, data, i);
      if (!pair) return pair.failure();
      data.train_attributes.columns.push_back(std::move(pair->train));
      if (!config_.test_attributes.empty()) {
        data.test_attributes.columns.push_back(std::move(pair->test));
      }
    }
    const auto read = [&](const std::string& array, const Samples& samples,
                          std::vector<double>& into) -> Status {
      if (array.empty()) return {};
      auto numbers = numbers_of(path, array, arrays.at(array), samples.size());
      if (!numbers) return numbers.failure();
      into = std::move(*numbers);
      return {};
    };
    Status status = read(config_.time, *data.train, data.train_attributes.time_s);
    if (status && data.test) {
      status = read(config_.test_time, *data.test, data.test_attributes.time_s);
    }
    return status;
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Npz, "npz", "arrays from a NumPy archive")

}  // namespace

}  // namespace skerry::datasets

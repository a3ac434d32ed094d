#include "datasets/npz.hpp"

#include <cmath>

#include "datasets/data_source.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/numpy.hpp"
#include "tests/datasets/plugins.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

Result<NpyArray> parse(const std::string& text) { return parse_npy(bytes_of(text), "a.npy"); }

template <class T>
NamedArray array(const std::string& name, DType type, const Shape& shape,
                 const std::vector<T>& values) {
  return {name, shape, type, std::as_bytes(std::span(values))};
}

template <class T>
std::vector<T> values(const NpyArray& array) {
  const auto elements = array.elements<T>();
  return {elements.begin(), elements.end()};
}

std::string npy_text(const std::string& dictionary, const std::string& elements, int version = 1) {
  std::string text = "\x93NUMPY";
  text += {static_cast<char>(version), 0, static_cast<char>(dictionary.size()), 0};
  if (version == 2) text += {0, 0};
  return text + dictionary + elements;
}

const std::vector<float> kFloats = {1.5f, -2, 3, 4, 5, 6};
const std::vector<std::int64_t> kLongs = {7, -8};
const std::vector<double> kScalar = {0.25};

std::vector<NamedArray> model() {
  return {array("fc1.weight", DType::kFloat32, {2, 3}, kFloats),
          array("count", DType::kInt64, {2}, kLongs), array("step", DType::kFloat64, {}, kScalar),
          array("none", DType::kFloat32, {0, 4}, std::vector<float>{})};
}

}  // namespace

TEST_CASE("what write_npz writes read_npz reads back") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "m.npz", model()).message() == "");
  const auto arrays = read_npz(folder / "m.npz");
  REQUIRE(arrays.message() == "");
  CHECK(arrays->size() == 4);
  CHECK(arrays->at("fc1.weight").shape() == Shape{2, 3});
  CHECK(values<float>(arrays->at("fc1.weight")) == kFloats);
  CHECK(values<std::int64_t>(arrays->at("count")) == kLongs);
  CHECK(arrays->at("step").shape().empty());
  CHECK(arrays->at("step").number(0) == 0.25);
  CHECK(arrays->at("none").size() == 0);
  CHECK(folder.files() == 1);
}

TEST_CASE("the same arrays give the same file") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "a.npz", model()).ok());
  REQUIRE(write_npz(folder / "b.npz", model()).ok());
  CHECK(*read_file(folder / "a.npz") == *read_file(folder / "b.npz"));
}

TEST_CASE("a model file is replaced whole, or left as it was") {
  const ScratchFolder folder;
  folder.put("m.npz", "old");
  REQUIRE(write_npz(folder / "m.npz", model()).ok());
  CHECK(read_npz(folder / "m.npz", {"count"})->size() == 1);
  const Status status = write_npz(folder / "no/m.npz", model());
  CHECK_FALSE(status.ok());
  CHECK(status.message().find("No such file or directory") != std::string::npos);
  CHECK(folder.files() == 1);
}

TEST_CASE("numpy reads what write_npz writes") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "m.npz", model()).ok());
  const auto read = numpy_program(
      "import numpy\n"
      "m = numpy.load(\"" +
      (folder / "m.npz").string() +
      "\")\n"
      "w = m[\"fc1.weight\"]\n"
      "assert w.dtype == numpy.float32 and w.tolist() == [[1.5, -2, 3], [4, 5, 6]], w\n"
      "assert m[\"count\"].dtype == numpy.int64 and m[\"count\"].tolist() == [7, -8]\n"
      "assert m[\"step\"].shape == () and m[\"step\"] == 0.25\n"
      "assert m[\"none\"].shape == (0, 4)\n");
  if (!read) {
    WARN("not tested, no NumPy here");
    return;
  }
  CHECK(*read);
}

TEST_CASE("read_npz reads what numpy writes, packed or not") {
  const ScratchFolder folder;
  const auto written = numpy_program(
      "import numpy\n"
      "x = numpy.arange(6, dtype=numpy.float64).reshape(2, 3)\n"
      "y = numpy.array([3, 4], dtype=numpy.int32)\n"
      "numpy.savez(\"" +
      (folder / "a.npz").string() +
      "\", x=x, y=y)\n"
      "numpy.savez_compressed(\"" +
      (folder / "b.npz").string() + "\", x=x, y=y)\n");
  if (!written) {
    WARN("not tested, no NumPy here");
    return;
  }
  for (const char* name : {"a.npz", "b.npz"}) {
    const auto arrays = read_npz(folder / name);
    REQUIRE(arrays.message() == "");
    CHECK(values<double>(arrays->at("x")) == std::vector<double>{0, 1, 2, 3, 4, 5});
    CHECK(values<std::int32_t>(arrays->at("y")) == std::vector<std::int32_t>{3, 4});
  }
}

TEST_CASE("a NumPy header of version 2 is read") {
  const auto array =
      parse(npy_text("{\"shape\": (2,), 'fortran_order': False, 'descr': '|u1'}\n", "ab", 2));
  REQUIRE(array.message() == "");
  CHECK(array->shape() == Shape{2});
  CHECK(array->elements<std::uint8_t>()[1] == 'b');
}

TEST_CASE("every shortening of a NumPy array is one error that names the file and the byte") {
  for (const int version : {1, 2}) {
    const std::string whole = npy_text(
        "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }\n", "aaaabbbbcccc", version);
    REQUIRE(parse(whole).ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto array = parse(whole.substr(0, size));
      INFO("cut to " << size << " bytes: " << array.message());
      REQUIRE_FALSE(array.ok());
      CHECK(array.message().find("a.npy: byte " + std::to_string(size) + ": ") == 0);
    }
  }
}

TEST_CASE("every shortening of a NumPy archive is one error that names the file") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "m.npz", model()).ok());
  const FileBytes whole = *read_file(folder / "m.npz");
  const std::string text(reinterpret_cast<const char*>(whole.data()), whole.size());
  const std::filesystem::path cut = folder / "cut.npz";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder.put("cut.npz", text.substr(0, size));
    const auto arrays = read_npz(cut);
    INFO("cut to " << size << " bytes: " << arrays.message());
    REQUIRE_FALSE(arrays.ok());
    CHECK(arrays.message().find(cut.string() + ": ") == 0);
  }
}

TEST_CASE("every flipped bit of a NumPy archive is an error or harmless, never a crash") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "m.npz", {model()[0]}).ok());
  const FileBytes whole = *read_file(folder / "m.npz");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped(reinterpret_cast<const char*>(whole.data()), whole.size());
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const auto arrays = read_npz(folder.put("f.npz", flipped));
    if (arrays.ok() && arrays->contains("fc1.weight")) {
      CHECK(values<float>(arrays->at("fc1.weight")) == kFloats);  // the CRC detects every change
    }
  }
}

TEST_CASE("what is wrong with a NumPy array is said once and clearly") {
  const auto with = [](const std::string& type, const std::string& order,
                       const std::string& shape) {
    return parse(npy_text("{'descr': '" + type + "', 'fortran_order': " + order +
                              ", 'shape': " + shape + ", }\n",
                          "12345678"))
        .message();
  };
  CHECK(parse("").message() == "a.npy: byte 0: the file is empty");
  CHECK(parse("PK\3\4").message() == "a.npy: byte 0: is not a NumPy array");
  CHECK(parse("\x93NUMPY\3" + std::string(80, 0)).message() ==
        "a.npy: byte 6: NumPy format version 3; 1 and 2 are read");
  CHECK(with("<f4", "False", "(2,)") == "");
  CHECK(
      with("<f4", "False", "(3,)").find("ends early: the header promises more than the 8 bytes") !=
      std::string::npos);
  CHECK(with("<f4", "False", "(4294967295, 4294967295, 4294967295)").find("ends early") !=
        std::string::npos);
  CHECK(with("<f4", "False", "(1,)").find("4 bytes follow the array [1]") != std::string::npos);
  CHECK(with("<f4", "False", "(-1,)").find("the NumPy header cannot be read") != std::string::npos);
  CHECK(with("<f4", "Maybe", "(2,)").find("the NumPy header cannot be read") != std::string::npos);
}

TEST_CASE("a name that an archive does not have is answered with those it has") {
  const ScratchFolder folder;
  REQUIRE(write_npz(folder / "m.npz", {model()[0], model()[1]}).ok());
  CHECK(read_npz(folder / "m.npz", {"fc1.weight", "fc2"}).message() ==
        (folder / "m.npz").string() +
            ": has no array \"fc2\"; it has \"fc1.weight\" and \"count\"");
}

namespace {

const std::vector<std::uint8_t> kPixels = {0, 51, 102, 255, 5, 6, 7, 8};
const std::vector<std::int64_t> kLabels = {1, 2};

ConfigNode list(const ConfigNode::Array& items) { return ConfigNode(items); }

Result<DataSet> load(const ScratchFolder& folder, const std::vector<NamedArray>& arrays,
                     ConfigNode::Object parameters = {}) {
  REQUIRE(write_npz(folder / "d.npz", arrays).ok());
  const Registry registry = all_plugins();
  parameters.emplace_back("path", "d.npz");
  return registry.make(choose<DataSource>(registry, "npz", parameters))
      ->load({.search_folders = {folder.path()}});
}

}  // namespace

TEST_CASE("an archive is read from bytes as from its file") {
  const ScratchFolder folder;
  const std::vector<NamedArray> arrays = {array("y", DType::kInt64, {2}, kLabels)};
  REQUIRE(write_npz(folder / "d.npz", arrays).ok());
  auto bytes = read_file(folder / "d.npz");
  REQUIRE(bytes.ok());
  const auto read = parse_npz(*bytes, "d.npz", {"y"});
  REQUIRE(read.message() == "");
  CHECK(read->at("y").number(1) == static_cast<double>(kLabels[1]));
  CHECK(parse_npz(*bytes, "d.npz", {"z"}).message() == "d.npz: has no array \"z\"; it has \"y\"");
  bytes->resize(bytes->size() / 2);
  CHECK(parse_npz(*bytes, "d.npz").message().starts_with("d.npz: "));
  CHECK_FALSE(parse_npz({}, "d.npz").ok());
}

TEST_CASE("the npz source keeps bytes as bytes and counts classes") {
  const ScratchFolder folder;
  const std::vector<NamedArray> arrays = {array("x_train", DType::kUint8, {2, 2, 2}, kPixels),
                                          array("y_train", DType::kInt64, {2}, kLabels),
                                          array("x_test", DType::kUint8, {2, 2, 2}, kPixels),
                                          array("y_test", DType::kInt64, {2}, kLabels)};
  const auto data =
      load(folder, arrays, {{"scale", 255}, {"input", ConfigNode(ConfigNode::Array{1, 2, 2})}});
  REQUIRE(data.message() == "");
  CHECK(data->train->schema().input == Shape{1, 2, 2});
  CHECK(data->train->schema().classes == 3);
  CHECK(data->train->byte_rows().data[3] == 255);
  CHECK(data->test->size() == 2);
  const std::uint32_t row = 0;
  std::vector<float> input(4);
  data->train->inputs(std::span(&row, 1), input);
  CHECK(input[1] == Approx(0.2));
  CHECK(load(folder, arrays)->train->schema().input == Shape{2, 2});
}

TEST_CASE("the npz source names the array and the byte of what it cannot use") {
  const ScratchFolder folder;
  const std::string file = (folder / "d.npz").string();
  const ConfigNode::Object alone = {{"test_inputs", ""}};
  const std::vector<float> floats = {1, 2, NAN, 4};
  const std::vector<std::int64_t> far = {1, 9}, negative = {-1, 0}, three = {0, 1, 2};
  const NamedArray inputs = array("x_train", DType::kUint8, {2, 4}, kPixels);
  const NamedArray labels = array("y_train", DType::kInt64, {2}, kLabels);
  CHECK(
      load(folder, {array("x_train", DType::kFloat32, {2, 2}, floats), labels}, alone).message() ==
      file + ": x_train.npy: byte 136: element 2 at [1, 0] is not a finite float32");
  CHECK(load(folder, {inputs, array("y_train", DType::kInt64, {2}, far)},
             {{"test_inputs", ""}, {"classes", 5}})
            .message() == file +
                              ": y_train.npy: byte 136: element 1 is label 9; a label is the "
                              "number of a class, 0 to 4");
  CHECK(load(folder, {inputs, array("y_train", DType::kInt64, {2}, negative)}, alone)
            .message()
            .find("element 0 is label -1") != std::string::npos);
  CHECK(load(folder, {inputs, array("y_train", DType::kInt64, {3}, three)}, alone).message() ==
        file +
            ": y_train.npy: must hold whole numbers [2], a label for each of x_train; holds "
            "int64 [3]");
  CHECK(load(folder, {inputs, labels},
             {{"test_inputs", ""}, {"input", ConfigNode(ConfigNode::Array{5})}})
            .message() == file + ": x_train.npy: one sample is [4], which does not make [5]");
  CHECK(load(folder, {array("x_train", DType::kUint8, {0, 4}, std::vector<std::uint8_t>{}), labels},
             alone)
            .message() == file + ": x_train.npy: holds no samples: [0, 4]");
  CHECK(load(folder, {inputs, labels}).message().find("has no array \"x_test\"") !=
        std::string::npos);
}

TEST_CASE("the npz source takes whole numbers held as floats, and refuses values to predict") {
  const ScratchFolder folder;
  const auto with = [&](const std::vector<float>& labels, ConfigNode::Object parameters = {}) {
    const auto rows = static_cast<std::uint32_t>(labels.size());
    const std::vector<std::uint8_t> inputs(rows);
    parameters.emplace_back("test_inputs", "");
    return load(folder,
                {array("x_train", DType::kUint8, {rows, 1}, inputs),
                 array("y_train", DType::kFloat32, {rows}, labels)},
                parameters);
  };
  const std::string file = (folder / "d.npz").string() + ": y_train.npy: ";
  const auto whole = with({2, 0, 1});
  REQUIRE(whole.message() == "");
  CHECK(whole->train->schema().classes == 3);
  CHECK(with({1, 0.5f}).message() ==
        file + "byte 132: element 1 is no whole number but a value to predict; labels are classes");
  CHECK(with({NAN, 1}).message() == file + "byte 128: element 0 is NaN: its label is missing");
  CHECK(with({INFINITY, 1}).message() == file +
                                             "byte 128: element 0 is label 2^53 or more; a label "
                                             "is the number of a class, 0 to 999999");
  std::vector<float> prices(21, 9500);
  for (std::size_t i = 0; i < 11; ++i) prices[i] = 9500 + 7 * static_cast<float>(i);
  CHECK(with(prices).message() ==
        file +
            "11 different labels for 21 samples look like values to predict, or ids, not like "
            "classes; where they are classes, give their number in \"classes\"");
  CHECK(with(prices, {{"classes", 10000}}).message() == "");
  prices.push_back(9500);  // half of 22
  CHECK(with(prices).message() == "");
}

TEST_CASE("the npz source reads attributes and times from arrays of their own") {
  const ScratchFolder folder;
  const std::vector<double> times = {3.5, -1}, late = {0, INFINITY};
  const std::vector<std::int32_t> sites = {4, 2}, three = {1, 2, 3};
  std::vector<NamedArray> arrays = {array("x_train", DType::kUint8, {2, 4}, kPixels),
                                    array("y_train", DType::kInt64, {2}, kLabels),
                                    array("x_test", DType::kUint8, {2, 4}, kPixels),
                                    array("y_test", DType::kInt64, {2}, kLabels),
                                    array("site", DType::kInt32, {2}, sites),
                                    array("t", DType::kFloat64, {2}, times),
                                    array("late", DType::kFloat64, {2}, late),
                                    array("three", DType::kInt32, {3}, three)};
  const ConfigNode site(ConfigNode::Array{"site"}), wrong(ConfigNode::Array{"three"});
  const auto data = load(folder, arrays, {{"attributes", site}, {"time", "t"}});
  REQUIRE(data.message() == "");
  CHECK(data->train_attributes.find("site")->numbers == std::vector<double>{4, 2});
  CHECK(data->train_attributes.time_s == times);
  CHECK(data->test_attributes.columns.empty());
  CHECK(data->content_hash != load(folder, arrays)->content_hash);
  const auto both = load(folder, arrays,
                         {{"attributes", ConfigNode(ConfigNode::Array{"site"})},
                          {"test_attributes", ConfigNode(ConfigNode::Array{"t"})},
                          {"time", "t"},
                          {"test_time", "site"}});
  REQUIRE(both.message() == "");
  CHECK(both->test_attributes.find("site")->numbers == times);
  CHECK(both->test_attributes.time_s == std::vector<double>{4, 2});
  const std::string file = (folder / "d.npz").string();
  CHECK(load(folder, arrays, {{"attributes", wrong}}).message() ==
        file + ": three.npy: must hold one number a sample [2], holds [3]");
  CHECK(load(folder, arrays, {{"time", "late"}}).message() ==
        file + ": late.npy: byte 136: element 1 is not finite");
  CHECK(load(folder, arrays, {{"time", "when"}}).message().find("has no array \"when\"") !=
        std::string::npos);
}

TEST_CASE("the npz source takes columns of a data frame: [n, 1], other widths, Fortran's order") {
  const ScratchFolder folder;
  const auto written = numpy_program(
      "import numpy\n"
      "x = numpy.asfortranarray(numpy.arange(6).reshape(3, 2).astype(\"float16\"))\n"
      "big = numpy.array([[1, 2], [3, 4], [5, 1e39]])\n"
      "numpy.savez(\"" +
      (folder / "d.npz").string() +
      "\", x=x, big=big, y=numpy.array([[2], [0], [1]], dtype=\">i2\"), "
      "b=numpy.array([True, False, True]), who=numpy.array([[\"bo\"], [\"al\"], [\"bo\"]]), "
      "land=numpy.array([\"DE\", \"FR\", \"DE\"]), gap=numpy.array([\"a\", \"\", \"c\"]), "
      "wide=numpy.zeros((3, 2), dtype=int), real=numpy.zeros(3))\n");
  if (!written) {
    WARN("not tested, no NumPy here");
    return;
  }
  const auto load_with = [&](ConfigNode::Object parameters) {
    const Registry registry = all_plugins();
    parameters.emplace_back("path", "d.npz");
    parameters.emplace_back("test_inputs", "");
    return registry.make(choose<DataSource>(registry, "npz", parameters))
        ->load({.search_folders = {folder.path()}});
  };
  const auto data = load_with({{"train_inputs", "x"},
                               {"train_labels", "y"},
                               {"natural_ids", "who"},
                               {"attributes", list({"land", "b"})}});
  REQUIRE(data.message() == "");
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  std::vector<float> inputs(6);
  data->train->inputs(rows, inputs);
  CHECK(inputs == std::vector<float>{0, 1, 2, 3, 4, 5});
  std::vector<std::int32_t> labels(3);
  data->train->labels(rows, labels);
  CHECK(labels == std::vector<std::int32_t>{2, 0, 1});
  CHECK(data->natural_ids == std::vector<std::uint32_t>{1, 0, 1});
  CHECK(data->train_attributes.find("land")->levels == std::vector<std::string>{"DE", "FR"});
  CHECK(data->train_attributes.find("land")->codes == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(data->train_attributes.find("b")->numbers == std::vector<double>{1, 0, 1});

  const std::string file = (folder / "d.npz").string() + ": ";
  struct Row {
    const char* key;
    const char* array;
    const char* fault;
  };
  const Row faults[] = {
      {"train_inputs", "big", "big.npy: byte 168: element 5 at [2, 1] is not a finite float32"},
      {"train_inputs", "who", "who.npy: byte 10: holds text where numbers are needed"},
      {"train_labels", "wide",
       "wide.npy: must hold whole numbers [3], a label for each of x; holds int64 [3, 2]"},
      {"natural_ids", "real", "real.npy: must hold whole numbers or text [3], holds float64 [3]"},
      {"natural_ids", "wide", "wide.npy: must hold whole numbers or text [3], holds int64 [3, 2]"},
      {"natural_ids", "gap", "gap.npy: byte 132: element 1 is empty"},
      {"time", "land", "land.npy: byte 10: holds text where numbers are needed"},
  };
  for (const Row& row : faults) {
    INFO(row.key << " " << row.array);
    ConfigNode::Object parameters;
    for (const auto& [key, array] : {std::pair{"train_inputs", "x"},
                                     {"train_labels", "y"},
                                     {"natural_ids", ""},
                                     {"time", ""}}) {
      parameters.emplace_back(key, std::string(key) == row.key ? row.array : array);
    }
    const std::string message = load_with(parameters).message();
    CHECK(message.starts_with(file));
    CHECK(message.ends_with(row.fault));
  }
}

}  // namespace skerry::datasets

// Every type, order of elements and order of bytes that a NumPy array can have.
#include <cmath>
#include <cstdlib>

#include "datasets/npz.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/numpy.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::datasets {

namespace {

std::string npy(const std::string& descr, bool fortran_order, const std::string& shape,
                const std::string& elements) {
  const std::string quoted = descr.starts_with('[') ? descr : "'" + descr + "'";
  const std::string dictionary = "{'descr': " + quoted +
                                 ", 'fortran_order': " + (fortran_order ? "True" : "False") +
                                 ", 'shape': " + shape + ", }\n";
  std::string text = "\x93NUMPY";
  text += {1, 0, static_cast<char>(dictionary.size()), 0};
  return text + dictionary + elements;
}

Result<NpyArray> parse(const std::string& text, TextArrays texts = TextArrays::kRefused) {
  return parse_npy(bytes_of(text), "a.npy", texts);
}

std::vector<double> numbers(const NpyArray& array) {
  std::vector<double> all;
  for (std::size_t i = 0; i < array.size(); ++i) all.push_back(array.number(i));
  return all;
}

std::string raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

}  // namespace

TEST_CASE("every numeric type is read to its values, in either order of bytes") {
  struct Row {
    const char* descr;
    std::string bytes;
    double value;
    DType held;
  };
  const Row rows[] = {
      {"|b1", raw({1}), 1, DType::kUint8},
      {"|b1", raw({7}), 1, DType::kUint8},
      {"|i1", raw({0x80}), -128, DType::kInt32},
      {"|u1", raw({0x80}), 128, DType::kUint8},
      {"<i2", raw({0x00, 0x80}), -32768, DType::kInt32},
      {">i2", raw({0xff, 0xfe}), -2, DType::kInt32},
      {"<u2", raw({0xff, 0xff}), 65535, DType::kInt32},
      {">u2", raw({0x01, 0x00}), 256, DType::kInt32},
      {"<i4", raw({0, 0, 0, 0x80}), -2147483648.0, DType::kInt32},
      {">i4", raw({0, 0, 1, 2}), 258, DType::kInt32},
      {"=i4", raw({2, 1, 0, 0}), 258, DType::kInt32},
      {"<u4", raw({0xff, 0xff, 0xff, 0xff}), 4294967295.0, DType::kInt64},
      {">u4", raw({0x80, 0, 0, 0}), 2147483648.0, DType::kInt64},
      {"<i8", raw({0, 0, 0, 0, 0, 0, 0, 0x80}), -0x1p63, DType::kInt64},
      {">i8", raw({0, 0, 0, 1, 0, 0, 0, 0}), 0x1p32, DType::kInt64},
      {"<u8", raw({5, 0, 0, 0, 0, 0, 0, 0}), 5, DType::kInt64},
      {"<u8", raw({0, 0, 0, 0, 0, 0, 0, 0x80}), 0x1p63, DType::kFloat64},
      {">u8", raw({0x80, 0, 0, 0, 0, 0, 0, 0}), 0x1p63, DType::kFloat64},
      {"<f2", raw({0x00, 0xc1}), -2.5, DType::kFloat32},
      {">f2", raw({0x3c, 0x00}), 1, DType::kFloat32},
      {"<f2", raw({0x01, 0x00}), 0x1p-24, DType::kFloat32},
      {"<f2", raw({0xff, 0x83}), -1023 * 0x1p-24, DType::kFloat32},
      {"<f2", raw({0xff, 0x7b}), 65504, DType::kFloat32},
      {"<f2", raw({0x00, 0xfc}), -INFINITY, DType::kFloat32},
      {">f4", raw({0x3f, 0xc0, 0, 0}), 1.5, DType::kFloat32},
      {">f8", raw({0xc0, 0x04, 0, 0, 0, 0, 0, 0}), -2.5, DType::kFloat64},
  };
  for (const Row& row : rows) {
    INFO(row.descr << " " << row.value);
    const auto array = parse(npy(row.descr, false, "(1,)", row.bytes));
    REQUIRE(array.message() == "");
    CHECK(array->type() == row.held);
    CHECK(array->number(0) == row.value);
  }
  CHECK(std::isnan(parse(npy("<f2", false, "(1,)", raw({0x00, 0x7e})))->number(0)));
}

TEST_CASE("arrays in Fortran's order come in C order, and errors name the place in the file") {
  const auto two = parse(npy("|u1", true, "(2, 3)", raw({1, 4, 2, 5, 3, 6})));
  REQUIRE(two.message() == "");
  CHECK(numbers(*two) == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(two->byte_of(1) == two->byte_of(0) + 2);
  CHECK(two->byte_of(3) == two->byte_of(0) + 1);
  CHECK(two->name_of(5) == "element 5 at [1, 2]");
  const auto three = parse(npy(">i2", true, "(2, 1, 2)", raw({0, 1, 0, 3, 0, 2, 0, 4})));
  CHECK(numbers(*three) == std::vector<double>{1, 2, 3, 4});
  CHECK(three->byte_of(1) == three->byte_of(0) + 4);
  const auto one = parse(npy("|u1", true, "(3,)", raw({1, 2, 3})));
  CHECK(numbers(*one) == std::vector<double>{1, 2, 3});
  CHECK(one->name_of(2) == "element 2");
  CHECK(parse(npy("|u1", true, "(0, 3)", ""))->size() == 0);
  CHECK(parse(npy("<f4", true, "()", raw({0, 0, 0x80, 0x3f})))->number(0) == 1);
}

TEST_CASE("text is read in UTF-8 where it may be, and refused elsewhere") {
  struct Row {
    const char* descr;
    std::string bytes;
    std::string text;
  };
  const Row rows[] = {
      {"<U2", raw({'a', 0, 0, 0, 0, 0, 0, 0}), "a"},
      {">U2", raw({0, 0, 0, 'a', 0, 0, 0x20, 0xac}), "a\xe2\x82\xac"},
      {"<U2", raw({0xe9, 0, 0, 0, 0x00, 0xf6, 1, 0}), "\xc3\xa9\xf0\x9f\x98\x80"},
      {"|S3", raw({'a', 'b', 0}), "ab"},
      {"|S3", raw({'a', 0, 'b'}), std::string("a\0b", 3)},
  };
  for (const Row& row : rows) {
    INFO(row.descr);
    const auto array = parse(npy(row.descr, false, "(1,)", row.bytes), TextArrays::kTaken);
    REQUIRE(array.message() == "");
    CHECK(array->is_text());
    CHECK(array->texts() == std::vector<std::string>{row.text});
    CHECK(parse(npy(row.descr, false, "(1,)", row.bytes)).message() ==
          "a.npy: byte 10: holds text where numbers are needed");
  }
  const auto columns = parse(npy("|S1", true, "(2, 2)", "acbd"), TextArrays::kTaken);
  CHECK(columns->texts() == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(parse(npy("<U0", false, "(2,)", ""), TextArrays::kTaken)->texts() ==
        std::vector<std::string>(2));
  CHECK(parse(npy("<U1", false, "(1,)", raw({0, 0xd8, 0, 0})), TextArrays::kTaken).message() ==
        "a.npy: element 0 has a character that Unicode does not have");
  CHECK(parse(npy("<U0", false, "(4000000000, 4000000000)", ""), TextArrays::kTaken)
            .message()
            .find("ends early") != std::string::npos);
}

TEST_CASE("an array of another type is refused with what to save instead") {
  struct Row {
    const char* descr;
    const char* fault;
  };
  const Row rows[] = {
      {"|O",
       "holds \"|O\", Python objects, which only Python can read; save an array of one type, such "
       "as x.astype(\"float32\") or names.astype(str)"},
      {"<c8",
       "holds \"<c8\", complex numbers; save the real and the imaginary part as arrays of their "
       "own"},
      {"<M8[ns]",
       "holds \"<M8[ns]\", dates; save seconds, such as "
       "t.astype(\"datetime64[s]\").astype(\"int64\")"},
      {"<m8[s]",
       "holds \"<m8[s]\", stretches of time; save seconds, such as t / numpy.timedelta64(1, "
       "\"s\")"},
      {"|V4", "holds \"|V4\", records or raw bytes; save each field as an array of its own"},
      {"[('a', '<f4'), ('b', '<i4', (2,))]",
       "holds records; save each field as an array of its own"},
      {"<f16",
       "elements of type \"<f16\"; booleans, whole numbers of up to 8 bytes, floats of 2, 4 and 8 "
       "bytes and text are read"},
      {"<i3",
       "elements of type \"<i3\"; booleans, whole numbers of up to 8 bytes, floats of 2, 4 and 8 "
       "bytes and text are read"},
      {"<U9999999",
       "elements of type \"<U9999999\"; booleans, whole numbers of up to 8 bytes, floats of 2, 4 "
       "and 8 bytes and text are read"},
      {"",
       "elements of type \"\"; booleans, whole numbers of up to 8 bytes, floats of 2, 4 and 8 "
       "bytes and text are read"},
  };
  for (const Row& row : rows) {
    CHECK(parse(npy(row.descr, false, "(1,)", "12345678")).message() ==
          std::string("a.npy: byte 10: ") + row.fault);
  }
}

TEST_CASE("arrays of every type and order that numpy writes are read to numpy's own values") {
  const ScratchFolder folder;
  const auto written = numpy_program(
      "import numpy\n"
      "r = numpy.random.default_rng(5)\n"
      "a, t = {}, {}\n"
      "for c in \"b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8\".split():\n"
      "  for e in \"<>\":\n"
      "    for o in \"CF\":\n"
      "      x = r.integers(0, 256, 24 * int(c[1]), dtype=numpy.uint8)\n"
      "      x = x % 2 if c == \"b1\" else x\n"
      "      x = x.view(e + c)\n"
      "      x = numpy.nan_to_num(x, posinf=3, neginf=-3) if c[0] == \"f\" else x\n"
      "      x = numpy.asarray(x.astype(e + c).reshape(2, 3, 4), order=o)\n"
      "      a[c + e.replace(\"<\", \"l\").replace(\">\", \"b\") + o] = x\n"
      "for k, x in list(a.items()): a[k + \"_is\"] = "
      "numpy.ascontiguousarray(x).astype(\"<f8\")\n"
      "w = numpy.array([[\"Ada\", \"B\\u00f6b\"], [\"\", \"\\U0001f600\"]])\n"
      "t = {\"u\": w, \"f\": numpy.asfortranarray(w), \"b\": w.astype(\">U3\"), "
      "\"s\": numpy.char.encode(w, \"utf-8\")}\n"
      "numpy.savez(\"" +
      (folder / "a.npz").string() + "\", **a)\nnumpy.savez(\"" + (folder / "t.npz").string() +
      "\", **t)\n");
  if (!written) {
    WARN("not tested, no NumPy here");
    return;
  }
  REQUIRE(*written);
  const auto arrays = read_npz(folder / "a.npz");
  REQUIRE(arrays.message() == "");
  REQUIRE(arrays->size() == 2 * 12 * 2 * 2);
  for (const auto& [name, array] : *arrays) {
    if (name.ends_with("_is")) continue;
    INFO(name);
    CHECK(array.shape() == Shape{2, 3, 4});
    CHECK(numbers(array) == numbers(arrays->at(name + "_is")));
  }
  const auto texts = read_npz(folder / "t.npz", {}, {"u", "f", "b", "s"});
  REQUIRE(texts.message() == "");
  for (const auto& [name, array] : *texts) {
    INFO(name);
    CHECK(array.texts() ==
          std::vector<std::string>{"Ada", "B\xc3\xb6\x62", "", "\xf0\x9f\x98\x80"});
  }
}

TEST_CASE("numpy's arrays of objects, records and dates are refused by name") {
  const ScratchFolder folder;
  const auto written = numpy_program(
      "import numpy\n"
      "for n, x in [(\"o\", numpy.array([1, \"a\"], dtype=object)), "
      "(\"r\", numpy.zeros(2, dtype=[(\"a\", \"<f4\"), (\"b\", \"<i8\")])), "
      "(\"d\", numpy.array([\"2020-01-01\"], dtype=\"datetime64[D]\")), "
      "(\"c\", numpy.zeros(2, complex))]:\n"
      "  numpy.savez(\"" +
      folder.path().string() + "/\" + n + \".npz\", x=x)\n");
  if (!written) {
    WARN("not tested, no NumPy here");
    return;
  }
  REQUIRE(*written);
  for (const auto& [name, what] : {std::pair{"o", "Python objects"},
                                   {"r", "holds records; save each field"},
                                   {"d", "dates; save seconds"},
                                   {"c", "complex numbers"}}) {
    INFO(name);
    const std::string message = read_npz(folder / (std::string(name) + ".npz")).message();
    CHECK(message.find(what) != std::string::npos);
    CHECK(message.find("x.npy: byte 10: ") != std::string::npos);
  }
}

}  // namespace skerry::datasets

#pragma once

#include <algorithm>

#include "datasets/samples.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry::datasets {

using Rows = std::vector<std::uint32_t>;

/// Rows of images [2, 3] in 6 classes, with the attributes country (DE, FR, IT), age (0 to 59) and
/// concept (0, 1), recorded at times that are in no order. Value j of row i is 10 i + j.
struct RecordedTable {
  static std::shared_ptr<const Samples> samples(std::uint32_t rows) {
    std::vector<float> inputs(rows * std::size_t{6});
    std::vector<std::int32_t> labels(rows);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      inputs[i] = static_cast<float>(10 * (i / 6) + i % 6);
    }
    for (std::uint32_t i = 0; i < rows; ++i) labels[i] = static_cast<std::int32_t>(i * 7 % 6);
    return std::make_shared<const FloatSamples>(DataSchema{.input = {2, 3}, .classes = 6},
                                                std::move(inputs), std::move(labels));
  }

  static Attributes attributes(std::uint32_t rows) {
    Attributes all;
    AttributeColumn country{.name = "country", .levels = {"DE", "FR", "IT"}};
    AttributeColumn age{.name = "age"}, concept_column{.name = "concept"};
    for (std::uint32_t i = 0; i < rows; ++i) {
      country.codes.push_back(i / 3 % 3);
      age.numbers.push_back(i * 13 % 60);
      concept_column.numbers.push_back(i % 2);
      all.time_s.push_back(1000 + i * 37 % rows);
    }
    all.columns = {country, age, concept_column};
    return all;
  }

  static DataSet data_set(std::uint32_t rows, std::uint32_t test_rows) {
    DataSet data{.train = samples(rows)};
    data.train_attributes = attributes(rows);
    if (test_rows == 0) return data;
    data.test = samples(test_rows);
    data.test_attributes = attributes(test_rows);
    return data;
  }
};

/// A data set that comes to edges as a stream; stops the test where it cannot.
struct Coming {
  std::uint32_t rows = 600, test_rows = 120, edges = 4;
  SplitConfig split = {};
  std::uint64_t seed = 1;

  std::shared_ptr<const NodeData> plain() const {
    const Registry registry = all_plugins();
    auto made = NodeData::make(RecordedTable::data_set(rows, test_rows),
                               *registry.make(choose<Partitioner>(registry, "iid")),
                               {.edges = edges, .split = split, .seed = seed});
    REQUIRE(made.message() == "");
    return *made;
  }
  Result<std::shared_ptr<const NodeData>> tried(const std::string& stream,
                                                const ConfigNode::Object& parameters = {}) const {
    const Registry registry = all_plugins();
    return plain()->with(*registry.make(choose<Stream>(registry, stream, parameters)));
  }
  std::shared_ptr<const NodeData> as(const std::string& stream,
                                     const ConfigNode::Object& parameters = {}) const {
    const auto made = tried(stream, parameters);
    REQUIRE(made.message() == "");
    return *made;
  }
};

/// The rows of a view, which has the size that size() says.
inline Rows rows_in(const NodeData& data, NodeId node, Split split, const Slice& slice = {}) {
  Rows scratch;
  const View view = data.view(node, split, slice, scratch);
  CHECK(view.size() == data.size(node, split, slice));
  return {view.rows.begin(), view.rows.end()};
}

inline Rows sorted(Rows rows) {
  std::ranges::sort(rows);
  return rows;
}

inline ConfigNode list(const ConfigNode::Array& items) { return ConfigNode(items); }

}  // namespace skerry::datasets

#include "datasets/drifting_data.hpp"

#include <algorithm>

#include "datasets/class_labels.hpp"
#include "datasets/samples.hpp"

namespace skerry::datasets {

namespace {

/// The names of concepts, sorted as all levels are ("10" before "2"), and each concept's place.
struct ConceptLevels {
  explicit ConceptLevels(std::uint32_t concepts) : names(numbered_names(concepts)), code(concepts) {
    std::ranges::sort(names);
    for (std::uint32_t i = 0; i < concepts; ++i) code[std::stoul(names[i])] = i;
  }
  std::vector<std::string> names;
  std::vector<std::uint32_t> code;  // [concepts]
};

struct Drawn {
  std::vector<float> inputs;
  std::vector<std::int32_t> labels;
  Attributes attributes;
};

/// Row r of `count`, at moment_of(r), from the stream (seed, purpose, r).
template <class MomentOf>
Drawn drawn(const DriftingRows& rows, const ConceptLevels& levels, std::uint32_t count,
            std::uint64_t seed, const std::string& purpose, const MomentOf& moment_of) {
  const std::size_t width = rows.schema.input_size();
  Drawn all{.inputs = std::vector<float>(count * width),
            .labels = std::vector<std::int32_t>(count),
            .attributes = {}};
  AttributeColumn column{.name = "concept", .levels = levels.names, .codes = {}, .numbers = {}};
  for (std::uint32_t row = 0; row < count; ++row) {
    const Moment moment = moment_of(row);
    RandomStream random(seed, purpose, NodeId::from_number(row));
    all.labels[row] = rows.draw(moment, random, std::span(all.inputs).subspan(row * width, width));
    all.attributes.time_s.push_back(moment.time);
    column.codes.push_back(levels.code[moment.concept_number]);
  }
  all.attributes.columns.push_back(std::move(column));
  return all;
}

}  // namespace

DataSet drifting_data(const DriftConfig& config, const DriftingRows& rows, std::uint64_t seed) {
  const ConceptSchedule schedule(config, rows.source, seed);
  const ConceptLevels levels(config.concepts);
  const std::string source(rows.source);
  const auto kept = [&](Drawn& all) {
    return std::make_shared<FloatSamples>(rows.schema, std::move(all.inputs),
                                          std::move(all.labels));
  };
  DataSet data{.origin = "generated from seed " + std::to_string(seed)};
  Drawn train = drawn(rows, levels, config.samples, seed, source + ".train",
                      [&](std::uint32_t row) { return schedule.train(row); });
  data.train = kept(train);
  data.train_attributes = std::move(train.attributes);
  if (config.test_samples > 0) {
    Drawn test = drawn(rows, levels, config.test_samples, seed, source + ".test",
                       [&](std::uint32_t row) { return schedule.test(row); });
    data.test = kept(test);
    data.test_attributes = std::move(test.attributes);
  }
  data.class_names = numbered_names(rows.schema.classes);
  return data;
}

}  // namespace skerry::datasets

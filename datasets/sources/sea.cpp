// SEA concepts: three inputs, of which the first two decide by a threshold that changes.
//
//   f_1, f_2, f_3 uniform in [0, 10];  class 0 where f_1 + f_2 <= theta, else 1
//   theta of concepts 0 ... 3: 8, 9, 7, 9.5
//   a share `noise` of the rows has the other class
//
// Reference: Street, Kim 2001, "A streaming ensemble algorithm (SEA) for large-scale
// classification"; concepts and names as MOA's SEAGenerator and river's SEA have them.
// Differences: our random numbers. Test rows are noisy, as training rows are.

#include <array>

#include "algorithms/sdk/plugin.hpp"
#include "datasets/drifting_data.hpp"
#include "datasets/generated.hpp"

namespace skerry::datasets {

namespace {

constexpr std::array kSeaThresholds = {8.0, 9.0, 7.0, 9.5};
constexpr std::size_t kSeaInputs = 3;

struct SeaConfig {
  double noise = 0.1;
  DriftConfig drift;
  template <class V>
  void fields(V& v) {
    v("noise", noise, {.meaning = "share of rows with the wrong class", .min = 0, .max = 1});
    drift.fields(v);
  }
  void check(FieldReader& reader) const {
    drift.check(reader, kSeaInputs);
    drift.check_jumps(reader);
    if (drift.concepts > kSeaThresholds.size()) {
      reader.error("concepts", "must be at most 4: sea has no more thresholds");
    }
  }
};

class Sea final : public DataSource {
 public:
  using Config = SeaConfig;
  explicit Sea(const Config& config) : config_(config) {}

  std::optional<Extent> extent(const DataEnvironment&) const override {
    return config_.drift.extent(schema());
  }
  Result<DataSet> load(const DataEnvironment& environment) const override {
    const std::uint64_t seed = seed_of(config_.drift.seed, environment.seed);
    DataSet data =
        drifting_data(config_.drift,
                      {.source = "sea",
                       .schema = schema(),
                       .draw = [&](const Moment& moment, RandomStream& random,
                                   std::span<float> x) { return row(moment, random, x); }},
                      seed);
    data.content_hash = hash(seed);
    return data;
  }

 private:
  DataSchema schema() const { return {.input = {kSeaInputs}, .classes = 2}; }

  std::int32_t row(const Moment& moment, RandomStream& random, std::span<float> x) const {
    for (float& value : x) value = static_cast<float>(10 * random.uniform());
    // The class is that of the inputs as they are kept.
    const double sum = static_cast<double>(x[0]) + static_cast<double>(x[1]);
    const bool above = sum > kSeaThresholds[moment.concept_number];
    const bool wrong = random.uniform() < config_.noise;
    return above != wrong ? 1 : 0;
  }

  std::uint64_t hash(std::uint64_t seed) const {
    ByteWriter writer;
    writer(std::string("sea 1"), seed, config_.noise);
    config_.drift.hash_into(writer);
    return hash_of(writer);
  }

  Config config_;
};

SKERRY_PLUGIN(DataSource, Sea, "sea", "SEA concepts: a threshold that changes")

}  // namespace

}  // namespace skerry::datasets

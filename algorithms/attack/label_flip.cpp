// Label flipping: trains on wrong labels, and sends the resulting update.
//
//   y <- L - 1 - y                             [Fang, Cao, Jia, Gong 2020, "Local model poisoning
//                                               attacks to Byzantine-robust federated learning",
//                                               label flipping attack]
//   y <- to where y = from                     [Tolpegin, Truex, Gursoy, Liu 2020, "Data poisoning
//                                               attacks against federated learning systems",
//                                               ESORICS, source and target class]
//
// each for a random part of the rows           [Biggio, Nelson, Laskov 2011, "Support vector
//                                               machines under adversarial label noise", random
//                                               label flips]
//
// Symbols: y = label of a row, L = number of classes, `from` and `to` = source and target class.
//
// Differences from the papers: Fang and Tolpegin flip every label they can; here each row is drawn
// with probability `share`, once for the whole run. Biggio draws an exact number of rows. With an
// odd number of classes the first rule leaves the middle class as it is.

#include <optional>
#include <string>

#include "algorithms/sdk/attack.hpp"
#include "algorithms/sdk/derived_samples.hpp"
#include "algorithms/sdk/plugin.hpp"

namespace skerry {
namespace {

class FlippedLabels final : public DerivedSamples {
 public:
  struct Rule {
    double share;
    std::optional<std::uint32_t> from, to;
  };
  FlippedLabels(std::shared_ptr<const Samples> honest, const Rule& rule, StreamKey key)
      : DerivedSamples(std::move(honest)), rule_(rule), key_(key) {}

  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    original().labels(rows, out);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (drawn(rows[i])) out[i] = flipped(out[i]);
    }
  }
  ByteRows byte_rows() const override { return original().byte_rows(); }

 private:
  bool drawn(std::uint32_t row) const {
    const StreamKey of_row{key_.seed, key_.node, row};
    return of_row.stream("label_flip/rows").uniform() < rule_.share;
  }
  std::int32_t flipped(std::int32_t label) const {
    if (!rule_.from) return static_cast<std::int32_t>(schema().classes) - 1 - label;
    return label == static_cast<std::int32_t>(*rule_.from) ? static_cast<std::int32_t>(*rule_.to)
                                                           : label;
  }

  Rule rule_;
  StreamKey key_;
};

class LabelFlip final : public Attack {
 public:
  struct Config {
    double share_of_rows = 1;
    std::optional<std::uint32_t> from;
    std::optional<std::uint32_t> to;
    template <class V>
    void fields(V& v) {
      v("share_of_rows", share_of_rows,
        {.meaning = "probability that a row's label is flipped", .min = 0, .max = 1});
      v("from", from, {.meaning = "the class that is flipped; without: class c becomes L - 1 - c"});
      v("to", to, {.meaning = "the class that it becomes"});
    }
    void check(FieldReader& reader) const {
      if (from.has_value() != to.has_value()) {
        reader.error(from ? "from" : "to", "needs the other of \"from\" and \"to\" as well");
      }
      if (from && from == to) reader.error("to", "is the class \"from\": nothing would be flipped");
    }
  };
  explicit LabelFlip(const Config& config) : config_(config) {}

  Knowledge knowledge() const override { return Knowledge::kNothing; }

  Status suits(const DataSchema& schema) const override {
    const std::uint32_t classes = schema.classes;
    if (classes == 0) return Failure{"the data has no classes, so there is no label to flip"};
    for (const auto& [name, value] :
         {std::pair("from", config_.from), std::pair("to", config_.to)}) {
      if (value && *value >= classes) {
        return Failure{"\"" + std::string(name) + "\" is " + std::to_string(*value) +
                       ", but the data's classes are 0 to " + std::to_string(classes - 1)};
      }
    }
    return {};
  }

  Result<std::shared_ptr<const Samples>> poisoned(std::shared_ptr<const Samples> honest,
                                                  StreamKey key) const override {
    if (const Status suited = suits(honest->schema()); !suited) return suited.failure();
    const FlippedLabels::Rule rule{config_.share_of_rows, config_.from, config_.to};
    return std::shared_ptr<const Samples>(
        std::make_shared<FlippedLabels>(std::move(honest), rule, key));
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Attack, LabelFlip, "label_flip", "trains on flipped labels")

}  // namespace skerry

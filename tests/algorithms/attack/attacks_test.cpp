// Laws that every attack keeps, and the effect of each.

#include <cmath>

#include "algorithms/sdk/attack.hpp"
#include "tests/algorithms/plugins.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

constexpr std::uint64_t kSeed = 51;

/// An honest update: a delta, another record to be summed, a counter and a report.
Payload honest_update(std::size_t size) {
  Payload update;
  RandomStream random(kSeed, "honest");
  for (const char* name : {"delta", "delta_c"}) {
    for (float& value : update.add({name, flat_layout(size)}).f32()) {
      value = static_cast<float>(random.normal());
    }
  }
  const auto counter = std::make_shared<const Layout>(Layout::flat("n", 2, DType::kInt64));
  update.add({"batches", counter, Reduce::kEach}).i64()[0] = 7;
  add_record(update, {"report", flat_layout(2), Reduce::kEach}, {60, 0.5f});
  return update;
}

Payload attacked(const Attack& attack, Payload update, Round round = 1) {
  const Payload down;
  const Payload other = honest_update(update.at("delta").size());
  const Payload* const honest[] = {&other};
  AttackContext context{down, honest, update, 1, {kSeed, NodeId::edge(3), round}};
  attack.act(context);
  return update;
}

/// Honest samples held as bytes: row r is (r, r + 1) modulo 256, its label r modulo `classes`.
class HonestSamples final : public Samples {
 public:
  HonestSamples(std::uint32_t rows, std::uint32_t classes)
      : schema_{.input = {2}, .classes = classes} {
    for (std::uint32_t byte = 0; byte < 2 * rows; ++byte) {
      bytes_.push_back(static_cast<std::uint8_t>(byte / 2 + byte % 2));
    }
  }
  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size() / 2); }
  void inputs(std::span<const std::uint32_t> rows, std::span<float> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes_[rows[i / 2] * 2 + i % 2];
  }
  void labels(std::span<const std::uint32_t> rows, std::span<std::int32_t> out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out[i] = static_cast<std::int32_t>(rows[i] % schema_.classes);
    }
  }
  ByteRows byte_rows() const override { return {.data = bytes_.data(), .row_bytes = 2}; }

 private:
  DataSchema schema_;
  std::vector<std::uint8_t> bytes_;
};

std::shared_ptr<const Samples> honest_samples(std::uint32_t rows = 200) {
  return std::make_shared<HonestSamples>(rows, 10);
}

std::shared_ptr<const Samples> poisoned(const Attack& attack, std::uint32_t rows = 200,
                                        std::uint64_t seed = kSeed) {
  auto made = attack.poisoned(honest_samples(rows), {seed, NodeId::cloud(), 0});
  REQUIRE(made.message() == "");
  return *made;
}

std::vector<std::uint32_t> all_rows(const Samples& samples) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < samples.size(); ++row) rows.push_back(row);
  return rows;
}

std::vector<std::int32_t> labels_of(const Samples& samples, std::vector<std::uint32_t> rows) {
  std::vector<std::int32_t> labels(rows.size());
  samples.labels(rows, labels);
  return labels;
}
std::vector<std::int32_t> labels_of(const Samples& samples) {
  return labels_of(samples, all_rows(samples));
}

std::vector<std::uint32_t> inputs_of(const Samples& samples, std::vector<std::uint32_t> rows) {
  std::vector<float> inputs(rows.size() * samples.schema().input_size());
  samples.inputs(rows, inputs);
  return bits(inputs);
}
std::vector<std::uint32_t> inputs_of(const Samples& samples) {
  return inputs_of(samples, all_rows(samples));
}

template <class Law>
void for_every_attack(const Law& law) {
  const auto names = plugins().names(Attack::kSlot);
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    INFO("attack " << name << ", seed " << kSeed);
    law(*plugin<Attack>(name));
  }
}

TEST_CASE("every attack keeps names and layouts, and changes only what is summed or averaged") {
  for_every_attack([](const Attack& attack) {
    const Payload honest = honest_update(20);
    const Payload sent = attacked(attack, honest_update(20));
    REQUIRE(sent.records().size() == honest.records().size());
    for (std::size_t i = 0; i < sent.records().size(); ++i) {
      CHECK(sent.records()[i]->name() == honest.records()[i]->name());
      CHECK(sent.records()[i]->layout() == honest.records()[i]->layout());
    }
    CHECK(sent.at("batches").i64()[0] == 7);
    CHECK(values_of(sent.at("report")) == std::vector<float>{60, 0.5f});
  });
}

TEST_CASE("every attack changes the data or the update, and says so where it leaves the update") {
  for_every_attack([](const Attack& attack) {
    const Payload honest = honest_update(20);
    const Payload sent = attacked(attack, honest_update(20));
    const bool changes_update = bits(sent.at("delta").f32()) != bits(honest.at("delta").f32());
    CHECK(changes_update == (attack.knowledge() != Attack::Knowledge::kNothing));
    const auto data = poisoned(attack), before = honest_samples();
    const bool changes_data =
        labels_of(*data) != labels_of(*before) || inputs_of(*data) != inputs_of(*before);
    CHECK((changes_update || changes_data));
  });
}

TEST_CASE("every attack repeats itself bit for bit") {
  for_every_attack([](const Attack& attack) {
    const Payload once = attacked(attack, honest_update(20));
    const Payload again = attacked(attack, honest_update(20));
    CHECK(bits(once.at("delta").f32()) == bits(again.at("delta").f32()));
    CHECK(labels_of(*poisoned(attack)) == labels_of(*poisoned(attack)));
    CHECK(inputs_of(*poisoned(attack)) == inputs_of(*poisoned(attack)));
  });
}

TEST_CASE("an attack never changes what others hold too") {
  for_every_attack([](const Attack& attack) {
    const Payload kept = honest_update(20);
    attacked(attack, kept);
    const Payload same = honest_update(20);
    CHECK(bits(kept.at("delta").f32()) == bits(same.at("delta").f32()));
    const auto honest = honest_samples();
    const auto labels = labels_of(*honest);
    const auto inputs = inputs_of(*honest);
    const auto data = attack.poisoned(honest, {kSeed, NodeId::cloud(), 0});
    (void)labels_of(**data), (void)inputs_of(**data);
    CHECK(labels_of(*honest) == labels);
    CHECK(inputs_of(*honest) == inputs);
  });
}

TEST_CASE("poisoned data keeps rows, schema and the range of labels, however it is read") {
  for_every_attack([](const Attack& attack) {
    const auto data = poisoned(attack);
    const auto honest = honest_samples();
    REQUIRE(data->size() == honest->size());
    REQUIRE(data->schema() == honest->schema());
    const auto labels = labels_of(*data);
    CHECK(std::ranges::all_of(labels, [](std::int32_t label) { return label >= 0 && label < 10; }));
    for (const std::uint32_t row : {199u, 0u, 7u}) {  // alone, and with another in front
      CHECK(labels_of(*data, {row}).front() == labels[row]);
      CHECK(labels_of(*data, {3, row}).back() == labels[row]);
      const auto alone = inputs_of(*data, {row}), second = inputs_of(*data, {3, row});
      CHECK(alone == std::vector(second.begin() + 2, second.end()));
    }
    const ByteRows bytes = data->byte_rows();
    if (bytes.data == nullptr) return;
    const std::vector<float> read(bytes.data, bytes.data + 2 * data->size());
    CHECK(inputs_of(*data) == bits(read));
  });
}

TEST_CASE("no attack takes a parameter of the name of one of the world's") {
  for (const std::string& name : plugins().names(Attack::kSlot)) {
    for (const auto& field : plugins().find(Attack::kSlot, name)->describe()) {
      INFO(name << " has \"" << field.key << "\"");
      CHECK((field.key != "share" && field.key != "nodes" && field.key != "name"));
    }
  }
}

/// Parameters with which an attack does nothing at all.
const std::vector<std::pair<std::string, ConfigNode::Object>> kHarmless{
    {"label_flip", {{"share_of_rows", 0}}},
};

TEST_CASE("an attack with its parameter at the limit leaves data and update bit for bit") {
  for (const auto& [name, parameters] : kHarmless) {
    INFO(name);
    const auto attack = plugin<Attack>(name, parameters);
    const Payload honest = honest_update(20), sent = attacked(*attack, honest_update(20));
    CHECK(bits(sent.at("delta").f32()) == bits(honest.at("delta").f32()));
    const auto data = poisoned(*attack), before = honest_samples();
    CHECK(labels_of(*data) == labels_of(*before));
    CHECK(inputs_of(*data) == inputs_of(*before));
    CHECK((data->byte_rows().data == nullptr) == (before->byte_rows().data == nullptr));
  }
}

TEST_CASE("sign_flip sends the negated update times its scale") {
  const Payload honest = honest_update(10);
  const Payload sent = attacked(*plugin<Attack>("sign_flip", {{"scale", 4}}), honest);
  for (const char* name : {"delta", "delta_c"}) {
    for (std::size_t i = 0; i < 10; ++i) {
      CHECK(sent.at(name).f32()[i] == -4 * honest.at(name).f32()[i]);
    }
  }
}

TEST_CASE("gaussian sends centred noise of its deviation, new in every round") {
  const auto attack = plugin<Attack>("gaussian", {{"deviation", 3}});
  const Payload sent = attacked(*attack, honest_update(10000));
  double sum = 0, squares = 0;
  for (float value : sent.at("delta").f32()) {
    sum += value;
    squares += double{value} * value;
  }
  // Mean 0 +- 0.03 and mean square 9 +- 0.127 (one deviation each); 5 deviations are allowed.
  CHECK(std::abs(sum / 10000) < 0.15);
  CHECK(std::abs(squares / 10000 - 9) < 0.64);
  const Payload next = attacked(*attack, honest_update(10000), 2);
  CHECK(bits(next.at("delta").f32()) != bits(sent.at("delta").f32()));
}

TEST_CASE("label_flip turns the order of the classes round, or one class into another") {
  using Labels = std::vector<std::int32_t>;
  CHECK(labels_of(*poisoned(*plugin<Attack>("label_flip"), 10)) ==
        Labels{9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  const auto targeted = plugin<Attack>("label_flip", {{"from", 3}, {"to", 7}});
  CHECK(labels_of(*poisoned(*targeted, 14)) == Labels{0, 1, 2, 7, 4, 5, 6, 7, 8, 9, 0, 1, 2, 7});
  CHECK(inputs_of(*poisoned(*targeted)) == inputs_of(*honest_samples()));
}

TEST_CASE("label_flip draws each row with its probability, others for another key") {
  const auto attack = plugin<Attack>("label_flip", {{"share_of_rows", 0.3}});
  const auto honest = labels_of(*honest_samples(10000));
  const auto flipped = labels_of(*poisoned(*attack, 10000));
  int count = 0;
  for (std::size_t row = 0; row < honest.size(); ++row) {
    count += flipped[row] != honest[row] ? 1 : 0;
  }
  // 3000 +- 46 (one deviation); 5 deviations are allowed.
  CHECK(std::abs(count - 3000) < 230);
  CHECK(labels_of(*poisoned(*attack, 10000, kSeed + 1)) != flipped);
}

TEST_CASE("label_flip is refused where there is nothing to flip") {
  const auto refusal = [](std::uint32_t classes, const ConfigNode::Object& parameters) {
    const auto attack = plugin<Attack>("label_flip", parameters);
    return attack->poisoned(std::make_shared<HonestSamples>(4, classes), {}).message();
  };
  CHECK(refusal(0, {}) == "the data has no classes, so there is no label to flip");
  CHECK(refusal(10, {{"from", 3}, {"to", 10}}) ==
        "\"to\" is 10, but the data's classes are 0 to 9");
  CHECK(refusal(2, {{"from", 3}, {"to", 1}}) == "\"from\" is 3, but the data's classes are 0 to 1");
  const auto problems = [](const ConfigNode::Object& parameters) {
    return problems_of(Attack::kSlot, "label_flip", parameters);
  };
  CHECK(problems({{"from", 3}}) ==
        "x.json: /from: needs the other of \"from\" and \"to\" as well\n");
  CHECK(problems({{"to", 3}}) == "x.json: /to: needs the other of \"from\" and \"to\" as well\n");
  CHECK(problems({{"from", 3}, {"to", 3}}) ==
        "x.json: /to: is the class \"from\": nothing would be flipped\n");
  CHECK(problems({{"share_of_rows", 1.5}}).find("/share_of_rows: ") != std::string::npos);
}

}  // namespace
}  // namespace skerry

#include "algorithms/sdk/transform.hpp"

#include "tests/algorithms/plugins.hpp"

namespace skerry {
namespace {

/// A transform that overrides no more than it must.
struct Plain final : Transform {
  TransformTraits traits() const override { return {.opens = TransformTraits::Opens::kNever}; }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    return {plain.begin(), plain.end()};
  }
  void encode(EncodeContext&) const override {}
  Status open(OpenContext&) const override { return {}; }
};

TEST_CASE("records that a transform leaves as they are are shared, all others new and zero") {
  Payload source;
  add_record(source, {"same", flat_layout(2)}, {1, 2});
  add_record(source, {"longer", flat_layout(2)}, {3, 4});
  add_record(source, {"reduced", flat_layout(1)}, {5});
  add_record(source, {"gone", flat_layout(1)}, {6});
  const std::vector<RecordSpec> shapes{{"new", flat_layout(1, DType::kInt64), Reduce::kSum},
                                       {"same", flat_layout(2)},
                                       {"longer", flat_layout(3)},
                                       {"reduced", flat_layout(1), Reduce::kEach}};
  Payload started = started_from(source, shapes);
  REQUIRE(started.records().size() == 4);
  CHECK(started.find("same") == source.find("same"));
  CHECK(values_of(started.at("longer")) == std::vector<float>{0, 0, 0});
  CHECK(values_of(started.at("reduced")) == std::vector<float>{0});
  CHECK(started.at("new").i64()[0] == 0);
  CHECK(started.records()[0]->name() == "new");  // in the order of the shapes

  started.open("same").f32()[0] = 9;
  CHECK(values_of(source.at("same")) == std::vector<float>{1, 2});
}

TEST_CASE(
    "a transform costs an operation and two visits for every real number, unless it says more") {
  const std::vector<RecordSpec> shapes{{"delta", flat_layout(100)},
                                       {"total", flat_layout(10), Reduce::kSum},
                                       {"count", flat_layout(7, DType::kInt64), Reduce::kSum},
                                       {"report", flat_layout(3), Reduce::kEach}};
  const Plain plain;
  CHECK(plain.cost(shapes).flops == 110);
  CHECK(plain.cost(shapes).bytes == 2 * 4 * 110);
  CHECK(plain.state(shapes).empty());
  CHECK(plain.cloud_state(shapes).empty());
}

/// Gathers by counting: how many values it was given.
struct Counting final : Reducer {
  ReducerTraits traits() const override { return {.form = ReducerTraits::Form::kGather}; }
  void gather(std::span<const std::span<const float>> values, std::span<const UpdateInfo> infos,
              std::span<float> out) const override {
    for (float& value : out) value = static_cast<float>(10 * values.size() + infos.size());
  }
};

TEST_CASE("a rule over coordinates is asked for every record that is averaged, and no other") {
  Payload update;
  add_record(update, {"delta", flat_layout(2)}, {1, 1});
  add_record(update, {"total", flat_layout(1), Reduce::kSum}, {1});
  update.add({"count", flat_layout(1, DType::kInt64)}).i64()[0] = 1;
  Payload reduced = update;
  const std::vector<const Payload*> updates{&update, &update, &update};
  const std::vector<UpdateInfo> infos(3);
  Workspace workspace;
  GatherContext context{updates, infos, {}, reduced, workspace};
  Counting().reduce(context);
  CHECK(values_of(reduced.at("delta")) == std::vector<float>{33, 33});
  CHECK(values_of(reduced.at("total")) == std::vector<float>{1});
  CHECK(reduced.at("count").i64()[0] == 1);
  CHECK(!Counting().withstands(3, 0));
  CHECK(!Counting().ask().has_value());
}

}  // namespace
}  // namespace skerry

#include "scenarios/parts/example_format.hpp"

#include "datasets/samples.hpp"
#include "scenarios/role/payload_ref.hpp"
#include "tests/catch.hpp"

namespace skerry::parts {
namespace {

/// Two rows of three values.
std::unique_ptr<Samples> samples(bool bytes) {
  const DataSchema schema{.input = {3}, .classes = 2, .scale = 255, .mean = 0.25, .deviation = 0.5};
  if (!bytes) {
    return std::make_unique<datasets::FloatSamples>(
        schema, std::vector<float>{1, 2, 3, -0.5F, -0.1F, 1.5F}, std::vector{0, 1});
  }
  const auto held =
      std::make_shared<std::vector<std::uint8_t>>(std::vector<std::uint8_t>{1, 2, 3, 0, 51, 255});
  return std::make_unique<datasets::ByteSamples>(schema, held, held->data(), std::vector{0, 1});
}

TEST_CASE("an example is read on the other side with the bits that its source gives") {
  for (const bool bytes : {false, true}) {
    const auto source = samples(bytes);
    const ExampleFormat format(source->schema());
    const std::uint32_t row = 1;
    std::vector<float> here(3), there(3);
    source->inputs({&row, 1}, here);
    const Payload example = format.write(*source, row, here);
    const std::vector<RecordSpec> shape{example.records().at(0)->spec()};
    CHECK(format.fits(shape));
    CHECK(role::same_shape(shape, format.shape(*source)));
    CHECK(example.tensor_bytes() == (bytes ? 3 : 12));
    format.read(example, there);
    CHECK(here == there);
    CHECK(there[0] == Approx(-0.5));
    CHECK(there[2] == Approx(1.5));
  }
}

TEST_CASE("what has another name, type or size is no example") {
  const auto flat = [](const char* name, std::size_t size, DType type) {
    return std::vector<RecordSpec>{
        {name, std::make_shared<const Layout>(Layout::flat(name, size, type))}};
  };
  const ExampleFormat format(samples(true)->schema());
  CHECK(format.fits(flat("input", 3, DType::kUint8)));
  CHECK(format.fits(flat("input", 3, DType::kFloat32)));
  CHECK_FALSE(format.fits(flat("input", 4, DType::kUint8)));
  CHECK_FALSE(format.fits(flat("input", 3, DType::kFloat64)));
  CHECK_FALSE(format.fits(flat("image", 3, DType::kUint8)));
  CHECK_FALSE(format.fits({}));
}

}  // namespace
}  // namespace skerry::parts

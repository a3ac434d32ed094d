#include "real/example_form.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace skerry::real {

namespace {

Shape without_ones(Shape shape) {
  std::erase(shape, 1u);
  return shape;
}

Record& add_input(Payload& payload, std::size_t size, DType type) {
  return payload.add(
      {"input", std::make_shared<const Layout>(Layout::flat("input", size, type)), Reduce::kEach});
}

}  // namespace

bool ExampleForm::fits(const Shape& given) const {
  const Shape extents = without_ones(given);
  return extents == without_ones(shape) ||
         (extents.size() == 1 && extents[0] == element_count(shape));
}

Status ExampleForm::check(std::size_t count, const Shape& given) const {
  if (!given.empty() && !fits(given)) {
    return Failure{"the example has the shape " + to_string(given) + ", not " + to_string(shape)};
  }
  if (count != element_count(shape)) {
    return Failure{"the example has " + std::to_string(count) + " values, not the " +
                   std::to_string(element_count(shape)) + " of " + to_string(shape)};
  }
  return {};
}

Result<Payload> ExampleForm::payload_of(std::span<const std::uint8_t> given_bytes,
                                        const Shape& given) const {
  if (!bytes) return Failure{"this edge's examples are not bytes; send float32, normalised"};
  if (auto fit = check(given_bytes.size(), given); !fit) return fit.failure();
  Payload payload;
  Record& input = add_input(payload, given_bytes.size(), DType::kUint8);
  std::memcpy(input.bytes().data(), given_bytes.data(), given_bytes.size());
  return payload;
}

Result<Payload> ExampleForm::payload_of(std::span<const float> values, const Shape& given) const {
  if (auto fit = check(values.size(), given); !fit) return fit.failure();
  const auto wrong = std::ranges::find_if_not(values, [](float x) { return std::isfinite(x); });
  if (wrong != values.end()) {
    return Failure{"value " + std::to_string(wrong - values.begin()) + " is not finite"};
  }
  Payload payload;
  std::ranges::copy(values, add_input(payload, values.size(), DType::kFloat32).f32().begin());
  return payload;
}

}  // namespace skerry::real

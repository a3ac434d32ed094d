// Half precision: every value in 16 bits.
// Definition: IEEE 754-2019 binary16, round to nearest, ties to even.
//
// On the wire: "<record>/half", two bytes a value, the lower first, for records that are averaged
// or summed. Integer arithmetic only: the same bits on every machine.
//
// Error: half a unit in the last place, |x| 2^-11 for 2^-14 <= |x| <= 65504, and 2^-25 below that.
// Finite values beyond 65504 become 65504 with their sign, not infinite: one large value must not
// cost the whole update. Infinities and NaN are sent as such and refused by the receiver.

#include <bit>
#include <string>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry {
namespace {

constexpr std::uint32_t kHalfInfinity = 0x7c00, kHalfNaN = 0x7e00, kHalfMax = 0x7bff;
constexpr std::uint32_t kRebias = (127 - 15) << 23;  // between the exponents' biases

/// x / 2^shift, rounded to the nearest integer, ties to even.
std::uint32_t shift_rounded(std::uint32_t x, std::uint32_t shift) {
  const std::uint32_t whole = x >> shift, rest = x & ((1u << shift) - 1), half = 1u << (shift - 1);
  return whole + (rest > half || (rest == half && (whole & 1) != 0));
}

/// @param bits  a float32's, without its sign.
std::uint32_t half_magnitude(std::uint32_t bits) {
  if (bits > 0x7f80'0000) return kHalfNaN;
  if (bits == 0x7f80'0000) return kHalfInfinity;
  if (bits >= 0x477f'f000) return kHalfMax;  // 65520: would round to infinity
  if (bits >= 0x3880'0000) return shift_rounded(bits - kRebias, 13);  // 2^-14: normal
  const std::uint32_t exponent = bits >> 23;
  if (exponent < 102) return 0;  // less than half of 2^-24, the smallest
  return shift_rounded((bits & 0x007f'ffff) | 0x0080'0000, 126 - exponent);
}

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | half_magnitude(bits & 0x7fff'ffff));
}

/// @param half  finite.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half} << 16 & 0x8000'0000, magnitude = half & 0x7fff;
  if (magnitude >= 0x0400) {
    return std::bit_cast<float>(sign | ((magnitude << 13) + kRebias));
  }
  const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;  // exact
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(subnormal));
}

class Float16 final : public Transform {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit Float16(const Config&) {}

  TransformTraits traits() const override {
    return {.opens = TransformTraits::Opens::kBefore, .down = true};
  }

  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    std::vector<RecordSpec> specs;
    for (const RecordSpec& spec : plain) {
      if (!spec.real()) {
        specs.push_back(spec);
        continue;
      }
      specs.push_back({spec.name + "/half",
                       std::make_shared<const Layout>(
                           Layout::flat("half", 2 * spec.layout->size(), DType::kUint8)),
                       Reduce::kEach});
    }
    return specs;
  }

  void encode(EncodeContext& context) const override {
    for (const auto& record : context.plain.records()) {
      if (!record->spec().real()) continue;
      const auto values = record->f32();
      const auto out = context.wire.open(record->name() + "/half").overwrite();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t half = to_half(values[i]);
        out[2 * i] = static_cast<std::byte>(half);
        out[2 * i + 1] = static_cast<std::byte>(half >> 8);
      }
    }
  }

  Status open(OpenContext& context) const override {
    for (std::size_t r = 0; r < context.plain.records().size(); ++r) {
      const RecordSpec spec = context.plain.records()[r]->spec();
      if (!spec.real()) continue;
      const auto bytes = context.wire.at(spec.name + "/half").bytes();
      const std::span<float> out = context.plain.open(spec.name).overwrite_f32();
      for (std::size_t i = 0; i < out.size(); ++i) {
        const auto half =
            static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[2 * i]) |
                                       std::to_integer<unsigned>(bytes[2 * i + 1]) << 8);
        if ((half & kHalfInfinity) == kHalfInfinity) {
          return Failure{"record \"" + spec.name + "\": a value is not finite"};
        }
        out[i] = from_half(half);
      }
    }
    return {};
  }
};

}  // namespace

SKERRY_PLUGIN(Transform, Float16, "float16", "every value in 16 bits")

}  // namespace skerry

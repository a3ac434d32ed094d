// QSGD: every value becomes one of a few levels of its bucket's norm, by chance and without bias.
//
//   Q_s(v_i) = ||v||_2 sgn(v_i) xi_i(v, s)
//   xi_i = l/s with probability 1 - p(|v_i| / ||v||_2, s), (l+1)/s otherwise, p(a, s) = a s - l,
//   where 0 <= l < s is the integer with |v_i| / ||v||_2 in [l/s, (l+1)/s]
//                                              [Alistarh, Grubic, Li, Tomioka, Vojnovic 2017,
//                                               "QSGD: communication-efficient SGD via gradient
//                                               quantization and encoding", eq. (4), and
//                                               "bucketing" in sec. 4]
//
// Symbols: v = the values of one bucket, `bucket` consecutive values of a record; s = `levels`.
// E[Q_s(v)] = v, and E||Q_s(v) - v||^2 <= min(n/s^2, sqrt(n)/s) ||v||^2 for n values (Lemma 3.1).
//
// On the wire: "<record>/norms", a float32 a bucket, and "<record>/levels", sgn(v_i) s xi_i + s in
// as many bits as 2s needs, packed from the lowest bit of the first byte upwards.
//
// Differences from the paper: levels have a fixed width and no Elias code. The norm is summed in
// float64, rounded to float32, and the probabilities are those of the rounded norm. It quantises a
// round's deltas, in records that are averaged or summed, instead of gradients. A bucket whose norm
// is not finite is sent, for the receiver to refuse.

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry {
namespace {

/// Writes codes of a fixed width one after another.
class BitWriter {
 public:
  explicit BitWriter(std::span<std::byte> out) : out_(out) {}
  void write(std::uint32_t code, unsigned width) {
    held_ |= std::uint64_t{code} << bits_;
    for (bits_ += width; bits_ >= 8; bits_ -= 8) flush();
  }
  void finish() {
    if (bits_ > 0) flush();
  }

 private:
  void flush() {
    out_[at_++] = static_cast<std::byte>(held_);
    held_ >>= 8;
  }
  std::span<std::byte> out_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  unsigned bits_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint32_t read(unsigned width) {
    for (; bits_ < width; bits_ += 8)
      held_ |= std::to_integer<std::uint64_t>(bytes_[at_++]) << bits_;
    const auto code = static_cast<std::uint32_t>(held_ & ((std::uint64_t{1} << width) - 1));
    held_ >>= width;
    bits_ -= width;
    return code;
  }
  /// Whether the bits after the last code are zero.
  bool padded() const { return held_ == 0; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  unsigned bits_ = 0;
};

class Qsgd final : public Transform {
 public:
  struct Config {
    std::uint32_t levels = 127;
    std::uint32_t bucket = 512;
    template <class V>
    void fields(V& v) {
      v("levels", levels,
        {.meaning = "s, levels of a magnitude above zero", .min = 1, .max = 32767});
      v("bucket", bucket, {.meaning = "values that share a norm; 0 = a whole record", .min = 0});
    }
  };
  explicit Qsgd(const Config& config)
      : config_(config), width_(static_cast<unsigned>(std::bit_width(2 * config.levels))) {}

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
      const std::size_t size = spec.layout->size(), bucket = bucket_of(size);
      const auto flat = [](const char* name, std::size_t count, DType type) {
        return std::make_shared<const Layout>(Layout::flat(name, count, type));
      };
      specs.push_back({spec.name + "/norms",
                       flat("norms", (size + bucket - 1) / bucket, DType::kFloat32),
                       Reduce::kEach});
      specs.push_back({spec.name + "/levels",
                       flat("levels", (size * width_ + 7) / 8, DType::kUint8), Reduce::kEach});
    }
    return specs;
  }

  void encode(EncodeContext& context) const override {
    for (const auto& record : context.plain.records()) {
      if (!record->spec().real()) continue;
      const std::string& name = record->name();
      RandomStream random =
          context.key.stream("qsgd/" + std::to_string(context.exchange) + "/" + name);
      const std::span<float> norms = context.wire.open(name + "/norms").overwrite_f32();
      BitWriter writer(context.wire.open(name + "/levels").overwrite());
      const std::span<const float> values = record->f32();
      const std::size_t bucket = bucket_of(values.size());
      for (std::size_t b = 0; b < norms.size(); ++b) {
        const std::size_t begin = b * bucket;
        const auto v = values.subspan(begin, std::min(bucket, values.size() - begin));
        norms[b] = encode(v, random, writer);
      }
      writer.finish();
    }
  }

  Status open(OpenContext& context) const override {
    for (std::size_t r = 0; r < context.plain.records().size(); ++r) {
      const RecordSpec spec = context.plain.records()[r]->spec();
      if (!spec.real()) continue;
      const auto refusal = [&spec](const std::string& why) {
        return Failure{"record \"" + spec.name + "\": " + why};
      };
      const auto norms = context.wire.at(spec.name + "/norms").f32();
      for (float norm : norms) {
        if (!(std::isfinite(norm) && norm >= 0)) return refusal("a norm is negative or not finite");
      }
      BitReader reader(context.wire.at(spec.name + "/levels").bytes());
      const std::span<float> out = context.plain.open(spec.name).overwrite_f32();
      const std::size_t bucket = bucket_of(out.size());
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint32_t code = reader.read(width_);
        if (code > 2 * config_.levels) {
          return refusal("level " + std::to_string(code) + " is outside [0, " +
                         std::to_string(2 * config_.levels) + "]");
        }
        const double level = static_cast<double>(code) - config_.levels;
        out[i] = static_cast<float>(norms[i / bucket] * level / config_.levels + 0.0);
      }
      if (!reader.padded()) return refusal("the bits after the last level are not zero");
    }
    return {};
  }

  /// Per value a square, a division, a draw (about twenty operations) and a comparison.
  Cost cost(std::span<const RecordSpec> plain) const override {
    const Cost cost = Transform::cost(plain);
    return {.flops = 25 * cost.flops, .bytes = cost.bytes};
  }

 private:
  std::size_t bucket_of(std::size_t size) const {
    return config_.bucket > 0 ? config_.bucket : std::max<std::size_t>(size, 1);
  }

  /// Writes the levels of one bucket; returns its norm.
  float encode(std::span<const float> v, RandomStream& random, BitWriter& writer) const {
    double squares = 0;
    for (float value : v) squares += double{value} * value;
    // Not below any |v_i|: rounding preserves order, and |v_i| is a float32.
    const float norm = static_cast<float>(std::sqrt(squares));
    const std::uint32_t s = config_.levels;
    for (float value : v) {
      std::uint32_t level = 0;
      if (norm > 0 && std::isfinite(norm)) {
        const double scaled = double{std::abs(value)} * s / norm;  // in [0, s]
        level = static_cast<std::uint32_t>(scaled);
        level += random.uniform() < scaled - level;
      }
      writer.write(value < 0 ? s - level : s + level, width_);
    }
    return norm;
  }

  Config config_;
  unsigned width_;
};

}  // namespace

SKERRY_PLUGIN(Transform, Qsgd, "qsgd", "quantises each value to a few levels, without bias")

}  // namespace skerry

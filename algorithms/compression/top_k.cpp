// Top-k sparsification with error feedback: sends the largest values, and keeps the rest for later.
//
//   u = d + e;   send top_k(u);   e <- u - top_k(u)
//                                              [Stich, Cordonnier, Jaggi 2018, "Sparsified SGD with
//                                               memory", Alg. 1 and Def. 2.1 (top_k); Karimireddy
//                                               et al. 2019, "Error feedback fixes SignSGD and
//                                               other gradient compression schemes", Alg. 2
//                                               (EF-SGD)]
//
// Symbols: d = a record of the update that is averaged or summed, e = what was left out so far,
// k = `fraction` of the record's values, rounded half up, at least 1. Each record has its own k.
//
// On the wire: "<record>/indices", k indices in ascending order, uint32 little-endian in an int32
// record, and "<record>/values", the k values.
//
// State: "top_k/error/<record>" = e if the last update was lost, which is then u, and
// "top_k/next/<record>" = e if the last update arrived. settle() chooses between the two, so that
// nothing is lost with an update.
//
// Differences from the papers: gradients of a step there, a round's deltas here, so d holds the
// learning rates already. Of equal magnitudes the lower index goes first. An update with a value
// that is not finite is sent, for the receiver to refuse, and leaves e as it was.

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/transform.hpp"

namespace skerry {
namespace {

void write_index(std::uint32_t index, std::span<std::byte> out) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(index >> (8 * i));
}

std::uint32_t read_index(std::span<const std::byte> bytes) {
  std::uint32_t index = 0;
  for (int i = 0; i < 4; ++i) index |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
  return index;
}

class TopK final : public Transform {
 public:
  struct Config {
    double fraction = 0.01;
    template <class V>
    void fields(V& v) {
      v("fraction", fraction,
        {.meaning = "share of each record's values that is sent",
         .min = 0,
         .max = 1,
         .above_min = true});
    }
  };
  explicit TopK(const Config& config) : config_(config) {}

  TransformTraits traits() const override {
    return {.opens = TransformTraits::Opens::kBefore, .error_feedback = true};
  }

  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    std::vector<RecordSpec> specs;
    for (const RecordSpec& spec : plain) {
      if (!spec.real()) {
        specs.push_back(spec);
        continue;
      }
      const auto flat = [k = kept_of(spec)](const char* name, DType type) {
        return std::make_shared<const Layout>(Layout::flat(name, k, type));
      };
      specs.push_back({spec.name + "/indices", flat("indices", DType::kInt32), Reduce::kEach});
      specs.push_back({spec.name + "/values", flat("values", DType::kFloat32), spec.reduce});
    }
    return specs;
  }

  std::vector<RecordSpec> state(std::span<const RecordSpec> plain) const override {
    std::vector<RecordSpec> specs;
    for (const RecordSpec& spec : plain) {
      if (!spec.real()) continue;
      specs.push_back({kError + spec.name, spec.layout});
      specs.push_back({kNext + spec.name, spec.layout});
    }
    return specs;
  }

  void encode(EncodeContext& context) const override {
    for (const auto& record : context.plain.records()) {
      if (!record->spec().real()) continue;
      const std::string& name = record->name();
      const std::span<const float> d = record->f32();
      const std::span<float> error = context.state.open(kError + name).f32();
      const std::span<float> next = context.state.open(kNext + name).f32();
      const std::span<float> u = context.workspace.floats("top_k/u", d.size());
      for (std::size_t i = 0; i < d.size(); ++i) u[i] = d[i] + error[i];
      if (ExactSum::finite(u)) {
        std::copy(u.begin(), u.end(), error.begin());
        std::copy(u.begin(), u.end(), next.begin());
      } else {
        std::copy(error.begin(), error.end(), next.begin());
        std::fill(u.begin(), u.end(), std::numeric_limits<float>::quiet_NaN());
      }
      const std::span<float> values = context.wire.open(name + "/values").overwrite_f32();
      const auto indices = context.wire.open(name + "/indices").overwrite();
      const auto kept = largest(u, values.size(), context.workspace);
      for (std::size_t j = 0; j < values.size(); ++j) {
        write_index(kept[j], indices.subspan(4 * j, 4));
        values[j] = u[kept[j]];
        if (std::isfinite(values[j])) next[kept[j]] = 0;
      }
    }
  }

  Status open(OpenContext& context) const override {
    for (std::size_t r = 0; r < context.plain.records().size(); ++r) {
      const RecordSpec spec = context.plain.records()[r]->spec();
      if (!spec.real()) continue;
      const auto refusal = [&spec](const std::string& why) {
        return Failure{"record \"" + spec.name + "\": " + why};
      };
      const Record& values = context.wire.at(spec.name + "/values");
      const auto indices = context.wire.at(spec.name + "/indices").bytes();
      if (!values.finite()) return refusal("a value is not finite");
      const std::span<float> out = context.plain.open(spec.name).f32();
      std::uint64_t least = 0;  // the next index is at least this
      for (std::size_t j = 0; j < values.size(); ++j) {
        const std::uint32_t index = read_index(indices.subspan(4 * j, 4));
        if (index < least) return refusal("the indices do not ascend");
        if (index >= out.size()) {
          return refusal("index " + std::to_string(index) + " is outside [0, " +
                         std::to_string(out.size()) + ")");
        }
        out[index] = values.f32()[j];
        least = std::uint64_t{index} + 1;
      }
    }
    return {};
  }

  void settle(Payload& state, Settlement outcome) const override {
    if (outcome != Settlement::kAccepted) return;
    for (std::size_t r = 0; r < state.records().size(); ++r) {
      const std::string name = state.records()[r]->name();
      if (!name.starts_with(kError)) continue;
      const auto next = state.at(kNext + name.substr(kError.size())).f32();
      std::copy(next.begin(), next.end(), state.open(name).overwrite_f32().begin());
    }
  }

  /// Per value a sum, a magnitude, and about six comparisons; the update and both states are read.
  Cost cost(std::span<const RecordSpec> plain) const override {
    Cost cost = Transform::cost(plain);
    return {.flops = 8 * cost.flops, .bytes = 4 * cost.bytes};
  }

 private:
  inline static const std::string kError = "top_k/error/", kNext = "top_k/next/";

  std::size_t kept_of(const RecordSpec& spec) const {
    const std::size_t size = spec.layout->size();
    SKERRY_CHECK(size <= std::numeric_limits<std::uint32_t>::max(), "an index has 32 bits");
    const double share = config_.fraction * static_cast<double>(size) + 0.5;
    return std::clamp<std::size_t>(static_cast<std::size_t>(share), size > 0 ? 1 : 0, size);
  }

  /// Indices of the k values of largest magnitude, in ascending order. Magnitudes are compared as
  /// the bits of their absolute values, which have the same order.
  static std::span<const std::uint32_t> largest(std::span<const float> values, std::size_t k,
                                                Workspace& workspace) {
    if (k == 0) return {};
    const auto magnitude = [](float value) { return std::bit_cast<std::uint32_t>(value) << 1; };
    auto& sorted = workspace.rows("top_k/magnitudes");
    sorted.resize(values.size());
    std::transform(values.begin(), values.end(), sorted.begin(), magnitude);
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
    const std::uint32_t least = *last;
    auto spare = k - static_cast<std::size_t>(std::count_if(
                         sorted.begin(), last, [least](std::uint32_t m) { return m > least; }));
    auto& kept = workspace.rows("top_k/kept");
    kept.clear();
    for (std::size_t i = 0; i < values.size() && kept.size() < k; ++i) {
      const std::uint32_t m = magnitude(values[i]);
      if (m < least || (m == least && spare == 0)) continue;
      spare -= m == least;
      kept.push_back(static_cast<std::uint32_t>(i));
    }
    return kept;
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(Transform, TopK, "top_k", "sends the largest values, keeps the rest for later")

}  // namespace skerry

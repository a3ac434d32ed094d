// Secure aggregation on the contracts: a transform that opens after the sum and asks for three more
// exchanges, so that the cloud learns the sum of those who stayed and nothing else.
//   0 advertise keys   public keys of all                                      kEach, and to all
//   1 share keys       shares of s_u and b_u for every v, each encrypted to v  kEach, and to all
//   2 masked input     y_u = x_u + PRG(b_u) + sum_{v<u} PRG(s_uv) - sum_{v>u} PRG(s_uv)   summed
//   3 unmasking        of those who stayed a share of b_v, of those who left one of s_v    kEach
//                         [Bonawitz et al. 2017, "Practical secure aggregation for privacy-
//                          preserving machine learning", Fig. 4, without the consistency check]
// x_u = the delta in steps of 2^-20, an integer modulo 2^64; s_uv = what s_u and s_v agree on. Node
// k owns row k of every record. The cryptography is a toy: only the contract is tested here.

#include <bit>

#include "tests/algorithms/hand_sum.hpp"
#include "tests/probes/toy_secrets.hpp"

namespace skerry {
namespace {

constexpr std::uint32_t kNodes = 5, kThreshold = 3, kSize = 40;
constexpr double kStep = 0x1p-20;

struct MaskedSum final : Transform {
  TransformTraits traits() const override {
    return {.opens = TransformTraits::Opens::kAfter, .once = true, .exchanges = 3};
  }
  static RecordSpec rows(std::string name, std::size_t size, Reduce reduce = Reduce::kEach) {
    return {"masked_sum/" + name, flat_layout(size, DType::kInt64), reduce};
  }
  std::vector<RecordSpec> wire(std::span<const RecordSpec>, std::uint32_t exchange) const override {
    if (exchange == 0) return {rows("keys", 2)};
    if (exchange == 1) return {rows("shares", 2 * kNodes)};
    if (exchange == 3) return {rows("unmask", kNodes)};
    return {rows("y", kSize, Reduce::kSum)};
  }
  std::vector<RecordSpec> state(std::span<const RecordSpec>) const override {
    return {rows("x", kSize), rows("own", 3), rows("keys", 2 * kNodes), rows("shares", 2 * kNodes)};
  }
  std::vector<RecordSpec> cloud_state(std::span<const RecordSpec>) const override {
    return {rows("y", kSize), rows("keys", 2 * kNodes), rows("sharing", kNodes),
            rows("staying", kNodes)};
  }

  void encode(EncodeContext& context) const override {
    if (context.exchange == 0) return advertise_keys(context);
    if (context.exchange == 1) return share_keys(context);
    if (context.exchange == 2) return mask_input(context);
    const auto staying = context.down.at("masked_sum/staying").i64();
    const auto shares = context.state.at("masked_sum/shares").i64();  // of s_v, b_v
    const auto out = context.wire.open("masked_sum/unmask").i64();
    for (std::uint32_t v = 0; v < kNodes; ++v) out[v] = shares[2 * v + (staying[v] ? 1 : 0)];
  }

  Status open(OpenContext& context) const override {
    if (context.infos.size() < kThreshold) return Failure{"too few are left"};
    if (context.exchange == 3) return unmask(context), Status();
    if (context.exchange == 0) {
      gather(context, "masked_sum/keys", context.state->open("masked_sum/keys").i64());
      context.ask->add(context.state->share("masked_sum/keys"));
    } else if (context.exchange == 1) {
      Record& all = context.ask->add(rows("shares", 2 * kNodes * kNodes));
      gather(context, "masked_sum/shares", all.i64());
      mark_present(context, "masked_sum/sharing");
    } else {
      std::ranges::copy(context.wire.at("masked_sum/y").i64(),
                        context.state->open("masked_sum/y").i64().begin());
      mark_present(context, "masked_sum/staying");
    }
    return {};
  }

 private:
  void advertise_keys(EncodeContext& context) const {
    const auto d = context.plain.at("delta").f32();
    const auto x = context.state.open("masked_sum/x").i64();
    for (std::size_t i = 0; i < d.size(); ++i) x[i] = std::llrint(d[i] / kStep);
    const auto own = context.state.open("masked_sum/own").i64();  // s_u, c_u, b_u
    for (auto& secret : own) secret = std::int64_t(1 + context.secret->below(kPrime - 2));
    const auto keys = context.wire.open("masked_sum/keys").i64();  // of s_u and c_u
    for (int i : {0, 1}) keys[i] = std::int64_t(power(kBase, own[i]));
  }
  void share_keys(EncodeContext& context) const {
    const auto own = context.state.at("masked_sum/own").i64();
    const auto keys = context.state.open("masked_sum/keys").i64();
    std::ranges::copy(context.down.at("masked_sum/keys").i64(), keys.begin());
    const auto out = context.wire.open("masked_sum/shares").i64();
    for (int which : {0, 1}) {
      std::vector<Field> polynomial{Field(own[which == 0 ? 0 : 2])};  // s_u, b_u
      while (polynomial.size() < kThreshold) polynomial.push_back(context.secret->below(kPrime));
      for (std::uint32_t v = 0; v < kNodes; ++v) {
        const auto hidden = pad(power(keys[2 * v + 1], own[1]), context.info.node.index());
        out[2 * v + which] = std::int64_t(share_of(polynomial, v + 1)) ^ hidden[which];
      }
    }
  }
  void mask_input(EncodeContext& context) const {
    const std::uint32_t u = context.info.node.index();
    const auto own = context.state.at("masked_sum/own").i64();
    const auto keys = context.state.at("masked_sum/keys").i64();
    const auto written = context.down.at("masked_sum/shares").i64();  // row v by v
    const auto sharing = context.down.at("masked_sum/sharing").i64();
    const auto shares = context.state.open("masked_sum/shares").i64();
    const auto y = context.wire.open("masked_sum/y").i64();
    std::ranges::copy(context.state.at("masked_sum/x").i64(), y.begin());
    add_mask(own[2], true, y);
    for (std::uint32_t v = 0; v < kNodes; ++v) {
      const auto hidden = pad(power(keys[2 * v + 1], own[1]), v);
      for (int which : {0, 1}) {
        shares[2 * v + which] = written[2 * (v * kNodes + u) + which] ^ hidden[which];
      }
      if (sharing[v] && v != u) add_mask(power(keys[2 * v], own[0]), v < u, y);
    }
  }
  /// Puts every node's row in its place, with zeros for absent nodes.
  void gather(const OpenContext& context, const char* name, std::span<std::int64_t> out) const {
    std::ranges::fill(out, 0);
    for (std::size_t k = 0; k < context.infos.size(); ++k) {
      const auto row = context.each[k]->at(name).i64();
      std::ranges::copy(row, &out[context.infos[k].node.index() * row.size()]);
    }
  }
  static void mark_present(OpenContext& context, const char* record) {
    const auto flags = context.state->open(record).i64();
    std::ranges::fill(flags, 0);
    for (const UpdateInfo& info : context.infos) flags[info.node.index()] = 1;
    context.ask->add(context.state->share(record));
  }
  void unmask(OpenContext& context) const {
    const auto keys = context.state->at("masked_sum/keys").i64();
    const auto sharing = context.state->at("masked_sum/sharing").i64();
    const auto staying = context.state->at("masked_sum/staying").i64();
    const auto y = context.state->open("masked_sum/y").i64();
    for (std::uint32_t v = 0; v < kNodes; ++v) {
      if (!sharing[v]) continue;
      std::vector<SecretShare> points;
      for (std::size_t k = 0; k < kThreshold; ++k) {
        const Field share = context.each[k]->at("masked_sum/unmask").i64()[v];
        points.push_back({context.infos[k].node.index() + Field{1}, share % kPrime});
      }
      const Field secret = secret_of(points);
      if (staying[v]) add_mask(secret, false, y);  // b_v
      for (std::uint32_t u = 0; u < kNodes && !staying[v]; ++u) {
        if (staying[u]) add_mask(power(keys[2 * u], secret), v > u, y);  // s_v
      }
    }
    const double stayed = double(std::ranges::count(staying, 1));
    const auto out = context.plain.open("delta").f32();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = float(double(y[i]) * kStep / stayed);
  }
};

std::vector<Payload> some_updates() {
  RandomStream random(8, "masked_sum probe");
  std::vector<Payload> updates(kNodes);
  for (Payload& update : updates) {
    for (float& d : update.add(delta_record(flat_layout(kSize))).f32()) d = float(random.normal());
    update.open("delta").f32()[0] = 0x1.8p42f;  // the sum goes beyond 2^63 and comes round
  }
  return updates;
}
std::int64_t in_steps(const Payload& update, std::size_t i) {
  return std::llrint(update.at("delta").f32()[i] / kStep);
}

/// The mean of the modular sum of those who stayed.
std::vector<float> plain_mean(const std::vector<Payload>& updates, std::uint32_t stayed) {
  std::vector<float> mean;
  for (std::uint32_t i = 0; i < kSize; ++i) {
    std::uint64_t sum = 0;
    for (std::uint32_t u = 0; u < kNodes; ++u) {
      if (stayed >> u & 1) sum += std::uint64_t(in_steps(updates[u], i));
    }
    mean.push_back(float(double(std::int64_t(sum)) * kStep / std::popcount(stayed)));
  }
  return mean;
}

TEST_CASE("the masked sum is the plain modular sum, whoever leaves before or after masking") {
  const MaskedSum masked_sum;
  const auto updates = some_updates();
  constexpr std::uint32_t kAll = (1 << kNodes) - 1;
  for (std::uint32_t exchange : {1, 2, 3}) {
    for (std::uint32_t left = 0; left <= kAll; ++left) {
      HandSum cloud(masked_sum, shapes_of(updates[0]), kNodes);
      const auto lost = [&](std::uint32_t edge, std::uint32_t at) {
        if (at == 3) CHECK(cloud.wires[0].at("masked_sum/y").i64()[1] != in_steps(updates[0], 1));
        return at == exchange && (left >> edge & 1);
      };
      INFO("left before exchange " << exchange << ": " << left);
      const auto opened = cloud.round(1, updates, lost);
      const bool enough = std::popcount(kAll - left) >= int(kThreshold);
      REQUIRE(opened.message() == (enough ? "" : "too few are left"));
      const auto expected = plain_mean(updates, exchange == 3 ? kAll : kAll - left);
      if (enough) REQUIRE(values_of(opened->at("delta")) == expected);
    }
  }
}

}  // namespace
}  // namespace skerry

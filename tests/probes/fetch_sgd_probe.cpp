// FetchSGD on the contracts: sketches add, so the cloud opens their mean once. Momentum and error
// live in sketch space.
//   S <- mean_k S(d_k);  S_u <- rho S_u + S;  S_e <- S_e + S_u;  D = top_k(U(S_e));
//   S_e <- S_e - S(D);  w <- w + D
//                         [Rothchild et al. 2020, "FetchSGD: communication-efficient federated
//                          learning with sketching", Alg. 1, where the rate eta is in d_k here]
// S(v)[j][h_j(i)] += s_j(i) v_i, a Count Sketch; U(S)_i = median_j s_j(i) S[j][h_j(i)].

#include "tests/algorithms/hand_sum.hpp"

namespace skerry {
namespace {

constexpr std::size_t kSize = 2000, kRows = 7, kColumns = 60;  // rows: odd

struct FetchSgd final : Transform {
  const std::size_t k;
  const float momentum;
  std::vector<std::pair<std::size_t, float>> cells;  // where value i goes in row j: [i][j]
  FetchSgd(std::size_t kept, float rho) : k(kept), momentum(rho) {
    for (std::uint32_t n = 0; n < kSize * kRows; ++n) {
      const std::uint32_t hash = philox({n, 0, 0, 0}, {7, 7})[0];
      cells.emplace_back(n % kRows * kColumns + hash / 2 % kColumns, hash % 2 ? 1.0f : -1.0f);
    }
  }
  TransformTraits traits() const override { return {.opens = TransformTraits::Opens::kAfter}; }
  std::vector<RecordSpec> wire(std::span<const RecordSpec>, std::uint32_t) const override {
    return {{"delta/sketch", flat_layout(kRows * kColumns)}};
  }
  std::vector<RecordSpec> cloud_state(std::span<const RecordSpec>) const override {
    return {{"fetch_sgd/momentum", flat_layout(kRows * kColumns)},
            {"fetch_sgd/error", flat_layout(kRows * kColumns)}};
  }
  void add(std::span<const float> v, float times, std::span<float> sketch) const {
    for (std::size_t n = 0; n < cells.size(); ++n) {
      sketch[cells[n].first] += times * cells[n].second * v[n / kRows];
    }
  }
  void encode(EncodeContext& context) const override {
    add(context.plain.at("delta").f32(), 1, context.wire.open("delta/sketch").f32());
  }
  Status open(OpenContext& context) const override {
    const auto sketch = context.wire.at("delta/sketch").f32();
    const auto u = context.state->open("fetch_sgd/momentum").f32();
    const auto e = context.state->open("fetch_sgd/error").f32();
    for (std::size_t i = 0; i < u.size(); ++i) e[i] += u[i] = momentum * u[i] + sketch[i];
    const auto out = context.plain.open("delta").f32();
    std::vector<std::pair<float, std::size_t>> ranked;
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::vector<float> found;
      for (auto [at, s] : std::span(cells).subspan(i * kRows, kRows)) found.push_back(s * e[at]);
      std::sort(found.begin(), found.end());
      out[i] = found[kRows / 2];
      ranked.emplace_back(-std::abs(out[i]), i);
    }
    std::ranges::sort(ranked);
    for (std::size_t r = k; r < ranked.size(); ++r) out[ranked[r].second] = 0;
    add(out, -1, e);
    return {};
  }
};

Payload delta_of(const std::vector<float>& values) {
  Payload update;
  add_record(update, delta_record(flat_layout(kSize)), values);
  return update;
}

TEST_CASE("fetch_sgd finds the largest values of the mean in the mean of the sketches") {
  const Payload nothing = delta_of(std::vector<float>(kSize));
  std::vector<Payload> updates(4, nothing);
  for (std::size_t edge = 0; edge < 4; ++edge) {  // whole numbers: every sum is exact
    updates[edge].open("delta").f32()[200 * edge] = static_cast<float>(4 + 4 * edge);
  }
  const FetchSgd fetch_sgd(3, 0);
  HandSum cloud(fetch_sgd, shapes_of(nothing), 4);
  const auto first = cloud.round(1, updates);
  const auto second = cloud.round(2, {nothing});  // what was left out
  for (std::size_t i = 0; i < kSize; ++i) {
    const float mean = i % 200 == 0 && i < 800 ? static_cast<float>(1 + i / 200) : 0;
    REQUIRE(first->at("delta").f32()[i] == (i > 0 ? mean : 0));
    REQUIRE(second->at("delta").f32()[i] == (i > 0 ? 0 : mean));
  }
}

TEST_CASE("fetch_sgd comes to a sparse minimum with a fifth of the values") {
  const FetchSgd fetch_sgd(10, 0.5f);
  std::vector<float> w(kSize), d(kSize), goal(kSize);
  for (std::size_t i = 0; i < 8; ++i) goal[120 * i] = static_cast<float>(i) - 3.5f;
  HandSum cloud(fetch_sgd, shapes_of(delta_of(w)), 1);
  for (Round round = 1; round <= 100; ++round) {
    for (std::size_t i = 0; i < kSize; ++i) d[i] = 0.1f * (goal[i] - w[i]);
    const auto opened = cloud.round(round, {delta_of(d)});
    for (std::size_t i = 0; i < kSize; ++i) w[i] += opened->at("delta").f32()[i];
  }
  for (std::size_t i = 0; i < kSize; ++i) REQUIRE(std::abs(w[i] - goal[i]) < 0.01);
}

}  // namespace
}  // namespace skerry

// DP-FedAvg on the contracts: clipping is a transform that needs no opening; the noise is a server
// stage that acts once a round, even if no edge was sampled.
//   d_k <- d_k min(1, C / |d_k|);   delta = sum_k d_k / (q N) + N(0, (z C / (q N))^2 I)
//                         [McMahan, Ramage, Talwar, Zhang 2018, "Learning differentially private
//                          recurrent language models", Alg. 1, flat clipping, estimator f_f with
//                          w_k = 1, so W = N]
// C = longest update, q = probability to be sampled, N = population, z = noise multiplier.

#include "algorithms/sdk/server_stage.hpp"
#include "tests/algorithms/hand_link.hpp"
#include "tests/same_bits.hpp"

namespace skerry {
namespace {

struct Clip final : Transform {
  const double longest;
  explicit Clip(double c) : longest(c) {}
  TransformTraits traits() const override { return {.opens = TransformTraits::Opens::kNever}; }
  std::vector<RecordSpec> wire(std::span<const RecordSpec> plain, std::uint32_t) const override {
    return {plain.begin(), plain.end()};
  }
  void encode(EncodeContext& context) const override {
    double squares = 0;
    for (const auto& record : context.plain.records()) {
      for (float value : record->f32()) squares += double{value} * value;
    }
    if (squares <= longest * longest) return;  // the wire began as the update itself
    for (const auto& record : context.plain.records()) {
      for (float& value : context.wire.open(record->name()).f32()) {
        value = static_cast<float>(value * (longest / std::sqrt(squares)));
      }
    }
  }
  Status open(OpenContext&) const override { return {}; }
};

struct Noise final : ServerStage {
  const double longest, multiplier, expected;  // C, z, q N
  Noise(double c, double z, double qn) : longest(c), multiplier(z), expected(qn) {}
  ServerStageTraits traits() const override { return {.once = true, .empty_cohort = true}; }
  void act(ServerStageContext& context) const override {
    const double kept = static_cast<double>(context.infos.size()) / expected;  // mean to fixed mean
    const double deviation = multiplier * longest / expected;
    for (float& value : context.reduced.open("delta").f32()) {
      value = static_cast<float>(value * kept + deviation * context.noise.normal());
    }
  }
};

/// The mean over `count` updates of this value at each of its places, after the stage.
std::vector<float> noised(const Noise& stage, std::size_t count, std::vector<float> mean,
                          std::uint64_t seed = 1) {
  Payload reduced, state;
  Workspace workspace;
  RandomStream noise(seed, "server stage");
  add_record(reduced, delta_record(flat_layout(mean.size())), mean);
  const std::vector<UpdateInfo> infos(count);
  ServerStageContext context{reduced, infos, 100, 0, state, noise, workspace};
  stage.act(context);
  return values_of(reduced.at("delta"));
}

TEST_CASE("an update is clipped as a whole, and one that is short enough stays as it is") {
  Payload update;
  add_record(update, delta_record(flat_layout(2)), {3, 0});
  add_record(update, {"total", flat_layout(1), Reduce::kSum}, {-4});
  const Clip clip(2.5);
  HandLink link(clip, shapes_of(update));
  const Payload clipped = link.encode(update);
  CHECK(values_of(clipped.at("delta")) == std::vector<float>{1.5f, 0});
  CHECK(values_of(clipped.at("total")) == std::vector<float>{-2});
  const Payload again = link.encode(clipped);
  CHECK(again.find("delta") == clipped.find("delta"));
}

TEST_CASE("the denominator is fixed, whoever arrived") {
  const Noise stage(1, 0, 10);
  CHECK(noised(stage, 5, {4, -2}) == std::vector<float>{2, -1});  // half of those expected
  CHECK(noised(stage, 20, {4, -2}) == std::vector<float>{8, -4});
}

TEST_CASE("an empty cohort is noised like any other, with the deviation of the paper") {
  const Noise stage(2, 3, 10);
  REQUIRE(stage.traits().once);
  REQUIRE(stage.traits().empty_cohort);
  constexpr std::size_t kSize = 50'000;
  const auto noise = noised(stage, 0, std::vector<float>(kSize));
  double sum = 0, squares = 0;
  for (float value : noise) sum += value, squares += double{value} * value;
  const double deviation = 3.0 * 2 / 10, root = std::sqrt(double{kSize});
  CHECK(std::abs(sum / kSize) < 5 * deviation / root);  // false alarm: 1 in 1.7 million
  CHECK(std::abs(squares / kSize / (deviation * deviation) - 1) < 5 * std::sqrt(2.0) / root);
  CHECK(bits(noised(stage, 0, std::vector<float>(kSize))) == bits(noise));
  CHECK(bits(noised(stage, 0, std::vector<float>(kSize), 2)) != bits(noise));  // another seed
}

}  // namespace
}  // namespace skerry

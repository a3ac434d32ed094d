// Tensors of a model that are not learnt by gradients, as whole simulated runs.

#include <cmath>
#include <limits>

#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

constexpr std::size_t kWidth = 12;  // values of "w", as the scenario's examples have
constexpr std::size_t kFixed = 3;
constexpr std::size_t kMask = 2;
constexpr std::size_t kSpread = kWidth + kFixed;  // first value of "spread"

struct SpreadTape final : Tape {
  std::unique_ptr<Tape> inner;
  std::vector<float> spread;
  bool moved = false;
};

/// The quadratic, with parameters that are frozen, a running mean of the inputs' squares, and a
/// constant of infinite values.
class WithBuffers final : public Learner {
 public:
  explicit WithBuffers(std::unique_ptr<Learner> inner)
      : inner_(std::move(inner)),
        layout_(std::make_shared<const Layout>(Layout({{"spread", {kWidth}, Group::kBuffer},
                                                       {"mask", {kMask}, Group::kBuffer},
                                                       {"w", {kWidth}},
                                                       {"fixed", {kFixed}, Group::kFrozen}}))) {}

  std::string_view numerics() const override { return inner_->numerics(); }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return inner_->schema(); }
  std::size_t outputs() const override { return inner_->outputs(); }
  void initialise(RandomStream random, std::span<float> parameters) const override {
    inner_->initialise(random, parameters.first(kWidth));
    std::ranges::fill(parameters.subspan(kWidth, kFixed), 3.0f);
    std::ranges::fill(parameters.subspan(kSpread, kWidth), 1.0f);
    std::ranges::fill(parameters.last(kMask), -std::numeric_limits<float>::infinity());
  }
  std::unique_ptr<Tape> make_tape() const override {
    auto tape = std::make_unique<SpreadTape>();
    tape->inner = inner_->make_tape();
    return tape;
  }
  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                  Tape& tape) const override {
    auto& mine = static_cast<SpreadTape&>(tape);
    const auto before = parameters.subspan(kSpread, kWidth);
    mine.spread.assign(before.begin(), before.end());
    for (std::size_t j = 0; j < kWidth && phase == Phase::kTrain; ++j) {
      float squares = 0;
      for (std::size_t b = 0; b < batch.size; ++b) {
        squares += batch.inputs[b * kWidth + j] * batch.inputs[b * kWidth + j];
      }
      mine.spread[j] = 0.5f * before[j] + 0.5f * squares / static_cast<float>(batch.size);
    }
    return inner_->forward(parameters.first(kWidth), batch, phase, *mine.inner);
  }
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override {
    return inner_->loss(scores, batch, cotangent);
  }
  void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> inputs) const override {
    std::ranges::fill(gradient.subspan(kWidth), 0.0f);
    inner_->backward(parameters.first(kWidth), cotangents, *static_cast<SpreadTape&>(tape).inner,
                     gradient.first(kWidth), inputs);
  }
  void after_step(const Tape& tape, std::span<float> parameters) const override {
    std::ranges::copy(static_cast<const SpreadTape&>(tape).spread,
                      parameters.subspan(kSpread).begin());
  }
  Cost cost(Phase phase, std::size_t batch_size) const override {
    return inner_->cost(phase, batch_size);
  }

 private:
  std::unique_ptr<Learner> inner_;
  LayoutRef layout_;
};

class WithBuffersFactory final : public LearnerFactory {
 public:
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit WithBuffersFactory(const Config&) {}
  Result<std::unique_ptr<Learner>> build(const LearnerTask& task) const override {
    auto inner = plugin<LearnerFactory>("quadratic")->build(task);
    if (!inner) return inner.failure();
    return std::unique_ptr<Learner>(std::make_unique<WithBuffers>(std::move(*inner)));
  }
};
SKERRY_PLUGIN(LearnerFactory, WithBuffersFactory, "with_buffers", "test");

/// Every edge takes one step on all its examples, of which all edges have equally many.
host::RunRecord with_buffers(const std::vector<std::string>& more, const How& how = {}) {
  std::vector<std::string> changes{
      R"({"model": "with_buffers", "local": {"batch_size": 0}, "stop": {"any": [{"rounds": 3}]}})"};
  changes.insert(changes.end(), more.begin(), more.end());
  return simulated(changes, how);
}

std::vector<float> part(const std::vector<float>& model, std::size_t begin, std::size_t size) {
  const auto first = model.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

std::vector<float> spread_of(const host::RunRecord& run) {
  return part(final_model(run), kSpread, kWidth);
}

TEST_CASE("a model's buffers take the mean of the edges' values") {
  const auto after = [](const std::string& rounds) {
    return spread_of(with_buffers({R"({"stop": {"any": [{"rounds": )" + rounds + "}]}}"}));
  };
  const auto one = after("1"), two = after("2");
  // s <- (s + m) / 2 from s = 1: each round goes half the way that is left.
  for (std::size_t j = 0; j < kWidth; ++j) {
    CHECK(std::abs(one[j] - 1) > 0.01f);
    CHECK(two[j] - one[j] == Approx((one[j] - 1) / 2).epsilon(1e-4));
  }
}

TEST_CASE("neither server nor transforms nor attackers have a part in a model's buffers") {
  const auto plain = with_buffers({});
  const auto expected = bits(spread_of(plain));
  const std::vector<std::string> ways{
      R"({"server": {"optimizer": {"name": "adam", "learning_rate": 0.1}}})",
      R"({"server": {"optimizer": {"name": "sgd", "learning_rate": 3, "momentum": 0.9,
                                   "weight_decay": 0.1}}})",
      R"({"server": {"reduce": "median"}})",
      R"({"server": {"reduce": {"name": "trimmed_mean", "beta": 0.2}}})",
      R"({"server": {"reduce": "krum"}})",
      R"({"update": {"up": [{"name": "top_k", "fraction": 0.1}]}})",
      R"({"update": {"up": [{"name": "qsgd", "levels": 1}], "down": ["float16"]}})",
      R"({"update": {"down_sends": "change", "down": [{"name": "top_k", "fraction": 0.25}]}})",
      R"({"local": {"method": "scaffold"}})",
      R"({"local": {"method": {"name": "fedprox", "mu": 0.1},
                    "optimizer": {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.1}}})",
      R"({"world": {"attack": {"name": "sign_flip", "scale": 5, "nodes": ["edge-1"]}}})"};
  for (const std::string& way : ways) {
    INFO(way);
    const auto run = with_buffers({way});
    const bool sends_changes = way.find("down_sends") != std::string::npos;
    if (sends_changes) {  // which are rounded
      CHECK(distance(spread_of(run), spread_of(plain)) < 1e-5);
    } else {
      CHECK(bits(spread_of(run)) == expected);
    }
    if (way.find("scaffold") == std::string::npos) {
      CHECK(part(final_model(run), 0, kWidth) != part(final_model(plain), 0, kWidth));
    }
    CHECK(last(run, "round/accepted") == 6);
  }
}

TEST_CASE("what is frozen stays, infinite values too, and none of it travels up") {
  for (const std::string server :
       {R"({"server": {"reduce": "mean"}})",
        R"({"server": {"optimizer": {"name": "sgd", "learning_rate": 1, "weight_decay": 0.5}}})"}) {
    const auto run = with_buffers({server});
    const auto model = final_model(run);
    CHECK(part(model, kWidth, kFixed) == std::vector<float>(kFixed, 3));
    for (const float value : part(model, kSpread + kWidth, kMask)) {
      CHECK(value == -std::numeric_limits<float>::infinity());
    }
    CHECK(last(run, "round/accepted") == 6);
    const double up = sizeof(float) * (kWidth + kWidth + kMask + 3);  // w, buffers, report
    CHECK(last(run, "bytes/tensor_up") == 3 * 6 * up);
  }
}

TEST_CASE("buffers of updates that come late stay a mean of what edges have") {
  const auto run = with_buffers(
      {R"({"server": "fedbuff", "rounds": {"mode": "async"}, "select": {"name": "uniform", "count": 4},
           "stop": {"any": [{"rounds": 40}]}})"});
  const auto settled = spread_of(with_buffers({R"({"stop": {"any": [{"rounds": 30}]}})"}));
  const auto spread = spread_of(run);
  for (std::size_t j = 0; j < kWidth; ++j) {
    CHECK(spread[j] > 0);
    CHECK(spread[j] < 6 * settled[j]);  // no edge has more
  }
}

TEST_CASE("a run with buffers ends in the same bits on more threads and from a checkpoint") {
  const std::string way = R"({"update": {"up": ["float16"]}, "local": {"method": "scaffold"}})";
  const auto once = bits(final_model(with_buffers({way})));
  for (const How& how : {How{.threads = 2}, How{.threads = 1, .saved_every_round = true}}) {
    CHECK(bits(final_model(with_buffers({way}, how))) == once);
  }
}

}  // namespace
}  // namespace skerry

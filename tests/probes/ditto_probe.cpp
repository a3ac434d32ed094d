// Ditto on the contracts: besides the global model, every edge keeps a personal one close to it,
// and the edges are evaluated with both.
//   v_k <- v_k - eta (grad F_k(v_k) + lambda (v_k - w^t))
//                         [Li, Hu, Beirami, Smith 2021, "Ditto: fair and robust federated learning
//                          through personalization", Alg. 1]
// v_k = record "v" of the node's state; w^t = record "model" of the downlink.

#include "algorithms/sdk/local_loop.hpp"
#include "tests/same_bits.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

struct Ditto final : LocalMethod {
  struct Config {
    float lambda = 0.1f;
    template <class V>
    void fields(V& v) {
      v("lambda", lambda, {.meaning = "pull of the personal model to the global one", .min = 0});
    }
  };
  explicit Ditto(const Config& c) : config(c) {}

  MethodRecords records(const LayoutRef& model, std::uint32_t) const override {
    const auto once = std::make_shared<const Layout>(Layout::flat("started", 1, DType::kInt64));
    return {.down = {}, .state = {{"v", model}, {"started", once}}, .up = {delta_record(model)}};
  }
  TrainReport train(TrainContext& context) const override {
    const TrainReport report = train_delta(context);
    const auto w = context.model();
    const auto v = context.state.open("v").f32();
    std::int64_t& started = context.state.open("started").i64()[0];
    if (started == 0) std::copy(w.begin(), w.end(), v.begin());
    started = 1;
    const auto offset = context.workspace.floats("ditto/offset", w.size());
    for (std::size_t i = 0; i < w.size(); ++i) offset[i] = -config.lambda * w[i];
    AffineStep towards({.scale = config.lambda, .offset = offset});
    StepTerm* const terms[] = {&towards};
    local_loop(context, v, terms);
    return report;
  }
  std::span<const float> personal(const Payload& state) const override {
    return state.at("started").i64()[0] == 0 ? std::span<const float>() : state.at("v").f32();
  }
  Config config;
};

}  // namespace
SKERRY_PLUGIN(LocalMethod, Ditto, "ditto", "probe")
namespace {

const std::string kLonger = R"({"stop": {"any": [{"rounds": 31}]}})";

host::RunRecord ditto(const std::string& lambda) {
  return simulated(
      {kLonger, R"({"local": {"method": {"name": "ditto", "lambda": )" + lambda + R"(}},
                                 "evaluate": {"edges": {"every": {"rounds": 10}}}})"});
}

/// By how much the personal models' loss on the edges' own test data is below the global one's.
double gain(const host::RunRecord& run) {
  CHECK(last(run, "edges/count") == 6);
  return 1 - last(run, "edges/personal_loss_mean") / last(run, "edges/loss_mean");
}

TEST_CASE("ditto's personal models fit their own data, less so the harder they are pulled") {
  const double free = gain(ditto("0.1")), held = gain(ditto("2")), tied = gain(ditto("8"));
  CHECK(free > 0.3);
  CHECK(held < 0.75 * free);
  CHECK(tied < 0.5 * held);
  CHECK(tied > 0);
}

TEST_CASE("ditto leaves the global model as plain training makes it") {
  CHECK(bits(final_model(ditto("0.1"))) == bits(final_model(simulated({kLonger}))));
}

}  // namespace
}  // namespace skerry

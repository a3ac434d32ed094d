// PowerSGD on the contracts: two exchanges in one round, the second asked for by the reducer.
//   P <- mean_k M_k Q;  P^ <- orthogonalise(P);  Q <- mean_k M_k^T P^;  delta = P^ Q^T
//                         [Vogels, Karimireddy, Jaggi 2019, "PowerSGD", NeurIPS, Alg. 1]
// M_k = an edge's delta as a 3 x 4 matrix, kept in its state between the exchanges; Q = downlink
// record "q", warm from the last round; P^ = what the reducer asks with. No error feedback.

#include <eigen3/Eigen/Dense>

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/reducer.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

constexpr std::uint32_t kRows = 3, kColumns = 4;
using Matrix = Eigen::MatrixXf;

Eigen::Map<const Matrix> read(const Payload& payload, const char* record, std::uint32_t rows) {
  const auto values = payload.at(record).f32();
  return {values.data(), rows, static_cast<Eigen::Index>(values.size()) / rows};
}
void write(const Matrix& matrix, std::span<float> out) {
  std::copy(matrix.data(), matrix.data() + matrix.size(), out.begin());
}

struct Rank {
  using Config = Rank;
  std::uint32_t rank = 1;
  template <class V>
  void fields(V& v) {
    v("rank", rank, {.meaning = "r", .min = 1, .max = kRows});
  }
  RecordSpec p() const { return {"p", flat_layout(kRows * rank)}; }
  RecordSpec p_hat() const { return {"p_hat", flat_layout(kRows * rank)}; }
  RecordSpec q() const { return {"q", flat_layout(kColumns * rank)}; }
};

struct PowerSgdEdge final : LocalMethod, Rank {
  explicit PowerSgdEdge(const Rank& config) : Rank(config) {}
  MethodRecords records(const LayoutRef& model, std::uint32_t exchange) const override {
    return {.down = {q()}, .state = {{"m", model}}, .up = {exchange == 0 ? p() : q()}};
  }
  TrainReport train(TrainContext& context) const override {
    if (context.exchange == 1) {
      const auto m = read(context.state, "m", kRows), left = read(context.down, "p_hat", kRows);
      write(m.transpose() * left, context.up.open("q").f32());
      return {.samples = context.data.size()};
    }
    std::vector<float> w(context.model().begin(), context.model().end());
    const TrainReport report = local_loop(context, w);
    subtract(w, context.model(), context.state.open("m").f32());
    Matrix right = read(context.down, "q", kColumns);
    if (right.isZero(0)) right.setIdentity();  // the first round: the same start on every edge
    write(read(context.state, "m", kRows) * right, context.up.open("p").f32());
    return report;
  }
  void combine(CombineContext& context) const override {
    write(read(context.reduced, "q", kColumns), context.down.open("q").f32());
  }
};
SKERRY_PLUGIN(LocalMethod, PowerSgdEdge, "power_sgd", "probe")

struct PowerSgdCloud final : Reducer, Rank {
  explicit PowerSgdCloud(const Rank& config) : Rank(config) {}
  ReducerTraits traits() const override { return {}; }
  std::vector<RecordSpec> state(const LayoutRef&) const override { return {p_hat()}; }
  Finish finish(FinishContext& context) const override {
    if (context.exchange == 0) {
      const auto qr = read(context.reduced, "p", kRows).householderQr();
      write(qr.householderQ() * Matrix::Identity(kRows, rank), context.state.open("p_hat").f32());
      context.ask.add(context.state.share("p_hat"));
      return Finish::kAnotherExchange;
    }
    const auto left = read(context.state, "p_hat", kRows);
    write(left * read(context.reduced, "q", kColumns).transpose(), context.delta);
    return Finish::kDone;
  }
};
SKERRY_PLUGIN(Reducer, PowerSgdCloud, "power_sgd", "probe")

const std::string kMean = R"({"server": {"reduce": {"name": "mean", "weight": "uniform"}}})";
std::string power_sgd(int rank) {
  const std::string plugin = R"({"name": "power_sgd", "rank": )" + std::to_string(rank) + "}";
  return R"({"local": {"method": )" + plugin + R"(}, "server": {"reduce": )" + plugin + "}}";
}

TEST_CASE("power_sgd of full rank moves the model as the mean does, in two exchanges a round") {
  CHECK(distance(final_model(simulated({kMean})), final_model(simulated({power_sgd(3)}))) < 1e-5);
}

TEST_CASE("power_sgd of rank one sends less and ends at the same minimum") {
  const std::string longer = R"({"local": {"batch_size": 0}, "stop": {"any": [{"rounds": 400}]}})";
  const auto mean = simulated({kMean, longer}), one = simulated({power_sgd(1), longer});
  CHECK(distance(final_model(mean), final_model(one)) < 1e-3);
  CHECK(last(one, "bytes/tensor_up") < last(mean, "bytes/tensor_up"));
}

}  // namespace
}  // namespace skerry

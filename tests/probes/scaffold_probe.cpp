// SCAFFOLD on the contracts when updates are lost: the cloud's control must stay the mean of the
// edges' (Karimireddy et al. 2020, Alg. 1, eq. (5)), and the run must still end at the minimum.

#include <map>

#include "algorithms/sdk/local_method.hpp"
#include "tests/simulated_run.hpp"

namespace skerry {
namespace {

/// The controls of one round's edges, after they learnt the fate of their last update.
struct Seen {
  std::map<Round, std::map<NodeId, std::vector<float>>> edges;
  std::map<Round, std::vector<float>> cloud;
};
Seen& seen() {
  static Seen notes;
  return notes;
}

/// The shipped method, watched.
struct WatchedScaffold final : LocalMethod {
  struct Config {
    template <class V>
    void fields(V&) {}
  };
  explicit WatchedScaffold(const Config&) : scaffold(plugin<LocalMethod>("scaffold")) {}
  MethodRecords records(const LayoutRef& model, std::uint32_t exchange) const override {
    return scaffold->records(model, exchange);
  }
  TrainReport train(TrainContext& context) const override {
    seen().edges[context.key.round][context.key.node] = values_of(context.state.at("c_i"));
    seen().cloud[context.key.round] = values_of(context.down.at("c"));
    return scaffold->train(context);
  }
  void settle(Payload& state, Settlement outcome) const override {
    scaffold->settle(state, outcome);
  }
  void combine(CombineContext& context) const override { scaffold->combine(context); }
  std::unique_ptr<LocalMethod> scaffold;
};

}  // namespace
SKERRY_PLUGIN(LocalMethod, WatchedScaffold, "watched_scaffold", "probe")
namespace {

host::RunRecord scaffold(const std::string& world) {
  seen() = {};
  return simulated({world, R"({"local": {"method": "watched_scaffold", "batch_size": 0, "steps": 5},
                               "rounds": {"deadline": "10 s"},
                               "stop": {"any": [{"rounds": 150}]}})"});
}

const std::string kLossy = R"({"world": {"messages": {"loss": 0.1}}})";

TEST_CASE("scaffold's control stays the mean of the edges' when updates are lost") {
  const auto run = scaffold(kLossy);
  CHECK(last(run, "updates/lost") > 50);
  int complete = 0;
  for (const auto& [round, edges] : seen().edges) {
    if (edges.size() < 6) continue;  // an edge did not hear of this round
    ++complete;
    for (std::size_t i = 0; i < 12; ++i) {
      double mean = 0;
      for (const auto& [edge, c_i] : edges) mean += c_i[i] / 6;
      CHECK(seen().cloud[round][i] == Approx(mean).margin(1e-4));
    }
  }
  CHECK(complete > 20);
}

TEST_CASE("scaffold with lost updates ends where scaffold without ends") {
  const auto lossy = scaffold(kLossy), perfect = scaffold("{}");
  CHECK(distance(final_model(lossy), final_model(perfect)) < 0.05);
}

}  // namespace
}  // namespace skerry

// Plugins that never return, or fail, for tests of what that does to a process.
// Definition: like `plain`, except that from a certain round on the training of one edge loops as
// long as a file of the test exists; and like `uniform`, except that from a certain round on
// select() loops in the same way, or fails.
#include <unistd.h>

#include <fstream>
#include <string>

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"
#include "algorithms/sdk/selector.hpp"

namespace skerry {
namespace {

class Endless final : public LocalMethod {
 public:
  struct Config {
    std::uint32_t edge = 0;
    std::uint32_t round = 1;
    std::string file;
    template <class V>
    void fields(V& v) {
      v("edge", edge, {.meaning = "its number: whose training does not return"});
      v("round", round, {.meaning = "the first in which it does not"});
      v("file", file, {.meaning = "while it exists; FILE.began then says that the loop has begun"});
    }
  };
  explicit Endless(const Config& config) : config_(config) {}

  /// Tells the test that the call has begun.
  static void loop_while_there(const std::string& file) {
    if (access(file.c_str(), F_OK) != 0) return;
    std::ofstream(file + ".began").flush();
    while (access(file.c_str(), F_OK) == 0) continue;
  }

  TrainReport train(TrainContext& context) const override {
    if (context.key.node == NodeId::edge(config_.edge) && context.key.round >= config_.round)
      loop_while_there(config_.file);
    return train_delta(context);
  }

 private:
  Config config_;
};

class Stubborn final : public Selector {
 public:
  struct Config {
    std::uint32_t round = 1;
    std::string file;
    template <class V>
    void fields(V& v) {
      v("round", round, {.meaning = "the first in which it does not return, or fails"});
      v("file", file, {.meaning = "while it exists it does not return; without a name it fails"});
    }
  };
  explicit Stubborn(const Config& config) : config_(config) {}

  AnswerOrAsk<Cohort> select(SelectContext& context) override {
    if (context.round >= config_.round) {
      SKERRY_CHECK(!config_.file.empty(), "it has had enough");
      Endless::loop_while_there(config_.file);
    }
    Cohort cohort;
    for (const NodeId node : sample_eligible(context.population, context.wanted, context.random)) {
      cohort.push_back({.node = node});
    }
    return cohort;
  }

 private:
  Config config_;
};

}  // namespace

SKERRY_PLUGIN(LocalMethod, Endless, "endless", "plain, but for an edge that never returns")
SKERRY_PLUGIN(Selector, Stubborn, "stubborn", "uniform, but that it never returns, or fails")

}  // namespace skerry

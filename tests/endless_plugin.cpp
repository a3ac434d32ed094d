// A local method for tests of what a job that never returns does to a process: from a round on, the
// training of one edge loops for ever, as long as a file of the test is there.
// Definition: `plain`, but for that loop.
#include <unistd.h>

#include <fstream>
#include <string>

#include "algorithms/sdk/local_loop.hpp"
#include "algorithms/sdk/plugin.hpp"

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

  TrainReport train(TrainContext& context) const override {
    if (context.key.node == NodeId::edge(config_.edge) && context.key.round >= config_.round)
      loop();
    return train_delta(context);
  }

 private:
  void loop() const {
    if (access(config_.file.c_str(), F_OK) != 0) return;
    std::ofstream(config_.file + ".began").flush();
    while (access(config_.file.c_str(), F_OK) == 0) continue;
  }

  Config config_;
};

}  // namespace

SKERRY_PLUGIN(LocalMethod, Endless, "endless", "plain, but for an edge that never returns")

}  // namespace skerry

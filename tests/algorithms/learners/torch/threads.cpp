// Threads belong to the drivers: LibTorch is held to the calling one. Run a second time with
// OMP_NUM_THREADS and OPENBLAS_NUM_THREADS at 8 (tests/CMakeLists.txt).
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include "tests/algorithms/learners/torch/torch_case.hpp"

namespace skerry::learners {
namespace {

/// Clock ticks that each thread of this process has computed.
std::map<std::string, long> ticks() {
  std::map<std::string, long> all;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    if (words.size() > 12) {
      all[task.path().filename()] = std::stol(words[11]) + std::stol(words[12]);
    }
  }
  return all;
}

void train(const Learner& learner, int steps) {
  const Examples examples(learner, 100, 1);
  Floats parameters = initial(learner);
  Plain plain{learner};
  for (int step = 0; step < steps; ++step) plain.step(parameters, examples.batch(), {}, 0.01f);
  const auto fused = learner.make_fused();
  Workspace workspace;
  fused->load(parameters, {});
  for (int step = 0; step < steps; ++step) fused->step(examples.batch(), 0.01f, workspace);
}

TEST_CASE("LibTorch computes on the calling thread only, whatever the environment says") {
  const auto learner = torch_made("torch_cnn", {.input = {1, 28, 28}, .classes = 10});
  std::thread([&] { train(*learner, 1); }).join();
  train(*learner, 1);
  std::this_thread::sleep_for(
      std::chrono::milliseconds(300));  // new threads spin before they sleep
  const auto before = ticks();
  std::map<std::string, long> inside;
  std::thread([&] {
    train(*learner, 15);
    inside = ticks();
  }).join();
  train(*learner, 15);
  const auto after = ticks();
  CHECK(after.size() == before.size());
  CHECK(inside.size() == before.size() + 1);
  const std::string self = std::to_string(getpid());
  const long mine = after.at(self) - before.at(self);
  long others = 0;
  for (const auto& [thread, count] : after) {
    if (thread != self && before.count(thread) > 0) others += count - before.at(thread);
  }
  CAPTURE(after.size(), mine, others);
  CHECK(mine > 0);
  CHECK(others <= mine / 10);
}

}  // namespace
}  // namespace skerry::learners

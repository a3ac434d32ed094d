#include "experiments/example_files.hpp"

#include "tests/catch.hpp"
#include "tests/datasets/scratch_folder.hpp"

namespace skerry::experiments {
namespace {

std::vector<float> values_in(const std::string& csv, const std::vector<std::string>& features,
                             std::string& fault) {
  const datasets::ScratchFolder folder;
  folder.put("examples.csv", csv);
  const auto questions =
      examples_in_csv((folder.path() / "examples.csv").string(), {},
                      {.shape = {2}, .classes = 2, .features = features}, SendAs::kValues);
  fault = questions.message();
  std::vector<float> values;
  if (!questions) return values;
  for (const auto& one : *questions) {
    values.insert(values.end(), one.values.begin(), one.values.end());
  }
  return values;
}

TEST_CASE("columns of examples are found by the names that the edge's features have") {
  std::string fault;
  CHECK(values_in("a,b\n1,2\n3,4\n", {"a", "b"}, fault) == std::vector<float>{1, 2, 3, 4});
  CHECK(values_in("b,a\n1,2\n3,4\n", {"a", "b"}, fault) == std::vector<float>{2, 1, 4, 3});
  CHECK(values_in("x,y\n1,2\n", {}, fault) == std::vector<float>{1, 2});
  CHECK(values_in("a,c\n1,2\n", {"a", "b"}, fault).empty());
  CHECK(fault.find("examples.csv: no column \"b\", which the edge's examples have") !=
        std::string::npos);
}

}  // namespace
}  // namespace skerry::experiments

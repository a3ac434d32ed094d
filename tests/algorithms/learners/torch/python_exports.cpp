// Modules that Python exports, trained here and loaded in Python again.
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "datasets/npz.hpp"
#include "tests/algorithms/learners/torch/torch_case.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::learners {
namespace {

const DataSchema kImages{.input = {1, 8, 8}, .classes = 3};

/// Runs the script with the distribution's Python, which is the one that has the same LibTorch.
/// Exit code 77 says that it has none.
int python(const std::string& verb, const ScratchDirectory& folder) {
  const std::string command = "/usr/bin/python3 -B \"" SKERRY_PYTHON_MODULES "\" " + verb + " \"" +
                              folder.path().string() + "\"";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Archives of every kind, or null if there is no Python with LibTorch.
const ScratchDirectory* exported() {
  static const ScratchDirectory folder;
  static const int code = python("export", folder);
  if (code == 77 || code == 127) {
    WARN("no /usr/bin/python3 with torch and numpy: modules are not exported");
    return nullptr;
  }
  REQUIRE(code == 0);
  return &folder;
}

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

void write(const std::filesystem::path& path, const std::string& name, const Shape& shape,
           std::span<const float> values) {
  REQUIRE(
      datasets::write_npz(path, {{.name = name, .shape = shape, .bytes = std::as_bytes(values)}})
          .ok());
}

TEST_CASE("a module trained here predicts in Python what it predicts here") {
  const ScratchDirectory* folder = exported();
  if (folder == nullptr) return;
  const auto learner = scripted(bytes_of(*folder / "net.pt"), kImages);
  Floats parameters = initial(*learner);
  Plain plain{*learner};
  double first = 0, last = 0;
  for (std::uint64_t step = 0; step < 60; ++step) {
    Examples examples(*learner, 10, 1 + step % 3);
    last = plain.step(parameters, examples.batch(), {}, 0.1f);
    learner->after_step(*plain.tape, parameters);
    if (step == 0) first = last;
  }
  CHECK(last < 0.5 * first);

  std::vector<datasets::NamedArray> arrays;
  const Layout& layout = *learner->layout();
  for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
    const TensorSpec& tensor = layout.tensors()[t];
    const auto values =
        std::span<const float>(parameters).subspan(layout.offset(t), element_count(tensor.shape));
    arrays.push_back({.name = tensor.name, .shape = tensor.shape, .bytes = std::as_bytes(values)});
  }
  REQUIRE(datasets::write_npz(*folder / "model.npz", arrays).ok());
  const Examples examples(*learner, 20, 9);
  write(*folder / "inputs.npz", "inputs", {20, 1, 8, 8}, examples.inputs);
  REQUIRE(python("predict", *folder) == 0);
  const auto theirs = datasets::read_npz(*folder / "scores.npz", {"scores"});
  REQUIRE(theirs.ok());
  const Floats ours = plain.scores(parameters, examples.batch());
  const auto scores = theirs->at("scores").elements<float>();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CAPTURE(i);
    CHECK(scores[i] == Approx(ours[i]).epsilon(1e-5).margin(1e-6));
  }
}

TEST_CASE("modules train here as a loop of PyTorch's trains them, recurrent ones too") {
  const ScratchDirectory* folder = exported();
  if (folder == nullptr) return;
  constexpr std::uint32_t kSteps = 20, kRows = 10;
  const auto any = scripted(bytes_of(*folder / "lstm.pt"), kImages);
  std::vector<Examples> steps;
  Floats inputs;
  std::vector<std::int32_t> labels;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const Examples& one = steps.emplace_back(*any, kRows, 1 + step % 3);
    inputs.insert(inputs.end(), one.inputs.begin(), one.inputs.end());
    labels.insert(labels.end(), one.labels.begin(), one.labels.end());
  }
  REQUIRE(datasets::write_npz(*folder / "steps.npz", {{.name = "inputs",
                                                       .shape = {kSteps, kRows, 1, 8, 8},
                                                       .bytes = std::as_bytes(std::span(inputs))},
                                                      {.name = "labels",
                                                       .shape = {kSteps, kRows},
                                                       .type = DType::kInt32,
                                                       .bytes = std::as_bytes(std::span(labels))}})
              .ok());
  REQUIRE(python("train", *folder) == 0);
  for (const std::string name : {"lstm", "gru", "normal"}) {
    CAPTURE(name);
    const auto learner = scripted(bytes_of(folder->path() / (name + ".pt")), kImages);
    CHECK(learner->remarks().empty());
    const Floats before = initial(*learner);
    Floats parameters = before;
    const auto fused = learner->make_fused();
    Workspace workspace;
    fused->load(parameters, {});
    for (const Examples& step : steps) fused->step(step.batch(), 0.1f, workspace);
    fused->store(parameters);
    const Layout& layout = *learner->layout();
    for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
      const TensorSpec& tensor = layout.tensors()[t];
      CAPTURE(tensor.name);
      const auto theirs =
          datasets::read_npz(folder->path() / (name + "_trained.npz"), {tensor.name});
      REQUIRE(theirs.ok());
      const auto expected = theirs->at(tensor.name).elements<float>();
      double apart = 0, moved = 0;
      for (std::size_t i = 0; i < element_count(tensor.shape); ++i) {
        const float mine = parameters[layout.offset(t) + i];
        apart = std::max(apart, std::abs(double{mine} - expected[i]));
        moved = std::max(moved, std::abs(double{mine} - before[layout.offset(t) + i]));
      }
      if (tensor.name != "conv.bias") CHECK(moved > 1e-4);  // normalisation takes a bias off
      CHECK(apart < 1e-5);
    }
  }
}

TEST_CASE("what Python exports for inference only is refused, with the way to export it") {
  const ScratchDirectory* folder = exported();
  if (folder == nullptr) return;
  const auto why = [&](const char* name) { return refusal(bytes_of(*folder / name), kImages); };
  const std::string module = "torch_script: the module cannot be trained: ";
  CHECK(why("frozen.pt") == module +
                                "it is frozen, its parameters have become constants: export it "
                                "before torch.jit.freeze");
  CHECK(why("traced.pt") ==
        module +
            "its batch_norm carries a constant training=False, so that training "
            "and inference would be the same; export the module with "
            "torch.jit.script instead of torch.jit.trace");
  CHECK(why("traced_plain.pt") == "");
  CHECK(why("double.pt") ==
        module +
            "its parameter \"conv.weight\" is of type double; learnt values are "
            "float32: call .float() before the export");
  CHECK(why("cumulative.pt") == module +
                                    "the same training step has another result when repeated: the "
                                    "module keeps something besides its parameters and "
                                    "floating-point buffers (it counts in "
                                    "\"norm.num_batches_tracked\")");
  CHECK(why("one_example.pt") ==
        module +
            "cannot train on one example, which the last batch of an epoch "
            "can be: Expected more than 1 value per channel when training, "
            "got input size [1, 3]");
}

TEST_CASE("a file that this LibTorch cannot read is refused with the reason") {
  const ScratchDirectory* folder = exported();
  if (folder == nullptr) return;
  const auto why = [&](const char* name) { return refusal(bytes_of(*folder / name), kImages); };
  CHECK(why("state_dict.pt") ==
        "torch_script: the file is not a TorchScript archive (a state dictionary?): write it with "
        "torch.jit.script(module).save(path)");
  const std::string newer = why("newer.pt");
  CAPTURE(newer);
  CHECK(newer.starts_with("torch_script: the file cannot be read by LibTorch "));
  CHECK(newer.find("Attempted to read a PyTorch file with version 99") != std::string::npos);
}

}  // namespace
}  // namespace skerry::learners

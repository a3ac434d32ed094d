// What cannot be trained is refused when the scenario is set up, with the reason.
#include <fstream>

#include "tests/algorithms/learners/torch/archive_writer.hpp"
#include "tests/algorithms/learners/torch/torch_case.hpp"

namespace skerry::learners {
namespace {

const DataSchema kTable{.input = {6}, .classes = 3};
const std::string kModule = "torch_script: the module cannot be trained: ";
const std::string kLinear = "  return torch.linear(x, self.weight)\n";

ArchiveWriter writer() {
  ArchiveWriter archive;
  archive.parameter("weight", {3, 6});
  return archive;
}

std::string refused(ArchiveWriter&& archive, const std::string& body) {
  const std::string text = refusal(archive.write(body), kTable);
  CAPTURE(text);
  REQUIRE(text.starts_with(kModule));
  return text.substr(kModule.size());
}

TEST_CASE("a module that draws, normalises or recurs at a constant phase is refused") {
  const std::string advice =
      ", so that training and inference would be the same; export the module with "
      "torch.jit.script instead of torch.jit.trace";
  CHECK(refused(writer(), "  return torch.linear(torch.dropout(x, 0.5, False), self.weight)\n") ==
        "its dropout carries a constant train=False" + advice);
  CHECK(refused(writer(), "  return torch.linear(torch.dropout(x, 0.5, True), self.weight)\n") ==
        "its dropout carries a constant train=True" + advice);
  ArchiveWriter statistics = writer();
  statistics.buffer("mean", {6}, 0).buffer("variance", {6}, 1);
  CHECK(refused(std::move(statistics),
                "  x = torch.batch_norm(x, None, None, self.mean, self.variance, False, 0.1, 1e-5, "
                "False)\n" +
                    kLinear) == "its batch_norm carries a constant training=False" + advice);
  // Inside a branch, too.
  CHECK(refused(writer(),
                "  if x.size(0) > 1:\n    x = torch.feature_dropout(x, 0.5, False)\n" + kLinear) ==
        "its feature_dropout carries a constant train=False" + advice);
}

TEST_CASE("normalisation by the batch alone, without running statistics, is accepted") {
  const auto archive = writer().write(
      "  if x.size(0) > 1:\n"
      "    x = torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, False)\n" +
      kLinear);
  CHECK(refusal(archive, kTable) == "");
}

TEST_CASE(
    "learnt values that are not float32 are refused by name, and integer buffers are carried") {
  ArchiveWriter parameter;
  parameter.double_parameter("weight", {3, 6});
  CHECK(refused(std::move(parameter), "  return torch.linear(x, self.weight.float())\n") ==
        "its parameter \"weight\" is of type double; learnt values are float32: call .float() "
        "before the export");
  ArchiveWriter buffer = writer();
  buffer.double_buffer("scale");
  CHECK(refused(std::move(buffer), kLinear) ==
        "its buffer \"scale\" is of type double; learnt values are float32: call .float() before "
        "the export");
  CHECK(refusal(writer().counter("steps").write("  self.steps.add_(1)\n" + kLinear), kTable) == "");
}

TEST_CASE("a module without anything to learn is refused") {
  ArchiveWriter fixed;
  fixed.fixed_parameter("weight", {3, 6});
  CHECK(refused(std::move(fixed), kLinear) == "it has no parameter that requires a gradient");
  CHECK(refused(writer(), "  return torch.linear(x, self.weight.detach())\n") ==
        "its scores do not depend on its parameters");
}

TEST_CASE("state that would not travel is refused") {
  ArchiveWriter counting = writer();
  counting.attribute("calls");
  CHECK(
      refused(std::move(counting), "  self.calls = self.calls + 1\n" + kLinear) ==
      "its forward changes the attribute \"calls\", which is neither a parameter nor a buffer and "
      "would not travel");
  ArchiveWriter averaging = writer();
  averaging.buffer("mean", {6}, 0).counter("batches");
  CHECK(refused(std::move(averaging),
                "  if self.training:\n"
                "    self.batches.add_(1)\n"
                "    self.mean.add_((torch.mean(x, 0) - self.mean) / float(self.batches))\n"
                "  return torch.linear(x - self.mean, self.weight)\n") ==
        "the same training step has another result when repeated: the module keeps something "
        "besides its parameters and floating-point buffers (it counts in \"batches\")");
}

TEST_CASE("a module that does not fit the data is refused with what LibTorch says of it") {
  ArchiveWriter wide;
  wide.parameter("weight", {3, 5});
  CHECK(refused(std::move(wide), kLinear) ==
        "fails on a batch of the data's shape [6]: mat1 and mat2 shapes cannot be multiplied (2x6 "
        "and 5x3)");
  CHECK(refused(writer(), "  return torch.linear(x, self.weight)[0]\n") ==
        "its scores of 2 examples are [3] of type Float; the data's targets want [2, 3] of type "
        "Float");
  CHECK(refused(writer(), "  return torch.linear(x, self.weight).double()\n") ==
        "its scores of 2 examples are [2, 3] of type Double; the data's targets want [2, 3] of "
        "type Float");
  CHECK(refused(writer(), "  return [torch.linear(x, self.weight)]\n") ==
        "its forward gives no tensor, but a List[Tensor]");
  CHECK(refused(writer(), "  assert x.size(0) > 1, 'one is too few'\n" + kLinear) ==
        "cannot train on one example, which the last batch of an epoch can be: AssertionError: one "
        "is too few");
  CHECK(refusal(writer().write(kLinear), {.input = {6}, .classes = 0}) ==
        "torch_script needs targets; the data has none");
}

TEST_CASE("a file that is no archive is refused") {
  CHECK(refusal(std::vector<std::byte>(100), kTable) ==
        "torch_script: the file is not a TorchScript archive, or is damaged: PytorchStreamReader "
        "failed reading zip archive: failed finding central directory");
  auto cut = writer().write(kLinear);
  cut.resize(cut.size() / 2);
  CHECK(refusal(cut, kTable).starts_with("torch_script: the file is not a TorchScript archive"));
}

}  // namespace
}  // namespace skerry::learners

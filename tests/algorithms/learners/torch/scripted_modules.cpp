// Scripted modules trained through their parameters.
#include <limits>
#include <thread>

#include "algorithms/sdk/local_loop.hpp"
#include "tests/algorithms/learners/torch/archive_writer.hpp"
#include "tests/algorithms/learners/torch/torch_case.hpp"

namespace skerry::learners {
namespace {

const DataSchema kTable{.input = {6}, .classes = 3};

std::vector<std::byte> linear() {
  return ArchiveWriter()
      .parameter("weight", {3, 6})
      .parameter("bias", {3})
      .write("  return torch.linear(x, self.weight, self.bias)\n");
}

/// A layer with batch normalisation behind it.
std::vector<std::byte> normalised() {
  return ArchiveWriter()
      .parameter("weight", {3, 6})
      .buffer("running_mean", {3}, 0)
      .buffer("running_var", {3}, 1)
      .counter("num_batches_tracked")
      .write(
          "  y = torch.linear(x, self.weight)\n"
          "  if self.training:\n"
          "    self.num_batches_tracked.add_(1)\n"
          "  if x.size(0) > 1:\n"
          "    y = torch.batch_norm(y, None, None, self.running_mean, self.running_var,\n"
          "                         self.training, 0.25, 1e-5, False)\n"
          "  return y\n");
}

std::vector<std::byte> dropping() {
  return ArchiveWriter()
      .parameter("weight", {3, 6})
      .write("  return torch.linear(torch.dropout(x, 0.5, self.training), self.weight)\n");
}

std::vector<std::string> tensors(const Learner& learner) {
  std::vector<std::string> names;
  for (const TensorSpec& tensor : learner.layout()->tensors()) {
    names.push_back(tensor.name + " " + to_string(tensor.shape) +
                    (tensor.group == Group::kFrozen   ? " frozen"
                     : tensor.group == Group::kBuffer ? " buffer"
                                                      : ""));
  }
  return names;
}

/// Samples in memory.
class Held final : public Samples {
 public:
  Held(const Learner& learner, std::size_t size)
      : schema_(learner.schema()), examples_(learner, size, 11) {
    for (std::uint32_t row = 0; row < size; ++row) rows.push_back(row);
  }
  const DataSchema& schema() const override { return schema_; }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(rows.size()); }
  void inputs(std::span<const std::uint32_t> wanted, std::span<float> out) const override {
    const std::size_t width = schema_.input_size();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      std::copy_n(examples_.inputs.data() + wanted[i] * width, width, out.data() + i * width);
    }
  }
  void labels(std::span<const std::uint32_t> wanted, std::span<std::int32_t> out) const override {
    for (std::size_t i = 0; i < wanted.size(); ++i) out[i] = examples_.labels[wanted[i]];
  }
  std::vector<std::uint32_t> rows;

 private:
  DataSchema schema_;
  Examples examples_;
};

/// SGD with weight decay, which changes every entry that it is given.
class Decay final : public Optimizer {
 public:
  void step(std::span<float> w, std::span<const float> g, OptimizerState&) const override {
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= 0.1f * (g[i] + 0.5f * w[i]);
  }
};

Floats trained(const Learner& learner, LocalSettings settings, std::size_t samples = 50) {
  const Held data(learner, samples);
  Workspace workspace;
  Payload down, state, up;
  const Decay optimizer;
  TrainContext context{.learner = learner,
                       .optimizer = optimizer,
                       .data = {&data, data.rows},
                       .down = down,
                       .state = state,
                       .up = up,
                       .settings = settings,
                       .key = {1, NodeId::edge(0), 1},
                       .workspace = workspace};
  Floats parameters = initial(learner);
  local_loop(context, parameters);
  return parameters;
}

TEST_CASE("a module's parameters keep their names, order and values") {
  const auto learner = scripted(linear(), kTable);
  CHECK(tensors(*learner) == std::vector<std::string>{"weight [3, 6]", "bias [3]"});
  CHECK(same_bits(initial(*learner, 1), initial(*learner, 2)));
  CHECK(initial(*learner)[0] != 0);
  CHECK(learner->cost(Phase::kInference, 10).flops == 2 * 10 * 18);
}

TEST_CASE(
    "parameters without a gradient follow the learnt ones and never move, then come buffers") {
  const auto learner = scripted(ArchiveWriter()
                                    .fixed_parameter("scale", {6})
                                    .buffer("shift", {6}, 0.5f)
                                    .counter("seen")
                                    .parameter("weight", {3, 6})
                                    .write("  return torch.linear(x * self.scale + self.shift, "
                                           "self.weight)\n"),
                                kTable);
  CHECK(tensors(*learner) ==
        std::vector<std::string>{"weight [3, 6]", "scale [6] frozen", "shift [6] buffer"});
  const Floats before = initial(*learner), after = trained(*learner, {.epochs = 2});
  CHECK_FALSE(
      same_bits({before.begin(), before.begin() + 18}, {after.begin(), after.begin() + 18}));
  CHECK(same_bits({before.begin() + 18, before.end()}, {after.begin() + 18, after.end()}));
}

TEST_CASE("parameters that forward reaches through a list are learnt as if it named them") {
  const auto listed = scripted(ArchiveWriter()
                                   .parameter("weight", {3, 6})
                                   .parameter("bias", {3})
                                   .listed("all", {"weight", "bias"})
                                   .write("  return torch.linear(x, self.all[0], self.all[1])\n"),
                               kTable);
  CHECK(listed->remarks().empty());
  const auto named = scripted(linear(), kTable);
  const Floats before = initial(*listed);
  CHECK(same_bits(before, initial(*named)));
  const Floats after = trained(*listed, {.epochs = 2});
  CHECK(same_bits(after, trained(*named, {.epochs = 2})));
  CHECK_FALSE(same_bits(after, before));
  const Examples examples(*listed, 8, 1);
  CHECK(same_bits(Plain{*listed}.scores(after, examples.batch()),
                  Plain{*named}.scores(after, examples.batch())));
}

TEST_CASE("parameters that get no gradient are named") {
  const auto learner = scripted(ArchiveWriter()
                                    .parameter("weight", {3, 6})
                                    .parameter("spare", {5})
                                    .parameter("held", {6})
                                    .write("  return torch.linear(x + self.held.detach(), "
                                           "self.weight)\n"),
                                kTable);
  REQUIRE(learner->remarks().size() == 1);
  CHECK(learner->remarks()[0] ==
        "no gradient reaches \"spare\", \"held\": these parameters stay as they are unless other "
        "rows take another way through the module");
  CHECK(scripted(linear(), kTable)->remarks().empty());
}

/// Looks rows up in a table of four.
std::vector<std::byte> table_of_four() {
  return ArchiveWriter()
      .parameter("table", {4, 3})
      .write("  return torch.embedding(self.table, x[:, 0].abs().long())\n");
}

TEST_CASE("rows on which a module fails fail the job, with the reason") {
  const Floats few(6 * 4, 1.0f);
  const auto built = build("torch_script", kTable, file_parameter(table_of_four()), all_plugins(),
                           {.size = 4, .inputs = few});
  REQUIRE(built.message() == "");
  const Learner& learner = **built;
  const Floats parameters = initial(learner);
  Examples examples(learner, 3, 1);
  std::fill(examples.inputs.begin(), examples.inputs.end(), 9.0f);
  Plain plain{learner};
  const std::string reason = "the model failed: on the rows it was given: index out of range";
  CHECK_THROWS_WITH(plain.scores(parameters, examples.batch()), Catch::StartsWith(reason));
  CHECK_THROWS_WITH(plain.gradient(parameters, examples.batch()), Catch::StartsWith(reason));
  const auto fused = learner.make_fused();
  Workspace workspace;
  fused->load(parameters, {});
  CHECK_THROWS_WITH(fused->step(examples.batch(), 0.1f, workspace), Catch::StartsWith(reason));
  // Other rows still work.
  const Examples good(learner, 1, 1);
  Examples known = good;
  std::fill(known.inputs.begin(), known.inputs.end(), 2.0f);
  CHECK(plain.scores(parameters, known.batch())[0] == parameters[2 * 3]);
}

TEST_CASE("a module is tried on rows of the data, where there are any") {
  Floats rows(6 * 8, 1.0f);
  const auto why = [&] {
    return build("torch_script", kTable, file_parameter(table_of_four()), all_plugins(),
                 {.size = 8, .inputs = rows})
        .message();
  };
  CHECK(why() == "");
  rows[6 * 7] = 4;  // the last row's
  CHECK(
      why().starts_with("torch_script: the module cannot be trained: fails on a batch of the "
                        "data's shape [6]: index out of range"));
}

TEST_CASE("a constant buffer of infinite values has not changed by a training") {
  const auto learner =
      scripted(ArchiveWriter()
                   .parameter("weight", {3, 6})
                   .buffer("mask", {3}, -std::numeric_limits<float>::infinity())
                   .write("  return torch.linear(x, self.weight) + torch.exp(self.mask)\n"),
               kTable);
  const Floats before = initial(*learner), after = trained(*learner, {.epochs = 1});
  Floats change(before.size(), 1.0f);
  subtract(after, before, change);
  CHECK(change[0] != 0);
  CHECK(same_bits({change.begin() + 18, change.end()}, Floats(3, 0.0f)));
  const auto fused = learner->make_fused();
  fused->load(before, {});
  fused->store(change, before);
  CHECK(same_bits(change, Floats(before.size(), 0.0f)));
}

TEST_CASE("tied parameters are one tensor with the gradient of both uses") {
  const auto tied =
      scripted(ArchiveWriter()
                   .tied_parameters("a", "b", {3, 6})
                   .write("  return torch.linear(x, self.a) + torch.linear(x, self.b)\n"),
               kTable);
  CHECK(tensors(*tied) == std::vector<std::string>{"a [3, 6]"});
  const auto twice = scripted(ArchiveWriter()
                                  .tied_parameters("a", "b", {3, 6})
                                  .write("  return 2 * torch.linear(x, self.a)\n"),
                              kTable);
  const Examples examples(*tied, 8, 1);
  CHECK(same_bits(Plain{*tied}.gradient(initial(*tied), examples.batch()).parameters,
                  Plain{*twice}.gradient(initial(*twice), examples.batch()).parameters));
}

TEST_CASE("running statistics move with each training step, whatever the optimiser does to them") {
  const auto learner = scripted(normalised(), kTable);
  CHECK(tensors(*learner) == std::vector<std::string>{"weight [3, 6]", "running_mean [3] buffer",
                                                      "running_var [3] buffer"});
  const Floats before = initial(*learner);
  const Floats after = trained(*learner, {.batch_size = 0, .epochs = 1}, 20);
  // y = W x over the whole batch, from the parameters before the step.
  const Examples data(*learner, 20, 11);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> y(20);
    double mean = 0, variance = 0;
    for (std::size_t b = 0; b < 20; ++b) {
      for (std::size_t j = 0; j < 6; ++j)
        y[b] += double{before[c * 6 + j]} * data.inputs[b * 6 + j];
      mean += y[b] / 20;
    }
    for (const double v : y) variance += (v - mean) * (v - mean) / 19;
    CHECK(after[18 + c] == Approx(0.25 * mean).margin(1e-6));
    CHECK(after[21 + c] == Approx(0.75 + 0.25 * variance).epsilon(1e-5));
  }
}

TEST_CASE("inference normalises with the statistics it is given, and leaves them") {
  const auto learner = scripted(normalised(), kTable);
  const Examples examples(*learner, 4, 2);
  Plain plain{*learner};
  Floats parameters = initial(*learner);
  plain.scores(parameters, examples.batch(), Phase::kTrain);
  const Floats scores = plain.scores(parameters, examples.batch());
  CHECK(same_bits(scores, Plain{*learner}.scores(parameters, examples.batch())));
  Floats written = parameters;
  learner->after_step(*plain.tape, written);
  CHECK(same_bits(written, parameters));
  for (std::size_t c = 0; c < 3; ++c) parameters[21 + c] = 4;
  const Floats scaled = plain.scores(parameters, examples.batch());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    CHECK(scaled[i] == Approx(scores[i] / 2).epsilon(1e-4));
  }
}

TEST_CASE("a buffer may be assigned as well as written in place") {
  const auto learner = scripted(ArchiveWriter()
                                    .parameter("weight", {3, 6})
                                    .buffer("average", {3}, 0)
                                    .write("  y = torch.linear(x, self.weight)\n"
                                           "  if self.training:\n"
                                           "    self.average = 0.5 * self.average + "
                                           "0.5 * torch.mean(y, 0)\n"
                                           "  return y - self.average\n"),
                                kTable);
  const Examples examples(*learner, 4, 2);
  Plain plain{*learner};
  Floats parameters = initial(*learner);
  for (int step = 0; step < 3; ++step) {
    Floats expected = parameters;
    const Floats scores = plain.gradient(parameters, examples.batch()).parameters;
    learner->after_step(*plain.tape, parameters);
    CHECK_FALSE(same_bits(parameters, expected));
    // Its graph ends with the step: another tape that never saw the earlier steps agrees.
    Plain fresh{*learner};
    CHECK(same_bits(scores, fresh.gradient(expected, examples.batch()).parameters));
    learner->after_step(*fresh.tape, expected);
    CHECK(same_bits(parameters, expected));
  }
}

TEST_CASE("random draws follow from the parameters and the batch, not from what ran before") {
  const auto learner = scripted(dropping(), kTable);
  const Examples examples(*learner, 16, 5), others(*learner, 16, 6);
  Floats parameters = initial(*learner);
  const Floats once = Plain{*learner}.scores(parameters, examples.batch(), Phase::kTrain);
  Plain used{*learner};
  used.scores(parameters, others.batch(), Phase::kTrain);
  CHECK(same_bits(used.scores(parameters, examples.batch(), Phase::kTrain), once));
  const Floats inference = used.scores(parameters, examples.batch());
  CHECK_FALSE(same_bits(inference, once));
  CHECK(same_bits(inference, used.scores(parameters, examples.batch())));

  // A step changes the parameters, and with them which inputs are dropped: scores of inputs that
  // have weight 1 show how many were kept.
  const auto kept = [&](float last) {
    Floats ones(18, 1.0f);
    ones[17] = last;
    Examples unit(*learner, 16, 5);
    std::fill(unit.inputs.begin(), unit.inputs.end(), 1.0f);
    const Floats scores = Plain{*learner}.scores(ones, unit.batch(), Phase::kTrain);
    Floats first;
    for (std::size_t b = 0; b < 16; ++b) first.push_back(scores[b * 3]);
    return first;
  };
  CHECK(same_bits(kept(1), kept(1)));
  CHECK_FALSE(same_bits(kept(1), kept(2)));
}

TEST_CASE("training is the same bit for bit again, on another tape and beside other threads") {
  const DataSchema images{.input = {1, 12, 12}, .classes = 4};
  std::vector<std::unique_ptr<Learner>> learners;
  learners.push_back(scripted(dropping(), kTable));
  learners.push_back(scripted(normalised(), kTable));
  learners.push_back(torch_made("torch_mlp", kTable));
  learners.push_back(torch_made("torch_cnn", images));
  for (const auto& learner : learners) {
    CAPTURE(learner->layout()->tensors()[0].name, learner->layout()->size());
    const LocalSettings settings{.batch_size = 7, .epochs = 3};
    const Floats once = trained(*learner, settings);
    CHECK_FALSE(same_bits(once, initial(*learner)));
    CHECK(same_bits(once, trained(*learner, settings)));
    Floats beside[3];
    std::vector<std::thread> threads;
    for (Floats& mine : beside) {
      threads.emplace_back([&] { mine = trained(*learner, settings); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Floats& mine : beside) CHECK(same_bits(mine, once));
  }
}

/// The parameters after a step without the fused path. The module owns what is not learnt.
double plain_step(Plain& plain, Floats& parameters, const Batch& batch, const AffineTerm& term) {
  const double loss = plain.step(parameters, batch, term, 0.05f);
  plain.learner.after_step(*plain.tape, parameters);
  return loss;
}

TEST_CASE("fused training of a module gives the bits of forward, backward, affine term and step") {
  std::vector<std::unique_ptr<Learner>> learners;
  learners.push_back(scripted(linear(), kTable));
  learners.push_back(scripted(dropping(), kTable));
  learners.push_back(scripted(normalised(), kTable));
  learners.push_back(scripted(ArchiveWriter()
                                  .parameter("weight", {3, 6})
                                  .parameter("unused", {5})
                                  .fixed_parameter("scale", {3})
                                  .write("  return torch.linear(x, self.weight) * self.scale\n"),
                              kTable));
  learners.push_back(torch_made("torch_cnn", {.input = {1, 12, 12}, .classes = 4}));
  for (const auto& learner : learners) {
    Floats offset(learner->layout()->size());
    for (std::size_t i = 0; i < offset.size(); ++i) offset[i] = 0.01f * static_cast<float>(i % 7);
    const auto fused = learner->make_fused();
    REQUIRE(fused != nullptr);
    const AffineTerm terms[] = {{}, {0.1f}, {0, offset}, {0.1f, offset}, {0, offset, offset}};
    for (const AffineTerm& term : terms) {
      CAPTURE(learner->layout()->tensors()[0].name, offset.size(), term.scale);
      CAPTURE(term.offset.size(), term.scales.size());
      Plain plain{*learner};
      Floats one_by_one = initial(*learner), together = one_by_one;
      Workspace workspace;
      fused->load(together, term);
      std::uint64_t seed = 0;
      for (const std::size_t rows : {10, 3, 25, 1, 10}) {
        const Examples examples(*learner, rows, ++seed);
        const double loss = plain_step(plain, one_by_one, examples.batch(), term);
        CHECK(fused->step(examples.batch(), 0.05f, workspace) == loss);
      }
      fused->store(together);
      CHECK(same_bits(one_by_one, together));
      CHECK_FALSE(same_bits(together, initial(*learner)));
    }
  }
}

TEST_CASE("backward may be asked twice after one forward, and for the inputs") {
  const auto learner = scripted(linear(), kTable);
  const auto native = made("softmax", kTable);
  const Examples examples(*learner, 9, 1);
  const Floats parameters = initial(*learner);
  Plain plain{*learner};
  const Floats scores = plain.scores(parameters, examples.batch(), Phase::kTrain);
  Floats cotangent(scores.size()), gradient(parameters.size()), again(parameters.size());
  Floats inputs(examples.inputs.size());
  learner->loss(scores, examples.batch(), cotangent);
  learner->backward(parameters, {cotangent}, *plain.tape, gradient, {});
  learner->backward(parameters, {cotangent}, *plain.tape, again, inputs);
  CHECK(same_bits(gradient, again));
  const auto reference = Plain{*native}.gradient(parameters, examples.batch());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    CHECK(inputs[i] == Approx(reference.inputs[i]).margin(1e-6));
  }
}

TEST_CASE("a module that writes into its input leaves the batch as it is") {
  const auto learner = scripted(ArchiveWriter()
                                    .parameter("weight", {3, 6})
                                    .write("  x.mul_(2)\n  return torch.linear(x, self.weight)\n"),
                                kTable);
  const Examples examples(*learner, 4, 1);
  const Floats before = examples.inputs;
  Plain plain{*learner};
  plain.gradient(initial(*learner), examples.batch());
  plain.scores(initial(*learner), examples.batch());
  CHECK(same_bits(examples.inputs, before));
}

}  // namespace
}  // namespace skerry::learners

#include "tests/real/asked_edge.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "algorithms/sdk/elementary.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/learner.hpp"
#include "experiments/setup.hpp"
#include "real/access_token.hpp"
#include "scenarios/host/plugin_file.hpp"
#include "tests/datasets/plugins.hpp"

namespace skerry {

std::string AskedScenario::text() const {
  std::ostringstream text;
  text << R"({"version": 1, "name": "asked", "paradigm": "joint_inference", "seed": 2,
    "data": {"source": )"
       << source << R"(},
    "edge_model": {"model": {"name": "mlp", "hidden": [3]},
                   "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 2}},
    "cloud_model": {"model": {"name": "mlp", "hidden": [32]},
                    "train": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 3}},
    "mine": "cross_entropy", "threshold": )"
       << threshold << R"(, "cloud": )" << cloud
       << R"(, "requests": {"count": 1, "arrivals": "uniform", "interval": ")" << interval
       << R"("}, "nodes": {"edges": )" << edges << "}}";
  return text.str();
}

WayToAsk WayToAsk::to(Process& edge) {
  const std::string before = "ask with: skerry infer ";
  SKERRY_CHECK(edge.says(" --npy FILE\n"), edge.output());
  const std::string output = edge.output();
  std::istringstream words(output.substr(output.rfind(before) + before.size()));
  WayToAsk way;
  std::string option;
  words >> way.address >> option;
  if (option == "--token") words >> way.token_file;
  return way;
}

real::InferClient WayToAsk::client() const {
  std::string token = token_file.empty() ? "" : real::read_token(token_file).value();
  return {real::InferAddress::parse(address).value(), std::move(token)};
}

bool wait_for(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

real::ExampleForm wait_for_form(const real::InferClient& client) {
  std::optional<real::InferClient::Description> said;
  std::string last;
  const bool came = wait_for([&] {
    auto described = client.describe(Duration::seconds(5));
    last = described.message();
    if (described) said = std::move(*described);
    return said.has_value();
  });
  SKERRY_CHECK(came, last);
  return said->form;
}

real::Question zeros(const real::ExampleForm& form) {
  return {
      .shape = form.shape, .bytes = {}, .values = std::vector<float>(element_count(form.shape))};
}

real::Question wait_until_it_answers(const real::InferClient& client, std::size_t batch) {
  const real::Question question = zeros(wait_for_form(client));
  // One at a time: the first of a batch run out of patience, and the last is answered. Were they
  // asked together, an edge that gets its model meanwhile might refuse some and pass on others.
  const Duration patience = Duration::seconds(batch == 1 ? 30 : 2);
  std::string last;
  const bool answered = wait_for([&] {
    const real::InferReply reply = client.ask(question, patience);
    last = reply.text;
    return reply.ok();
  });
  SKERRY_CHECK(answered, last);
  return question;
}

namespace {

std::int32_t best(std::span<const float> scores) {
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<float> softmax(std::span<const float> scores) {
  const double highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += exp_f64(score - highest);
  std::vector<float> shares;
  for (const float score : scores) {
    shares.push_back(static_cast<float>(exp_f64(score - highest) / sum));
  }
  return shares;
}

/// A model of the run, with its parameters.
struct Model {
  std::unique_ptr<Learner> learner;
  std::span<const float> parameters;

  std::vector<float> scores(std::span<const float> input) const {
    const auto tape = learner->make_tape();
    const auto scores = learner->predict(parameters, {.size = 1, .inputs = input}, *tape).scores;
    return {scores.begin(), scores.end()};
  }
};

}  // namespace

Oracle::Oracle(AskedScenario scenario) {
  const double threshold = scenario.threshold;
  scenario.interval = "1 s";
  const LiveRun run(scenario.text(), 0);
  const Payload models = run.simulated().result;
  const auto document = experiments::open_document({run.folder("scenario.json").string(), {}, {}});
  const auto setup = experiments::set_up(document.value());
  const datasets::NodeData& data = *setup.value().data;
  const Registry registry = host::built_in_plugins();
  const auto model = [&](int hidden, const char* record) {
    const auto choice = datasets::choose<LearnerFactory>(
        registry, "mlp", {{"hidden", ConfigNode(ConfigNode::Array{hidden})}});
    return Model{
        std::move(registry.make(choice)->build(
                      {.schema = data.schema(), .loss = usual_loss(registry, data.schema())}))
            .value(),
        models.at(record).f32()};
  };
  const Model edge = model(3, "model");
  const Model cloud = model(32, "cloud_model");
  const auto miner = registry.make(datasets::choose<HardSampleMiner>(registry, "cross_entropy"));
  std::vector<std::uint32_t> scratch;
  const View view = data.view(NodeId::cloud(), Split::kTest, scratch);
  for (const std::uint32_t row : view.rows) {
    std::vector<float> input(data.schema().input_size());
    view.samples->inputs({&row, 1}, input);
    const std::vector<float> own = edge.scores(input);
    const std::vector<float> shares = softmax(own);
    const float score = miner->score({.probabilities = shares}, RandomStream(1, "unused"));
    const std::vector<float> other = cloud.scores(input);
    const bool hard = double{score} > threshold;
    said_.push_back({best(own), best(other), hard, hard ? other : own});
    questions_.push_back({.shape = data.schema().input, .bytes = {}, .values = std::move(input)});
  }
}

}  // namespace skerry

#include "experiments/scenario_words.hpp"

#include <algorithm>
#include <cstdio>

#include "algorithms/sdk/quantity.hpp"
#include "experiments/results/readable.hpp"
#include "scenarios/parts/facts.hpp"
#include "scenarios/role/payload_ref.hpp"

namespace skerry::experiments {

namespace {

using parts::counted;
using parts::in_words;

constexpr std::uint32_t kMostCounted = 10'000;  // with more edges, examples are not counted

// The data.

std::string data_words(const Setup& setup) {
  const datasets::NodeData& data = *setup.data;
  const DataSchema& schema = data.schema();
  std::string text = in_words(setup.scenario.data.source) + ": " +
                     counted(data.data_set().train->size(), "training example") + ", " +
                     counted(data.size(NodeId::cloud(), Split::kTest), "test example") +
                     "; input " + to_string(schema.input);
  if (schema.classes > 0) text += ", " + std::to_string(schema.classes) + " classes";
  if (schema.values > 0) text += "; target: " + counted(schema.values, "real number");
  return text;
}

std::string spread_words(const Setup& setup) {
  const datasets::NodeData& data = *setup.data;
  std::string text = in_words(setup.scenario.data.partition);
  if (data.edges() == 0 || data.edges() > kMostCounted) return text;
  std::size_t least = data.size(NodeId::edge(0), Split::kTrain), most = least;
  for (std::uint32_t k = 1; k < data.edges(); ++k) {
    const std::size_t size = data.size(NodeId::edge(k), Split::kTrain);
    least = std::min(least, size);
    most = std::max(most, size);
  }
  text += ": " + (least == most ? "" : std::to_string(least) + " to ") + counted(most, "example") +
          " an edge to train on";
  return text;
}

std::string stream_words(const Setup& setup) {
  const std::vector<datasets::Experience> all = setup.data->experiences(NodeId::cloud());
  return in_words(setup.scenario.data.stream) + ": " + counted(all.size(), "experience") + " in " +
         to_string(all.back().begins + all.back().lasts);
}

std::string split_words(const datasets::SplitConfig& split) {
  std::string text;
  for (const auto& [share, whose] :
       {std::pair(split.client_test, "of each edge's to test on"),
        std::pair(split.client_validation, "of each edge's to validate on"),
        std::pair(split.server_validation, "for the cloud to validate on")}) {
    if (share > 0) text += (text.empty() ? "" : ", ") + ConfigNode(share).text() + " " + whose;
  }
  return text;
}

// The world.

std::string device_words(const sim::DeviceConfig& device) {
  return counted(device.cores, "core") + " of " + quantity_text(device.flops);
}

std::string link_words(const sim::LinkConfig& link) {
  return quantity_text(link.up) + " up, " + quantity_text(link.down) + " down, " +
         quantity_text(link.latency) +
         (link.jitter > Duration() ? " and " + to_string(link.jitter) + " of jitter" : "");
}

std::string fault_words(const sim::FaultConfig& fault) {
  std::string text(EnumNames<sim::FaultKind>::names[static_cast<std::size_t>(fault.kind)].second);
  for (const std::string& node : fault.nodes)
    text += (&node == &fault.nodes[0] ? " of " : ", ") + node;
  text += " at " + to_string(fault.at);
  if (fault.until) text += " until " + to_string(*fault.until);
  return text;
}

std::string message_words(const sim::MessageFaultsConfig& messages) {
  std::string text;
  for (const auto& [share, what] :
       {std::pair(messages.loss, "lost"), std::pair(messages.duplication, "doubled"),
        std::pair(messages.corruption, "corrupted"), std::pair(messages.reordering, "delayed")}) {
    if (share > 0) text += (text.empty() ? "" : ", ") + ConfigNode(share).text() + " " + what;
  }
  return text;
}

void add_world(const sim::World& world, std::vector<role::Fact>& facts) {
  const sim::WorldConfig& config = world.config();
  for (const sim::EdgeProfile& profile : config.edges) {
    const std::string share =
        config.edges.size() > 1 ? "a share of " + ConfigNode(profile.share).text() + ": " : "";
    facts.push_back({"edge device", share + device_words(profile.device)});
    facts.push_back({"edge link", share + link_words(profile.link)});
  }
  facts.push_back({"cloud device", device_words(config.cloud.device)});
  if (config.cloud.up) facts.push_back({"cloud, up", quantity_text(*config.cloud.up) + " shared"});
  if (config.cloud.down)
    facts.push_back({"cloud, down", quantity_text(*config.cloud.down) + " shared"});
  if (config.availability.model != sim::AvailabilityModel::kAlways) {
    const auto model = static_cast<std::size_t>(config.availability.model);
    ConfigNode keys = FieldWriter::write(config.availability);
    keys.erase("model");
    facts.push_back(
        {"availability",
         in_words(std::string(EnumNames<sim::AvailabilityModel>::names[model].second), keys)});
  }
  if (const std::string text = message_words(config.messages); !text.empty()) {
    facts.push_back({"messages", text});
  }
  for (const sim::FaultConfig& fault : config.faults)
    facts.push_back({"fault", fault_words(fault)});
  for (const sim::CommandConfig& command : config.commands)
    facts.push_back({"command", command.command + " at " + to_string(command.at)});
  if (config.attack) {
    std::string text =
        in_words(config.attack->attack) + " by " + counted(world.attackers(), "edge");
    if (config.attack->begins) text += ", from " + to_string(*config.attack->begins);
    if (config.attack->ends) text += ", until " + to_string(*config.attack->ends);
    facts.push_back({"attack", std::move(text)});
  }
}

// The models.

std::string_view group_name(Group group) {
  switch (group) {
    case Group::kShared:
      return "shared";
    case Group::kPrivate:
      return "private";
    case Group::kFrozen:
      return "frozen";
    case Group::kBuffer:
      return "buffer";
  }
  return "";
}

double wire_bytes(const std::vector<RecordSpec>& shape) {
  if (shape.empty()) return 0;
  const auto cell = std::make_shared<role::PayloadCell>(role::PayloadId{}, shape);
  return static_cast<double>(role::PayloadRef(cell).encoded_bytes());
}

/// What one model costs.
struct ModelCost {
  explicit ModelCost(const role::ModelDescription& model)
      : batch(std::max<std::uint32_t>(model.batch_size, 1)),
        forward(model.learner.cost(Phase::kInference, batch).flops / batch),
        training(model.learner.cost(Phase::kTrain, batch).flops / batch),
        up(wire_bytes(model.up)),
        down(wire_bytes(model.down)) {}
  std::uint32_t batch;
  double forward, training;  // FLOP per example
  double up, down;           // bytes
};

std::string row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string text = " ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string space(widths[i] - display_width(cells[i]), ' ');
    text += " " + (i == 2 ? space + cells[i] : cells[i] + space);  // align numbers right
  }
  return text.erase(text.find_last_not_of(' ') + 1) + "\n";
}

std::string layer_table(const Layout& layout) {
  std::vector<std::vector<std::string>> rows{{"tensor", "shape", "parameters", "group"}};
  for (const TensorSpec& tensor : layout.tensors()) {
    rows.push_back({tensor.name, to_string(tensor.shape),
                    std::to_string(element_count(tensor.shape)),
                    std::string(group_name(tensor.group))});
  }
  rows.push_back({"all", "", std::to_string(layout.size()), ""});
  std::vector<std::size_t> widths(4, 0);
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i]));
    }
  }
  std::string text;
  for (const auto& cells : rows) text += row(cells, widths);
  return text;
}

std::string model_words(const role::ModelDescription& model) {
  const Layout& layout = *model.learner.layout();
  const ModelCost cost(model);
  std::string text = "\n" + model.name + ": " + model.form + ", numerics " +
                     std::string(model.learner.numerics()) + "\n" + layer_table(layout);
  text += "  an example: " + readable_flops(cost.forward) + " forward, " +
          readable_flops(cost.training) + " training in batches of " + std::to_string(cost.batch) +
          "\n  in memory: " + readable_bytes(static_cast<double>(layout.bytes())) + "\n";
  if (cost.down > 0) text += "  payload, down: " + readable_bytes(cost.down) + "\n";
  if (cost.up > 0) text += "  payload, up: " + readable_bytes(cost.up) + "\n";
  return text;
}

ConfigNode model_node(const role::ModelDescription& model) {
  const Layout& layout = *model.learner.layout();
  const ModelCost cost(model);
  ConfigNode::Array tensors;
  for (const TensorSpec& tensor : layout.tensors()) {
    ConfigNode::Array shape;
    for (const std::uint32_t extent : tensor.shape) shape.emplace_back(std::int64_t{extent});
    tensors.emplace_back(
        ConfigNode::Object{{"name", tensor.name},
                           {"shape", std::move(shape)},
                           {"parameters", static_cast<std::int64_t>(element_count(tensor.shape))},
                           {"group", std::string(group_name(tensor.group))}});
  }
  return ConfigNode::Object{{"name", model.name},
                            {"form", model.form},
                            {"numerics", std::string(model.learner.numerics())},
                            {"parameters", static_cast<std::int64_t>(layout.size())},
                            {"bytes", static_cast<std::int64_t>(layout.bytes())},
                            {"flops_forward", cost.forward},
                            {"flops_training", cost.training},
                            {"batch_size", std::int64_t{cost.batch}},
                            {"wire_bytes_up", static_cast<std::int64_t>(cost.up)},
                            {"wire_bytes_down", static_cast<std::int64_t>(cost.down)},
                            {"tensors", std::move(tensors)}};
}

std::string head(const Document& document, const Setup& setup) {
  const std::string& paradigm = setup.scenario.paradigm.name;
  const PluginEntry* entry = document.registry.find(role::ParadigmFactory::kSlot, paradigm);
  return setup.scenario.name + ": " + paradigm + ", " + (entry ? entry->purpose : "");
}

}  // namespace

std::vector<role::Fact> facts_of(const Setup& setup) {
  std::vector<role::Fact> facts;
  facts.push_back({"data", data_words(setup)});
  facts.push_back({"partition", spread_words(setup)});
  if (const std::string text = split_words(setup.scenario.data.split); !text.empty()) {
    facts.push_back({"held back", text});
  }
  if (setup.scenario.data.stream.chosen()) facts.push_back({"stream", stream_words(setup)});
  facts.push_back({"nodes", "a cloud and " + counted(setup.scenario.nodes.edges, "edge")});
  for (role::Fact& fact : setup.paradigm->facts()) facts.push_back(std::move(fact));
  add_world(*setup.world, facts);
  facts.push_back({"seed", std::to_string(setup.scenario.seed)});
  return facts;
}

std::string scenario_words(const Document& document, const Setup& setup) {
  std::string text = head(document, setup) + "\n";
  for (const role::Fact& fact : facts_of(setup)) {
    text += "  " + fact.name +
            std::string(std::max<std::size_t>(16, fact.name.size() + 1) - fact.name.size(), ' ') +
            fact.words + "\n";
  }
  for (const role::ModelDescription& model : setup.paradigm->models()) text += model_words(model);
  return text;
}

ConfigNode scenario_node(const Document& document, const Setup& setup) {
  ConfigNode::Array facts, models;
  for (const role::Fact& fact : facts_of(setup)) {
    facts.push_back(ConfigNode::Object{{"name", fact.name}, {"words", fact.words}});
  }
  for (const auto& model : setup.paradigm->models()) models.push_back(model_node(model));
  return ConfigNode::Object{{"file", document.file},
                            {"name", setup.scenario.name},
                            {"paradigm", setup.scenario.paradigm.name},
                            {"facts", std::move(facts)},
                            {"models", std::move(models)}};
}

}  // namespace skerry::experiments

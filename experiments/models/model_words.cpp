#include "experiments/models/model_words.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "algorithms/sdk/printable.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

using role::CataloguedModel;
using role::ModelVersion;

template <class List, class Words>
std::string joined(const List& list, const Words& words) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + words(one);
  return text;
}

std::string numbers(const std::vector<ModelVersion>& versions) {
  return joined(versions, [](ModelVersion one) { return std::to_string(one); });
}

std::string tags(const CataloguedModel& model) {
  return joined(model.tags, [](const std::string& tag) { return printable(tag); });
}

std::string metrics(const CataloguedModel& model) {
  return joined(model.metrics, [](const auto& metric) {
    return printable(metric.first) + " " + four_digits(metric.second);
  });
}

std::string count_or_nothing(std::uint64_t count) {
  return count == 0 ? "" : std::to_string(count);
}

/// `edge-0, edge-1, edge-2 and 7 more`.
std::string serves(const role::Catalogue& known, ModelVersion version) {
  constexpr std::size_t kNamed = 3;
  const auto nodes = known.nodes_with(version);
  std::string text = joined(std::span(nodes).first(std::min(nodes.size(), kNamed)),
                            [](NodeId node) { return to_string(node); });
  if (nodes.size() > kNamed) text += " and " + std::to_string(nodes.size() - kNamed) + " more";
  return text;
}

ConfigNode list_of(const std::vector<ModelVersion>& versions) {
  ConfigNode::Array list;
  for (const ModelVersion one : versions) list.emplace_back(std::int64_t{one});
  return list;
}

ConfigNode hash_node(std::uint64_t hash) {
  return hash == 0 ? ConfigNode() : ConfigNode(hex16(hash));
}

ConfigNode count_node(std::uint64_t count) {
  return count == 0 ? ConfigNode() : ConfigNode(static_cast<std::int64_t>(count));
}

ConfigNode row_node(const StoredModels& models, const CataloguedModel& model) {
  ConfigNode::Object measured;
  for (const auto& [name, value] : model.metrics) measured.emplace_back(name, ConfigNode(value));
  ConfigNode::Array serving;
  for (const NodeId node : models.catalogue.nodes_with(model.version)) {
    const role::ServedModel& served = models.catalogue.serving.at(node);
    serving.push_back(ConfigNode::Object{{"node", to_string(node)},
                                         {"since_s", served.since.in_seconds()},
                                         {"before", count_node(served.before)}});
  }
  const auto parameters = models.parameters.find(model.version);
  const bool there = parameters != models.parameters.end();
  return ConfigNode::Object{
      {"version", std::int64_t{model.version}},
      {"tags", ConfigNode::Array(model.tags.begin(), model.tags.end())},
      {"made_s", model.made.in_seconds()},
      {"parents", list_of(model.parents)},
      {"hash", hex16(model.hash)},
      {"sha256", there ? ConfigNode(parameters->second) : ConfigNode()},
      {"parameters", there ? ConfigNode(models.file_of(model.version).string()) : ConfigNode()},
      {"numerics", model.numerics},
      {"trained_on", model.trained_on},
      {"data_hash", hash_node(model.data_hash)},
      {"samples", count_node(model.samples)},
      {"metrics", std::move(measured)},
      {"answers", static_cast<std::int64_t>(model.answers)},
      {"serving", std::move(serving)}};
}

}  // namespace

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  const auto shown = [](const std::string& cell) { return cell.empty() ? "–" : cell; };
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(shown(row[i])));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = shown(row[i]);
      line += cell;
      if (i + 1 < row.size()) line.append(widths[i] - display_width(cell) + 2, ' ');
    }
    text += line + "\n";
  }
  return text;
}

std::string models_text(const StoredModels& models) {
  std::vector<std::vector<std::string>> rows{
      {"model", "tags", "made", "from", "samples", "metrics", "answers", "serves"}};
  for (const CataloguedModel& model : models.catalogue.models) {
    rows.push_back({std::to_string(model.version), tags(model),
                    readable_seconds(model.made.in_seconds()), numbers(model.parents),
                    count_or_nothing(model.samples), metrics(model), std::to_string(model.answers),
                    serves(models.catalogue, model.version)});
  }
  return aligned(rows);
}

ConfigNode models_node(const StoredModels& models) {
  ConfigNode::Array list;
  for (const CataloguedModel& model : models.catalogue.models) {
    list.push_back(row_node(models, model));
  }
  return list;
}

std::string model_text(const StoredModels& models, ModelVersion version) {
  const role::Catalogue& known = models.catalogue;
  const CataloguedModel& model = *known.find(version);
  const std::string file = models.file_of(version).string();
  const auto sha256 = models.parameters.find(version);
  std::vector<std::vector<std::string>> rows{
      {"  tags", tags(model)},
      {"  made", readable_seconds(model.made.in_seconds()) + " after the run began"},
      {"  trained on", printable(model.trained_on)},
      {"  samples", count_or_nothing(model.samples)},
      {"  data", model.data_hash == 0 ? "" : hex16(model.data_hash)}};
  for (const auto& [name, value] : model.metrics) {
    rows.push_back({"  " + printable(name), four_digits(value)});
  }
  rows.push_back({"  answers", std::to_string(model.answers)});
  rows.push_back({"  hash", hex16(model.hash) + " (" + printable(model.numerics) + ")"});
  rows.push_back({"  SHA-256", sha256 == models.parameters.end() ? "" : sha256->second});
  rows.push_back({"  parameters", file.empty() ? "not kept" : file});
  rows.push_back({"  came from", numbers(known.ancestors(version))});
  rows.push_back({"  led to", numbers(known.descendants(version))});
  for (const NodeId node : known.nodes_with(version)) {
    const role::ServedModel& served = known.serving.at(node);
    rows.push_back(
        {"  serves on",
         to_string(node) + " since " + readable_seconds(served.since.in_seconds()) +
             (served.before == 0 ? "" : ", before it model " + std::to_string(served.before))});
  }
  return "model " + std::to_string(version) + "\n" + aligned(rows);
}

ConfigNode model_node(const StoredModels& models, ModelVersion version) {
  ConfigNode node = row_node(models, *models.catalogue.find(version));
  node.set("came_from", list_of(models.catalogue.ancestors(version)));
  node.set("led_to", list_of(models.catalogue.descendants(version)));
  return node;
}

namespace {

/// A view of the data, and the models that were trained on it.
struct DataView {
  std::uint64_t hash = 0;
  std::string words;
  std::uint64_t samples = 0;
  std::vector<ModelVersion> models;
};

/// In the order of their first models.
std::vector<DataView> data_views(const role::Catalogue& known) {
  std::vector<DataView> views;
  for (const CataloguedModel& model : known.models) {
    const auto same = std::ranges::find_if(views, [&](const DataView& one) {
      return std::tie(one.hash, one.words, one.samples) ==
             std::tie(model.data_hash, model.trained_on, model.samples);
    });
    if (same != views.end()) {
      same->models.push_back(model.version);
    } else {
      views.push_back({model.data_hash, model.trained_on, model.samples, {model.version}});
    }
  }
  return views;
}

}  // namespace

std::string data_text(const StoredModels& models) {
  std::vector<std::vector<std::string>> rows{{"data", "samples", "what", "models"}};
  for (const DataView& one : data_views(models.catalogue)) {
    rows.push_back({one.hash == 0 ? "" : hex16(one.hash), count_or_nothing(one.samples),
                    printable(one.words), numbers(one.models)});
  }
  return aligned(rows);
}

ConfigNode data_node(const StoredModels& models) {
  ConfigNode::Array list;
  for (const DataView& one : data_views(models.catalogue)) {
    list.push_back(ConfigNode::Object{{"hash", hash_node(one.hash)},
                                      {"samples", count_node(one.samples)},
                                      {"what", one.words},
                                      {"models", list_of(one.models)}});
  }
  return list;
}

}  // namespace skerry::experiments

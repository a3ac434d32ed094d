#include "experiments/models/model_diff.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "algorithms/sdk/printable.hpp"
#include "datasets/npz.hpp"
#include "experiments/models/model_words.hpp"
#include "experiments/results/readable.hpp"

namespace skerry::experiments {

namespace {

using Arrays = std::map<std::string, datasets::NpyArray>;

std::string signed_words(double value) { return (value > 0 ? "+" : "") + four_digits(value); }

ModelDiff::Tensor compare(const std::string& name, const datasets::NpyArray& first,
                          const datasets::NpyArray& second) {
  ModelDiff::Tensor tensor{.name = name, .shape = first.shape()};
  const auto x = first.elements<float>(), y = second.elements<float>();
  double apart = 0, all = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double by = double{y[i]} - double{x[i]};
    apart += by * by;
    all += double{x[i]} * double{x[i]};
    tensor.largest = std::max(tensor.largest, std::abs(by));
  }
  tensor.distance = std::sqrt(apart);
  tensor.norm = std::sqrt(all);
  return tensor;
}

/// Why two models cannot be compared parameter by parameter; empty where they can.
std::string why_not(const Arrays& first, const Arrays& second) {
  const auto same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.shape() == b.second.shape();
  };
  if (!std::ranges::equal(first, second, same)) return "the models have different forms";
  for (const Arrays* arrays : {&first, &second}) {
    for (const auto& [name, array] : *arrays) {
      if (array.type() != DType::kFloat32) return "\"" + name + "\" is not float32";
    }
  }
  return "";
}

}  // namespace

Result<ModelDiff> difference(const StoredModels& models, role::ModelVersion first,
                             role::ModelVersion second) {
  ModelDiff diff{.first = *models.catalogue.find(first), .second = *models.catalogue.find(second)};
  Arrays read[2];
  for (const int i : {0, 1}) {
    const role::ModelVersion version = i == 0 ? first : second;
    const auto file = models.file_of(version);
    auto arrays = file.empty() ? Result<Arrays>(Arrays()) : datasets::read_npz(file);
    std::error_code ignored;
    const bool gone = !arrays && !std::filesystem::exists(file, ignored);
    if (file.empty() || gone) {  // a run that goes on may have removed it meanwhile
      diff.without_parameters =
          "the parameters of model " + std::to_string(version) + " are not kept";
      return diff;
    }
    if (!arrays) return arrays.failure();
    read[i] = std::move(*arrays);
  }
  diff.without_parameters = why_not(read[0], read[1]);
  if (!diff.without_parameters.empty()) return diff;
  for (const auto& [name, array] : read[0]) {
    diff.tensors.push_back(compare(name, array, read[1].at(name)));
  }
  return diff;
}

namespace {

/// All of them as one tensor.
ModelDiff::Tensor whole(const std::vector<ModelDiff::Tensor>& tensors) {
  ModelDiff::Tensor all{.name = "all"};
  for (const ModelDiff::Tensor& one : tensors) {
    all.distance = std::hypot(all.distance, one.distance);
    all.norm = std::hypot(all.norm, one.norm);
    all.largest = std::max(all.largest, one.largest);
  }
  return all;
}

std::set<std::string> metric_names(const ModelDiff& diff) {
  std::set<std::string> names;
  for (const auto* model : {&diff.first, &diff.second}) {
    for (const auto& [name, value] : model->metrics) names.insert(name);
  }
  return names;
}

std::optional<double> metric_of(const role::CataloguedModel& model, const std::string& name) {
  const auto found = model.metrics.find(name);
  return found == model.metrics.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string diff_text(const ModelDiff& diff) {
  const auto number = [](std::uint64_t count) { return count == 0 ? "" : std::to_string(count); };
  const auto hash = [](std::uint64_t data) { return data == 0 ? "" : hex16(data); };
  const role::CataloguedModel &a = diff.first, &b = diff.second;
  std::vector<std::vector<std::string>> rows{{"", "model " + std::to_string(a.version),
                                              "model " + std::to_string(b.version), "difference"}};
  rows[0][0] = " ";
  for (const std::string& name : metric_names(diff)) {
    const auto x = metric_of(a, name), y = metric_of(b, name);
    rows.push_back({printable(name), x ? four_digits(*x) : "", y ? four_digits(*y) : "",
                    x && y ? signed_words(*y - *x) : ""});
  }
  rows.push_back({"trained on", printable(a.trained_on), printable(b.trained_on),
                  a.trained_on == b.trained_on ? "none" : "differs"});
  const bool both_views = a.data_hash != 0 && b.data_hash != 0;
  const char* const views = a.data_hash == b.data_hash ? "none" : "differs";
  rows.push_back({"data", hash(a.data_hash), hash(b.data_hash), both_views ? views : ""});
  const double more = static_cast<double>(b.samples) - static_cast<double>(a.samples);
  rows.push_back({"samples", number(a.samples), number(b.samples),
                  a.samples != 0 && b.samples != 0 ? signed_words(more) : ""});
  rows.push_back({"answers", std::to_string(a.answers), std::to_string(b.answers),
                  signed_words(static_cast<double>(b.answers) - static_cast<double>(a.answers))});
  std::string text = aligned(rows);
  if (!diff.without_parameters.empty()) return text + diff.without_parameters + "\n";
  std::vector<std::vector<std::string>> apart{
      {"parameters", "shape", "distance", "relative", "largest"}};
  std::vector<ModelDiff::Tensor> tensors = diff.tensors;
  tensors.push_back(whole(diff.tensors));
  for (const ModelDiff::Tensor& one : tensors) {
    apart.push_back({printable(one.name), one.shape.empty() ? "" : to_string(one.shape),
                     four_digits(one.distance),
                     one.norm > 0 ? four_digits(one.distance / one.norm) : "",
                     four_digits(one.largest)});
  }
  return text + "\n" + aligned(apart);
}

ConfigNode diff_node(const ModelDiff& diff) {
  ConfigNode::Object metrics;
  for (const std::string& name : metric_names(diff)) {
    const auto value = [&](const role::CataloguedModel& model) {
      const auto found = metric_of(model, name);
      return found ? ConfigNode(*found) : ConfigNode();
    };
    metrics.emplace_back(name, ConfigNode::Array{value(diff.first), value(diff.second)});
  }
  ConfigNode::Array tensors;
  for (const ModelDiff::Tensor& one : diff.tensors) {
    ConfigNode::Array shape;
    for (const auto size : one.shape) shape.emplace_back(static_cast<std::int64_t>(size));
    tensors.push_back(ConfigNode::Object{{"name", one.name},
                                         {"shape", std::move(shape)},
                                         {"distance", one.distance},
                                         {"norm", one.norm},
                                         {"largest", one.largest}});
  }
  const auto data = [](const role::CataloguedModel& model) {
    return ConfigNode::Object{
        {"hash", model.data_hash == 0 ? ConfigNode() : ConfigNode(hex16(model.data_hash))},
        {"what", model.trained_on},
        {"samples", static_cast<std::int64_t>(model.samples)}};
  };
  return ConfigNode::Object{
      {"models",
       ConfigNode::Array{std::int64_t{diff.first.version}, std::int64_t{diff.second.version}}},
      {"metrics", std::move(metrics)},
      {"data", ConfigNode::Array{data(diff.first), data(diff.second)}},
      {"parameters", std::move(tensors)},
      {"without_parameters",
       diff.without_parameters.empty() ? ConfigNode() : ConfigNode(diff.without_parameters)}};
}

}  // namespace skerry::experiments

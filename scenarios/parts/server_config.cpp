#include "scenarios/parts/server_config.hpp"

#include <utility>

namespace skerry::parts {

namespace {

ConfigNode composition(ConfigNode::Object reduce, ConfigNode::Object optimizer) {
  return ConfigNode::Object{{"reduce", std::move(reduce)}, {"optimizer", std::move(optimizer)}};
}

}  // namespace

void UpdateConfig::check(FieldReader& reader) const {
  if (down_versions && down_sends == DownSends::kModel) {
    reader.error("down_versions", "means nothing without \"down_sends\": \"change\"");
  }
}

// With a mean delta for a gradient, a whole step is McMahan et al. 2017, and the others are Reddi
// et al. 2021, Alg. 2, with the tau and beta2 of their experiments. Learning rates are tuned there;
// these are a start.
const Presets& ServerConfig::optimizer_defaults() {
  static const Presets all = {
      {"sgd", ConfigNode::Object{{"learning_rate", 1.0}}},
      {"adam",
       ConfigNode::Object{
           {"learning_rate", 0.01}, {"beta2", 0.99}, {"tau", 1e-3}, {"bias_correction", false}}},
      {"yogi", ConfigNode::Object{{"learning_rate", 0.01}, {"beta2", 0.99}, {"tau", 1e-3}}},
      {"adagrad", ConfigNode::Object{{"learning_rate", 0.1}, {"tau", 1e-3}}},
  };
  return all;
}

const Presets& ServerConfig::presets() {
  static const Presets all = {
      // McMahan et al. 2017
      {"fedavg", composition({{"name", "mean"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
      // Hsu, Qi, Brown 2019
      {"fedavgm", composition({{"name", "mean"}},
                              {{"name", "sgd"}, {"learning_rate", 1.0}, {"momentum", 0.9}})},
      // Reddi et al. 2021
      {"fedadam", composition({{"name", "mean"}}, {{"name", "adam"}, {"learning_rate", 0.01}})},
      {"fedyogi", composition({{"name", "mean"}}, {{"name", "yogi"}, {"learning_rate", 0.01}})},
      {"fedadagrad",
       composition({{"name", "mean"}}, {{"name", "adagrad"}, {"learning_rate", 0.1}})},
      // Nguyen et al. 2022
      {"fedbuff", composition({{"name", "buffered"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
      // Yin et al. 2018
      {"median", composition({{"name", "median"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
  };
  return all;
}

}  // namespace skerry::parts

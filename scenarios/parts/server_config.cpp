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

const Presets& ServerConfig::presets() {
  static const Presets all = {
      // McMahan et al. 2017
      {"fedavg", composition({{"name", "mean"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
      // Hsu, Qi, Brown 2019
      {"fedavgm", composition({{"name", "mean"}},
                              {{"name", "sgd"}, {"learning_rate", 1.0}, {"momentum", 0.9}})},
      // Reddi et al. 2021
      {"fedadam", composition({{"name", "mean"}}, {{"name", "adam"}, {"learning_rate", 0.01}})},
      // Nguyen et al. 2022
      {"fedbuff", composition({{"name", "buffered"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
      // Yin et al. 2018
      {"median", composition({{"name", "median"}}, {{"name", "sgd"}, {"learning_rate", 1.0}})},
  };
  return all;
}

}  // namespace skerry::parts

#include "scenarios/parts/traffic.hpp"

#include <string>
#include <utility>

namespace skerry::parts {

double Traffic::encoded(const role::Standing& standing) {
  return standing.last("bytes/encoded_up").value_or(0) +
         standing.last("bytes/encoded_down").value_or(0);
}

void Traffic::record(std::uint64_t step, role::Effects& effects) const {
  const std::pair<const char*, const role::MessageBytes&> ways[] = {{"up", up_}, {"down", down_}};
  for (const auto& [way, bytes] : ways) {
    effects.metric(std::string("bytes/tensor_") + way, step, static_cast<double>(bytes.tensor));
    effects.metric(std::string("bytes/encoded_") + way, step, static_cast<double>(bytes.encoded));
    effects.metric(std::string("bytes/wire_") + way, step, static_cast<double>(bytes.wire));
  }
}

void Traffic::declare(role::Results& results) {
  struct Counted {
    std::string name, meaning;
  };
  const Counted counted[] = {{"tensor", "tensors as they lie in memory"},
                             {"encoded", "tensors as encoded"},
                             {"wire", "whole messages on the wire"}};
  const std::pair<std::string, std::string> ways[] = {{"up", "edges to cloud"},
                                                      {"down", "cloud to edges"}};
  role::Table table{.title = "bytes",
                    .meaning =
                        "Bytes since the start: tensors as they lie in memory, as encoded, "
                        "and whole messages on the wire; up is from edges to cloud",
                    .rows = {},
                    .columns = {},
                    .metrics = {}};
  for (const Counted& each : counted) table.columns.push_back(each.name);
  for (const auto& [way, from_to] : ways) {
    table.rows.push_back(way);
    for (const Counted& each : counted) {
      const bool wire = each.name == "wire";
      const std::string name = "bytes/" + each.name + "_" + way;
      results.metrics.push_back({.name = name,
                                 .label = wire ? "wire " + way : each.name + " bytes " + way,
                                 .unit = "bytes",
                                 .meaning = each.meaning + ", " + from_to + ", since the start",
                                 .better = role::Better::kLower,
                                 .headline = wire,
                                 .cost = wire});
      table.metrics.push_back(name);
      if (wire) results.traffic.push_back(name);
    }
  }
  results.tables.push_back(std::move(table));
}

}  // namespace skerry::parts

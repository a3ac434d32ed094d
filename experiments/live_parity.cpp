#include "experiments/live_parity.hpp"

#include <set>

#include "sim/world_config.hpp"

namespace skerry::experiments {

namespace {

/// Adds a reason for each setting that lets time, or the order of answers, decide.
void look_for_time(const ConfigNode& node, std::set<std::string>& reasons) {
  if (const auto* object = node.as_object()) {
    for (const auto& [key, value] : *object) {
      const double* share = value.as_double();
      if (key == "mode" && value == ConfigNode("async")) {
        reasons.insert("without rounds the order of answers decides");
      } else if (key == "deadline" && !value.is_null()) {
        reasons.insert("a deadline may leave out others in a simulation");
      } else if (key == "over_select" && share != nullptr && *share > 0) {
        reasons.insert("the first answers of a round decide");
      } else if (key == "virtual_time" && !value.is_null()) {
        reasons.insert("the scenario stops by time");
      }
      look_for_time(value, reasons);
    }
  } else if (const auto* array = node.as_array()) {
    for (const ConfigNode& item : *array) look_for_time(item, reasons);
  }
}

/// Whether the simulated world does something to nodes or messages that the live run did not have.
bool simulates_faults(const ConfigNode& world) {
  const ConfigNode calm = FieldWriter::write(sim::WorldConfig{});
  for (const char* part : {"availability", "messages", "faults", "attack"}) {
    const ConfigNode *mine = world.find(part), *none = calm.find(part);
    const bool is_set = mine != nullptr && !mine->is_null();
    if (is_set && (none == nullptr || *mine != *none)) return true;
  }
  return false;
}

void look_at_sites(const real::NodeDriver& cloud, std::uint64_t data_hash,
                   std::vector<std::string>& reasons) {
  std::size_t own = 0, other = 0;
  for (const auto& [node, link] : cloud.links()) {
    own += link.site.own ? 1 : 0;
    other += !link.site.own && link.site.data_hash != data_hash ? 1 : 0;
  }
  if (own > 0) reasons.push_back(std::to_string(own) + " edges brought data of their own");
  if (other > 0) {
    reasons.push_back(std::to_string(other) + " edges have other content in the scenario's files");
  }
}

}  // namespace

std::vector<std::string> reasons_for_other_bits(const real::NodeDriver& cloud,
                                                std::uint64_t data_hash,
                                                const ConfigNode& scenario) {
  std::vector<std::string> reasons;
  const real::ParityWatch& parity = cloud.parity();
  if (!parity.all_joined) reasons.emplace_back("not every node joined before the first message");
  if (parity.lost > 0) reasons.push_back(std::to_string(parity.lost) + " edges were lost");
  if (parity.timers > 0) reasons.push_back(std::to_string(parity.timers) + " timers fired");
  look_at_sites(cloud, data_hash, reasons);
  ConfigNode deployed = scenario;
  deployed.erase("world");
  std::set<std::string> settings;
  look_for_time(deployed, settings);
  reasons.insert(reasons.end(), settings.begin(), settings.end());
  const ConfigNode* world = scenario.find("world");
  if (world != nullptr && simulates_faults(*world)) {
    reasons.emplace_back("the scenario's world has faults");
  }
  if (cloud.outcome() && cloud.outcome()->failed) reasons.emplace_back("the run failed");
  if (cloud.outcome() && cloud.outcome()->reason == "an operator") {
    reasons.emplace_back("somebody ended it");
  }
  return reasons;
}

std::string parity_line(const std::vector<std::string>& reasons) {
  if (reasons.empty()) {
    return "every node joined first, none was lost and no timer decided anything: "
           "a simulation of this scenario ends in the same bits";
  }
  std::string line = "a simulation may end in other bits: ";
  for (const std::string& reason : reasons) {
    line += (&reason == &reasons.front() ? "" : ", ") + reason;
  }
  return line;
}

}  // namespace skerry::experiments

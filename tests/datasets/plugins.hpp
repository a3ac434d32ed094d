#pragma once

#include "algorithms/sdk/plugin.hpp"
#include "datasets/node_data.hpp"

namespace skerry::datasets {

/// All plugins that this program is linked with.
inline Registry all_plugins() {
  Registry registry;
  SKERRY_CHECK(registry.add(skerry_plugin_exports().first[0]).ok(), "names are used once");
  return registry;
}

/// A choice as the scenario reader resolves it. Problems stop the program.
template <class Slot>
Choice<Slot> choose(const Registry& registry, const std::string& name,
                    const ConfigNode::Object& parameters = {}) {
  struct Holder {
    Choice<Slot> choice;
    void fields(FieldReader& v) { v("choice", choice); }
  } holder;
  ConfigNode node = ConfigNode::object();
  node.set("name", name);
  node.merge(ConfigNode(parameters));
  ConfigNode document = ConfigNode::object();
  document.set("choice", node);
  Problems problems;
  FieldReader reader(registry, problems);
  reader.read(document, holder, "");
  SKERRY_CHECK(problems.empty(), problems.text(""));
  return holder.choice;
}

}  // namespace skerry::datasets

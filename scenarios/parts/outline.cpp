#include "scenarios/parts/outline.hpp"

#include "datasets/node_data.hpp"

namespace skerry::parts {

role::Outline outline_of(const role::ParadigmContext& context) {
  const datasets::NodeData& data = context.data;
  // On an edge of a live run, the cloud's examples are elsewhere.
  const bool elsewhere = context.edges_only;
  return {.registry = context.registry,
          .edges = context.edges,
          .edges_only = context.edges_only,
          .cloud_tests = elsewhere || data.size(NodeId::cloud(), Split::kTest) > 0,
          .cloud_validates = elsewhere || data.size(NodeId::cloud(), Split::kValidation) > 0,
          .has_classes = data.schema().classes > 0};
}

void check_unseen(const datasets::NodeData& data, std::span<const Split> of_edges, bool of_cloud,
                  Problems& problems) {
  if (data.is_own()) return;
  const char* const why = "holds examples back that nobody looks at";
  for (const Split split : of_edges) {
    for (std::uint32_t k = 0; k < data.edges(); ++k) {
      if (data.size(NodeId::edge(k), split) == 0) continue;
      problems.add("/data/split/client_" + std::string(to_string(split)), why);
      break;
    }
  }
  if (of_cloud && data.size(NodeId::cloud(), Split::kValidation) > 0) {
    problems.add("/data/split/server_validation", why);
  }
}

}  // namespace skerry::parts

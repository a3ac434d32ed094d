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

}  // namespace skerry::parts

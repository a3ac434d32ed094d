#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/role/job.hpp"

namespace skerry::joint_inference {

/// What is computed in a joint run, and for each kind: inputs -> outputs, report.
enum class JobKind : std::uint16_t {
  kPrepareEdge,   // -> edge's model; training loss
  kPrepareCloud,  // -> cloud's model; training loss
  kReference,     // cloud's model -> ; Reference
  kExport,        // edge's model, cloud's model -> both
  kInfer,         // edge's model [, input] -> input; Inference
  kInferCloud,    // cloud's model, input... -> ; labels
};

/// Which example is asked about, where none is an input: index into what the edge is asked about.
struct InferBody {
  std::uint32_t row = 0;
  template <class A>
  void archive(A& a) {
    a(row);
  }
};

/// What the edge's model says of one example.
struct Inference {
  std::int32_t label = 0;
  std::int32_t truth = 0;  // -1: not known
  float score = 0;         // how hard it was
  template <class A>
  void archive(A& a) {
    a(label, truth, score);
  }
};

/// How often the cloud's model alone is right on the requests of one phase, edge by edge.
struct Reference {
  std::vector<std::uint64_t> correct;
  std::vector<std::uint64_t> requests;
  template <class A>
  void archive(A& a) {
    a(correct, requests);
  }
};

}  // namespace skerry::joint_inference

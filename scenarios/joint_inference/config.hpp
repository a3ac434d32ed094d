#pragma once

#include <optional>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "scenarios/parts/batch_queue.hpp"
#include "scenarios/parts/model_source.hpp"
#include "scenarios/parts/requests.hpp"

namespace skerry::joint_inference {

/// The keys of a scenario that belong to joint inference.
struct Config {
  parts::ModelConfig edge_model;
  parts::ModelConfig cloud_model;
  Choice<HardSampleMiner> mine{.name = "cross_entropy"};
  std::optional<double> threshold;
  std::optional<std::vector<double>> thresholds;
  parts::RequestsConfig requests;
  parts::BatchConfig cloud;
  std::optional<Duration> deadline;
  Duration resend_after = Duration::seconds(60);

  template <class V>
  void fields(V& v) {
    v("edge_model", edge_model, {.meaning = "what answers on the edge", .required = true});
    v("cloud_model", cloud_model, {.meaning = "what answers on the cloud", .required = true});
    v("mine", mine, {.meaning = "scores how hard an example was for the edge's model"});
    v("threshold", threshold,
      {.meaning = "examples that score above it go to the cloud",
       .min = 0,
       .max = 1,
       .below_max = true});
    v("thresholds", thresholds,
      {.meaning = "several thresholds: the same requests are replayed for each",
       .min = 0,
       .max = 1,
       .below_max = true});
    v("requests", requests, {.meaning = "when edges are asked", .required = true});
    v("cloud", cloud, {.meaning = "how the cloud serves"});
    v("deadline", deadline,
      {.meaning = "an answer of the cloud that is not there this long after the request is not "
                  "waited for"});
    v("resend_after", resend_after,
      {.meaning = "an edge that has not answered an order by then is told again, each time later"});
  }
  void check(FieldReader& reader) const;
  /// Thresholds in the order in which they are tried.
  std::vector<double> tried() const { return thresholds ? *thresholds : std::vector{*threshold}; }
};

}  // namespace skerry::joint_inference

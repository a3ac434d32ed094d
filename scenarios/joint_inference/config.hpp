#pragma once

#include <optional>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/hard_sample_miner.hpp"
#include "algorithms/sdk/learner.hpp"
#include "algorithms/sdk/optimizer.hpp"

namespace skerry::joint_inference {

struct TrainConfig {
  Choice<Optimizer> optimizer{.name = "sgd"};
  std::uint32_t batch_size = 32;
  std::uint32_t epochs = 1;

  template <class V>
  void fields(V& v) {
    v("optimizer", optimizer, {.meaning = "the optimiser of its steps", .required = true});
    v("batch_size", batch_size, {.meaning = "examples a step; 0 = the whole data set"});
    v("epochs", epochs, {.meaning = "passes over the training set", .min = 1});
  }
};

/// A model, and where its parameters come from: trained on the cloud, or read from a file.
struct ModelConfig {
  Choice<LearnerFactory> model;
  std::optional<TrainConfig> train;
  FileContent file;

  template <class V>
  void fields(V& v) {
    v("model", model, {.meaning = "its form", .required = true});
    v("train", train, {.meaning = "how the cloud trains it before the first request"});
    v("file", file,
      {.meaning = "its parameters instead of training: .npz with PyTorch's names and shapes"});
  }
  /// Edges are sent neither: their model comes from the cloud.
  static constexpr const char* kOneOrigin = "says exactly one of \"train\" and \"file\"";
  void check(FieldReader& reader) const;
};

enum class Arrivals : std::uint8_t { kPoisson, kUniform };

struct RequestsConfig {
  std::optional<std::uint32_t> count;
  std::optional<Duration> duration;
  Arrivals arrivals = Arrivals::kPoisson;
  Duration interval = Duration::seconds(1);

  template <class V>
  void fields(V& v) {
    v("count", count, {.meaning = "requests of each edge", .min = 1});
    v("duration", duration, {.meaning = "how long requests come, instead of a count"});
    v("arrivals", arrivals,
      {.meaning = "at random, or evenly from a random start; drawn for each edge"});
    v("interval", interval, {.meaning = "mean time between two requests of one edge"});
  }
  void check(FieldReader& reader) const;
};

struct CloudConfig {
  std::uint32_t batch_size = 32;
  Duration max_wait = Duration::milliseconds(5);

  template <class V>
  void fields(V& v) {
    v("batch_size", batch_size, {.meaning = "examples that the cloud scores at a time", .min = 1});
    v("max_wait", max_wait, {.meaning = "how long an example waits for a batch to fill"});
  }
};

/// The keys of a scenario that belong to joint inference.
struct Config {
  ModelConfig edge_model;
  ModelConfig cloud_model;
  Choice<HardSampleMiner> mine{.name = "cross_entropy"};
  std::optional<double> threshold;
  std::optional<std::vector<double>> thresholds;
  RequestsConfig requests;
  CloudConfig cloud;
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

namespace skerry {
template <>
struct EnumNames<joint_inference::Arrivals> {
  static constexpr std::pair<joint_inference::Arrivals, std::string_view> names[] = {
      {joint_inference::Arrivals::kPoisson, "poisson"},
      {joint_inference::Arrivals::kUniform, "uniform"}};
};
}  // namespace skerry

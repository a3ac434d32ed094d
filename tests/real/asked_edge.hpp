#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "real/infer_client.hpp"
#include "tests/real/live_run.hpp"

namespace skerry {

/// A scenario of joint inference whose only own request comes long after the test's end: the run
/// does not change, and all requests to an edge are the test's.
struct AskedScenario {
  double threshold = 0.95;          // 0: everything goes to the cloud
  std::string interval = "1000 h";  // until the scenario's own request
  std::string cloud = R"({"batch_size": 1})";
  std::string source =
      R"({"name": "synthetic_blobs", "samples": 1000, "test_samples": 200, "separation": 2})";
  std::uint32_t edges = 1;

  std::string text() const;
};

/// How to ask an edge, as it printed it.
struct WayToAsk {
  std::string address;
  std::string token_file;  // empty: a socket

  /// Waits for the edge to say it.
  static WayToAsk to(Process& edge);
  real::InferClient client() const;
};

/// Waits until that holds, at most half a minute. @return whether it holds.
bool wait_for(const std::function<bool()>& condition);

/// Waits until the edge has its scenario. @return the form of examples that it wants.
real::ExampleForm wait_for_form(const real::InferClient& client);
/// An example of the form that the edge wants, all zeros.
real::Question zeros(const real::ExampleForm& form);
/// Waits until the edge also has its model and answers that many requests at once.
real::Question wait_until_it_answers(const real::InferClient& client, std::size_t at_once = 1);

/// The predictions of a run's models, computed without the run: both models come from a simulation
/// of the same scenario.
class Oracle {
 public:
  explicit Oracle(AskedScenario scenario);

  /// Test examples of the scenario's source, as the edge takes them.
  const std::vector<real::Question>& questions() const { return questions_; }
  struct Said {
    std::int32_t edge = 0, cloud = 0;
    bool hard = false;
    std::vector<float> scores;  // of the model that gives the label
    std::int32_t joint() const { return hard ? cloud : edge; }
  };
  const std::vector<Said>& said() const { return said_; }

 private:
  std::vector<real::Question> questions_;
  std::vector<Said> said_;
};

}  // namespace skerry

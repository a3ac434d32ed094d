#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"
#include "algorithms/sdk/time.hpp"
#include "real/example_form.hpp"
#include "real/infer_address.hpp"

namespace skerry::real {

/// One example to ask about: bytes as the data source holds them, or normalised values.
struct Question {
  Shape shape;  // may be empty: as the edge describes it
  std::vector<std::uint8_t> bytes;
  std::vector<float> values;  // where there are no bytes
};

/// What came of a question.
struct InferReply {
  /// `OK`; `REFUSED` by the edge's role; or the status of the call: `DEADLINE_EXCEEDED`.
  std::string status = "OK";
  std::string text;  // why there is no answer
  std::int32_t label = -1;
  std::vector<float> scores;  // one per class, or none
  bool from_cloud = false;
  double seconds = 0;  // from asking to the reply

  bool ok() const { return status == "OK"; }
};

/// Asks an edge on this machine. Calls may come from many threads at once.
class InferClient {
 public:
  /// Connects when it first asks.
  /// @param token  of a port; empty for a socket.
  InferClient(const InferAddress& address, std::string token);
  ~InferClient();

  struct Description {
    std::string node;
    ExampleForm form;
  };
  /// Errors: the status, prefixed with the address.
  Result<Description> describe(Duration patience) const;

  /// @param patience  after which the call is given up, here and on the edge.
  InferReply ask(const Question& question, Duration patience) const;

  struct Pace {
    std::size_t at_once = 8;  // questions on their way
    Duration patience = Duration::seconds(60);
  };
  /// Asks them all. `each` gets the replies in the order of the questions, one at a time, as soon
  /// as all before are there.
  void ask_all(std::span<const Question> questions, const Pace& pace,
               const std::function<void(std::size_t index, const InferReply& reply)>& each) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace skerry::real

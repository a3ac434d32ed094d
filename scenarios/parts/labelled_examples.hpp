#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/node_set.hpp"
#include "scenarios/parts/labelling.hpp"
#include "scenarios/parts/serving.hpp"

namespace skerry::parts {

/// What a training learns from, and where it starts.
enum class Policy : std::uint8_t {
  kFineTune,     // from the deployed model, on what was labelled since its own training
  kWindow,       // from the deployed model, on the newest labelled examples
  kCumulative,   // from the deployed model, on all labelled examples that are kept
  kFromScratch,  // from fresh parameters, on all labelled examples that are kept
};

/// One example with its label, somewhere in a payload of several.
struct LabelledExample {
  NodeId node;
  std::uint32_t position = 0;
  std::int32_t label = 0;
  std::uint32_t place = 0;
  role::PayloadRef inputs;
  template <class A>
  void archive(A& a) {
    a(node, position, label, place, inputs);
  }
};

/// How often a model was right, as far as labels tell.
struct Judgement {
  NodeId node;
  std::uint32_t position = 0;
  bool right = false;
  ModelVersion version = 0;
  ModelVersion shadow = 0;  // 0: none was in the shadow
  bool shadow_right = false;
};

/// Examples that edges sent, from their arrival on the cloud to the last training that uses them.
///
/// Those that wait for a label do so as long as the labeller takes. Of the labelled ones the newest
/// are kept: `kept` to learn from, `judged` to judge by. The order in which messages arrive does
/// not matter: what was labelled between two calls of settle() is put in order of (node, position).
///
/// Memory: the payloads that an example is kept of, and some 50 bytes an example.
class LabelledExamples {
 public:
  struct Limits {
    std::uint32_t kept = 10'000;
    std::uint32_t judged = 500;
  };
  explicit LabelledExamples(Limits limits) : limits_(limits) {}

  /// Takes examples in, in ascending positions. Returns those that are new: a message may come
  /// twice.
  struct Arrived {
    NodeId node;
    ModelVersion version = 0;
    ModelVersion shadow = 0;
    std::span<const Mined> mined;
    role::PayloadRef inputs;
  };
  Examples add(const Arrived& arrived);
  /// The true class of an example that waits; -1 where none waits, or where nobody knows.
  std::int32_t truth(NodeId node, std::uint32_t position) const;
  /// Somebody says of which class an example is that waits. Nothing where it was not sampled, or
  /// where none waits.
  std::optional<Judgement> label(NodeId node, std::uint32_t position, std::int32_t label);
  /// No label will be bought for these.
  void give_up(const Examples& examples);
  /// Puts what was labelled since the last call with the rest.
  void settle();

  std::size_t fresh() const { return fresh_; }  // to learn from, since the last training
  std::size_t kept() const { return kept_.size(); }
  std::size_t judged() const { return judged_.size(); }
  /// What a training by that policy learns from, newest last; they are no longer fresh afterwards.
  std::vector<LabelledExample> to_learn(Policy policy, std::uint32_t window);
  /// The model of the last training is deployed: kFineTune learns from what came later. What a
  /// model has learnt that failed, was rejected or went again, is learnt by the next one.
  void deployed();
  std::vector<LabelledExample> to_judge() const { return {judged_.begin(), judged_.end()}; }

  template <class A>
  void archive(A& a) {
    a(waiting_, labelled_, kept_, judged_, seen_, fresh_, unlearnt_, taken_);
  }

 private:
  struct Waiting {
    Mined mined;
    ModelVersion version = 0, shadow = 0;
    std::uint32_t place = 0;
    role::PayloadRef inputs;
    template <class A>
    void archive(A& a) {
      a(mined, version, shadow, place, inputs);
    }
  };
  /// A sequence whose front is dropped, with archive().
  struct Queue : std::deque<LabelledExample> {
    template <class A>
    void archive(A& a) {
      std::vector<LabelledExample> list(begin(), end());
      a(list);
      if constexpr (A::kReading) assign(list.begin(), list.end());
    }
  };

  Limits limits_;
  std::map<std::pair<NodeId, std::uint32_t>, Waiting> waiting_;
  std::vector<std::pair<bool, LabelledExample>> labelled_;  // sampled or not, since settle()
  Queue kept_, judged_;
  bool is_new(NodeId node, std::uint32_t first);

  std::map<NodeId, std::vector<std::uint32_t>> seen_;  // first position of the last messages
  std::size_t fresh_ = 0;
  std::size_t unlearnt_ = 0;  // labelled since the training of the deployed model
  std::size_t taken_ = 0;     // of these, what the last training has learnt
};

}  // namespace skerry::parts

namespace skerry {
template <>
struct EnumNames<parts::Policy> {
  static constexpr std::pair<parts::Policy, std::string_view> names[] = {
      {parts::Policy::kFineTune, "fine_tune"},
      {parts::Policy::kWindow, "window"},
      {parts::Policy::kCumulative, "cumulative"},
      {parts::Policy::kFromScratch, "from_scratch"}};
};
}  // namespace skerry

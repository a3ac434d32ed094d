#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "scenarios/parts/channel.hpp"
#include "scenarios/parts/installed_models.hpp"
#include "scenarios/parts/labelled_examples.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/model_registry.hpp"
#include "scenarios/parts/traffic.hpp"

namespace skerry::parts {

/// `rollout` of a scenario: how a new model comes to the edges.
struct RolloutConfig {
  std::optional<double> canary;
  bool shadow = false;
  Duration hold;
  std::optional<double> margin;
  std::optional<std::uint32_t> examples;
  Duration resend_after = Duration::seconds(60);

  template <class V>
  void fields(V& v) {
    v("canary", canary,
      {.meaning = "share of the edges that answer with a new model first, rounded, one at least; "
                  "default: all at once",
       .min = 0,
       .max = 1,
       .above_min = true});
    v("shadow", shadow,
      {.meaning = "before that, edges have the new model answer too, and nobody sees it; those "
                  "that are no canaries go on with it"});
    v("hold", hold,
      {.meaning = "how long each step lasts (shadow, canary, everyone) and the model is watched; 0 "
                  "s: it is not"});
    v("margin", margin,
      {.meaning = "the model goes back where its share of right answers is lower than the one "
                  "before it by more than this; default: 0.05",
       .min = 0,
       .max = 1,
       .below_max = true});
    v("examples", examples,
      {.meaning = "that is judged on this many sampled and labelled answers, the newest; default: "
                  "50",
       .min = 1});
    v("resend_after", resend_after,
      {.meaning = "an edge that has not said what became of an order is told again"});
  }
  void check(FieldReader& reader) const;

  double allowed_loss() const { return margin.value_or(0.05); }
  std::uint32_t judged_on() const { return examples.value_or(50); }
};

/// "in the shadow, on 0.25 of the edges, on all, 5 min 00 s each; back if ...".
std::string in_words(const RolloutConfig& config);

/// How a new model comes to the edges: in the shadow of the old one, on a few of them, on all; and
/// how it goes again where its answers are worse. One model at a time. An edge that was away gets
/// what it should have as soon as it is back.
///
/// In the shadow and on canaries, both models are judged on what comes at the same time. Once
/// everyone has the new one, the one before it is judged on its last answers: a drift in that time
/// looks like a bad model.
class Rollout {
 public:
  /// @param seed  draws the edges of a canary.
  Rollout(const RolloutConfig& config, Channel channel, Membership& membership, Traffic& traffic,
          std::uint64_t seed)
      : config_(config),
        channel_(channel),
        membership_(membership),
        traffic_(traffic),
        seed_(seed) {}

  enum class Step : std::uint8_t { kNone, kShadow, kCanary, kEveryone };
  Step step() const { return step_; }
  /// What every edge is to answer with; an edge of a canary, with candidate().
  const NumberedModel& deployed() const { return deployed_; }
  const NumberedModel& candidate() const { return candidate_; }

  /// The first model of all: every edge gets it, and nothing is there to compare it with.
  void first(NumberedModel model, SimTime now, role::Effects& effects);
  /// A new model, while none is under way.
  void begin(NumberedModel model, SimTime now, role::Effects& effects);
  /// An operator wants every edge to answer with a model that was deployed before, or with the
  /// deployed one while another is under way: that one goes. Not while going_back() names an edge.
  void go_back(NumberedModel target, SimTime now, role::Effects& effects);
  /// A present edge that has not said yet that it is back at the deployed model; nothing where
  /// there is none, where no model was gone back from, or where edges have had `resend_after` for
  /// it.
  std::optional<NodeId> going_back(SimTime now) const;
  /// A label tells how an answer was.
  void judged(const Judgement& judgement);
  struct Ended {
    bool deployed = false;
    std::string why;
    ModelVersion version = 0;  // the model that is deployed, or has gone
  };
  /// Goes on where it is time to, and repeats orders that were not answered. To be called now and
  /// then. Says when the model under way has been deployed or has gone.
  std::optional<Ended> check(SimTime now, role::Effects& effects);

  /// What an edge says became of an order: the model it answers with now, if that changed.
  std::optional<ModelVersion> on_installed(const role::Message& message);
  bool owns(const role::Message& message) const { return channel_.carries(message); }
  void on_peer_joined(NodeId node, SimTime now, role::Effects& effects);

  /// Share of right answers of a model on its newest judged ones; nothing where there are none.
  std::optional<double> accuracy(ModelVersion version) const;
  /// The same of what each edge answered, whatever the model, by edge; NaN where there are none.
  std::vector<double> accuracies() const;
  std::uint64_t failed_loads() const { return failed_loads_; }
  /// What an edge said last of a model that it could not load.
  const std::string& last_fault() const { return last_fault_; }
  std::uint64_t refused() const { return refused_; }

  template <class A>
  void archive(A& a) {
    a(step_, deployed_, candidate_, since_, number_, edges_, outcomes_, of_edges_, load_fault_,
      last_fault_, failed_loads_, refused_, goes_back_);
  }

 private:
  /// What an edge was told last.
  struct Told {
    std::uint64_t number = 0;
    ModelVersion serving = 0;  // what it answers with, as far as it has said
    ModelVersion before = 0;   // what it still has besides, and could go back to by itself
    ModelVersion wanted = 0;
    ModelVersion shadow = 0;
    bool answered = true;
    bool back = false;  // it was told to go back, not sent the model
    SimTime at;
    /// Whether it surely has not got that model: it has answered, and named others.
    bool lacks(ModelVersion version) const {
      return answered && version != serving && version != before;
    }
    template <class A>
    void archive(A& a) {
      a(number, serving, before, wanted, shadow, answered, back, at);
    }
  };
  struct Window {
    std::vector<bool> right;  // the newest, oldest first
    void add(bool one, std::size_t most);
    double share() const;
    template <class A>
    void archive(A& a) {
      a(right);
    }
  };
  bool in_canary(NodeId edge) const;
  const NumberedModel& wanted(NodeId edge) const;
  void order(NodeId edge, SimTime now, role::Effects& effects);
  void order_all(SimTime now, role::Effects& effects);
  void enter(Step step, SimTime now, role::Effects& effects);
  void drop_candidate();
  Step next() const;
  std::optional<std::string> worse() const;

  RolloutConfig config_;
  Channel channel_;
  Membership& membership_;
  Traffic& traffic_;
  std::uint64_t seed_;

  Step step_ = Step::kNone;
  NumberedModel deployed_, candidate_;
  SimTime since_;  // of the step
  std::uint64_t number_ = 0;
  std::map<NodeId, Told> edges_;
  std::map<ModelVersion, Window> outcomes_;  // of deployed_ and candidate_
  std::map<NodeId, Window> of_edges_;
  std::string load_fault_;  // an edge cannot load candidate_
  std::string last_fault_;
  std::uint64_t failed_loads_ = 0;
  std::uint64_t refused_ = 0;
  bool goes_back_ = false;  // since the deployed model was gone back to, no other one has come
};

}  // namespace skerry::parts

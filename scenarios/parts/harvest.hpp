#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "scenarios/parts/drift_watch.hpp"
#include "scenarios/parts/labelled_examples.hpp"
#include "scenarios/parts/labelling.hpp"
#include "scenarios/parts/membership.hpp"
#include "scenarios/parts/model_registry.hpp"
#include "scenarios/parts/serving_messages.hpp"

namespace skerry::parts {

/// What the cloud gathers from the edges that serve: how they answered, examples and their labels,
/// signs of drift. EdgeService is its other side.
class Harvest {
 public:
  struct Wiring {
    const Serving& serving;
    Channel reports, labels;
    LabellingConfig labelling;
    LabelledExamples::Limits limits;
    const Choice<DriftDetector>* detector;  // of labelled answers; null: none
    const Registry& plugins;
    std::uint64_t seed;
  };
  Harvest(const Wiring& wiring, const Membership& membership, ModelRegistry& models)
      : wiring_(wiring),
        membership_(membership),
        models_(models),
        labelling_(wiring.labelling, wiring.labels),
        examples_(wiring.limits),
        watch_(wiring.detector, wiring.plugins, wiring.seed) {}

  /// What an input told.
  struct News {
    std::vector<Judgement> judgements;  // answers whose labels are there now
    Drift drift = Drift::kNone;
  };
  bool owns(const role::Message& message) const { return wiring_.reports.carries(message); }
  News on_message(const role::Message& message, SimTime now, role::Effects& effects);
  bool owns(std::uint64_t timer) const { return labelling_.owns(timer); }
  News on_timer(std::uint64_t timer);
  /// People say of which classes examples are, or will (role::LabelsArrived). A label that answers
  /// no question is counted, and some of them are named in remarks; the effects say what became of
  /// each (role::LabelsHeard).
  News on_labels(const role::LabelsArrived& said, role::Effects& effects);

  LabelledExamples& examples() { return examples_; }
  const LabelledExamples& examples() const { return examples_; }
  const Labelling& labelling() const { return labelling_; }
  std::uint64_t hard() const { return hard_; }  // answers that were, since forget_hard()
  void forget_hard() { hard_ = 0; }
  /// Edges of which drift was seen since forget_drift(), ascending.
  std::vector<NodeId> drifted() const { return {drifted_.begin(), drifted_.end()}; }
  void forget_drift() { drifted_.clear(); }
  /// Everything that came to the edges that count has been answered and has come here, and no label
  /// is awaited.
  /// @param only_present  whether only edges count that are here, and nothing that is on its way.
  bool over(bool only_present) const;
  /// Whether samples may come to an edge from outside, for as long as the run goes on.
  bool open_ended() const { return !open_ended_.empty(); }
  /// Edges to which more may come, whether they are here or not.
  std::uint32_t owing() const;
  /// So many requests of the stream, which came by now, were neither answered nor missed as far as
  /// anybody said: they count as missed. False where there are none.
  bool settle_missed(std::uint64_t came);
  std::uint64_t answered() const { return total_.requests + fresh_.requests; }

  /// Answers since the last record().
  std::uint64_t requests() const { return fresh_.known(); }  // with a class that is known
  std::uint64_t correct() const { return fresh_.correct; }
  /// Records them, and what was bought. They are counted anew from here.
  void record(std::uint64_t step, role::Effects& effects);
  /// Records how much each model has answered, and examples that never came. To be called once, at
  /// the end.
  void record_end(std::uint64_t step, role::Effects& effects) const;
  std::uint64_t refused() const { return refused_; }
  static void declare(role::Results& results);

  void save(ByteWriter& writer) const;
  void load(ByteReader& reader);

 private:
  struct Count {
    std::uint64_t requests = 0, correct = 0, hard = 0, missed = 0;
    std::uint64_t unknown = 0, live = 0, faulty = 0;  // as ServedLive has them
    double staleness_s = 0;                           // summed over requests
    std::uint64_t known() const { return requests - unknown; }
    template <class A>
    void archive(A& a) {
      a(requests, correct, hard, missed, unknown, live, faulty, staleness_s);
    }
  };
  void expect(NodeId node, std::int64_t more);
  bool take_served(NodeId from, const Served& served, SimTime now);
  void take_live(const role::Message& message, SimTime now);
  void ask_people(const ExamplesSent& sent, const Examples& bought, const role::Message& message,
                  role::Effects& effects) const;
  std::string objection(const role::LabelsArrived::Label& label, AskedPeople::Said said) const;
  std::string hear(const role::LabelsArrived::Label& label, role::LabelsHeard& heard, News& news);
  void labelled(NodeId node, std::uint32_t row, std::int32_t label, News& news);
  void leave_out_unknown(Examples& fresh);
  void take_examples(const role::Message& message, SimTime now, role::Effects& effects);
  bool plausible(const ExamplesSent& sent, const role::Message& message) const;

  Wiring wiring_;
  const Membership& membership_;
  ModelRegistry& models_;
  Labelling labelling_;
  LabelledExamples examples_;
  DriftWatch watch_;
  Count fresh_, total_;
  std::set<NodeId> over_;  // edges to which nothing more comes
  std::set<NodeId> drifted_;
  std::set<NodeId> open_ended_;                  // edges to which samples may come from outside
  std::map<NodeId, std::int64_t> on_their_way_;  // examples that edges have said they sent
  std::uint64_t hard_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace skerry::parts

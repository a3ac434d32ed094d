#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/sdk/registry.hpp"
#include "algorithms/sdk/term.hpp"

namespace skerry {

/// The terms of a scenario in the order of its list: whoever trains, settles or combines calls this
/// once, besides the method. An empty list adds no record, no bit and no cost. A value; its terms
/// are shared and immutable, so any thread may call any of it at any time. What a term throws bears
/// its name (JobError).
class Terms {
 public:
  struct Named {
    std::string name;  // what the term's records begin with
    std::shared_ptr<const Term> term;
  };

  Terms() = default;
  /// Names must differ.
  explicit Terms(std::vector<Named> terms);
  /// From resolved choices that passed check().
  Terms(const Registry& registry, const std::vector<Choice<Term>>& choices);

  /// Reports every choice whose name stands in the list before it, at `pointer`/i:
  ///   x.json: /local/terms/2: the term "ewc" is in the list already; each may stand in it once
  static void check(const std::vector<Choice<Term>>& choices, const std::string& pointer,
                    Problems& problems);
  /// Reports every choice that does not suit data of that schema, at `pointer`/i.
  static void check_data(const Registry& registry, const std::vector<Choice<Term>>& choices,
                         const DataSchema& schema, const std::string& pointer, Problems& problems);

  bool empty() const { return terms_.empty(); }

  /// The records of all terms, without those of the method. A record whose name does not begin with
  /// its term's is a bug and stops the program.
  MethodRecords records(const Learner& learner) const;
  /// Trains with all terms: begins each, lets `training` run with them in `context.terms`, finishes
  /// each, in order. Leaves `context.terms` empty, as it must be before.
  TrainReport train(TrainContext& context, const std::function<TrainReport()>& training) const;
  /// The same with a method's train().
  TrainReport train(TrainContext& context, const LocalMethod& method) const;

  /// Each calls its namesake of every term, in the order of the list.
  void boundary(TrainContext& context) const;
  void settle(Payload& state, Settlement outcome) const;
  void combine(CombineContext& context) const;

 private:
  template <class Call>
  void each(const Call& call) const;

  std::vector<Named> terms_;
};

}  // namespace skerry

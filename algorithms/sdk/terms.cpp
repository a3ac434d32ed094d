#include "algorithms/sdk/terms.hpp"

#include <algorithm>

namespace skerry {

namespace {

/// Index of the first one with the name of the i-th.
template <class List>
std::size_t first_of_name(const List& list, std::size_t i) {
  const auto same = [&](const auto& other) { return other.name == list[i].name; };
  return static_cast<std::size_t>(std::find_if(list.begin(), list.end(), same) - list.begin());
}

std::vector<Terms::Named> made(const Registry& registry, const std::vector<Choice<Term>>& choices) {
  std::vector<Terms::Named> terms;
  for (const Choice<Term>& choice : choices) {
    terms.push_back({choice.name, std::shared_ptr<const Term>(registry.make(choice))});
  }
  return terms;
}

void append(const std::string& name, std::vector<RecordSpec> more, std::vector<RecordSpec>& all) {
  for (RecordSpec& spec : more) {
    SKERRY_CHECK(spec.name.starts_with(name + "/"),
                 "the record \"" + spec.name + "\" begins with its term's name, \"" + name + "/\"");
    all.push_back(std::move(spec));
  }
}

}  // namespace

Terms::Terms(std::vector<Named> terms) : terms_(std::move(terms)) {
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    SKERRY_CHECK(first_of_name(terms_, i) == i, "a list names a term once");
  }
}

Terms::Terms(const Registry& registry, const std::vector<Choice<Term>>& choices)
    : Terms(made(registry, choices)) {}

void Terms::check(const std::vector<Choice<Term>>& choices, const std::string& pointer,
                  Problems& problems) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].chosen() || first_of_name(choices, i) == i) continue;
    problems.add(
        pointer + "/" + std::to_string(i),
        "the term \"" + choices[i].name + "\" is in the list already; each may stand in it once");
  }
}

MethodRecords Terms::records(const Learner& learner) const {
  MethodRecords all;
  for (const Named& named : terms_) {
    MethodRecords records = named.term->records(learner);
    append(named.name, std::move(records.down), all.down);
    append(named.name, std::move(records.state), all.state);
    append(named.name, std::move(records.up), all.up);
  }
  return all;
}

TrainReport Terms::train(TrainContext& context,
                         const std::function<TrainReport()>& training) const {
  SKERRY_CHECK(context.terms.empty(), "one list of terms a training");
  if (terms_.empty()) return training();
  std::vector<std::unique_ptr<StepTerm>> held;
  std::vector<StepTerm*> terms;
  for (const Named& named : terms_) {
    if (auto term = named.term->begin(context)) {
      terms.push_back(term.get());
      held.push_back(std::move(term));
    }
  }
  context.terms = terms;
  const TrainReport report = training();
  context.terms = {};
  for (StepTerm* term : terms) term->finish(context, report);
  return report;
}

TrainReport Terms::train(TrainContext& context, const LocalMethod& method) const {
  return train(context, [&] { return method.train(context); });
}

void Terms::boundary(TrainContext& context) const {
  for (const Named& named : terms_) named.term->boundary(context);
}

void Terms::settle(Payload& state, Settlement outcome) const {
  for (const Named& named : terms_) named.term->settle(state, outcome);
}

void Terms::combine(CombineContext& context) const {
  for (const Named& named : terms_) named.term->combine(context);
}

}  // namespace skerry

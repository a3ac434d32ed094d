#include "algorithms/sdk/terms.hpp"

#include <algorithm>

#include "algorithms/sdk/job_failure.hpp"

namespace skerry {

namespace {

/// Index of the first item that has the name of the i-th.
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

/// A term's part in a training, with exceptions that bear the term's name.
class NamedStep final : public StepTerm {
 public:
  NamedStep(const std::string& name, std::unique_ptr<StepTerm> term)
      : name_(name), term_(std::move(term)) {}

  std::optional<AffineTerm> affine() const override {
    return named([this] { return term_->affine(); });
  }
  void batch(BatchContext& context) override {
    named([&] { term_->batch(context); });
  }
  void outputs(StepContext& context) override {
    named([&] { term_->outputs(context); });
  }
  void gradient(StepContext& context) override {
    named([&] { term_->gradient(context); });
  }
  void stepped(StepContext& context) override {
    named([&] { term_->stepped(context); });
  }
  void finish(TrainContext& context, const TrainReport& report) override {
    named([&] { term_->finish(context, report); });
  }

 private:
  template <class Call>
  auto named(const Call& call) const -> decltype(call()) {
    return naming(Term::kSlot, name_, call);
  }

  const std::string& name_;
  std::unique_ptr<StepTerm> term_;
};

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

void Terms::check_data(const Registry& registry, const std::vector<Choice<Term>>& choices,
                       const DataSchema& schema, const std::string& pointer, Problems& problems) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].chosen()) continue;
    const Status suited = registry.make(choices[i])->suits(schema);
    if (!suited) problems.add(pointer + "/" + std::to_string(i), suited.message());
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
    auto term = naming(Term::kSlot, named.name, [&] { return named.term->begin(context); });
    if (!term) continue;
    held.push_back(std::make_unique<NamedStep>(named.name, std::move(term)));
    terms.push_back(held.back().get());
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

template <class Call>
void Terms::each(const Call& call) const {
  for (const Named& named : terms_) {
    naming(Term::kSlot, named.name, [&] { call(*named.term); });
  }
}

void Terms::boundary(TrainContext& context) const {
  each([&](const Term& term) { term.boundary(context); });
}

void Terms::settle(Payload& state, Settlement outcome) const {
  each([&](const Term& term) { term.settle(state, outcome); });
}

void Terms::combine(CombineContext& context) const {
  each([&](const Term& term) { term.combine(context); });
}

}  // namespace skerry

#include "scenarios/parts/frozen_learner.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/sdk/check.hpp"

namespace skerry::parts {

bool fits(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++n;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

namespace {

/// Where the values of one tensor lie in both orders.
struct Place {
  std::size_t own, inner, size;
};

struct FrozenTape final : Tape {
  std::unique_ptr<Tape> inner;
  std::vector<float> parameters;  // of the last forward, in the learner's order
  std::vector<float> gradient;
};

class FrozenLearner final : public Learner {
 public:
  FrozenLearner(std::unique_ptr<Learner> inner, LayoutRef layout)
      : inner_(std::move(inner)), layout_(std::move(layout)) {
    const Layout& theirs = *inner_->layout();
    for (std::size_t i = 0; i < theirs.tensors().size(); ++i) {
      const TensorSpec& tensor = theirs.tensors()[i];
      const auto at = layout_->find(tensor.name);
      SKERRY_CHECK(at.has_value(), "a tensor keeps its name");
      places_.push_back({layout_->offset(*at), theirs.offset(i), element_count(tensor.shape)});
    }
  }

  std::string_view numerics() const override { return inner_->numerics(); }
  const LayoutRef& layout() const override { return layout_; }
  const DataSchema& schema() const override { return inner_->schema(); }
  std::size_t outputs() const override { return inner_->outputs(); }
  void initialise(RandomStream random, std::span<float> parameters) const override {
    std::vector<float> theirs(layout_->size());
    inner_->initialise(random, theirs);
    to_own(theirs, parameters);
  }
  std::unique_ptr<Tape> make_tape() const override {
    auto tape = std::make_unique<FrozenTape>();
    tape->inner = inner_->make_tape();
    tape->parameters.resize(layout_->size());
    tape->gradient.resize(layout_->size());
    return tape;
  }

  Outputs forward(std::span<const float> parameters, const Batch& batch, Phase phase,
                  Tape& tape) const override {
    auto& mine = static_cast<FrozenTape&>(tape);
    to_inner(parameters, mine.parameters);
    return inner_->forward(mine.parameters, batch, phase, *mine.inner);
  }
  double loss(std::span<const float> scores, const Batch& batch,
              std::span<float> cotangent) const override {
    return inner_->loss(scores, batch, cotangent);
  }
  void backward(std::span<const float> parameters, const Cotangents& cotangents, Tape& tape,
                std::span<float> gradient, std::span<float> input_cotangent) const override {
    auto& mine = static_cast<FrozenTape&>(tape);
    to_inner(parameters, mine.parameters);
    inner_->backward(mine.parameters, cotangents, *mine.inner, mine.gradient, input_cotangent);
    to_own(mine.gradient, gradient);
    const auto frozen =
        gradient.subspan(layout_->begin(Group::kFrozen), layout_->size(Group::kFrozen));
    std::ranges::fill(frozen, 0.0f);
  }
  void after_step(const Tape& tape, std::span<float> parameters) const override {
    if (layout_->size(Group::kBuffer) == 0) return;
    std::vector<float> theirs(parameters.size());
    to_inner(parameters, theirs);
    inner_->after_step(*static_cast<const FrozenTape&>(tape).inner, theirs);
    to_own(theirs, parameters);
  }
  Cost cost(Phase phase, std::size_t batch_size) const override {
    return inner_->cost(phase, batch_size);
  }
  std::vector<std::string> remarks() const override { return inner_->remarks(); }
  std::size_t layers() const override { return inner_->layers(); }

 private:
  void to_inner(std::span<const float> own, std::span<float> inner) const {
    for (const Place& place : places_) {
      std::ranges::copy(own.subspan(place.own, place.size), inner.begin() + offset(place.inner));
    }
  }
  void to_own(std::span<const float> inner, std::span<float> own) const {
    for (const Place& place : places_) {
      std::ranges::copy(inner.subspan(place.inner, place.size), own.begin() + offset(place.own));
    }
  }
  static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

  std::unique_ptr<Learner> inner_;
  LayoutRef layout_;
  std::vector<Place> places_;
};

std::string names_of(const std::vector<TensorSpec>& tensors) {
  std::string names;
  for (const TensorSpec& tensor : tensors) {
    if (tensor.group != Group::kShared) continue;
    names += (names.empty() ? "\"" : ", \"") + tensor.name + "\"";
  }
  return names;
}

}  // namespace

std::unique_ptr<Learner> with_frozen(std::unique_ptr<Learner> learner,
                                     const std::vector<std::string>& patterns,
                                     const std::string& pointer, Problems& problems) {
  if (patterns.empty()) return learner;
  const std::size_t before = problems.size();
  const Layout& theirs = *learner->layout();
  std::vector<TensorSpec> tensors = theirs.tensors();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    bool any = false;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const TensorSpec& tensor = theirs.tensors()[t];
      if (tensor.group != Group::kShared || !fits(tensor.name, patterns[i])) continue;
      tensors[t].group = Group::kFrozen;
      any = true;
    }
    if (any) continue;
    problems.add(pointer + "/" + std::to_string(i), "\"" + patterns[i] +
                                                        "\" fits none of the tensors that are "
                                                        "learnt; all: " +
                                                        names_of(theirs.tensors()));
  }
  auto layout = std::make_shared<const Layout>(std::move(tensors), theirs.type());
  if (layout->size(Group::kShared) == 0) {
    problems.add(pointer, "leaves nothing of the model to be learnt");
  }
  if (problems.size() > before) return nullptr;
  return std::make_unique<FrozenLearner>(std::move(learner), std::move(layout));
}

}  // namespace skerry::parts

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/fields.hpp"
#include "algorithms/sdk/learner.hpp"
#include "scenarios/parts/federation.hpp"
#include "scenarios/role/paradigm.hpp"

namespace skerry::federated {

/// The keys of a scenario that belong to federated learning.
struct Config {
  Choice<LearnerFactory> model;
  Choice<Loss> loss;
  FileContent init;
  std::vector<std::string> freeze;
  parts::FederationConfig federation;

  template <class V>
  void fields(V& v) {
    v("model", model, {.meaning = "what is learnt", .required = true});
    v("loss", loss,
      {.meaning = "what training makes small; default: cross_entropy of classes, squared of real "
                  "numbers"});
    v("init", init,
      {.meaning =
           "parameters that training starts from, instead of drawn ones: .npz with PyTorch's "
           "names and shapes"});
    v("freeze", freeze,
      {.meaning = "tensors of the model that keep the values they start with and do not travel, by "
                  "names in which * stands for any characters, like \"conv*\""});
    federation.fields(v);
  }
};

/// Federated learning: all edges train one model, in rounds or without them (`rounds.mode`).
class Federated final : public role::Paradigm {
 public:
  /// @param initial  parameters of the first model, in the learner's order; empty: drawn.
  Federated(const Config& config, const role::ParadigmContext& context,
            std::unique_ptr<Learner> learner, std::vector<float> initial);

  std::unique_ptr<role::Role> make_role(NodeId node) const override;
  const role::JobKinds& jobs() const override { return jobs_; }
  bool asks_who_is_there() const override { return true; }
  std::string_view numerics() const override { return learner_->numerics(); }
  std::vector<std::string> remarks() const override;
  role::Headway headway(const role::Standing& standing) const override;
  std::vector<role::Fact> facts() const override;
  std::vector<role::ModelDescription> models() const override;

  const parts::Federation& federation() const { return federation_; }

 private:
  std::string model_;  // in words
  std::unique_ptr<Learner> learner_;
  role::JobKinds jobs_;
  parts::Federation federation_;
};

}  // namespace skerry::federated

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/parts/model_registry.hpp"
#include "scenarios/parts/operator_commands.hpp"
#include "scenarios/parts/rollout.hpp"
#include "scenarios/role/effects.hpp"

namespace skerry::parts {

/// What became of an operator's command about models.
struct ModelOrderDone {
  role::Reply reply;
  /// The model that nodes no longer are to answer with; 0 where nothing was rolled back. What was
  /// begun from it, or against it, must not go on.
  ModelVersion gone = 0;
  bool on_trial = false;  // that model had not been deployed yet
};

/// How the commands of carry_out_model_order() look.
std::vector<CommandForm> model_order_forms();

/// Carries out an operator's command about models. A model is named as Catalogue::named() reads it.
///   tag MODEL TAG     gives a model a tag
///   untag MODEL TAG   takes it away
///   rollback [MODEL]  every edge goes back to a model that was deployed before, by default the
///   last
///                     one; a model that is on trial goes. Refused while edges still go back.
/// Nothing if the command is another one, which changes nothing.
std::optional<ModelOrderDone> carry_out_model_order(const std::string& command,
                                                    ModelRegistry& registry, Rollout& rollout,
                                                    SimTime now, role::Effects& effects);

}  // namespace skerry::parts

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/parts/federation.hpp"
#include "scenarios/role/description.hpp"

namespace skerry::parts {

/// A plugin with its parameters: `sgd (learning_rate 0.1, momentum 0.0)`. What is null is left out.
std::string in_words(const std::string& name, const ConfigNode& parameters);
template <class Slot>
std::string in_words(const Choice<Slot>& choice) {
  return in_words(choice.name, choice.parameters);
}
/// Several of them in order; "none" where there are none.
template <class Slot>
std::string in_words(const std::vector<Choice<Slot>>& choices) {
  std::string text;
  for (const auto& choice : choices) text += (text.empty() ? "" : ", ") + in_words(choice);
  return text.empty() ? "none" : text;
}
/// "1 epoch", "3 epochs".
std::string counted(std::uint64_t count, const std::string& one);

/// What these keys say, in the order in which it matters in a round.
std::vector<role::Fact> facts_of(const FederationConfig& config, std::uint32_t edges);

}  // namespace skerry::parts

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "scenarios/role/paradigm.hpp"

namespace skerry {

/// A paradigm whose edges misbehave: the results of their jobs and the messages of their roles may
/// be changed. All layers below are honest, so what arrives is well-formed and wrong only in its
/// content.
struct Tampering {
  std::function<void(role::JobResult& result)> spoil;
  /// Called with every input of a role.
  std::function<void(const role::Message& message)> heard;
  /// Returns what is sent instead of a message.
  std::function<std::vector<role::Message>(const role::Message& message)> resend;
};

std::unique_ptr<role::Paradigm> tampered(std::shared_ptr<const role::Paradigm> honest,
                                         Tampering tampering);

}  // namespace skerry

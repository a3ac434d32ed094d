#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "scenarios/role/paradigm.hpp"

namespace skerry {

/// A paradigm whose edges misbehave: what jobs make and what roles send may be changed. Everything
/// below it is honest, so what arrives is well-formed and wrong only in what it says.
struct Tampering {
  std::function<void(role::JobResult& result)> spoil;
  /// Listens to what a role is told.
  std::function<void(const role::Message& message)> heard;
  /// What is sent in place of a message.
  std::function<std::vector<role::Message>(const role::Message& message)> resend;
};

std::unique_ptr<role::Paradigm> tampered(std::shared_ptr<const role::Paradigm> honest,
                                         Tampering tampering);

}  // namespace skerry

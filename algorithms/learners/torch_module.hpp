#pragma once

#include <torch/script.h>
#include <torch/version.h>

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::learners {

/// Reads a TorchScript archive (torch.jit.script(...).save) to the CPU. Fails with the reason for
/// bytes that are not an archive, are damaged, or were written by a newer LibTorch than this one.
/// From then on, what modules of this process print goes to standard error.
Result<torch::jit::Module> read_archive(std::span<const std::byte> bytes);

using ModuleObject = c10::intrusive_ptr<c10::ivalue::Object>;

/// A place of a module that holds a parameter or a buffer.
struct TensorSlot {
  std::string name;  // PyTorch's: `layer1.conv.weight`
  ModuleObject owner;
  std::size_t slot = 0;
  bool parameter = false;

  at::Tensor value() const { return owner->getSlot(slot).toTensor(); }
  void set(at::Tensor tensor) const { owner->setSlot(slot, std::move(tensor)); }
};

/// A module and its sub-modules: each once, parents first, in the order of registration.
struct ModuleParts {
  std::vector<ModuleObject> objects;
  std::vector<TensorSlot> tensors;

  void set_training(bool on) const;
};
ModuleParts parts_of(const torch::jit::Module& module);

/// Why a module cannot be trained through its parameters: it is frozen, its graph carries a
/// training flag as a constant (as tracing leaves it), it keeps attributes of its own between
/// calls, or it holds learnt values that are not float32. Empty where it can be.
std::string refusal_of(const torch::jit::Module& module);

/// LibTorch's message, without its stack traces.
std::string reason_of(const std::exception& error);

}  // namespace skerry::learners

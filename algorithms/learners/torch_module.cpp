#include "algorithms/learners/torch_module.hpp"

#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/print_handler.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace skerry::learners {

namespace {

using torch::jit::Block;
using torch::jit::Module;
using torch::jit::Node;

void collect(const ModuleObject& object, const std::string& prefix, ModuleParts& parts) {
  if (std::find(parts.objects.begin(), parts.objects.end(), object) != parts.objects.end()) return;
  parts.objects.push_back(object);
  const auto type = object->type();
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    const bool parameter = type->is_parameter(i);
    if ((!parameter && !type->is_buffer(i)) || !object->getSlot(i).isTensor()) continue;
    parts.tensors.push_back({prefix + type->getAttributeName(i), object, i, parameter});
  }
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    const c10::IValue value = object->getSlot(i);
    if (!value.isObject() || !value.toObject()->type()->is_module()) continue;
    collect(value.toObject(), prefix + type->getAttributeName(i) + ".", parts);
  }
}

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

/// The input of a node that its operator calls `name`, or null.
const torch::jit::Value* argument(const Node& node, std::string_view name) {
  const auto* schema = node.maybeSchema();
  if (schema == nullptr) return nullptr;
  for (std::size_t i = 0; i < schema->arguments().size() && i < node.inputs().size(); ++i) {
    if (schema->arguments()[i].name() == name) return node.inputs()[i];
  }
  return nullptr;
}

/// Its value where it is a constant, or None.
c10::IValue constant_argument(const Node& node, std::string_view name) {
  const auto* value = argument(node, name);
  return value == nullptr ? c10::IValue() : torch::jit::toIValue(value).value_or(c10::IValue());
}

/// An operator that was told once and for all whether it trains.
std::string fixed_phase(const Node& node) {
  for (const char* name : {"train", "training"}) {
    const c10::IValue flag = constant_argument(node, name);
    if (!flag.isBool()) continue;
    const c10::IValue dropout = constant_argument(node, "dropout");  // of a recurrent layer
    if (dropout.isDouble() && dropout.toDouble() == 0) continue;
    const auto* running = argument(node, "running_mean");
    if (flag.toBool() && running != nullptr && running->mustBeNone()) continue;
    return "its " + std::string(node.kind().toUnqualString()) + " carries a constant " + name +
           (flag.toBool() ? "=True" : "=False") +
           ", so that training and inference would be the same; export the module with "
           "torch.jit.script instead of torch.jit.trace";
  }
  return "";
}

/// A write to an attribute that is neither a parameter nor a buffer.
std::string own_state(const Node& node) {
  if (node.kind() != c10::prim::SetAttr) return "";
  const std::string name = node.s(c10::attr::name);
  const auto type = node.inputs()[0]->type()->cast<c10::ClassType>();
  if (type == nullptr || !type->is_module()) return "";
  const std::size_t slot = type->getAttributeSlot(name);
  if (type->is_parameter(slot) || type->is_buffer(slot)) return "";
  return "its forward changes the attribute " + in_quotes(name) +
         ", which is neither a parameter nor a buffer and would not travel";
}

std::string fault_of(const Block& block) {
  for (const Node* node : block.nodes()) {
    if (std::string fault = fixed_phase(*node); !fault.empty()) return fault;
    if (std::string fault = own_state(*node); !fault.empty()) return fault;
    for (const Block* inner : node->blocks()) {
      if (std::string fault = fault_of(*inner); !fault.empty()) return fault;
    }
  }
  return "";
}

std::string tensor_fault(const TensorSlot& slot) {
  const at::Tensor tensor = slot.value();
  const std::string what =
      (slot.parameter ? "its parameter " : "its buffer ") + in_quotes(slot.name);
  if (tensor.layout() != at::kStrided || tensor.is_quantized())
    return what + " is not a dense tensor";
  const bool number = tensor.is_floating_point() || tensor.is_complex();
  if ((slot.parameter || number) && tensor.scalar_type() != at::kFloat) {
    std::string type = c10::toString(tensor.scalar_type());
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return what + " is of type " + type +
           "; learnt values are float32: call .float() before the export";
  }
  return "";
}

}  // namespace

Result<Module> read_archive(std::span<const std::byte> bytes) {
  // Standard output is the program's own: what a module prints must not appear between results.
  torch::jit::setPrintHandler([](const std::string& text) { std::fputs(text.c_str(), stderr); });
  std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  try {
    return torch::jit::load(stream, at::kCPU);
  } catch (const std::exception& error) {
    const std::string reason = reason_of(error);
    if (reason.find("constants.pkl") != std::string::npos) {
      return Failure{
          "is not a TorchScript archive (a state dictionary?): write it with "
          "torch.jit.script(module).save(path)"};
    }
    if (reason.find("zip archive") != std::string::npos) {
      return Failure{"is not a TorchScript archive, or is damaged: " + reason};
    }
    return Failure{"cannot be read by LibTorch " TORCH_VERSION ": " + reason};
  }
}

void ModuleParts::set_training(bool on) const {
  for (const ModuleObject& object : objects) {
    if (const auto slot = object->type()->findAttributeSlot("training")) {
      object->setSlot(*slot, on);
    }
  }
}

ModuleParts parts_of(const Module& module) {
  ModuleParts parts;
  collect(module._ivalue(), "", parts);
  return parts;
}

std::string refusal_of(const Module& module) {
  const auto forward = module.find_method("forward");
  if (!forward) return "it has no method forward";
  const ModuleParts parts = parts_of(module);
  const bool learns = std::any_of(parts.tensors.begin(), parts.tensors.end(), [](const auto& slot) {
    return slot.parameter && slot.value().requires_grad();
  });
  if (!learns && !module.hasattr("training")) {
    return "it is frozen, its parameters have become constants: export it before torch.jit.freeze";
  }
  if (!learns) return "it has no parameter that requires a gradient";
  for (const TensorSlot& slot : parts.tensors) {
    if (std::string fault = tensor_fault(slot); !fault.empty()) return fault;
  }
  const auto graph = forward->graph()->copy();
  torch::jit::Inline(*graph);
  return fault_of(*graph->block());
}

std::string reason_of(const std::exception& error) {
  const auto* ours = dynamic_cast<const c10::Error*>(&error);
  const std::string text = ours != nullptr ? ours->what_without_backtrace() : error.what();
  // An interpreter's trace says what happened in its last line, others in their first.
  std::istringstream lines(text);
  std::string line, first, last;
  while (std::getline(lines, line)) {
    if (line.find_first_not_of(" \t~<-H.E") == std::string::npos) continue;
    if (first.empty()) first = line;
    last = line;
  }
  std::string reason = text.find("TorchScript") != std::string::npos ? last : first;
  for (const std::string_view prefix : {"RuntimeError: ", "builtins.ValueError: "}) {
    if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  }
  if (const auto end = reason.find("] . ");
      reason.starts_with("[enforce fail") && end != std::string::npos) {
    reason.erase(0, end + 4);
  }
  return reason;
}

}  // namespace skerry::learners

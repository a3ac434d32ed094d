#include "tests/algorithms/learners/torch/archive_writer.hpp"

#include <torch/script.h>

#include <cstring>
#include <random>
#include <sstream>

namespace skerry::learners {

struct ArchiveWriter::Parts {
  torch::jit::Module module{"Written"};
  std::mt19937 random{7};

  at::Tensor drawn(const Sizes& shape) {
    at::Tensor tensor = at::empty(shape, at::kFloat);
    std::normal_distribution<float> normal(0, 0.3f);
    for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<float>()[i] = normal(random);
    return tensor;
  }
};

ArchiveWriter::ArchiveWriter() : parts_(std::make_unique<Parts>()) {
  parts_->module.register_attribute("training", c10::BoolType::get(), true);
}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

ArchiveWriter& ArchiveWriter::parameter(const std::string& name, const Sizes& shape) {
  parts_->module.register_parameter(name, parts_->drawn(shape).set_requires_grad(true), false);
  return *this;
}

ArchiveWriter& ArchiveWriter::fixed_parameter(const std::string& name, const Sizes& shape) {
  parts_->module.register_parameter(name, parts_->drawn(shape), false);
  return *this;
}

ArchiveWriter& ArchiveWriter::double_parameter(const std::string& name, const Sizes& shape) {
  const at::Tensor tensor = parts_->drawn(shape).to(at::kDouble).set_requires_grad(true);
  parts_->module.register_parameter(name, tensor, false);
  return *this;
}

ArchiveWriter& ArchiveWriter::tied_parameters(const std::string& one, const std::string& two,
                                              const Sizes& shape) {
  const at::Tensor tensor = parts_->drawn(shape).set_requires_grad(true);
  parts_->module.register_parameter(one, tensor, false);
  parts_->module.register_parameter(two, tensor, false);
  return *this;
}

ArchiveWriter& ArchiveWriter::listed(const std::string& list,
                                     const std::vector<std::string>& parameters) {
  c10::List<at::Tensor> tensors;
  for (const std::string& name : parameters) {
    tensors.push_back(parts_->module.attr(name).toTensor());
  }
  parts_->module.register_attribute(list, c10::ListType::ofTensors(), tensors);
  return *this;
}

ArchiveWriter& ArchiveWriter::buffer(const std::string& name, const Sizes& shape, float value) {
  parts_->module.register_buffer(name, at::full(shape, value, at::kFloat));
  return *this;
}

ArchiveWriter& ArchiveWriter::double_buffer(const std::string& name) {
  parts_->module.register_buffer(name, at::zeros({1}, at::kDouble));
  return *this;
}

ArchiveWriter& ArchiveWriter::counter(const std::string& name) {
  parts_->module.register_buffer(name, at::zeros({}, at::kLong));
  return *this;
}

ArchiveWriter& ArchiveWriter::attribute(const std::string& name) {
  parts_->module.register_attribute(name, c10::IntType::get(), 0);
  return *this;
}

std::vector<std::byte> ArchiveWriter::write(const std::string& body) {
  parts_->module.define("def forward(self, x):\n" + body);
  std::ostringstream stream;
  parts_->module.save(stream);
  const std::string text = stream.str();
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

}  // namespace skerry::learners

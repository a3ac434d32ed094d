#include "algorithms/sdk/layout.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/check.hpp"

namespace skerry {

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (std::uint32_t extent : shape) count *= extent;
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::size_t size_of(DType type) {
  switch (type) {
    case DType::kFloat32:
    case DType::kInt32:
      return 4;
    case DType::kFloat64:
    case DType::kInt64:
      return 8;
    case DType::kUint8:
      return 1;
  }
  return 0;
}

std::string_view to_string(DType type) {
  switch (type) {
    case DType::kFloat32:
      return "float32";
    case DType::kFloat64:
      return "float64";
    case DType::kInt32:
      return "int32";
    case DType::kInt64:
      return "int64";
    case DType::kUint8:
      return "uint8";
  }
  return "unknown";
}

Layout::Layout(std::vector<TensorSpec> tensors, DType type)
    : type_(type), tensors_(std::move(tensors)) {
  std::stable_sort(tensors_.begin(), tensors_.end(),
                   [](const auto& a, const auto& b) { return a.group < b.group; });
  index();
}

Layout Layout::flat(std::string name, std::size_t size, DType type) {
  SKERRY_CHECK(size < (std::size_t{1} << 32), "a tensor has fewer than 2^32 elements");
  return Layout({{std::move(name), {static_cast<std::uint32_t>(size)}}}, type);
}

void Layout::index() {
  offsets_.clear();
  size_ = 0;
  for (const TensorSpec& tensor : tensors_) {
    offsets_.push_back(size_);
    size_ += element_count(tensor.shape);
  }
  ByteWriter writer;
  writer(*this);
  archived_bytes_ = writer.bytes().size();
}

std::optional<std::size_t> Layout::find(std::string_view name) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].name == name) return i;
  }
  return std::nullopt;
}

std::size_t Layout::size(Group group) const {
  std::size_t size = 0;
  for (const TensorSpec& tensor : tensors_) {
    if (tensor.group == group) size += element_count(tensor.shape);
  }
  return size;
}

std::size_t Layout::begin(Group group) const {
  std::size_t begin = 0;
  for (const TensorSpec& tensor : tensors_) {
    if (tensor.group < group) begin += element_count(tensor.shape);
  }
  return begin;
}

namespace {

template <class Wanted>
LayoutRef chosen(const LayoutRef& layout, const Wanted& wanted) {
  std::vector<TensorSpec> tensors;
  std::copy_if(layout->tensors().begin(), layout->tensors().end(), std::back_inserter(tensors),
               wanted);
  if (tensors.size() == layout->tensors().size()) return layout;
  return std::make_shared<const Layout>(std::move(tensors), layout->type());
}

}  // namespace

LayoutRef part_of(const LayoutRef& layout, Group group) {
  return chosen(layout, [group](const TensorSpec& tensor) { return tensor.group == group; });
}

LayoutRef rest_of(const LayoutRef& layout, Group group) {
  return chosen(layout, [group](const TensorSpec& tensor) { return tensor.group != group; });
}

}  // namespace skerry

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skerry {

using Shape = std::vector<std::uint32_t>;

/// Product of the extents; 1 for a scalar.
std::size_t element_count(const Shape& shape);
/// `[200, 784]`.
std::string to_string(const Shape& shape);

enum class DType : std::uint8_t { kFloat32, kFloat64, kInt32, kInt64, kUint8 };
std::size_t size_of(DType type);
std::string_view to_string(DType type);

/// Which part of a model a tensor belongs to.
enum class Group : std::uint8_t {
  kShared,   // learnt by gradients, and travels
  kPrivate,  // stays on its node (FedPer, FedBN)
  kFrozen,   // never learnt
  /// Moved by a training forward, not by gradients (running statistics). Its values travel, and the
  /// cloud takes their mean, whatever the reducer and the server's optimiser.
  kBuffer,
};

struct TensorSpec {
  std::string name;  // PyTorch's names: fc1.weight [out, in], conv1.weight OIHW
  Shape shape;
  Group group = Group::kShared;

  bool operator==(const TensorSpec&) const = default;
  template <class A>
  void archive(A& a) {
    a(name, shape, group);
  }
};

/// The tensors of one record, packed one after another without gaps, groups in the order of Group,
/// so that each group is one span, and what is learnt comes first. All have one dtype.
class Layout {
 public:
  Layout() = default;
  /// Sorts `tensors` by group, keeping their order inside a group.
  explicit Layout(std::vector<TensorSpec> tensors, DType type = DType::kFloat32);
  /// One tensor of one dimension: `Layout::flat("delta", 1000)`.
  static Layout flat(std::string name, std::size_t size, DType type = DType::kFloat32);

  DType type() const { return type_; }
  const std::vector<TensorSpec>& tensors() const { return tensors_; }
  /// First element of tensor i within the record.
  std::size_t offset(std::size_t i) const { return offsets_[i]; }
  std::optional<std::size_t> find(std::string_view name) const;
  /// Number of elements, of all groups or of one.
  std::size_t size() const { return size_; }
  std::size_t size(Group group) const;
  /// First element of a group.
  std::size_t begin(Group group) const;
  std::size_t bytes() const { return size_ * size_of(type_); }
  /// Bytes that archive() writes: what the layout itself takes in a message.
  std::size_t archived_bytes() const { return archived_bytes_; }

  bool operator==(const Layout& other) const {
    return type_ == other.type_ && tensors_ == other.tensors_;
  }
  template <class A>
  void archive(A& a) {
    a(type_, tensors_);
    if constexpr (A::kReading) index();
  }

 private:
  void index();
  DType type_ = DType::kFloat32;
  std::vector<TensorSpec> tensors_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;
  std::size_t archived_bytes_ = 0;
};

using LayoutRef = std::shared_ptr<const Layout>;

/// The tensors of one group, or of all others; the layout itself where that is every tensor.
LayoutRef part_of(const LayoutRef& layout, Group group);
LayoutRef rest_of(const LayoutRef& layout, Group group);

}  // namespace skerry

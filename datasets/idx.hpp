#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "algorithms/sdk/layout.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

enum class IdxType : std::uint8_t {
  kUint8 = 0x08,
  kInt8 = 0x09,
  kInt16 = 0x0b,
  kInt32 = 0x0c,
  kFloat32 = 0x0d,
  kFloat64 = 0x0e,
};

/// An array in the format of MNIST: four bytes (0, 0, type, rank), one big-endian 32-bit extent per
/// dimension, then the elements, last index fastest. http://yann.lecun.com/exdb/mnist/
class IdxArray {
 public:
  IdxType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  /// Where the elements began in the (unpacked) file: for error messages about one of them.
  std::size_t header_bytes() const { return header_bytes_; }
  /// The elements in the machine's byte order. T must have the size of type().
  template <class T>
  std::span<const T> elements() const {
    SKERRY_CHECK(sizeof(T) == element_bytes_, "elements are read as what they are");
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

 private:
  friend Result<IdxArray> parse_idx(FileBytes bytes, const std::filesystem::path& path);
  IdxType type_ = IdxType::kUint8;
  std::size_t element_bytes_ = 1;
  std::size_t header_bytes_ = 0;
  Shape shape_;
  FileBytes bytes_;
};

/// Reads an IDX file, plain or packed with gzip, whatever it is called.
/// Errors (one, with file and byte): no IDX header, an unknown type, an array longer or shorter
/// than its header says.
Result<IdxArray> read_idx(const std::filesystem::path& path);

/// The same from bytes; `path` is only named in errors.
Result<IdxArray> parse_idx(FileBytes bytes, const std::filesystem::path& path);

}  // namespace skerry::datasets

#pragma once

#include <filesystem>
#include <string>

#include "algorithms/sdk/layout.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

/// An array as NumPy's save() writes it: row-major, little-endian.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
class NpyArray {
 public:
  DType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return element_count(shape_); }
  /// Where the elements began in the file: for error messages about one of them.
  std::size_t header_bytes() const { return header_bytes_; }
  /// T must be what type() says.
  template <class T>
  std::span<const T> elements() const {
    SKERRY_CHECK(sizeof(T) == size_of(type_), "elements are read as what they are");
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  /// Element i as a number, whatever its type.
  double number(std::size_t i) const;

 private:
  friend Result<NpyArray> parse_npy(FileBytes bytes, const std::filesystem::path& path);
  DType type_ = DType::kFloat32;
  Shape shape_;
  std::size_t header_bytes_ = 0;
  FileBytes bytes_;
};

/// Reads `.npy`: versions 1 and 2, types f4, f8, i4, i8, u1.
/// Errors (one, with file and byte): no NumPy header, another version, type or order, an array
/// longer or shorter than its header says.
Result<NpyArray> read_npy(const std::filesystem::path& path);

/// The same from bytes; `path` is only named in errors.
Result<NpyArray> parse_npy(FileBytes bytes, const std::filesystem::path& path);

/// What precedes the elements in a `.npy` file (version 1, padded to 64 bytes).
std::string npy_header(DType type, const Shape& shape);

}  // namespace skerry::datasets

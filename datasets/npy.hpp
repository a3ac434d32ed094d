#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/layout.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

/// Whether an array may hold text. Who takes one must ask NpyArray::is_text().
enum class TextArrays { kRefused, kTaken };

/// An array that NumPy's save() wrote, in C order and this machine's byte order whatever the file
/// has: a boolean is a byte, a half float a float32, a whole number the narrowest of uint8, int32
/// and int64 that holds its type (float64 from 2^63 on).
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
class NpyArray {
 public:
  DType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return element_count(shape_); }
  /// Where element i (in C order) stands in the file: for error messages about it.
  std::size_t byte_of(std::size_t i) const;
  /// `element 5`, and in arrays of more dimensions `element 5 at [1, 2]`: for error messages.
  std::string name_of(std::size_t i) const;
  /// Whether it holds text: then there are texts(), and no numbers.
  bool is_text() const { return is_text_; }
  /// UTF-8, [size()]; bytes that are not UTF-8 are as they are.
  const std::vector<std::string>& texts() const { return texts_; }
  /// T must be what type() says.
  template <class T>
  std::span<const T> elements() const {
    SKERRY_CHECK(!is_text_ && sizeof(T) == size_of(type_), "elements are read as what they are");
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  /// Element i as a number, whatever its type. Not of text.
  double number(std::size_t i) const;

 private:
  friend Result<NpyArray> parse_npy(FileBytes bytes, const std::filesystem::path& path,
                                    TextArrays text);
  DType type_ = DType::kFloat32;
  Shape shape_;
  std::size_t header_bytes_ = 0;
  std::size_t bytes_each_ = 4;  // in the file
  bool fortran_order_ = false;  // in the file
  FileBytes bytes_;
  bool is_text_ = false;
  std::vector<std::string> texts_;
};

/// Reads `.npy`: versions 1 and 2, either order of elements and of bytes, the types of NpyElement.
/// Errors (one, with file and byte): no NumPy header, another version, another type (with what to
/// save instead), text where it is refused, an array longer or shorter than its header says.
Result<NpyArray> read_npy(const std::filesystem::path& path);

/// The same from bytes; `path` is only named in errors.
Result<NpyArray> parse_npy(FileBytes bytes, const std::filesystem::path& path,
                           TextArrays text = TextArrays::kRefused);

/// What precedes the elements in a `.npy` file (version 1, padded to 64 bytes).
std::string npy_header(DType type, const Shape& shape);

}  // namespace skerry::datasets

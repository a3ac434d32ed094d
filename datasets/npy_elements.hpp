#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/layout.hpp"
#include "algorithms/sdk/result.hpp"
#include "datasets/file_bytes.hpp"

namespace skerry::datasets {

/// The type of a NumPy array's elements, as its header's `descr` names it: `<f4`, `>i8`, `|b1`,
/// `<U12`.
class NpyElement {
 public:
  /// Reads a `descr`, quoted in the header or not. Accepts booleans, whole numbers of 1, 2, 4 and 8
  /// bytes, signed or not, floats of 2, 4 and 8 bytes, and text (`U`, `S`), of either byte order.
  /// Errors: any other type, with what to save instead.
  static Result<NpyElement> parse(std::string_view descr);

  /// Bytes of one element in the file; 0 for text of no characters.
  std::size_t bytes() const { return bytes_; }
  bool is_text() const { return kind_ == 'U' || kind_ == 'S'; }
  /// The type in which numbers are held once they are read: the narrowest of the five that holds
  /// every value exactly. Whole numbers of 2^63 and more make an array of float64, which rounds
  /// them: `stored` are the elements as the file has them.
  DType held_as(const FileBytes& stored) const;
  /// The numbers as `type`, in this machine's byte order.
  FileBytes numbers(FileBytes stored, DType type) const;
  /// The texts in UTF-8, without the zeros that fill them up; bytes (`S`) are taken as they are.
  /// Errors: a character that Unicode does not have, with its element.
  Result<std::vector<std::string>> texts(const FileBytes& stored, std::size_t count) const;

 private:
  char kind_ = 'f';
  std::size_t bytes_ = 4;
  bool big_endian_ = false;
};

/// Elements in Fortran's order (first index fastest) put into C order (last index fastest).
/// @param each  bytes of one element.
FileBytes from_fortran_order(const FileBytes& stored, const Shape& shape, std::size_t each);

/// Where element i of an array in C order stands among the elements in Fortran's order.
std::size_t place_in_fortran_order(std::size_t i, const Shape& shape);

}  // namespace skerry::datasets

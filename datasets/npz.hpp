#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "datasets/npy.hpp"

namespace skerry::datasets {

/// Reads arrays of a NumPy `.npz` archive (a zip of `.npy` files, packed or not), by their names
/// without `.npy`. An empty list of names reads all.
/// @param texts  arrays that may hold text.
/// Errors (one, with the file): not a zip archive, a missing name (lists those there are), a
/// damaged entry, and those of read_npy() for the entry.
Result<std::map<std::string, NpyArray>> read_npz(const std::filesystem::path& path,
                                                 const std::vector<std::string>& names = {},
                                                 const std::vector<std::string>& texts = {});

/// The same from the bytes of an archive; `path` is only named in errors.
Result<std::map<std::string, NpyArray>> parse_npz(std::span<const std::byte> bytes,
                                                  const std::filesystem::path& path,
                                                  const std::vector<std::string>& names = {});

/// An array to write; everything is borrowed for the call.
struct NamedArray {
  std::string name;
  Shape shape;
  DType type = DType::kFloat32;
  std::span<const std::byte> bytes;  // element_count(shape) elements, row-major, little-endian
};

/// Writes a `.npz` that numpy.load() reads, uncompressed as numpy.savez() does, replacing `path` in
/// one step (see write_file()). The same arrays give the same bytes.
Status write_npz(const std::filesystem::path& path, const std::vector<NamedArray>& arrays);

}  // namespace skerry::datasets

#pragma once

#include <optional>
#include <string>
#include <utility>

#include "algorithms/sdk/fields.hpp"
#include "datasets/data_source.hpp"

namespace skerry {

namespace datasets {

enum class Normalise : std::uint8_t { kUnit, kStandard };

/// A data set in MNIST's four files: {train,t10k}-{images-idx3,labels-idx1}-ubyte, packed or not.
struct ImageFiles {
  std::string name;  // folder in the cache and in search folders
  std::vector<std::string> class_names;
  double mean = 0;       // of all training pixels / 255, for Normalise::kStandard
  double deviation = 1;  // likewise
  std::vector<std::filesystem::path> system_folders;  // where the system's packages put it
};

/// Loads the files from the first folder that has all four: the cache, search folders (with and
/// without the name), system folders. Pixels stay bytes.
/// Errors: none found (lists where it looked), or the first wrong byte of a file.
Result<DataSet> load_images(const ImageFiles& files, Normalise normalise,
                            const DataEnvironment& environment);

}  // namespace datasets

template <>
struct EnumNames<datasets::Normalise> {
  static constexpr std::pair<datasets::Normalise, std::string_view> names[] = {
      {datasets::Normalise::kUnit, "unit"}, {datasets::Normalise::kStandard, "standard"}};
};

}  // namespace skerry

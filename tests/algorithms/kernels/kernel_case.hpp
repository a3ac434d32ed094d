#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "algorithms/kernels/kernels.hpp"
#include "tests/catch.hpp"

namespace skerry::kernels {

/// The kernel tables that this processor can run.
inline std::vector<const Kernels*> tables() {
  std::vector<const Kernels*> present;
  for (auto set : {InstructionSet::kPlain, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (const Kernels* kernels = table(set)) present.push_back(kernels);
  }
  return present;
}

/// Random numbers of one case; failures print the seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  std::size_t between(std::size_t low, std::size_t high) {
    return low + engine_() % (high - low + 1);
  }
  float value() { return normal_(engine_); }
  std::vector<float> values(std::size_t size) {
    std::vector<float> out(size);
    for (float& x : out) x = value();
    return out;
  }

 private:
  std::mt19937_64 engine_;
  std::normal_distribution<float> normal_;
};

/// Compares bits, not values: -0 differs from +0. Reports the first difference.
inline std::string difference(const std::vector<float>& got, const std::vector<float>& wanted) {
  if (got.size() != wanted.size()) return "sizes differ";
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::memcmp(&got[i], &wanted[i], sizeof(float)) != 0) {
      return "element " + std::to_string(i) + ": " + std::to_string(got[i]) + " is not " +
             std::to_string(wanted[i]);
    }
  }
  return "";
}

/// Rows of `columns` values at a pitch, the rest filled with `padding`.
inline std::vector<float> at_pitch(const std::vector<float>& rows, std::size_t columns,
                                   std::size_t pitch, float padding = 0) {
  std::vector<float> out(rows.size() / columns * pitch, padding);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out[i / columns * pitch + i % columns] = rows[i];
  }
  return out;
}
inline std::vector<float> without_pitch(const std::vector<float>& rows, std::size_t columns,
                                        std::size_t pitch) {
  std::vector<float> out(rows.size() / pitch * columns);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = rows[i / columns * pitch + i % columns];
  }
  return out;
}

inline std::vector<float> packed(const Kernels& kernels, MatrixShape shape,
                                 const std::vector<float>& natural) {
  std::vector<float> out(shape.packed_size(), NAN);
  kernels.pack({.shape = shape, .from = natural.data(), .to = out.data()});
  return out;
}
inline std::vector<float> unpacked(const Kernels& kernels, MatrixShape shape,
                                   const std::vector<float>& panels) {
  std::vector<float> out(shape.outputs * shape.inputs, NAN);
  kernels.unpack({.shape = shape, .from = panels.data(), .to = out.data()});
  return out;
}

}  // namespace skerry::kernels

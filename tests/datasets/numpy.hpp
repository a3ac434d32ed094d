#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace skerry::datasets {

/// Runs a Python program with NumPy: whether it succeeded; nothing if the machine has none. The
/// program may not hold apostrophes.
inline std::optional<bool> numpy_program(const std::string& program) {
  for (const std::string interpreter : {"python3", "/usr/bin/python3"}) {
    if (std::system((interpreter + " -c 'import numpy' 2>/dev/null").c_str()) == 0) {
      return std::system((interpreter + " -c '" + program + "'").c_str()) == 0;
    }
  }
  return std::nullopt;
}

}  // namespace skerry::datasets

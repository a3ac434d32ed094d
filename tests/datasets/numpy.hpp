#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace skerry::datasets {

/// Runs a Python program with NumPy: whether it succeeded; nothing if the machine has none. The
/// program may not hold apostrophes.
inline std::optional<bool> numpy_program(const std::string& program) {
  constexpr int kNoNumpy = 42;
  for (const std::string interpreter : {"python3", "/usr/bin/python3"}) {
    const std::string begin = "try: import numpy\nexcept ImportError: raise SystemExit(" +
                              std::to_string(kNoNumpy) + ")\n";
    const int status = std::system((interpreter + " -c '" + begin + program + "'").c_str());
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    constexpr int kNoProgram = 127;
    if (code != kNoNumpy && code != kNoProgram) return code == 0;
  }
  return std::nullopt;
}

}  // namespace skerry::datasets

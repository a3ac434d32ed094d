#include "algorithms/learners/torch_threads.hpp"

#include <ATen/Parallel.h>

#include <exception>

// OpenBLAS keeps threads of its own; absent where LibTorch uses another library.
extern "C" [[gnu::weak]] void openblas_set_num_threads(int count);

namespace skerry::learners {

namespace {

bool hold_process() {
  at::set_num_threads(1);
  try {
    at::set_num_interop_threads(1);
  } catch (const std::exception&) {
    // It was set already, which can be done only once; a module here never forks tasks of its own.
  }
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
  return true;
}

bool hold_thread() {
  static const bool process = hold_process();
  at::init_num_threads();  // OpenMP counts for each calling thread
  return process;
}

}  // namespace

void hold_torch_to_one_thread() {
  thread_local const bool held = hold_thread();
  (void)held;
}

}  // namespace skerry::learners

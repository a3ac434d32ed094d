#include "scenarios/host/shared_parts.hpp"

namespace skerry::host {

bool SharedParts::run_one(Workspace& workspace) {
  const std::size_t i = next_++;
  if (i >= count_) return false;
  try {
    part_(i, workspace);
  } catch (...) {
    note_exception(i);
  }
  --left_;
  return true;
}

void SharedParts::note_exception(std::size_t which) {
  const std::lock_guard lock(throwing_);
  if (thrown_ && thrown_by_ < which) return;
  thrown_by_ = which;
  thrown_ = std::current_exception();
}

void SharedParts::rethrow() const {
  if (thrown_) std::rethrow_exception(thrown_);
}

}  // namespace skerry::host

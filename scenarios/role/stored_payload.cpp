#include "scenarios/role/stored_payload.hpp"

#include <utility>

namespace skerry::role {

StoredPayload::StoredPayload(std::shared_ptr<const StoredBytes> bytes,
                             const std::vector<SavedRecord>& records)
    : bytes_(std::move(bytes)) {
  for (const SavedRecord& record : records) {
    shape_.push_back(record.spec);
    offsets_.push_back(static_cast<std::uint64_t>(record.values.data() - bytes_->bytes().data()));
  }
}

Payload StoredPayload::copy() const {
  Payload payload;
  for (std::size_t i = 0; i < shape_.size(); ++i) {
    bytes_->read(offsets_[i], payload.add(shape_[i]).overwrite());
  }
  return payload;
}

Payload StoredPayload::read() const {
  const std::lock_guard lock(mutex_);
  if (kept_) return *kept_;
  Payload payload = copy();
  if (std::exchange(was_read_, true)) kept_ = payload;
  return payload;
}

void StoredPayload::keep() const {
  const std::lock_guard lock(mutex_);
  if (!kept_) kept_ = copy();
}

}  // namespace skerry::role

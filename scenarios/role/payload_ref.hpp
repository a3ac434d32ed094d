#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/sdk/archive.hpp"
#include "algorithms/sdk/exact_sum.hpp"
#include "algorithms/sdk/record.hpp"
#include "scenarios/role/stored_payload.hpp"

namespace skerry::role {

/// The name of a payload: which output of which job it is. Unique in a run, and known before the
/// job has run.
struct PayloadId {
  std::uint64_t origin = 0;  // node number, its job's number
  std::uint64_t number = 0;  // the node's life, which output

  auto operator<=>(const PayloadId&) const = default;
  template <class A>
  void archive(A& a) {
    a(origin, number);
  }
};

/// What a job makes: a payload and, on the cloud, the running sums of a round.
struct Content {
  Payload payload;
  std::vector<std::pair<std::string, ExactSum>> sums;
};

/// Reads a content from its canonical bytes (Encoding). Fails if they are damaged.
Result<Content> load_content(std::span<const std::byte> bytes);

/// The shared place of one content, which may still be computed or may lie in stored bytes. The
/// shape is known from the start, except that the shapes of a job that reports may stay empty until
/// the job is done. If the job that should make the content fails, the content is given up: it will
/// never be there. Roles hold payloads of finished jobs only, and so none that was given up.
///
/// One thread calls fulfil() or give_up(), once. Any thread may call ready(), given_up() and
/// wait(), and once the content is ready, all const functions.
class PayloadCell {
 public:
  PayloadCell(PayloadId id, std::vector<RecordSpec> shape) : id_(id), shape_(std::move(shape)) {}
  PayloadCell(PayloadId id, std::unique_ptr<const StoredPayload> stored);

  PayloadId id() const { return id_; }
  const std::vector<RecordSpec>& shape() const { return shape_; }
  bool ready() const { return state_ == State::kReady; }
  /// Why the content will never be there; null if it is there or may still come.
  const std::string* given_up() const { return state_ == State::kGivenUp ? why_.get() : nullptr; }
  /// Null if the content is in memory, or will be.
  const StoredPayload* stored() const { return stored_.get(); }
  /// Blocks until the content is there; nothing else waits for values. The content must be neither
  /// stored nor given up: that is a bug and stops the program.
  const Content& wait() const;
  /// The records of the content: waits for them, or reads them from stored bytes.
  Payload payload() const;
  /// Sets the content and wakes whoever waits for it.
  void fulfil(Content content);
  /// In place of fulfil(): the content will never be there, for the reason `why`.
  void give_up(std::string why);
  /// Waits for the content and moves it out of a cell that nobody else holds.
  Content steal();
  /// Attaches an object of the host, which lives as long as the cell. Set and read by one thread.
  void accompany(std::shared_ptr<void> companion) { companion_ = std::move(companion); }
  const std::shared_ptr<void>& companion() const { return companion_; }

 private:
  enum class State : std::uint8_t { kComing, kReady, kGivenUp };
  PayloadId id_;
  std::vector<RecordSpec> shape_;
  std::atomic<State> state_ = State::kComing;
  Content content_;
  std::unique_ptr<const std::string> why_;
  std::unique_ptr<const StoredPayload> stored_;
  std::shared_ptr<void> companion_;
};

/// A counted handle to an immutable payload. Messages, jobs and effects carry handles, never
/// values, so a broadcast to a thousand nodes needs one buffer. Roles may look at shape and size,
/// but not at values. A null handle may only be tested, compared, archived and assigned to.
class PayloadRef {
 public:
  PayloadRef() = default;
  explicit PayloadRef(std::shared_ptr<PayloadCell> cell) : cell_(std::move(cell)) {}
  /// A payload whose content is there already.
  static PayloadRef of(PayloadId id, Content content);
  /// A payload whose content lies in `bytes`. Checks everything but the values, and fails as
  /// load_content() does. The values stay where they are until they are needed; a content with sums
  /// is read into memory at once.
  static Result<PayloadRef> stored(PayloadId id, std::shared_ptr<const StoredBytes> bytes);

  explicit operator bool() const { return cell_ != nullptr; }
  PayloadId id() const { return cell_->id(); }
  const std::vector<RecordSpec>& shape() const { return cell_->shape(); }
  bool ready() const { return cell_->ready(); }
  /// Why the content will never be there; null if it is there or may still come.
  const std::string* given_up() const { return cell_->given_up(); }
  /// Whether the values lie in stored bytes and may have to be read.
  bool is_stored() const { return cell_->stored() != nullptr; }
  /// Waits for the content, which must not be stored (PayloadCell::wait()).
  const Content& content() const { return cell_->wait(); }
  /// The records; they stay in memory at least as long as the caller holds them.
  Payload payload() const { return cell_->payload(); }
  /// The same, and they stay in memory as long as the payload does: for values that are going to be
  /// read again and again, by readers that must not wait for a file.
  Payload kept() const;
  /// The content, for a job that may change it. Moves it out if this is the only handle, else
  /// copies it.
  Content take() &&;
  const std::shared_ptr<PayloadCell>& cell() const { return cell_; }

  /// Bytes of the tensors, and bytes that save_payload() writes; both follow from the shape.
  std::size_t tensor_bytes() const;
  std::size_t encoded_bytes() const;

  bool operator==(const PayloadRef&) const = default;

  template <class A>
  void archive(A& a) {
    bool present = cell_ != nullptr;
    a(present);
    if (!present) {
      if constexpr (A::kReading) cell_.reset();
      return;
    }
    PayloadId id = cell_ ? cell_->id() : PayloadId{};
    a(id);
    if constexpr (A::kReading) {
      restore(a, id);
    } else {
      a.hold(cell_);
    }
  }

 private:
  void restore(ByteReader& reader, PayloadId id);
  std::shared_ptr<PayloadCell> cell_;
};

/// Whether two shapes have the same records: names, types, tensors.
bool same_shape(const std::vector<RecordSpec>& a, const std::vector<RecordSpec>& b);

}  // namespace skerry::role

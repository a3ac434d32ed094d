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

/// Where a payload comes from: the job that made it. Unique in a run, known before the job has run.
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

/// A content from its canonical bytes (Encoding); damaged bytes give a failure.
Result<Content> load_content(std::span<const std::byte> bytes);

/// A content that may still be computed, or lie in stored bytes. Its shape is known from the start,
/// but for jobs that report: theirs may stay open until they are done. Where the job fails that was
/// to make it, it is given up: it will never be there. Roles hold payloads of finished jobs only,
/// so none that was given up.
class PayloadCell {
 public:
  PayloadCell(PayloadId id, std::vector<RecordSpec> shape) : id_(id), shape_(std::move(shape)) {}
  PayloadCell(PayloadId id, std::unique_ptr<const StoredPayload> stored);

  PayloadId id() const { return id_; }
  const std::vector<RecordSpec>& shape() const { return shape_; }
  bool ready() const { return state_ == State::kReady; }
  /// Why the content will never be there; null where it is, or may still come.
  const std::string* given_up() const { return state_ == State::kGivenUp ? why_.get() : nullptr; }
  /// Null where the content is in memory, or will be.
  const StoredPayload* stored() const { return stored_.get(); }
  /// Waits until the content is there. The only place where bits are awaited. Not of what is
  /// stored. To wait for a content that is given up is a bug and stops the program.
  const Content& wait() const;
  /// The content's records, waited for or read.
  Payload payload() const;
  void fulfil(Content content);
  /// In place of fulfil(): says why the content will never be there.
  void give_up(std::string why);
  /// Takes the content out of a cell that nobody else holds.
  Content steal();
  /// Something of the host's that lives as long as the cell; set and read by one thread.
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

/// A counted handle to an immutable payload. Messages, jobs and effects carry these, never values:
/// a broadcast to a thousand nodes is one buffer. Roles look at shape and size, never at bits.
class PayloadRef {
 public:
  PayloadRef() = default;
  explicit PayloadRef(std::shared_ptr<PayloadCell> cell) : cell_(std::move(cell)) {}
  /// A payload that is there already.
  static PayloadRef of(PayloadId id, Content content);
  /// A payload whose content lies in those bytes: everything but its values is checked, and
  /// refused, as load_content() does; its values stay where they are until they are needed. Sums
  /// do not stay.
  static Result<PayloadRef> stored(PayloadId id, std::shared_ptr<const StoredBytes> bytes);

  explicit operator bool() const { return cell_ != nullptr; }
  PayloadId id() const { return cell_->id(); }
  const std::vector<RecordSpec>& shape() const { return cell_->shape(); }
  bool ready() const { return cell_->ready(); }
  /// Why it will never be ready; null where it is, or may still be.
  const std::string* given_up() const { return cell_->given_up(); }
  /// The values lie in stored bytes, and may have to be read.
  bool is_stored() const { return cell_->stored() != nullptr; }
  const Content& content() const { return cell_->wait(); }
  /// The records; they stay in memory at least as long as the caller holds them.
  Payload payload() const { return cell_->payload(); }
  /// The content for a job that may change it: moved out where this is the only handle, else
  /// copied.
  Content take() &&;
  const std::shared_ptr<PayloadCell>& cell() const { return cell_; }

  /// Bytes of the tensors, and of save_payload(), from the shape alone.
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

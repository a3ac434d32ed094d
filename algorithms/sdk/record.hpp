#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/sdk/layout.hpp"
#include "algorithms/sdk/result.hpp"

namespace skerry {

class ByteWriter;

/// How the cloud combines the records of one name from many nodes.
enum class Reduce : std::uint8_t {
  kMean,  // sum of weight * value over the sum of weights
  kSum,   // sum of values, weight 1
  kEach,  // kept apart, one a node
};

/// What a record is, without its values: known before the job that makes it has run.
struct RecordSpec {
  std::string name;
  LayoutRef layout;
  Reduce reduce = Reduce::kMean;

  /// Whether it holds real numbers that are learnt: float32, averaged or summed, with a tensor of
  /// Group::kShared. These are the values that compression, clipping, attacks and rules over whole
  /// updates act on.
  bool real() const;
};

/// Named tensors in one contiguous, 64-byte-aligned buffer. "model" is just one record; control
/// variates, momenta, sketches and counters are others.
///
/// A new record is all zero. The zeros are written when somebody first looks, so that a maker who
/// writes every value does not pay for them.
class Record {
 public:
  explicit Record(RecordSpec spec);
  Record(const Record& other);
  Record& operator=(const Record&) = delete;

  const RecordSpec& spec() const { return spec_; }
  const std::string& name() const { return spec_.name; }
  const Layout& layout() const { return *spec_.layout; }
  std::size_t size() const { return spec_.layout->size(); }

  std::span<std::byte> bytes();
  std::span<const std::byte> bytes() const;

  /// The values; asking for another type than the layout's is a bug.
  std::span<float> f32();
  std::span<const float> f32() const;
  std::span<std::int64_t> i64();
  std::span<const std::int64_t> i64() const;
  /// For a maker who writes every value: the values or bytes, unspecified until then.
  std::span<float> overwrite_f32();
  std::span<std::byte> overwrite();
  /// Whether every float32 value is finite. Computed once; a maker asks while the values are still
  /// in the cache.
  bool finite() const;
  /// The values of one tensor.
  std::span<float> f32(std::string_view tensor);
  std::span<const float> f32(std::string_view tensor) const;

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  friend class Payload;
  void ensure_zero() const;
  RecordSpec spec_;
  std::unique_ptr<std::byte[], Free> data_;
  mutable bool blank_ = true;  // the zeros are still to be written
  enum class Finite : std::uint8_t { kUnknown, kNo, kYes };
  mutable std::atomic<Finite> finite_ = Finite::kUnknown;
};

/// What crosses a link, either way, and what a node keeps: records by name. Records are shared
/// between payloads, not copied; once in a payload they do not change.
class Payload {
 public:
  using RecordRef = std::shared_ptr<const Record>;

  Payload() = default;
  void add(RecordRef record) { records_.push_back(std::move(record)); }
  /// A new record, all zero, still open to its maker.
  Record& add(RecordSpec spec);

  // Deleted for temporaries, whose records would be gone after the expression.
  const std::vector<RecordRef>& records() const& { return records_; }
  const std::vector<RecordRef>& records() const&& = delete;
  /// The record of that name, or null.
  const Record* find(std::string_view name) const&;
  const Record* find(std::string_view name) const&& = delete;
  RecordRef share(std::string_view name) const;
  /// The record of that name; its absence is a bug.
  const Record& at(std::string_view name) const&;
  const Record& at(std::string_view name) const&& = delete;
  /// For the maker, before the payload is shared. A record that another payload holds too is copied
  /// first.
  Record& open(std::string_view name);
  /// Ends the making: after this, any number of threads may look.
  void close() const;
  /// Bytes of all tensors.
  std::size_t tensor_bytes() const;

 private:
  std::vector<RecordRef> records_;
};

/// A payload as bytes: what a checkpoint and the wire hold. Checked when read: names, layouts,
/// sizes.
std::vector<std::byte> save_payload(const Payload& payload);
Result<Payload> load_payload(std::span<const std::byte> bytes);

/// Where a saved record's values lie.
struct SavedRecord {
  RecordSpec spec;
  std::span<const std::byte> values;
};
/// Checks what load_payload() checks, but copies no values.
Result<std::vector<SavedRecord>> find_records(std::span<const std::byte> bytes);
/// What save_payload() writes before the values of a record.
void save_head(ByteWriter& writer, const RecordSpec& spec);
/// Bytes of that and of the values.
std::size_t saved_bytes(const RecordSpec& spec);

}  // namespace skerry

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace skerry {

using ByteVector = std::vector<std::byte>;

// One `template <class A> void archive(A& a) { a(x, y); }` a struct drives saving, loading, the
// wire, checkpoints and hashes. Integers are little-endian, sizes 64 bits; all our machines are.
static_assert(std::endian::native == std::endian::little);

template <class T, class A>
concept Archivable = requires(T& value, A& a) {
  value.archive(a);
};

/// Finds shared objects that bytes name only by id (payload handles), while state is restored.
class HandleTable {
 public:
  virtual ~HandleTable() = default;
  /// The object with that id, or null.
  virtual std::shared_ptr<void> find(std::uint64_t origin, std::uint64_t number) const = 0;
};

/// Appends values to bytes.
class ByteWriter {
 public:
  static constexpr bool kReading = false;

  template <class... Ts>
  void operator()(const Ts&... values) {
    (write(values), ...);
  }
  void raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  const ByteVector& bytes() const { return bytes_; }
  ByteVector take() { return std::move(bytes_); }
  /// Shared objects written by id: whoever stores the bytes stores these too.
  void hold(std::shared_ptr<void> object) { held_.push_back(std::move(object)); }
  const std::vector<std::shared_ptr<void>>& held() const { return held_; }

 private:
  template <class T>
  void write(const T& value) {
    if constexpr (Archivable<T, ByteWriter>) {
      const_cast<T&>(value).archive(*this);  // archive() of a writer only reads
    } else {
      static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "give the type an archive()");
      raw(std::as_bytes(std::span(&value, 1)));
    }
  }
  void write(const std::string& text) {
    write(std::uint64_t{text.size()});
    raw(std::as_bytes(std::span(text)));
  }
  template <class T>
  void write(const std::vector<T>& values) {
    write(std::uint64_t{values.size()});
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::byte>) {
      raw(std::as_bytes(std::span(values)));
    } else {
      for (const T& value : values) write(value);
    }
  }
  void write(const std::vector<bool>& values) {
    write(std::uint64_t{values.size()});
    for (bool value : values) write(value);
  }
  template <class T, std::size_t N>
  void write(const std::array<T, N>& values) {
    for (const T& value : values) write(value);
  }
  template <class T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <class K, class T>
  void write(const std::map<K, T>& values) {
    write(std::uint64_t{values.size()});
    for (const auto& [key, value] : values) {
      write(key);
      write(value);
    }
  }
  template <class T, class U>
  void write(const std::pair<T, U>& value) {
    write(value.first);
    write(value.second);
  }
  template <class... Ts>
  void write(const std::variant<Ts...>& value) {
    write(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& held) { write(held); }, value);
  }

  ByteVector bytes_;
  std::vector<std::shared_ptr<void>> held_;
};

/// Reads what a ByteWriter wrote. Bytes may come from a peer or a damaged file: nothing is read
/// past the end, no size is believed before it is checked, and after the first fault ok() stays
/// false and every value read is its default.
class ByteReader {
 public:
  static constexpr bool kReading = true;

  explicit ByteReader(std::span<const std::byte> bytes, const HandleTable* handles = nullptr)
      : bytes_(bytes), handles_(handles) {}

  template <class... Ts>
  void operator()(Ts&... values) {
    (read(values), ...);
  }
  bool ok() const { return ok_; }
  /// True when everything was read and nothing is left over.
  bool finished() const { return ok_ && bytes_.empty(); }
  std::size_t remaining() const { return bytes_.size(); }
  void fail() { ok_ = false; }
  const HandleTable* handles() const { return handles_; }

  std::span<const std::byte> raw(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const auto part = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return part;
  }

 private:
  template <class T>
  void read(T& value) {
    if constexpr (Archivable<T, ByteReader>) {
      value.archive(*this);
    } else if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      read(byte);
      if (byte > 1) ok_ = false;
      value = ok_ && byte == 1;
    } else {
      static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "give the type an archive()");
      const auto part = raw(sizeof(T));
      value = T{};
      if (ok_) std::memcpy(&value, part.data(), sizeof(T));
    }
  }
  std::size_t read_size(std::size_t least_bytes_each) {
    std::uint64_t size = 0;
    read(size);
    if (size > bytes_.size() / std::max<std::size_t>(least_bytes_each, 1)) ok_ = false;
    return ok_ ? static_cast<std::size_t>(size) : 0;
  }
  void read(std::string& text) {
    const auto part = raw(read_size(1));
    text.assign(reinterpret_cast<const char*>(part.data()), part.size());
  }
  template <class T>
  void read(std::vector<T>& values) {
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::byte>) {
      values.resize(read_size(sizeof(T)));
      const auto part = raw(values.size() * sizeof(T));
      if (ok_ && !values.empty()) std::memcpy(values.data(), part.data(), part.size());
    } else {
      values.assign(read_size(1), T{});
      for (T& value : values) read(value);
    }
    if (!ok_) values.clear();
  }
  void read(std::vector<bool>& values) {
    values.assign(read_size(1), false);
    for (std::size_t i = 0; i < values.size(); ++i) {
      bool value = false;
      read(value);
      values[i] = value;
    }
  }
  template <class T, std::size_t N>
  void read(std::array<T, N>& values) {
    for (T& value : values) read(value);
  }
  template <class T>
  void read(std::optional<T>& value) {
    bool present = false;
    read(present);
    value.reset();
    if (present && ok_) read(value.emplace());
  }
  template <class K, class T>
  void read(std::map<K, T>& values) {
    values.clear();
    for (std::size_t left = read_size(1); left > 0 && ok_; --left) {
      K key{};
      read(key);
      read(values[key]);
    }
  }
  template <class T, class U>
  void read(std::pair<T, U>& value) {
    read(value.first);
    read(value.second);
  }
  template <class... Ts>
  void read(std::variant<Ts...>& value) {
    std::uint8_t index = 0;
    read(index);
    if (index >= sizeof...(Ts)) ok_ = false;
    if (ok_) read_alternative(value, index, std::index_sequence_for<Ts...>{});
  }
  template <class V, std::size_t... Is>
  void read_alternative(V& value, std::size_t index, std::index_sequence<Is...>) {
    ((index == Is ? read(value.template emplace<Is>()) : void()), ...);
  }

  std::span<const std::byte> bytes_;
  const HandleTable* handles_;
  bool ok_ = true;
};

template <class T>
ByteVector to_bytes(const T& value) {
  ByteWriter writer;
  writer(value);
  return writer.take();
}

/// The value, or nothing when the bytes are not exactly one such value.
template <class T>
std::optional<T> from_bytes(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  T value{};
  reader(value);
  if (!reader.finished()) return std::nullopt;
  return value;
}

/// A running 64-bit hash of bytes, in order; not cryptographic.
class RunningHash {
 public:
  void add(std::span<const std::byte> bytes);
  /// Bytes that come in parts, with the effect of one add() of them all: first how many there are,
  /// then each part in order; the length of all but the last is a multiple of eight.
  void begin(std::uint64_t size);
  void part(std::span<const std::byte> bytes);
  template <class T>
  void add_value(const T& value) {
    add(std::as_bytes(std::span(&value, 1)));
  }
  std::uint64_t value() const { return state_; }

  template <class A>
  void archive(A& a) {
    a(state_);
  }

 private:
  std::uint64_t state_ = 0x736b657272790001ULL;
};

}  // namespace skerry

#include "datasets/npy_elements.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/unicode.hpp"

namespace skerry::datasets {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kLongestText = std::size_t{1} << 20;

struct OtherType {
  char kind;
  std::string_view instead;
};
constexpr std::array<OtherType, 5> kOthers = {
    {{'O',
      "Python objects, which only Python can read; save an array of one type, such as "
      "x.astype(\"float32\") or names.astype(str)"},
     {'c', "complex numbers; save the real and the imaginary part as arrays of their own"},
     {'M', "dates; save seconds, such as t.astype(\"datetime64[s]\").astype(\"int64\")"},
     {'m', "stretches of time; save seconds, such as t / numpy.timedelta64(1, \"s\")"},
     {'V', "records or raw bytes; save each field as an array of its own"}}};

float float_of_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float tiny = static_cast<float>(fraction) * 0x1p-24f;  // exact
  return sign != 0 ? -tiny : tiny;
}

template <class From, class To>
FileBytes each_as(const FileBytes& stored) {
  const std::size_t count = stored.size() / sizeof(From);
  FileBytes held(count * sizeof(To));
  for (std::size_t i = 0; i < count; ++i) {
    From from;
    std::memcpy(&from, stored.data() + i * sizeof(From), sizeof(From));
    const To to = static_cast<To>(from);
    std::memcpy(held.data() + i * sizeof(To), &to, sizeof(To));
  }
  return held;
}

FileBytes floats_of_halves(const FileBytes& stored) {
  FileBytes held(2 * stored.size());
  for (std::size_t i = 0; 2 * i < stored.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, stored.data() + 2 * i, 2);
    const float value = float_of_half(half);
    std::memcpy(held.data() + 4 * i, &value, 4);
  }
  return held;
}

void swap_bytes(FileBytes& stored, std::size_t each) {
  for (std::size_t at = 0; at + each <= stored.size(); at += each) {
    std::reverse(stored.begin() + static_cast<std::ptrdiff_t>(at),
                 stored.begin() + static_cast<std::ptrdiff_t>(at + each));
  }
}

}  // namespace

Result<NpyElement> NpyElement::parse(std::string_view descr) {
  if (descr.starts_with('['))
    return Failure{"holds records; save each field as an array of its own"};
  NpyElement element;
  std::string_view rest = descr;
  if (rest.starts_with('<') || rest.starts_with('>') || rest.starts_with('|') ||
      rest.starts_with('=')) {
    element.big_endian_ = rest[0] == '>';
    rest.remove_prefix(1);
  }
  element.kind_ = rest.empty() ? '?' : rest[0];
  for (const OtherType& other : kOthers) {
    if (element.kind_ == other.kind) {
      return Failure{"holds " + in_quotes(descr) + ", " + std::string(other.instead)};
    }
  }
  std::size_t size = 0;
  const char* end = rest.data() + rest.size();
  const auto [stop, fault] = std::from_chars(rest.data() + !rest.empty(), end, size);
  bool known = fault == std::errc() && stop == end;
  const auto one_of = [&](std::initializer_list<std::size_t> sizes) {
    return std::ranges::find(sizes, size) != sizes.end();
  };
  switch (element.kind_) {
    case 'b':
      known = known && size == 1;
      break;
    case 'i':
    case 'u':
      known = known && one_of({1, 2, 4, 8});
      break;
    case 'f':
      known = known && one_of({2, 4, 8});
      break;
    case 'U':
    case 'S':
      known = known && size <= kLongestText;
      break;
    default:
      known = false;
  }
  if (!known) {
    return Failure{"elements of type " + in_quotes(descr) +
                   "; booleans, whole numbers of up to 8 bytes, floats of 2, 4 and 8 bytes and "
                   "text are read"};
  }
  element.bytes_ = element.kind_ == 'U' ? 4 * size : size;
  return element;
}

DType NpyElement::held_as(const FileBytes& stored) const {
  if (kind_ == 'f') return bytes_ == 8 ? DType::kFloat64 : DType::kFloat32;
  if (bytes_ == 1) return kind_ == 'i' ? DType::kInt32 : DType::kUint8;
  if (bytes_ == 2 || (bytes_ == 4 && kind_ == 'i')) return DType::kInt32;
  if (kind_ == 'i' || bytes_ == 4) return DType::kInt64;
  const std::size_t highest = big_endian_ ? 0 : 7;
  for (std::size_t at = highest; at < stored.size(); at += 8) {
    if (std::to_integer<unsigned>(stored[at]) >= 0x80) return DType::kFloat64;
  }
  return DType::kInt64;
}

FileBytes NpyElement::numbers(FileBytes stored, DType type) const {
  if (big_endian_) swap_bytes(stored, bytes_);
  if (kind_ == 'f') return bytes_ == 2 ? floats_of_halves(stored) : std::move(stored);
  if (kind_ == 'b') {
    for (std::byte& value : stored) value = std::byte{value != std::byte{0}};
    return stored;
  }
  if (size_of(type) == bytes_ && type != DType::kFloat64) return stored;
  if (kind_ == 'i') {
    return bytes_ == 1 ? each_as<std::int8_t, std::int32_t>(stored)
                       : each_as<std::int16_t, std::int32_t>(stored);
  }
  if (bytes_ == 2) return each_as<std::uint16_t, std::int32_t>(stored);
  if (bytes_ == 4) return each_as<std::uint32_t, std::int64_t>(stored);
  return each_as<std::uint64_t, double>(stored);
}

Result<std::vector<std::string>> NpyElement::texts(const FileBytes& stored,
                                                   std::size_t count) const {
  std::vector<std::string> texts(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::string& text = texts[i];
    if (kind_ == 'S') {
      text.assign(reinterpret_cast<const char*>(stored.data()) + i * bytes_, bytes_);
    }
    for (std::size_t at = i * bytes_; kind_ == 'U' && at < (i + 1) * bytes_; at += 4) {
      char32_t code = 0;
      for (std::size_t k = 0; k < 4; ++k) {
        code = code << 8 | std::to_integer<char32_t>(stored[at + (big_endian_ ? k : 3 - k)]);
      }
      if (!is_character(code)) {
        return Failure{"element " + std::to_string(i) +
                       " has a character that Unicode does not have"};
      }
      add_utf8(code, text);
    }
    while (text.ends_with('\0')) text.pop_back();
  }
  return texts;
}

std::size_t place_in_fortran_order(std::size_t i, const Shape& shape) {
  std::size_t place = 0;
  for (std::size_t axis = shape.size(), step = element_count(shape); axis-- > 0;) {
    step /= shape[axis];
    place += i % shape[axis] * step;
    i /= shape[axis];
  }
  return place;
}

FileBytes from_fortran_order(const FileBytes& stored, const Shape& shape, std::size_t each) {
  FileBytes sorted(stored.size());
  const std::size_t count = element_count(shape);
  if (shape.empty() || count == 0) return stored;
  // The last axis is the one that moves: its steps in Fortran's order are the same everywhere.
  const std::size_t last = shape.back(), step = count / last;
  for (std::size_t row = 0; row < count / last; ++row) {
    std::size_t from = place_in_fortran_order(row * last, shape);
    for (std::size_t j = 0; j < last; ++j, from += step) {
      std::memcpy(sorted.data() + (row * last + j) * each, stored.data() + from * each, each);
    }
  }
  return sorted;
}

}  // namespace skerry::datasets

#include "datasets/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"
#include "datasets/npy_elements.hpp"

namespace skerry::datasets {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostWithoutBytes = std::size_t{1} << 24;  // texts of no characters

// As npy_header() writes them.
constexpr std::array<std::pair<std::string_view, DType>, 5> kTypes = {{{"<f4", DType::kFloat32},
                                                                       {"<f8", DType::kFloat64},
                                                                       {"<i4", DType::kInt32},
                                                                       {"<i8", DType::kInt64},
                                                                       {"|u1", DType::kUint8}}};

// The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::size_t first_byte)
      : text_(text), first_byte_(first_byte) {}

  std::size_t byte() const { return first_byte_ + at_; }
  bool take(char wanted) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  std::optional<std::string_view> quoted() {
    skip_spaces();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    const std::size_t end =
        quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view word = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return word;
  }
  /// A type: a word in quotes, or a list up to its last bracket, quotes and all.
  std::optional<std::string_view> type() {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != '[') return quoted();
    const std::size_t begin = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      if (text_[at_] == '[') ++depth;
      if (text_[at_] == ']' && --depth == 0) return text_.substr(begin, ++at_ - begin);
    }
    return std::nullopt;
  }
  std::optional<bool> boolean() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::string_view(word).size();
        return value;
      }
    }
    return std::nullopt;
  }
  std::optional<Shape> shape() {
    if (!take('(')) return std::nullopt;
    Shape shape;
    while (!take(')')) {
      skip_spaces();
      std::uint32_t extent = 0;
      const char* begin = text_.data() + at_;
      const auto [end, fault] = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (fault != std::errc()) return std::nullopt;
      at_ += static_cast<std::size_t>(end - begin);
      shape.push_back(extent);
      if (!take(',')) {
        if (!take(')')) return std::nullopt;
        break;
      }
    }
    return shape;
  }
  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  std::size_t first_byte_;
  std::size_t at_ = 0;
};

struct Header {
  std::optional<std::string> type;
  std::optional<bool> fortran_order;
  std::optional<Shape> shape;
};

// Nothing if the dictionary cannot be read; the reader is then near the fault.
std::optional<Header> read_header(HeaderReader& reader) {
  Header header;
  if (!reader.take('{')) return std::nullopt;
  while (!reader.take('}')) {
    const auto key = reader.quoted();
    if (!key || !reader.take(':')) return std::nullopt;
    if (*key == "descr") {
      const auto type = reader.type();
      if (type) header.type = std::string(*type);
    } else if (*key == "fortran_order") {
      header.fortran_order = reader.boolean();
    } else if (*key == "shape") {
      header.shape = reader.shape();
    }
    if (!reader.take(',')) {
      if (!reader.take('}')) return std::nullopt;
      break;
    }
  }
  if (!reader.at_end() || !header.type || !header.fortran_order || !header.shape) {
    return std::nullopt;
  }
  return header;
}

std::uint32_t little_endian(const FileBytes& bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  }
  return value;
}

}  // namespace

std::size_t NpyArray::byte_of(std::size_t i) const {
  return header_bytes_ + bytes_each_ * (fortran_order_ ? place_in_fortran_order(i, shape_) : i);
}

std::string NpyArray::name_of(std::size_t i) const {
  std::string name = "element " + std::to_string(i);
  if (shape_.size() < 2) return name;
  Shape index(shape_.size());
  for (std::size_t axis = shape_.size(); axis-- > 0;) {
    index[axis] = static_cast<std::uint32_t>(i % shape_[axis]);
    i /= shape_[axis];
  }
  return name + " at " + to_string(index);
}

double NpyArray::number(std::size_t i) const {
  switch (type_) {
    case DType::kFloat32:
      return elements<float>()[i];
    case DType::kFloat64:
      return elements<double>()[i];
    case DType::kInt32:
      return elements<std::int32_t>()[i];
    case DType::kInt64:
      return static_cast<double>(elements<std::int64_t>()[i]);
    case DType::kUint8:
      return elements<std::uint8_t>()[i];
  }
  return 0;
}

namespace {

struct Promise {
  Header header;
  std::size_t header_bytes = 0;
};

// Reads what stands before the elements.
Result<Promise> read_promise(const FileBytes& bytes, const std::filesystem::path& path) {
  if (bytes.empty()) return wrong_at(path, 0, "the file is empty");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, kMagic.size()) != kMagic.substr(0, text.size())) {
    return wrong_at(path, 0, "is not a NumPy array");
  }
  if (text.size() < kMagic.size() + 2) return wrong_at(path, text.size(), "ends inside the header");
  const int version = text[kMagic.size()];
  if (version != 1 && version != 2) {
    return wrong_at(path, kMagic.size(),
                    "NumPy format version " + std::to_string(version) + "; 1 and 2 are read");
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = kMagic.size() + 2 + length_bytes;
  if (text.size() < start) return wrong_at(path, text.size(), "ends inside the header");
  const std::size_t length = little_endian(bytes, kMagic.size() + 2, length_bytes);
  if (length > text.size() - start) return wrong_at(path, text.size(), "ends inside the header");

  HeaderReader reader(text.substr(start, length), start);
  const std::optional<Header> header = read_header(reader);
  if (!header) return wrong_at(path, reader.byte(), "the NumPy header cannot be read");
  return Promise{*header, start + length};
}

// Checks that as many elements follow as were promised. Every extent is checked against what the
// file can hold before it is multiplied.
Status check_length(const Promise& promise, std::size_t each, std::size_t file_bytes,
                    const std::filesystem::path& path) {
  const Shape& shape = *promise.header.shape;
  const std::size_t held = file_bytes - promise.header_bytes;
  const Failure early = wrong_at(path, file_bytes,
                                 "ends early: the header promises more than the " +
                                     std::to_string(held) + " bytes that follow it");
  const bool empty = std::ranges::find(shape, 0u) != shape.end();
  const std::size_t most = each == 0 ? kMostWithoutBytes : held / each;
  std::size_t count = empty ? 0 : 1;
  for (const std::uint32_t extent : shape) {
    if (extent != 0 && count > most / extent) return early;
    count *= extent;
  }
  const std::size_t wanted = count * each;
  if (wanted > held) return early;
  if (wanted == held) return {};
  return wrong_at(path, promise.header_bytes + wanted,
                  std::to_string(held - wanted) + " bytes follow the array " + to_string(shape));
}

}  // namespace

Result<NpyArray> parse_npy(FileBytes bytes, const std::filesystem::path& path, TextArrays text) {
  const Result<Promise> promise = read_promise(bytes, path);
  if (!promise) return promise.failure();
  const std::size_t type_at = kMagic.size() + (bytes[kMagic.size()] == std::byte{1} ? 4 : 6);
  const Result<NpyElement> element = NpyElement::parse(*promise->header.type);
  if (!element) return wrong_at(path, type_at, element.message());
  if (element->is_text() && text == TextArrays::kRefused) {
    return wrong_at(path, type_at, "holds text where numbers are needed");
  }
  const Status fits = check_length(*promise, element->bytes(), bytes.size(), path);
  if (!fits) return fits.failure();
  NpyArray array;
  array.shape_ = *promise->header.shape;
  array.header_bytes_ = promise->header_bytes;
  array.bytes_each_ = element->bytes();
  array.fortran_order_ = *promise->header.fortran_order;
  array.is_text_ = element->is_text();
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(array.header_bytes_));
  if (array.fortran_order_ && array.shape_.size() > 1) {
    bytes = from_fortran_order(bytes, array.shape_, element->bytes());
  }
  if (array.is_text_) {
    Result<std::vector<std::string>> texts = element->texts(bytes, array.size());
    if (!texts) return Failure{path.string() + ": " + texts.message()};
    array.texts_ = std::move(*texts);
    return array;
  }
  array.type_ = element->held_as(bytes);
  array.bytes_ = element->numbers(std::move(bytes), array.type_);
  return array;
}

Result<NpyArray> read_npy(const std::filesystem::path& path) {
  Result<FileBytes> bytes = read_file(path);
  if (!bytes) return bytes.failure();
  return parse_npy(std::move(*bytes), path);
}

std::string npy_header(DType type, const Shape& shape) {
  std::string extents;
  for (const std::uint32_t extent : shape) extents += std::to_string(extent) + ", ";
  if (shape.size() > 1) extents.erase(extents.size() - 2);
  const auto* entry = std::ranges::find(kTypes, type, [](const auto& e) { return e.second; });
  std::string header = "{'descr': '" + std::string(entry->first) +
                       "', 'fortran_order': False, 'shape': (" + extents + "), }";
  const std::size_t before = kMagic.size() + 4;
  header.append(kAlignment - (before + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string text(kMagic);
  text += {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return text + header;
}

}  // namespace skerry::datasets

#include "datasets/npz.hpp"

#include <zip.h>

#include <algorithm>
#include <filesystem>

#include "algorithms/sdk/printable.hpp"
#include "algorithms/sdk/problems.hpp"

namespace skerry::datasets {

namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::size_t kChunk = std::size_t{1} << 20;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

Failure zip_failure(const std::filesystem::path& path, int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  Failure failure{path.string() + ": " + zip_error_strerror(&error)};
  zip_error_fini(&error);
  return failure;
}

Result<Archive> open_archive(const std::filesystem::path& path, int flags) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), flags, &code));
  if (archive == nullptr) return zip_failure(path, code);
  return archive;
}

/// The size that an entry claims to unpack to, or 0 where its packed bytes cannot make that much.
std::size_t plausible_size(zip_t* archive, zip_uint64_t index) {
  constexpr zip_uint64_t kDeflateAtMost = 1032;  // bytes out of one
  zip_stat_t about;
  if (zip_stat_index(archive, index, 0, &about) != 0) return 0;
  if ((about.valid & ZIP_STAT_SIZE) == 0 || (about.valid & ZIP_STAT_COMP_SIZE) == 0) return 0;
  return about.comp_size < about.size / kDeflateAtMost ? 0 : about.size;
}

// The size that the archive claims is only a hint: what comes out is counted.
Result<FileBytes> read_entry(zip_t* archive, zip_uint64_t index, const std::string& place) {
  const Entry entry(zip_fopen_index(archive, index, 0));
  if (entry == nullptr) return Failure{place + ": " + zip_strerror(archive)};
  FileBytes bytes;
  bytes.reserve(plausible_size(archive, index) + kChunk);
  std::size_t filled = 0;
  for (;;) {
    const std::size_t wanted = std::max(filled + kChunk, filled + filled / 2);
    bytes.resize(std::max(filled + kChunk, std::min(wanted, bytes.capacity())));
    const zip_int64_t got = zip_fread(entry.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0) {
      return wrong_at(place, filled,
                      std::string("cannot be unpacked: ") + zip_file_strerror(entry.get()));
    }
    filled += static_cast<std::size_t>(got);
    if (got == 0) break;
  }
  bytes.resize(filled);
  return bytes;
}

// One array on its way into an archive: libzip reads header and elements where they are.
struct Outgoing {
  std::string header;
  zip_buffer_fragment_t fragments[2];
};

Status add_array(zip_t* archive, const NamedArray& array, Outgoing& outgoing) {
  SKERRY_CHECK(array.bytes.size() == element_count(array.shape) * size_of(array.type),
               "an array's bytes match its shape");
  outgoing.header = npy_header(array.type, array.shape);
  outgoing.fragments[0] = {reinterpret_cast<zip_uint8_t*>(outgoing.header.data()),
                           outgoing.header.size()};
  outgoing.fragments[1] = {
      reinterpret_cast<zip_uint8_t*>(const_cast<std::byte*>(array.bytes.data())),
      array.bytes.size()};
  zip_source_t* source =
      zip_source_buffer_fragment(archive, outgoing.fragments, array.bytes.empty() ? 1 : 2, 0);
  if (source == nullptr) return Failure{zip_strerror(archive)};
  const zip_int64_t index =
      zip_file_add(archive, (array.name + std::string(kEnding)).c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    Failure failure{zip_strerror(archive)};
    zip_source_free(source);
    return failure;
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  const zip_uint16_t first_day =
      1 << 5 | 1;  // 1 January 1980, so that equal models are equal files
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, 0, first_day, 0) != 0) {
    return Failure{zip_strerror(archive)};
  }
  return {};
}

Result<std::map<std::string, NpyArray>> read_arrays(zip_t* archive,
                                                    const std::filesystem::path& path,
                                                    const std::vector<std::string>& names,
                                                    const std::vector<std::string>& texts) {
  std::map<std::string, NpyArray> arrays;
  std::vector<std::string> present;
  const zip_int64_t entries = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < entries; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    const char* file = zip_get_name(archive, index, 0);
    if (file == nullptr) return Failure{path.string() + ": " + zip_strerror(archive)};
    std::string name = file;
    if (!name.ends_with(kEnding)) continue;
    name.resize(name.size() - kEnding.size());
    present.push_back(name);
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    const std::string place = path.string() + ": " + printable(file);
    Result<FileBytes> bytes = read_entry(archive, index, place);
    if (!bytes) return bytes.failure();
    const bool may_be_text = std::ranges::find(texts, name) != texts.end();
    Result<NpyArray> array = parse_npy(std::move(*bytes), place,
                                       may_be_text ? TextArrays::kTaken : TextArrays::kRefused);
    if (!array) return array.failure();
    arrays.emplace(name, std::move(*array));
  }
  for (const std::string& name : names) {
    if (!arrays.contains(name)) {
      return Failure{path.string() + ": has no array \"" + name + "\"; it has " + listed(present)};
    }
  }
  return arrays;
}

}  // namespace

Result<std::map<std::string, NpyArray>> read_npz(const std::filesystem::path& path,
                                                 const std::vector<std::string>& names,
                                                 const std::vector<std::string>& texts) {
  const Result<Archive> archive = open_archive(path, ZIP_RDONLY | ZIP_CHECKCONS);
  if (!archive) return archive.failure();
  return read_arrays(archive->get(), path, names, texts);
}

Result<std::map<std::string, NpyArray>> parse_npz(std::span<const std::byte> bytes,
                                                  const std::filesystem::path& path,
                                                  const std::vector<std::string>& names) {
  if (bytes.empty()) return Failure{path.string() + ": is empty"};
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  const Archive archive(source == nullptr
                            ? nullptr
                            : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (archive == nullptr) {
    Failure failure{path.string() + ": " + zip_error_strerror(&error)};
    zip_source_free(source);
    zip_error_fini(&error);
    return failure;
  }
  zip_error_fini(&error);
  return read_arrays(archive.get(), path, names, {});
}

Status write_npz(const std::filesystem::path& path, const std::vector<NamedArray>& arrays) {
  const std::filesystem::path temporary = temporary_beside(path);
  Result<Archive> archive = open_archive(temporary, ZIP_CREATE | ZIP_EXCL);
  if (!archive) return archive.failure();
  std::vector<Outgoing> outgoing(arrays.size());
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const Status added = add_array(archive->get(), arrays[i], outgoing[i]);
    if (!added) return Failure{path.string() + ": " + arrays[i].name + ": " + added.message()};
  }
  if (zip_close(archive->get()) != 0) {
    return Failure{path.string() + ": " + zip_strerror(archive->get())};
  }
  (void)archive->release();  // zip_close freed it
  return commit_file(temporary, path);
}

}  // namespace skerry::datasets

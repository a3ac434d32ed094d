#include "experiments/results/h5.hpp"

#include <algorithm>

namespace skerry::experiments::h5 {

namespace {

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

bool write_attribute(hid_t object, const std::string& name, hid_t type, const Handle& space,
                     const void* value) {
  const Handle attribute(
      H5Acreate2(object, name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (attribute && value == nullptr) return true;  // an empty list
  return attribute && H5Awrite(attribute.id(), type, value) >= 0;
}

bool write_column(hid_t parent, const std::string& name, hid_t type, const void* values,
                  hsize_t size) {
  constexpr hsize_t kChunk = 16384;
  const Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose);
  const Handle layout(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  if (size >= 256) {
    const hsize_t chunk = std::min(size, kChunk);
    H5Pset_chunk(layout.id(), 1, &chunk);
    H5Pset_shuffle(layout.id());
    H5Pset_deflate(layout.id(), 4);
  }
  const Handle data(
      H5Dcreate2(parent, name.c_str(), type, space.id(), H5P_DEFAULT, layout.id(), H5P_DEFAULT),
      H5Dclose);
  return data && H5Dwrite(data.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
}

template <class T>
std::optional<std::vector<T>> read_column(hid_t parent, const std::string& name, hid_t type) {
  const Handle data(H5Dopen2(parent, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!data) return std::nullopt;
  const Handle space(H5Dget_space(data.id()), H5Sclose);
  if (H5Sget_simple_extent_ndims(space.id()) != 1) return std::nullopt;
  const hssize_t size = H5Sget_simple_extent_npoints(space.id());
  const hsize_t stored = H5Dget_storage_size(data.id());
  constexpr hsize_t kMostPacked = 1100;  // deflate's best ratio: a larger extent is false
  if (size < 0 || static_cast<hsize_t>(size) > (stored + 1) * kMostPacked) return std::nullopt;
  std::vector<T> values(static_cast<std::size_t>(size));
  const bool read = H5Dread(data.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0;
  return read ? std::optional(std::move(values)) : std::nullopt;
}

}  // namespace

Handle create_in_memory() {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  constexpr std::size_t kGrowth = std::size_t{1} << 20;
  if (H5Pset_fapl_core(access.id(), kGrowth, /*backing_store=*/0) < 0) return {};
  return {H5Fcreate("in-memory", H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose};
}

std::optional<std::vector<std::byte>> image_of(hid_t file) {
  if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0) return std::nullopt;
  const ssize_t size = H5Fget_file_image(file, nullptr, 0);
  if (size <= 0) return std::nullopt;
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (H5Fget_file_image(file, bytes.data(), bytes.size()) != size) return std::nullopt;
  return bytes;
}

Handle open_file(const std::string& path) {
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
}

Handle create_group(hid_t parent, const std::string& path) {
  // The group of one metric may contain another's: updates/refused and updates/refused/duplicate.
  const Handle there(H5Gopen2(parent, path.c_str(), H5P_DEFAULT), H5Gclose);
  if (there) return open_group(parent, path);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.id(), 1);
  return {H5Gcreate2(parent, path.c_str(), links.id(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose};
}

Handle open_group(hid_t parent, const std::string& path) {
  return {H5Gopen2(parent, path.c_str(), H5P_DEFAULT), H5Gclose};
}

bool write_attribute(hid_t object, const std::string& name, const std::string& value) {
  const Handle type = text_type();
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const char* text = value.c_str();
  return write_attribute(object, name, type.id(), space, &text);
}

bool write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& value) {
  const Handle type = text_type();
  const hsize_t size = value.size();
  const Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose);
  std::vector<const char*> texts;
  for (const std::string& text : value) texts.push_back(text.c_str());
  return write_attribute(object, name, type.id(), space, texts.data());
}

bool write_attribute(hid_t object, const std::string& name, std::int64_t value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  return write_attribute(object, name, H5T_NATIVE_INT64, space, &value);
}

bool write_attribute(hid_t object, const std::string& name, double value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  return write_attribute(object, name, H5T_NATIVE_DOUBLE, space, &value);
}

bool write_text(hid_t parent, const std::string& name, const std::string& text) {
  const Handle type = text_type();
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle data(H5Dcreate2(parent, name.c_str(), type.id(), space.id(), H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT),
                    H5Dclose);
  const char* start = text.c_str();
  return data && H5Dwrite(data.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &start) >= 0;
}

bool write_column(hid_t parent, const std::string& name, const std::vector<double>& values) {
  return write_column(parent, name, H5T_NATIVE_DOUBLE, values.data(), values.size());
}

bool write_column(hid_t parent, const std::string& name, const std::vector<std::uint64_t>& values) {
  return write_column(parent, name, H5T_NATIVE_UINT64, values.data(), values.size());
}

bool write_column(hid_t parent, const std::string& name, const std::vector<std::int64_t>& values) {
  return write_column(parent, name, H5T_NATIVE_INT64, values.data(), values.size());
}

std::optional<std::vector<double>> read_doubles(hid_t parent, const std::string& name) {
  return read_column<double>(parent, name, H5T_NATIVE_DOUBLE);
}

std::optional<std::vector<std::int64_t>> read_integers(hid_t parent, const std::string& name) {
  return read_column<std::int64_t>(parent, name, H5T_NATIVE_INT64);
}

std::optional<std::vector<std::string>> read_texts(hid_t object, const std::string& attribute) {
  const Handle held(H5Aopen(object, attribute.c_str(), H5P_DEFAULT), H5Aclose);
  if (!held) return std::nullopt;
  const Handle space(H5Aget_space(held.id()), H5Sclose);
  const Handle type = text_type();
  const hssize_t size = H5Sget_simple_extent_npoints(space.id());
  if (size < 0 || size > 1'000'000) return std::nullopt;
  std::vector<char*> texts(static_cast<std::size_t>(size), nullptr);
  if (size > 0 && H5Aread(held.id(), type.id(), texts.data()) < 0) return std::nullopt;
  std::vector<std::string> values;
  for (const char* text : texts) values.emplace_back(text ? text : "");
  if (size > 0) H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, texts.data());
  return values;
}

}  // namespace skerry::experiments::h5

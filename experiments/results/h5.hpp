#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skerry::experiments::h5 {

/// Owns an open HDF5 object and closes it. False if opening failed.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { reset(); }

  explicit operator bool() const { return id_ >= 0; }
  hid_t id() const { return id_; }
  /// Closes now. False if closing failed: a file was then not written completely.
  bool reset() { return id_ < 0 || close_(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// While one exists, HDF5 prints no errors of its own.
class Quiet {
 public:
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// Creates a file in memory. On a full disk HDF5 cannot close a real file and crashes at exit.
Handle create_in_memory();
/// The bytes of an open file, as they would be on disk.
std::optional<std::vector<std::byte>> image_of(hid_t file);
/// Opens for reading.
Handle open_file(const std::string& path);
/// Creates a group and the groups above it, such as "metrics/test/accuracy"; opens it if it exists.
Handle create_group(hid_t parent, const std::string& path);
Handle open_group(hid_t parent, const std::string& path);

// Each returns false, or nothing, if HDF5 refused.
bool write_attribute(hid_t object, const std::string& name, const std::string& value);
bool write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& value);
bool write_attribute(hid_t object, const std::string& name, std::int64_t value);
bool write_attribute(hid_t object, const std::string& name, double value);
bool write_text(hid_t parent, const std::string& name, const std::string& text);
/// Writes a data set of one dimension; a long one is compressed.
bool write_column(hid_t parent, const std::string& name, const std::vector<double>& values);
bool write_column(hid_t parent, const std::string& name, const std::vector<std::uint64_t>& values);
bool write_column(hid_t parent, const std::string& name, const std::vector<std::int64_t>& values);

std::optional<std::vector<double>> read_doubles(hid_t parent, const std::string& name);
std::optional<std::vector<std::int64_t>> read_integers(hid_t parent, const std::string& name);
std::optional<std::vector<std::string>> read_texts(hid_t object, const std::string& attribute);

}  // namespace skerry::experiments::h5

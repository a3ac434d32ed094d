#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace skerry::learners {

/// Writes small TorchScript archives: tensors with values drawn from a fixed seed, and the source
/// of forward.
class ArchiveWriter {
 public:
  using Sizes = std::vector<std::int64_t>;
  ArchiveWriter();
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ~ArchiveWriter();

  ArchiveWriter& parameter(const std::string& name, const Sizes& shape);
  ArchiveWriter& fixed_parameter(const std::string& name, const Sizes& shape);
  ArchiveWriter& double_parameter(const std::string& name, const Sizes& shape);
  /// One tensor under two names.
  ArchiveWriter& tied_parameters(const std::string& one, const std::string& two,
                                 const Sizes& shape);
  /// An attribute that is a list of these parameters, the very tensors.
  ArchiveWriter& listed(const std::string& list, const std::vector<std::string>& parameters);
  ArchiveWriter& buffer(const std::string& name, const Sizes& shape, float value);
  ArchiveWriter& double_buffer(const std::string& name);
  ArchiveWriter& counter(const std::string& name);    // an integer buffer, 0
  ArchiveWriter& attribute(const std::string& name);  // a whole number, 0

  /// @param body  of forward(self, x), each line indented by two.
  std::vector<std::byte> write(const std::string& body);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skerry::learners

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "algorithms/sdk/result.hpp"
#include "scenarios/host/durable_file.hpp"

namespace skerry::real {

/// A secret that a program shows to prove that it belongs to the user of this process: whoever can
/// read the file may ask. The file has mode 0600.
class AccessToken {
 public:
  /// The token in that file. If there is no such file, makes it, its folder and a token of 256
  /// random bits.
  /// Errors: the file belongs to somebody else, others may read it, or it holds no token.
  static Result<AccessToken> in_file(const std::filesystem::path& file);
  /// A new token in a new file among the system's temporary ones. The file is removed with this
  /// object or, if its process was killed, when the next token of that name is made.
  static Result<AccessToken> temporary(const std::string& name);

  AccessToken(AccessToken&& other) noexcept { *this = std::move(other); }
  AccessToken& operator=(AccessToken&& other) noexcept;
  ~AccessToken();

  const std::filesystem::path& file() const { return file_; }
  /// Whether that is the token. Takes equally long for all texts of one length, nearly right or
  /// not. From any thread.
  bool matches(std::string_view given) const;

 private:
  AccessToken() = default;
  std::filesystem::path file_;
  std::string text_;
  bool temporary_ = false;
  host::FileHandle held_;  // where it is temporary
};

/// The token in a file, for a program that shows it.
/// Errors: the file cannot be read or holds no token.
Result<std::string> read_token(const std::filesystem::path& file);

}  // namespace skerry::real

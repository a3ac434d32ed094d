#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "algorithms/sdk/result.hpp"

namespace skerry::real {

/// What one node needs for mutual TLS, as PEM texts.
struct NodeKeys {
  std::string authority;    // certificate of the authority that vouches for all nodes
  std::string certificate;  // names the node: `cloud`, `edge-17` or `operator`
  std::string key;
};

/// A certificate as `skerry keys list` shows it.
struct CertificateInfo {
  std::string name;
  std::string file;
  std::string expires;  // 2027-11-23
  bool expired = false;
};

/// A folder of certificates: an authority of its own (EC P-256, ca.crt and ca.key) and one
/// certificate per node, whose only subject alternative name is the node's as a DNS name:
/// `edge-17`. A node needs ca.crt and its own two files; ca.key stays where it was made. Files are
/// readable by their owner only.
class KeyFolder {
 public:
  explicit KeyFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the authority. Refused where there is one: its certificates would become worthless.
  Status make_authority(int days);
  /// Makes key and certificate of a node. Refused where there are some, and for a name that is not
  /// a node's.
  Status add(const std::string& name, int days);
  Result<std::vector<CertificateInfo>> list() const;
  /// Reads what the node needs; says what is missing and how to make it.
  Result<NodeKeys> load(const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace skerry::real

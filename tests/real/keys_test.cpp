#include "real/keys.hpp"

#include "tests/catch.hpp"
#include "tests/scenarios/host/scratch_directory.hpp"

namespace skerry::real {
namespace {

namespace fs = std::filesystem;

TEST_CASE("an authority vouches for nodes, and only their owner may read the files") {
  const ScratchDirectory scratch;
  KeyFolder folder(scratch / "keys");
  REQUIRE(folder.make_authority(10).ok());
  for (const char* name : {"cloud", "edge-10", "edge-2", "operator"}) {
    REQUIRE(folder.add(name, 5).ok());
  }
  for (const auto& entry : fs::directory_iterator(scratch / "keys")) {
    CHECK((entry.status().permissions() & fs::perms(0077)) == fs::perms::none);
  }
  const auto all = folder.list();
  REQUIRE(all.ok());
  std::vector<std::string> names;
  for (const CertificateInfo& one : all.value()) {
    names.push_back(one.name);
    CHECK_FALSE(one.expired);
    CHECK(one.expires.size() == 10);
  }
  CHECK(names == std::vector<std::string>{"ca", "cloud", "edge-2", "edge-10", "operator"});
  const auto keys = folder.load("edge-2");
  REQUIRE(keys.ok());
  CHECK_THAT(keys.value().key, Catch::StartsWith("-----BEGIN PRIVATE KEY-----"));
  CHECK_THAT(keys.value().certificate, Catch::StartsWith("-----BEGIN CERTIFICATE-----"));
}

TEST_CASE("an authority is not replaced, nor a node's key") {
  const ScratchDirectory scratch;
  KeyFolder folder(scratch.path());
  REQUIRE(folder.make_authority(10).ok());
  CHECK_THAT(folder.make_authority(10).message(), Catch::Contains("exists already"));
  REQUIRE(folder.add("edge-0", 5).ok());
  CHECK_THAT(folder.add("edge-0", 5).message(), Catch::EndsWith("exists already; remove it first"));
}

TEST_CASE("names that are no nodes and missing files are said in words") {
  const ScratchDirectory scratch;
  KeyFolder folder(scratch.path());
  CHECK(folder.add("edge", 5).message() ==
        "\"edge\" is not a node: cloud, edge-0, edge-1 ... or operator");
  CHECK_THAT(folder.add("edge-1", 5).message(),
             Catch::EndsWith("make an authority first: skerry keys init"));
  CHECK_THAT(
      folder.load("cloud").message(),
      Catch::EndsWith("certificates are made by: skerry keys init, then skerry keys add cloud"));
  CHECK_FALSE(KeyFolder(scratch / "none").list().ok());
}

TEST_CASE("a certificate that is over is shown as expired") {
  const ScratchDirectory scratch;
  KeyFolder folder(scratch.path());
  REQUIRE(folder.make_authority(10).ok());
  REQUIRE(folder.add("edge-0", -1).ok());
  CHECK(folder.list().value()[1].expired);
}

}  // namespace
}  // namespace skerry::real

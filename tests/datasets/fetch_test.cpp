#include "datasets/fetch.hpp"

#include <cstdlib>

#include "datasets/file_bytes.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/idx_files.hpp"

namespace skerry::datasets {

namespace {

// A data set of two small files, with checksums computed here.
class Pretend {
 public:
  Pretend() {
    for (const char* name : {"a", "b"}) {
      const std::string plain = std::string(100, name[0]);
      const std::string packed = gzip_text(plain);
      texts_.push_back({name, std::string(name) + ".gz", sha256_of(bytes_of(packed)),
                        sha256_of(bytes_of(plain)), packed, plain});
    }
    for (const Text& text : texts_) {
      files_.push_back({.name = text.packed_name,
                        .bytes = text.packed.size(),
                        .sha256 = text.packed_sum,
                        .unpacked_bytes = text.plain.size(),
                        .unpacked_sha256 = text.plain_sum,
                        .unpacked_name = text.name});
    }
    known = {.name = "pretend", .npm_package = "pretend-data", .files = files_};
  }
  Pretend(const Pretend&) = delete;

  void write_mirror(const ScratchFolder& folder) const {
    for (const Text& text : texts_) folder.put("mirror/" + text.packed_name, text.packed);
  }
  const std::string& plain(std::size_t i) const { return texts_[i].plain; }
  const std::string& packed(std::size_t i) const { return texts_[i].packed; }

  KnownDataSet known;

 private:
  struct Text {
    std::string name, packed_name, packed_sum, plain_sum, packed, plain;
  };
  std::vector<Text> texts_;
  std::vector<KnownFile> files_;
};

FetchOptions from_mirror(const ScratchFolder& folder) {
  return {.cache = folder / "cache",
          .mirrors = {{"file://" + (folder / "mirror").string() + "/"}},
          .use_npm = false};
}

}  // namespace

TEST_CASE("SHA-256 is that of FIPS 180-4's examples") {
  CHECK(sha256_of(bytes_of("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of(bytes_of("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a fetch brings what is missing and leaves what is right") {
  const ScratchFolder folder;
  const Pretend pretend;
  pretend.write_mirror(folder);
  folder.put("cache/pretend/b", pretend.plain(1));  // an unpacked file serves as well
  std::vector<std::string> seen;
  FetchOptions options = from_mirror(folder);
  options.progress = [&](std::string_view file, std::uint64_t done, std::uint64_t total) {
    seen.push_back(std::string(file) + (done == total ? " done" : ""));
  };
  const auto fetched = fetch(pretend.known, options);
  REQUIRE(fetched.message() == "");
  CHECK(fetched->present == std::vector<std::string>{"b.gz"});
  CHECK(fetched->fetched.size() == 1);
  CHECK(seen == std::vector<std::string>{"a.gz done"});
  CHECK(*read_file(folder / "cache/pretend/a.gz") == bytes_of(pretend.packed(0)));
  CHECK(is_fetched(pretend.known, folder / "cache"));
  CHECK(fetch(pretend.known, options)->fetched.empty());
}

TEST_CASE("a file with another checksum is replaced") {
  const ScratchFolder folder;
  const Pretend pretend;
  pretend.write_mirror(folder);
  std::string damaged = pretend.packed(0);
  damaged[12] = static_cast<char>(damaged[12] ^ 1);
  folder.put("cache/pretend/a.gz", damaged);
  CHECK_FALSE(is_fetched(pretend.known, folder / "cache"));
  REQUIRE(fetch(pretend.known, from_mirror(folder)).ok());
  CHECK(is_fetched(pretend.known, folder / "cache"));
}

TEST_CASE("what a mirror gives wrongly never reaches the cache") {
  const ScratchFolder folder;
  const Pretend pretend;
  pretend.write_mirror(folder);
  std::string damaged = pretend.packed(0);
  damaged[12] = static_cast<char>(damaged[12] ^ 1);
  folder.put("mirror/a.gz", damaged);
  std::string message = fetch(pretend.known, from_mirror(folder)).message();
  CHECK(message.find("cannot fetch pretend: file://") == 0);
  CHECK(message.find("a.gz: has SHA-256 " + sha256_of(bytes_of(damaged)) + ", not ") !=
        std::string::npos);
  folder.put("mirror/a.gz", "short");
  message = fetch(pretend.known, from_mirror(folder)).message();
  CHECK(message.find("a.gz: has 5 bytes, not " + std::to_string(pretend.packed(0).size())) !=
        std::string::npos);
  folder.put("mirror/a.gz", std::string(5000, 'x'));
  message = fetch(pretend.known, from_mirror(folder)).message();
  CHECK(message.find("a.gz: is larger than expected") != std::string::npos);
  CHECK(folder.files() == 2);  // the mirror's
}

TEST_CASE("where one mirror fails the next is asked") {
  const ScratchFolder folder;
  const Pretend pretend;
  pretend.write_mirror(folder);
  FetchOptions options = from_mirror(folder);
  options.mirrors->insert(options.mirrors->begin(), "file:///nowhere/");
  const auto fetched = fetch(pretend.known, options);
  REQUIRE(fetched.message() == "");
  CHECK(fetched->fetched.size() == 2);
}

TEST_CASE("a mirror that does not answer is one clear line") {
  const ScratchFolder folder;
  const Pretend pretend;
  // Nothing listens on port 9 of this machine.
  const auto fetched = fetch(pretend.known, {.cache = folder / "cache",
                                             .mirrors = {{"http://127.0.0.1:9/"}},
                                             .use_npm = true,
                                             .npm = "no-such-client"});
  const std::string message = fetched.message();
  CHECK(message.find("cannot fetch pretend: http://127.0.0.1:9/a.gz: Failed to connect") == 0);
  CHECK(message.find("; no-such-client: No such file or directory") != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(folder.files() == 0);
}

TEST_CASE("the npm client is asked last, and what it brings is checked") {
  const ScratchFolder folder;
  const Pretend pretend;
  folder.put("pack/package/data/a", pretend.plain(0));
  folder.put("pack/package/data/b", pretend.plain(1));
  const std::string pack = "tar -C " + (folder / "pack").string() + " -czf pretend-1.tgz package";
  folder.put("client", "#!/bin/sh\n[ \"$1 $4\" = 'pack pretend-data' ] && " + pack + "\n");
  std::filesystem::permissions(folder / "client", std::filesystem::perms::owner_all);
  const FetchOptions options{.cache = folder / "cache",
                             .mirrors = std::vector<std::string>{},
                             .npm = (folder / "client").string()};
  const auto fetched = fetch(pretend.known, options);
  REQUIRE(fetched.message() == "");
  CHECK(fetched->fetched ==
        std::vector<std::string>{"npm package pretend-data: a", "npm package pretend-data: b"});
  CHECK(is_fetched(pretend.known, folder / "cache"));
  CHECK(folder.files() == 5);  // two packed up, the client, two in the cache

  folder.put("cache/pretend/a", "lost");
  folder.put("pack/package/data/a", std::string(100, 'z'));
  CHECK(fetch(pretend.known, options).message().find("npm package pretend-data: a has SHA-256 ") !=
        std::string::npos);
  std::filesystem::remove(folder / "pack/package/data/a");
  CHECK(fetch(pretend.known, options).message() ==
        "cannot fetch pretend: npm package pretend-data has no a");
}

TEST_CASE("known data sets are found by either spelling") {
  REQUIRE(find_known("mnist") != nullptr);
  CHECK(find_known("mnist")->files.size() == 4);
  CHECK(find_known("fashion_mnist") == find_known("fashion-mnist"));
  CHECK(find_known("imagenet") == nullptr);
  for (const KnownDataSet& known : known_data_sets()) {
    for (const KnownFile& file : known.files) {
      CHECK(file.sha256.size() == 64);
      CHECK(file.unpacked_sha256.size() == 64);
    }
  }
}

}  // namespace skerry::datasets
